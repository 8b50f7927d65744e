// Where one is. Everything is in the fragment, so no id reaches a log, and one redirect URI is enough.
import { computed, signal } from '@preact/signals';

export interface Side {
  chat: string;
  run: string;
  step?: number;
}
export type PartName = 'sent' | 'back' | 'wire' | 'json';
export interface Place {
  name: PartName;
  at?: number;
}
type OfChat =
  | { screen: 'runs'; chat: string; status?: string; kind?: string }
  | { screen: 'message'; chat: string; message: string }
  | { screen: 'run'; chat: string; run: string; step?: number; part?: Place };
export type Route =
  | OfChat
  /** A place of a chat that is known by its product's own name for it alone, so that its `chat` is empty as yet. */
  | { screen: 'named'; name: string; place: OfChat }
  | { screen: 'chats' }
  | { screen: 'compare'; a: Side; b: Side }
  | { screen: 'settings'; chat?: string }
  | { screen: 'lost' };

const LOST = { screen: 'lost' } as const;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PARTS: readonly string[] = ['sent', 'back', 'wire', 'json'];

export const isId = (text: string | undefined): text is string => text !== undefined && ID.test(text);

const counted = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;

const side = (text: string | null): Side | undefined => {
  const [chat, run, step, ...rest] = (text ?? '').split('/');
  if (!isId(chat) || !isId(run) || rest.length > 0 || (step !== undefined && !counted(step))) return undefined;
  return { chat, run, step: counted(step) };
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const ofChat = (chat: string, rest: string[], query: URLSearchParams): OfChat | typeof LOST => {
  const [kind, id, s, step, part, at, ...more] = rest;
  if (kind === undefined) {
    return { screen: 'runs', chat, status: query.get('status') ?? undefined, kind: query.get('kind') ?? undefined };
  }
  if (kind === 'm' && id && s === undefined) {
    const message = decoded(id);
    return message === undefined ? LOST : { screen: 'message', chat, message };
  }
  if (kind !== 'r' || !isId(id) || more.length > 0) return LOST;
  if (s === undefined) return { screen: 'run', chat, run: id };
  const number = counted(step);
  if (s !== 's' || !number || (part !== undefined && !PARTS.includes(part)) || (at !== undefined && !counted(at)))
    return LOST;
  const place = part === undefined ? undefined : { name: part as PartName, at: counted(at) };
  return { screen: 'run', chat, run: id, step: number, part: place };
};

const ofName = (written: string, rest: string[], query: URLSearchParams): Route => {
  const [name, place] = [decoded(written), ofChat('', rest, query)];
  return name && place.screen !== 'lost' ? { screen: 'named', name, place } : LOST;
};

/** Reads a fragment, with or without its `#`. What is no place is `lost`, never a guess. */
export const read = (fragment: string): Route => {
  const [path = '', search = ''] = fragment.replace(/^#/, '').split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const [root, first, ...rest] = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (root === '' && first === undefined) return { screen: 'chats' };
  if (root === 'c' && isId(first)) return ofChat(first, rest, query);
  if (root === 'c' && first === 'by') return ofName(rest[0] ?? '', rest.slice(1), query);
  if (root === 'settings' && first === undefined) {
    const chat = query.get('chat') ?? undefined;
    return chat !== undefined && !isId(chat) ? LOST : { screen: 'settings', chat };
  }
  const [a, b] = [side(query.get('a')), side(query.get('b'))];
  return root === 'compare' && first === undefined && a && b ? { screen: 'compare', a, b } : LOST;
};

const written = ({ chat, run, step }: Side): string => `${chat}/${run}${step ? `/${step}` : ''}`;

/** The fragment that `read` reads as this place. */
export const href = (route: Route): string => {
  switch (route.screen) {
    case 'runs': {
      const query = new URLSearchParams();
      if (route.status) query.set('status', route.status);
      if (route.kind) query.set('kind', route.kind);
      return `#/c/${route.chat}${query.size ? `?${query}` : ''}`;
    }
    case 'message':
      return `#/c/${route.chat}/m/${encodeURIComponent(route.message)}`;
    case 'run': {
      const part = route.part ? `/${route.part.name}${route.part.at ? `/${route.part.at}` : ''}` : '';
      return `#/c/${route.chat}/r/${route.run}${route.step ? `/s/${route.step}${part}` : ''}`;
    }
    case 'named':
      return `#/c/by/${encodeURIComponent(route.name)}${href(route.place).slice('#/c/'.length)}`;
    case 'compare':
      return `#/compare?a=${written(route.a)}&b=${written(route.b)}`;
    case 'settings':
      return `#/settings${route.chat ? `?chat=${route.chat}` : ''}`;
    default:
      return '#/';
  }
};

/** The link that opens a step of a run. */
export const stepLink = ({ chat, run }: { chat: string; run: string }, step: number): string =>
  href({ screen: 'run', chat, run, step });

/** An object, so that a place that is chosen again is gone to again. */
const fragment = signal({ text: globalThis.location?.hash ?? '' });
export const route = computed(() => read(fragment.value.text));
globalThis.addEventListener?.('hashchange', () => (fragment.value = { text: location.hash }));

/** Opens a place, as a link does: Back leads here again. */
export const open = (to: Route): void => {
  location.hash = href(to);
};

/** Goes back within this page, else to a place: never out of it. */
export const back = (otherwise: Route): void => {
  const { navigation } = globalThis as { navigation?: { canGoBack: boolean } };
  if (navigation?.canGoBack ?? history.length > 1) history.back();
  else open(otherwise);
};

/** Whether the reader has gone to another place, of which the page has not been told yet. */
export const hasLeft = (): boolean => location.hash !== fragment.value.text;

/** Chooses within a place that is not left: the same entry of the history, so that Back leads out of it. */
export const choose = (to: Route): void => {
  if (hasLeft()) return;
  history.replaceState(null, '', href(to));
  fragment.value = { text: location.hash };
};

/** The chat that somebody means by an id or by an address that holds one; a name may hold what looks like one. */
export const chatOf = (text: string): Route | undefined => {
  const trimmed = text.trim();
  const hash = trimmed.indexOf('#');
  const linked: Route = hash < 0 ? LOST : read(trimmed.slice(hash));
  if (linked.screen !== 'lost' && linked.screen !== 'chats') return linked;
  const lower = trimmed.toLowerCase();
  const id = /^[a-z][a-z0-9+.-]*:\/\//.test(lower)
    ? lower.match(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/)?.[0]
    : lower;
  return isId(id) ? { screen: 'runs', chat: id } : undefined;
};
