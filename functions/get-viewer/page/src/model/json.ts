// JSON as a tree over its text: numbers, the order of names and double names appear as they were sent. Values are found
// by where they begin and end; only what is opened is read.

export interface Range {
  from: number;
  to: number;
}
export interface Child extends Range {
  name?: Range;
}
export type Kind = 'object' | 'array' | 'string' | 'number' | 'word';

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [34, 92, 44, 58, 91, 93, 123, 125];
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
const isHex = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

const behindBlanks = (text: string, at: number): number => {
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
};

const behindMatch = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
};

const behindString = (text: string, at: number): number => {
  for (let place = at + 1; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) return place + 1;
    if (code < 32) return -1;
    if (code !== BACKSLASH) continue;
    place += 1;
    const escaped = text[place];
    if (escaped === 'u') {
      for (let digit = 0; digit < 4; digit += 1) if (!isHex(text.charCodeAt((place += 1)))) return -1;
    } else if (escaped === undefined || !'"\\/bfnrt'.includes(escaped)) return -1;
  }
  return -1;
};

const behindScalar = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return behindString(text, at);
  return behindMatch(code === 45 || (code >= 48 && code <= 57) ? NUMBER : WORD, text, at);
};

/** Behind a name and its colon, where its value begins; -1 when there is none. */
const behindName = (text: string, at: number): number => {
  if (text.charCodeAt(at) !== QUOTE) return -1;
  const end = behindString(text, at);
  if (end < 0) return -1;
  const colon = behindBlanks(text, end);
  return text.charCodeAt(colon) === COLON ? behindBlanks(text, colon + 1) : -1;
};

/** Behind the value that begins at a place, however deep it is; -1 when there is none that is whole. */
export const behindValue = (text: string, begin: number): number => {
  const open: number[] = [];
  let at = begin;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === OPEN || code === OPEN_LIST) {
      const end = code === OPEN ? CLOSE : CLOSE_LIST;
      const next = behindBlanks(text, at + 1);
      if (text.charCodeAt(next) !== end) {
        open.push(end);
        at = code === OPEN ? behindName(text, next) : next;
        if (at < 0) return -1;
        continue;
      }
      at = next + 1;
    } else {
      at = behindScalar(text, at);
      if (at < 0) return -1;
    }
    for (;;) {
      const end = open.at(-1);
      if (end === undefined) return at;
      at = behindBlanks(text, at);
      const next = text.charCodeAt(at);
      if (next === end) {
        open.pop();
        at += 1;
      } else if (next === COMMA) {
        at = behindBlanks(text, at + 1);
        if (end === CLOSE) at = behindName(text, at);
        if (at < 0) return -1;
        break;
      } else return -1;
    }
  }
};

/** Where the one value of a text stands; nothing when the text is no whole JSON. */
export const root = (text: string): Range | undefined => {
  const from = behindBlanks(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  const to = from < text.length ? behindValue(text, from) : -1;
  return to >= 0 && behindBlanks(text, to) === text.length ? { from, to } : undefined;
};

export const kindOf = (text: string, { from }: Range): Kind => {
  const code = text.charCodeAt(from);
  if (code === OPEN) return 'object';
  if (code === OPEN_LIST) return 'array';
  if (code === QUOTE) return 'string';
  return code === 45 || (code >= 48 && code <= 57) ? 'number' : 'word';
};

/** The members of an object or the items of an array that is whole, in their order. */
export function* childrenOf(text: string, { from, to }: Range): Generator<Child> {
  const isObject = text.charCodeAt(from) === OPEN;
  let at = behindBlanks(text, from + 1);
  while (at < to - 1) {
    const name = isObject ? { from: at, to: behindString(text, at) } : undefined;
    const begin = name ? behindName(text, at) : at;
    const end = behindValue(text, begin);
    if (end < 0) return;
    yield { name, from: begin, to: end };
    at = behindBlanks(text, behindBlanks(text, end) + 1);
  }
}

export const slice = (text: string, range: Range): string => text.slice(range.from, range.to);

/** What a string of a text says, its escapes read. */
export const saidBy = (text: string, range: Range): string => JSON.parse(slice(text, range)) as string;

/** Reads an answer of the API, with those ids of messages as text that are too large for a number here. */
export const withIds = <T>(text: string): T =>
  JSON.parse(text.replace(/"(\w*message_id)":\s*(-?\d{16,})(?=\s*[,}])/g, '"$1":"$2"')) as T;

/** What each value says that holds no others, by its path; numbers as they were written. Nothing when a text is no JSON. */
export const leavesOf = (text: string, deepest = 20): Map<string, string> | undefined => {
  const whole = root(text);
  if (!whole) return undefined;
  const leaves = new Map<string, string>();
  const walk = (range: Range, path: string, depth: number): void => {
    const kind = kindOf(text, range);
    if (kind === 'string') leaves.set(path, saidBy(text, range));
    else if ((kind !== 'object' && kind !== 'array') || depth > deepest) leaves.set(path, slice(text, range));
    else {
      let place = 0;
      for (const child of childrenOf(text, range))
        walk(child, `${path}.${child.name ? saidBy(text, child.name) : place++}`, depth + 1);
    }
  };
  walk(whole, '', 0);
  return leaves;
};

/** The member of an object by its name; the last one, as readers of JSON have it. */
export const member = (text: string, of: Range, wanted: string): Range | undefined => {
  let found: Range | undefined;
  if (kindOf(text, of) !== 'object') return undefined;
  for (const child of childrenOf(text, of)) if (child.name && saidBy(text, child.name) === wanted) found = child;
  return found;
};
