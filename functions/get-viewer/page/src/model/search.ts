// Search over what is loaded of a run: in slices, so that the page stays quick.
import type { PartName } from '../route.ts';
import type { Attempt, Part, StepView } from '../types.ts';
import { textOfPart } from './difference.ts';
import { pace } from './pace.ts';

export interface Query {
  text: string;
  isCase: boolean;
  isPattern: boolean;
}
export interface Hit {
  step: number;
  part: PartName;
  at?: number;
  label: string;
  before: string;
  found: string;
  after: string;
}

export const LARGEST = 1000;
const AROUND = 60;

/** The pattern that is asked for; nothing for an empty one, and an error in words for a broken one. */
export const patternOf = ({ text, isCase, isPattern }: Query): RegExp | undefined => {
  if (text === '') return undefined;
  return new RegExp(isPattern ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), isCase ? 'gu' : 'giu');
};

interface Entry {
  part: PartName;
  at?: number;
  label: string;
  text: string;
}

const partEntries = function* (
  parts: readonly Part[],
  part: PartName,
  at: number | undefined,
  label: string,
): Generator<Entry> {
  for (const one of parts) {
    if (one.type === 'tool_result') yield* partEntries(one.parts, part, at, `${label}, result`);
    else
      yield {
        part,
        at,
        label: one.type === 'tool_call' ? `${label}, calls ${one.name}` : label,
        text: textOfPart(one),
      };
  }
};

/** What an attempt says besides its bodies. */
const wireEntries = function* (attempt: Attempt, at: number): Generator<Entry> {
  const entry = (what: string, text: string): Entry => ({ part: 'wire', at, label: `attempt ${at}, ${what}`, text });
  if (attempt.url) yield entry('URL', attempt.url);
  for (const [side, headers] of [
    ['request', attempt.request_headers],
    ['response', attempt.response_headers],
  ] as const)
    for (const [name, value] of Object.entries(headers ?? {})) yield entry(`${side} header`, `${name}: ${value}`);
};

/** A body as it travelled, unpacked. */
export interface BodyText {
  attempt: number;
  side: string;
  text: string;
}

/** What of a step can be searched. What the step before was given too is searched there, unless that is not loaded. */
export const entriesOf = function* (
  view: StepView,
  isFirst: boolean,
  attempts: readonly Attempt[] = [],
): Generator<Entry> {
  for (const { name, value } of view.parameters) yield { part: 'sent', label: 'setting', text: `${name} ${value}` };
  if (isFirst) for (const tool of view.tools) yield { part: 'sent', label: `tool ${tool.name}`, text: tool.raw };
  const from = isFirst ? 0 : view.messages_before;
  for (let at = from; at < view.messages.length; at += 1) {
    const message = view.messages[at]!;
    yield* partEntries(message.parts, 'sent', at + 1, `message ${at + 1}, ${message.role}`);
  }
  for (const choice of view.answer) yield* partEntries(choice.parts, 'back', undefined, 'answer');
  if (view.error) yield { part: 'back', label: 'error', text: view.error.message };
  for (const attempt of view.attempts)
    if (attempt.error)
      yield { part: 'wire', at: attempt.attempt, label: `attempt ${attempt.attempt}`, text: attempt.error.message };
  for (const [place, attempt] of attempts.entries()) yield* wireEntries(attempt, place + 1);
};

const hitsIn = (entry: Entry, step: number, pattern: RegExp, room: number): { hits: Hit[]; found: number } => {
  const hits: Hit[] = [];
  let found = 0;
  for (const match of entry.text.matchAll(pattern)) {
    if (match[0] === '') break;
    found += 1;
    if (hits.length >= room) continue;
    const end = match.index + match[0].length;
    hits.push({
      step,
      part: entry.part,
      at: entry.at,
      label: entry.label,
      before: entry.text.slice(Math.max(0, match.index - AROUND), match.index),
      found: match[0].slice(0, 200),
      after: entry.text.slice(end, end + AROUND),
    });
  }
  return { hits, found };
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
  const loaded = new Set(views.map((view) => view.step_number));
  const pause = pace(async () => {
    say({ ...result });
    await new Promise((resolve) => setTimeout(resolve));
  });
  const searchIn = async (step: number, entry: Entry): Promise<boolean> => {
    const { hits, found } = hitsIn(entry, step, pattern, LARGEST - result.hits.length);
    result.hits.push(...hits);
    result.total += found;
    return (await pause()) && signal.aborted;
  };
  for (const view of views) {
    const isFirst = !loaded.has(view.step_number - 1);
    for (const entry of entriesOf(view, isFirst, attemptsOf(view.step_number)))
      if (await searchIn(view.step_number, entry)) return result;
    result.steps += 1;
  }
  // What can be read comes first: a body says much of it again.
  for (const { step_number: step } of views) {
    for (const { attempt, side, text } of bodiesOf(step)) {
      result.bodies += 1;
      const label = `attempt ${attempt}, ${side} body`;
      if (await searchIn(step, { part: 'wire', at: attempt, label, text })) return result;
    }
  }
  say({ ...result });
  return result;
};
