// Search over what is loaded of a run: in slices, so that the page stays quick.
import type { PartName } from '../route.ts';
import type { Attempt, Part, Problem, WireSide, StepView } from '../types.ts';
import { textOfPart, toolDifferences } from './difference.ts';
import { pace } from './pace.ts';

export interface Query {
  text: string;
  isCase: boolean;
  isPattern: boolean;
}
/** Where a hit is, as a link leads there. */
interface Spot {
  step: number;
  part: PartName;
  at?: number;
}
export interface Hit extends Spot {
  /** Of an attempt, the side that has it. */
  side?: WireSide;
  label: string;
  before: string;
  found: string;
  after: string;
}

export const isAt = (hit: Spot, { step, part, at }: Spot): boolean =>
  hit.step === step && hit.part === part && hit.at === at;

/** Which of the hits at its place a hit is, from 0. */
export const turnOf = (hits: readonly Hit[], place: number): number => {
  const of = hits[place]!;
  return hits.slice(0, place).filter((hit) => isAt(hit, of) && hit.side === of.side).length;
};

export const LARGEST = 1000;
const AROUND = 60;
/** After so many matches it looks at the clock. */
const AT_ONCE = 1000;

/** The pattern that is asked for; nothing for an empty one, and an error in words for a broken one. */
export const patternOf = ({ text, isCase, isPattern }: Query): RegExp | undefined => {
  if (text === '') return undefined;
  return new RegExp(isPattern ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), isCase ? 'gu' : 'giu');
};

interface Entry {
  part: PartName;
  at?: number;
  side?: WireSide;
  label: string;
  text: string;
  /** What says the same in other words, and is searched only when the text has no hit. */
  else?: string[];
}

const partEntries = function* (
  parts: readonly Part[],
  part: PartName,
  at: number | undefined,
  label: string,
): Generator<Entry> {
  for (const one of parts) {
    if (one.type === 'tool_result') {
      if (one.id !== undefined) yield { part, at, label: `${label}, result`, text: one.id };
      yield* partEntries(one.parts, part, at, `${label}, result`);
    } else if (one.type === 'tool_call')
      yield { part, at, label: `${label}, calls ${one.name}`, text: [textOfPart(one), one.id ?? ''].join(' ').trim() };
    else yield { part, at, label, text: textOfPart(one) };
  }
};

/** What an attempt says besides its bodies. */
const wireEntries = function* (attempt: Attempt, at: number): Generator<Entry> {
  const entry = (side: WireSide, what: string, text: string): Entry => ({
    part: 'wire',
    at,
    side,
    label: `attempt ${at}, ${what}`,
    text,
  });
  if (attempt.url) yield entry('request', 'URL', attempt.url);
  for (const [side, headers] of [
    ['request', attempt.request_headers],
    ['response', attempt.response_headers],
  ] as const)
    for (const [name, value] of Object.entries(headers ?? {})) yield entry(side, `${side} header`, `${name}: ${value}`);
};

/** A body as it travelled, unpacked. */
export interface BodyText {
  attempt: number;
  side: WireSide;
  text: string;
}

const problemEntry = (part: PartName, at: number | undefined, label: string, problem: Problem): Entry => ({
  part,
  at,
  label,
  text: problem.message,
  else: [problem.code, problem.raw].filter((text) => text !== undefined),
});

/** What of a step can be searched. What the step before was given too is searched there, when that is loaded. */
export const entriesOf = function* (
  view: StepView,
  before: StepView | undefined,
  attempts: readonly Attempt[] = [],
): Generator<Entry> {
  for (const { name, value } of view.parameters) yield { part: 'sent', label: 'setting', text: `${name} ${value}` };
  const differing = new Set(toolDifferences(before?.tools ?? [], view.tools).map(({ name }) => name));
  for (const { name, raw } of view.tools)
    if (differing.has(name)) yield { part: 'sent', label: `tool ${name}`, text: raw };
  const from = before ? view.messages_before : 0;
  for (let at = from; at < view.messages.length; at += 1) {
    const message = view.messages[at]!;
    yield* partEntries(message.parts, 'sent', at + 1, `message ${at + 1}, ${message.role}`);
  }
  for (const choice of view.answer) yield* partEntries(choice.parts, 'back', undefined, 'answer');
  if (view.error) yield problemEntry('back', undefined, 'error', view.error);
  for (const { attempt, error } of view.attempts)
    if (error) yield problemEntry('wire', attempt, `attempt ${attempt}`, error);
  for (const [place, attempt] of attempts.entries()) yield* wireEntries(attempt, place + 1);
};

export interface Found {
  hits: Hit[];
  total: number;
  steps: number;
  /** How many bodies were among it. */
  bodies: number;
}

/** Searches the views in their order; says what it has every few milliseconds, and stops when it is told to. */
export const search = async (
  views: readonly StepView[],
  pattern: RegExp,
  say: (found: Found) => void,
  signal: AbortSignal,
  attemptsOf: (step: number) => readonly Attempt[] = () => [],
  bodiesOf: (step: number) => Iterable<BodyText> = () => [],
): Promise<Found> => {
  const result: Found = { hits: [], total: 0, steps: 0, bodies: 0 };
  const loaded = new Map(views.map((view) => [view.step_number, view]));
  const pause = pace(async () => {
    say({ ...result });
    await new Promise((resolve) => setTimeout(resolve));
  });
  /** Whether it was told to stop. */
  const searchIn = async (
    step: number,
    { text, part, at, side, label, else: others = [] }: Entry,
  ): Promise<boolean> => {
    const before = result.total;
    let tried = 0;
    for (const { index, 0: found } of text.matchAll(pattern)) {
      // A pattern that finds nothing everywhere has much to go through.
      if ((tried += 1) % AT_ONCE === 0 && (await pause()) && signal.aborted) return true;
      if (found === '') continue;
      result.total += 1;
      if (result.hits.length === LARGEST) continue;
      const end = index + found.length;
      result.hits.push({
        step,
        part,
        at,
        side,
        label,
        before: text.slice(Math.max(0, index - AROUND), index),
        found: found.slice(0, 200),
        after: text.slice(end, end + AROUND),
      });
    }
    const [other, ...rest] = others;
    if (result.total === before && other !== undefined)
      return searchIn(step, { text: other, part, at, side, label, else: rest });
    return (await pause()) && signal.aborted;
  };
  for (const view of views) {
    for (const entry of entriesOf(view, loaded.get(view.step_number - 1), attemptsOf(view.step_number)))
      if (await searchIn(view.step_number, entry)) return result;
    result.steps += 1;
  }
  // What can be read comes first: a body says much of it again.
  for (const { step_number: step } of views) {
    for (const { attempt, side, text } of bodiesOf(step)) {
      result.bodies += 1;
      const label = `attempt ${attempt}, ${side} body`;
      if (await searchIn(step, { part: 'wire', at: attempt, side, label, text })) return result;
    }
  }
  say({ ...result });
  return result;
};
