// The lists of runs: how one is read, and how its reader left it, so that it stands so again. It is kept in memory alone.
import { page, type Page } from './api.ts';
import type { Route } from './route.ts';
import type { Run } from './types.ts';

export interface List {
  runs: Run[];
  next?: string;
  tag?: string;
  looked: number;
  passed: number;
}

/** A list as it was left. */
export interface Left {
  list: List;
  chosen: readonly string[];
  wanted: string;
  here?: string;
  scroll: number;
}

/** How many pages without a match are gone through before it asks. */
const EMPTY_PAGES = 3;

export const addressOf = ({ chat, status, kind }: Extract<Route, { screen: 'runs' }>): string => {
  const query = new URLSearchParams();
  if (status) query.set('status', status);
  if (kind) query.set('kind', kind);
  return `/${chat}/debug/runs${query.size ? `?${query}` : ''}`;
};

/** Reads on until something matches, there is no more, or it has looked at enough. */
export const readOn = async (from: string, signal?: AbortSignal): Promise<Page<Run> & { passed: number }> => {
  let next: string | undefined = from;
  let passed = 0;
  for (;;) {
    const got: Page<Run> | undefined = await page<Run>(next, { signal });
    passed += 1;
    next = got?.next;
    if (got && (got.items.length > 0 || !next || passed === EMPTY_PAGES)) return { ...got, passed };
    if (!next) return { items: [], passed };
  }
};

const KEPT = 3;
const left = new Map<string, Left>();

/** How a list was left, when it is one of the last few. */
export const leftAt = (address: string): Left | undefined => left.get(address);

/** Keeps how a list is left; nothing of one that is gone. */
export const leaveList = (address: string, how: Left | undefined): void => {
  left.delete(address);
  if (how) left.set(address, how);
  for (const old of left.keys()) if (left.size > KEPT) left.delete(old);
};

/** Lets go of what is deleted. */
export const forgetLists = (chat: string, run?: string): void => {
  for (const [address, how] of left) {
    if (!address.startsWith(`/${chat}/`)) continue;
    if (!run) left.delete(address);
    else how.list = { ...how.list, runs: how.list.runs.filter(({ id }) => id !== run) };
  }
};
