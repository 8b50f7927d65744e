// Something that is being loaded: its value, or why there is none, and what to say while one waits.
import { signal, type ReadonlySignal } from '@preact/signals';
import { Refusal } from './api.ts';

const SLOW_AFTER = 15_000;

export type Loading<T> =
  | { state: 'loading'; isSlow: boolean; value?: T }
  | { state: 'ready'; value: T }
  | { state: 'failed'; refusal: Refusal; value?: T };

export interface Resource<T> {
  readonly now: ReadonlySignal<Loading<T>>;
  /** Loads it again; what was loaded stays until then. */
  reload(): Promise<void>;
  cancel(): void;
  set(value: T): void;
  /** Lets go what was loaded. */
  refuse(refusal: Refusal): void;
}

export const asRefusal = (failure: unknown): Refusal =>
  failure instanceof Refusal ? failure : new Refusal(0, 'page', `This page cannot show it: ${String(failure)}`);

/** Begins to load at once, unless it is there already. */
export const load = <T>(work: (signal: AbortSignal) => Promise<T>, kept?: T): Resource<T> => {
  const now = signal<Loading<T>>(
    kept === undefined ? { state: 'loading', isSlow: false } : { state: 'ready', value: kept },
  );
  let aborting = new AbortController();
  const reload = async (): Promise<void> => {
    aborting.abort();
    const mine = (aborting = new AbortController());
    const value = now.peek().value;
    now.value = { state: 'loading', isSlow: false, value };
    const timer = setTimeout(() => {
      if (!mine.signal.aborted) now.value = { state: 'loading', isSlow: true, value };
    }, SLOW_AFTER);
    try {
      const loaded = await work(mine.signal);
      if (!mine.signal.aborted) now.value = { state: 'ready', value: loaded };
    } catch (failure) {
      const refusal = asRefusal(failure);
      // What was deleted meanwhile is shown no more.
      const left = refusal.status === 404 ? undefined : value;
      if (!mine.signal.aborted) now.value = { state: 'failed', refusal, value: left };
    } finally {
      clearTimeout(timer);
    }
  };
  const cancel = (): void => {
    aborting.abort();
    const before = now.peek();
    if (before.state === 'loading') {
      now.value = { state: 'failed', refusal: new Refusal(0, 'cancelled', 'You stopped this.'), value: before.value };
    }
  };
  const set = (value: T): void => {
    now.value = { state: 'ready', value };
  };
  const refuse = (refusal: Refusal): void => {
    aborting.abort();
    now.value = { state: 'failed', refusal };
  };
  if (kept === undefined) void reload();
  return { now, reload, cancel, set, refuse };
};
