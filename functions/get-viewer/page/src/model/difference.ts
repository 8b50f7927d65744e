// What differs between two steps: settings by name, tools by name and declaration, messages by what they hold.
import { diffArrays, diffLines, diffWordsWithSpace } from 'diff';
import { size } from './say.ts';
import type { Content, Message, Parameter, Part, Tool } from '../types.ts';

export interface Piece {
  text: string;
  in: 'both' | 'a' | 'b';
}
export type Detail = 'words' | 'lines';
const PATIENCE = { timeout: 100, maxEditLength: 20_000 };

type Changes = { value: string; added?: boolean; removed?: boolean }[] | undefined;
const pieces = (changes: Changes): Piece[] | undefined =>
  changes?.map(({ value, added, removed }) => ({ text: value, in: added ? 'b' : removed ? 'a' : 'both' }));

/** What differs between two texts: words, or else lines; nothing when they are too different to be shown so in time. */
export const textDifference = (a: string, b: string, detail: Detail = 'words'): Piece[] | undefined => {
  const words =
    detail === 'words' && a.length + b.length < 2_000_000 ? pieces(diffWordsWithSpace(a, b, PATIENCE)) : undefined;
  return words ?? pieces(diffLines(a, b, PATIENCE));
};

const contentOf = ({ source: _, ...content }: Part): Content => {
  if (content.type !== 'tool_result') return content;
  return { ...content, parts: content.parts.map((part) => contentOf(part) as Part) };
};

const keys = new WeakMap<Message, string>();

/** Equal for messages that hold the same, wherever they stood. */
export const keyOf = (message: Message): string => {
  const key = keys.get(message) ?? JSON.stringify([message.role, message.name, message.parts.map(contentOf)]);
  keys.set(message, key);
  return key;
};

/** The text of a message to be compared word by word. */
export const textOfMessage = (message: Message): string => message.parts.map(textOfPart).join('\n');

export const textOfPart = (part: Part): string => {
  switch (part.type) {
    case 'tool_call':
      return `${part.name} ${part.arguments}`;
    case 'tool_result':
      return part.parts.map(textOfPart).join('\n');
    case 'media':
      return [part.kind, part.media_type, part.name, part.reference].filter(Boolean).join(' ');
    case 'citation':
      return [part.title, part.url, part.text].filter(Boolean).join(' ');
    case 'embeddings':
      return `${part.count} embeddings`;
    case 'other':
      return part.raw;
    default:
      return part.text;
  }
};

const wordsIn = (text: string): Set<string> => new Set(text.slice(0, 200_000).split(/\s+/));

const areAlike = (a: Message, b: Message): boolean => {
  if (a.role !== b.role) return false;
  const [one, other] = [wordsIn(textOfMessage(a)), wordsIn(textOfMessage(b))];
  let common = 0;
  for (const word of one) if (other.has(word)) common += 1;
  return common * 2 > Math.max(one.size, other.size);
};

/** Messages of two lists, by their places from 0. */
export type Match =
  { kind: 'same' | 'changed'; a: number; b: number } | { kind: 'removed'; a: number } | { kind: 'added'; b: number };

/** Pairs the messages of two steps, of which the first `known` are the same. Alike ones at one place count as changed. */
export const messageMatches = (a: readonly Message[], b: readonly Message[], known = 0): Match[] => {
  let start = Math.min(known, a.length, b.length);
  while (start < a.length && start < b.length && keyOf(a[start]!) === keyOf(b[start]!)) start += 1;
  const matches: Match[] = Array.from({ length: start }, (_, at) => ({ kind: 'same', a: at, b: at }));
  let [atA, atB] = [start, start];
  const [restA, restB] = [a, b].map((messages) => messages.slice(start).map(keyOf));
  const changes = diffArrays(restA!, restB!, { timeout: 100 }) ?? [
    { count: a.length - start, removed: true, added: false },
    { count: b.length - start, added: true, removed: false },
  ];
  for (let index = 0; index < changes.length; index += 1) {
    const { count, added, removed } = changes[index]!;
    if (!added && !removed) {
      for (let n = 0; n < count; n += 1) matches.push({ kind: 'same', a: atA++, b: atB++ });
      continue;
    }
    const follows = changes[index + 1];
    const isPair = follows && (removed ? follows.added : follows.removed);
    const [gone, come] = [removed ? count : isPair ? follows.count : 0, added ? count : isPair ? follows.count : 0];
    if (isPair) index += 1;
    const alike = Math.min(gone, come);
    let place = 0;
    for (; place < alike && areAlike(a[atA]!, b[atB]!); place += 1)
      matches.push({ kind: 'changed', a: atA++, b: atB++ });
    for (let n = place; n < gone; n += 1) matches.push({ kind: 'removed', a: atA++ });
    for (let n = place; n < come; n += 1) matches.push({ kind: 'added', b: atB++ });
  }
  return matches;
};

export interface NamedDifference {
  name: string;
  a?: string;
  b?: string;
}

const namedDifferences = (a: Map<string, string>, b: Map<string, string>): NamedDifference[] =>
  [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => ({ name, a: a.get(name), b: b.get(name) }))
    .filter((pair) => pair.a !== pair.b);

/** A text of a view, or how much of it an answer had no room for. */
export const orLeftOut = (text: string, leftOut: number | undefined): string =>
  leftOut ? `${size(leftOut)}, left out here` : text;

/** The settings that are not the same in both, in the order of the first. */
export const settingDifferences = (a: readonly Parameter[], b: readonly Parameter[]): NamedDifference[] => {
  const map = (list: readonly Parameter[]) =>
    new Map(list.map(({ name, value, left_out }) => [name, orLeftOut(value, left_out)]));
  return namedDifferences(map(a), map(b));
};

/** The tools that are not the same in both, by their declarations. */
export const toolDifferences = (a: readonly Tool[], b: readonly Tool[]): NamedDifference[] => {
  const map = (list: readonly Tool[]) =>
    new Map(list.map(({ name, raw, left_out }) => [name, orLeftOut(raw, left_out)]));
  return namedDifferences(map(a), map(b));
};

/** Pairs two lists by their keys, in order; what has no partner stands alone. */
export const aligned = <T>(a: readonly T[], b: readonly T[], key: (item: T) => string): { a?: T; b?: T }[] => {
  const pairs: { a?: T; b?: T }[] = [];
  let [atA, atB] = [0, 0];
  const changes = diffArrays(a.map(key), b.map(key), { timeout: 100 });
  if (!changes) return [...a, ...b.slice(a.length)].map((_, at) => ({ a: a[at], b: b[at] }));
  for (const { count, added, removed } of changes) {
    for (let n = 0; n < count; n += 1) {
      pairs.push({ a: added ? undefined : a[atA++], b: removed ? undefined : b[atB++] });
    }
  }
  return pairs;
};
