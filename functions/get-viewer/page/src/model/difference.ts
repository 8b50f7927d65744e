// What differs between two steps: settings by name, tools by name and declaration, messages by what they hold.
import { diffArrays, diffLines, diffWordsWithSpace } from 'diff';
import { size } from './say.ts';
import type { Content, Message, Parameter, Part, Source, StepView, Tool } from '../types.ts';

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

/** How many items of two lists stand at one place: the same ones, or those that differ. */
interface Stretch {
  isSame: boolean;
  a: number;
  b: number;
}

const stretchesOf = (a: string[], b: string[]): Stretch[] => {
  const changes = diffArrays(a, b, { timeout: 100 });
  if (!changes) return [{ isSame: false, a: a.length, b: b.length }];
  const stretches: Stretch[] = [];
  for (const { count, added, removed } of changes) {
    const isSame = !added && !removed;
    let stretch = stretches.at(-1);
    if (!stretch || isSame || stretch.isSame) stretches.push((stretch = { isSame, a: 0, b: 0 }));
    if (!added) stretch.a += count;
    if (!removed) stretch.b += count;
  }
  return stretches;
};

/** Pairs the messages of two steps, of which the first `known` are the same. Alike ones at one place count as changed. */
export const messageMatches = (a: readonly Message[], b: readonly Message[], known = 0): Match[] => {
  let start = Math.min(known, a.length, b.length);
  while (start < a.length && start < b.length && keyOf(a[start]!) === keyOf(b[start]!)) start += 1;
  const matches: Match[] = Array.from({ length: start }, (_, at) => ({ kind: 'same', a: at, b: at }));
  let [atA, atB] = [start, start];
  for (const { isSame, a: gone, b: come } of stretchesOf(a.slice(start).map(keyOf), b.slice(start).map(keyOf))) {
    const [endA, endB] = [atA + gone, atB + come];
    while (atA < endA && atB < endB && (isSame || areAlike(a[atA]!, b[atB]!)))
      matches.push({ kind: isSame ? 'same' : 'changed', a: atA++, b: atB++ });
    while (atA < endA) matches.push({ kind: 'removed', a: atA++ });
    while (atB < endB) matches.push({ kind: 'added', b: atB++ });
  }
  return matches;
};

/** Whether it is known what a step was given: else nothing can be said to have come or gone. */
export const isGivenKnown = ({ messages, unread }: StepView): boolean =>
  messages.length > 0 || !unread.some(({ source }) => isOfRequest(source));

/** Whether it is a part of what a step was given, in either form. */
export const isOfRequest = ({ in: where }: Source): boolean => where === 'request' || where === 'normalized_request';

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

/** Pairs two lists by their keys, in order, and what differs at one place with each other; the rest stands alone. */
export const aligned = <T>(a: readonly T[], b: readonly T[], key: (item: T) => string): { a?: T; b?: T }[] => {
  const pairs: { a?: T; b?: T }[] = [];
  let [atA, atB] = [0, 0];
  for (const { a: gone, b: come } of stretchesOf(a.map(key), b.map(key)))
    for (let n = 0; n < Math.max(gone, come); n += 1)
      pairs.push({ a: n < gone ? a[atA++] : undefined, b: n < come ? b[atB++] : undefined });
  return pairs;
};
