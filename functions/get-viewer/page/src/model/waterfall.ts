// Where the bars of a run stand. Times are milliseconds since the run began; positions are shares of the width.
import type { Attempt, Outline, RunStatus, Step } from '../types.ts';
import { duration, exactly } from './say.ts';

export type BarKind = 'wait' | 'answer' | 'failed' | 'stopped' | 'pause' | 'running' | 'tools' | 'span';
export interface Bar {
  kind: BarKind;
  from: number;
  to: number;
}
/** How an attempt ended. */
export type End = 'completed' | 'failed' | 'interrupted';
export interface AttemptRow {
  number: number;
  status?: number;
  end: End;
  from: number;
  to: number;
  bars: Bar[];
  /** The pause behind it, when it was tried again. */
  pause?: number;
  reason?: string;
}
export interface Row {
  step: Outline;
  from: number;
  to: number;
  bars: Bar[];
  attempts: AttemptRow[];
  /** Until the next step begins: tools and the chat's server. */
  gap?: Bar;
  /** Whether a clock said that a part began before its step, which is drawn at its beginning. */
  isShifted: boolean;
}

/** How an attempt ended; that of a step that was interrupted did not fail when its answer had begun. */
export const endOf = (status: number | undefined, of: string | undefined, step: RunStatus | undefined): End => {
  if (status !== undefined && status >= 400) return 'failed';
  if (of !== 'failed') return 'completed';
  return step === 'interrupted' && status !== undefined ? 'interrupted' : 'failed';
};

/** The bars of an attempt between two times: pale until the first byte, solid behind it. */
const attemptBars = (from: number, to: number, firstByte: number | undefined, end: End): Bar[] => {
  if (end === 'failed') return [{ kind: 'failed', from, to }];
  const kind = end === 'interrupted' ? 'stopped' : 'answer';
  if (firstByte === undefined) return [{ kind, from, to }];
  const split = Math.min(to, from + firstByte);
  return [
    { kind: 'wait', from, to: split },
    { kind, from: split, to },
  ];
};

/** Attempts one behind the other, from what each says of itself; `exact` has their times, the outline only durations. */
const attemptRows = (
  outline: Outline,
  exact: Attempt[] | undefined,
  begin: number,
  end: number,
  zero: number,
): { rows: AttemptRow[]; isShifted: boolean } => {
  let [at, isShifted] = [begin, false];
  const last = outline.attempts.length - 1;
  const rows = outline.attempts.map((attempt, place): AttemptRow => {
    const more = exact?.[place + (outline.attempts_left_out ?? 0)];
    const took =
      attempt.duration_ms ??
      (more?.started_at && more.finished_at ? Date.parse(more.finished_at) - Date.parse(more.started_at) : undefined);
    const begun = more?.started_at
      ? Date.parse(more.started_at) - zero
      : place === last && place > 0 && took !== undefined
        ? end - took
        : at;
    isShifted ||= begun < begin;
    const from = Math.max(begun, begin);
    const to = Math.max(from, took === undefined ? (place === last ? end : from) : from + took);
    const ended = endOf(attempt.response_status, attempt.status, place === last ? outline.status : undefined);
    const bars = attemptBars(from, to, more?.first_byte_ms, ended);
    const pause = more?.retry_delay_ms;
    if (pause) bars.push({ kind: 'pause', from: to, to: to + pause });
    at = to + (pause ?? 0);
    return {
      number: place + 1 + (outline.attempts_left_out ?? 0),
      status: attempt.response_status,
      end: ended,
      from,
      to,
      bars,
      pause,
      reason: more?.retry_classification,
    };
  });
  return { rows, isShifted };
};

/** The rows of a run. `stepOf` gives what is loaded of a step beside its outline; `now` ends what still runs. */
export const rowsOf = (
  outlines: readonly Outline[],
  zero: number,
  now: number,
  stepOf: (number: number) => Step | undefined,
): Row[] => {
  const rows = outlines.map((step): Row => {
    const began = Date.parse(step.started_at) - zero;
    const from = Math.max(0, began);
    const longest = Math.max(0, ...step.attempts.map((attempt) => attempt.duration_ms ?? 0));
    const ended = step.finished_at
      ? Date.parse(step.finished_at) - zero
      : step.status === 'in_progress'
        ? now - zero
        : from + longest;
    const to = Math.max(from, ended);
    const { rows: attempts, isShifted } = attemptRows(step, stepOf(step.step_number)?.attempts, from, to, zero);
    const only = attempts.length === 1 ? attempts[0] : undefined;
    let bars: Bar[];
    if (step.status === 'in_progress') bars = [{ kind: 'running', from, to }];
    else if (attempts.length > 1) bars = [{ kind: 'span', from, to }];
    else if (only && only.end !== 'failed') bars = only.bars;
    else bars = [{ kind: step.status === 'error' ? 'failed' : 'answer', from, to }];
    if (step.status === 'interrupted')
      bars = bars.map((bar) => (bar.kind === 'answer' ? { ...bar, kind: 'stopped' } : bar));
    return { step, from, to, bars, attempts, isShifted: isShifted || began < 0 };
  });
  rows.forEach((row, place) => {
    const next = rows[place + 1];
    if (next && next.from > row.to) row.gap = { kind: 'tools', from: row.to, to: next.from };
  });
  return rows;
};

export interface Fold {
  /** Its middle. */
  at: number;
  share: number;
  skipped: number;
  /** Whether a label says it. */
  isSaid?: boolean;
}
export interface Axis {
  /** The place of a time, from 0 to 1. */
  at(time: number): number;
  ticks: { at: number; label: string }[];
  folds: Fold[];
  /** The share of the width that a letter of a label takes. */
  letter: number;
}

const FOLD_SHARE = 0.04;
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000,
];

/** An axis over the rows; a pause that is longer than all else together, and than a minute, is folded. */
export const axisOf = (rows: readonly { from: number; to: number }[], letter: number): Axis => {
  const spans: { from: number; to: number }[] = [];
  for (const { from, to } of [...rows].sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  const busy = spans.reduce((sum, { from, to }) => sum + to - from, 0) || 1;
  // Stretches that are drawn to scale, with what is folded between them.
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of spans) {
    const last = stretches.at(-1);
    const gap = from - (last?.to ?? 0);
    if (gap > 60_000 && gap > busy) stretches.push({ from, to });
    else if (last) last.to = to;
    else stretches.push({ from: 0, to });
  }
  const first = stretches[0] ?? { from: 0, to: 1 };
  const isFoldedFirst = first.from > 0;
  const drawn = stretches.reduce((sum, { from, to }) => sum + to - from, 0) || 1;
  const foldCount = Math.max(0, stretches.length - 1) + (isFoldedFirst ? 1 : 0);
  const fold = Math.min(FOLD_SHARE, 0.5 / Math.max(1, foldCount));
  const scale = (1 - fold * foldCount) / drawn;
  const folds: Fold[] = [];
  let at = 0;
  const placed = stretches.map((stretch, index) => {
    if (index > 0 || isFoldedFirst) {
      folds.push({ at: at + fold / 2, share: fold, skipped: stretch.from - (stretches[index - 1]?.to ?? 0) });
      at += fold;
    }
    const start = at;
    at += (stretch.to - stretch.from) * scale;
    return { ...stretch, start };
  });
  const position = (time: number): number => {
    const within = placed.findLast(({ from }) => time >= from);
    if (!within) return 0;
    return Math.min(1, within.start + (Math.min(time, within.to) - within.from) * scale);
  };
  const step = STEPS.find((size) => drawn / size <= 5) ?? Math.ceil(drawn / 5);
  const ticks: Axis['ticks'] = [];
  let free = 0;
  placed.forEach(({ from, to }, index) => {
    const fold = folds[index - (isFoldedFirst ? 0 : 1)];
    // Behind a fold time is counted anew: from the run's beginning, ticks that are seconds apart would read the same.
    for (let since = 0; since < (to - from || 1); since += step) {
      const at = position(from + since);
      const label = fold ? (since === 0 ? `${duration(fold.skipped)} later` : `+${exactly(since)}`) : exactly(since);
      const end = at + (label.length + 1) * letter;
      if (at < free || end > 1) continue;
      ticks.push({ at, label });
      if (fold && since === 0) fold.isSaid = true;
      free = end;
    }
  });
  return { at: position, ticks, folds, letter };
};

/** What stands behind the bars: a line at each tick, and a band where time is folded. */
export const gridOf = ({ ticks, folds }: Axis): string => {
  const marks = [
    ...ticks.map(({ at }) => ({ at, from: `${at * 100}%`, to: `calc(${at * 100}% + 1px)` })),
    ...folds.map(({ at, share }) => ({ at, from: `${(at - share / 2) * 100}%`, to: `${(at + share / 2) * 100}%` })),
  ].sort((a, b) => a.at - b.at);
  const stops = marks.map(({ from, to }) => `transparent ${from}, var(--line) ${from} ${to}, transparent ${to}`);
  return `linear-gradient(90deg, ${['transparent 0', ...stops].join(', ')})`;
};

/** A bar as the share of the width that it begins at and takes. */
export const placed = (axis: Axis, { from, to }: { from: number; to: number }): { left: number; width: number } => {
  const left = axis.at(from);
  return { left, width: Math.max(0, axis.at(to) - left) };
};

/** Where there is room for a label beside what is drawn of an attempt: behind it, else before it. */
export const besideOf = (
  axis: Axis,
  { from, to, pause = 0 }: AttemptRow,
  label: string,
): { left: number } | { right: number } | undefined => {
  const [begin, end, share] = [axis.at(from), axis.at(to + pause), (label.length + 2) * axis.letter];
  if (end + share <= 1) return { left: end };
  return share <= begin ? { right: 1 - begin } : undefined;
};

/** What each try of the steps took to its first byte, the shortest first. */
export const firstBytesOf = (steps: readonly Step[]): number[] =>
  steps
    .flatMap((step) => step.attempts)
    .flatMap((attempt) => (attempt.first_byte_ms === undefined ? [] : [attempt.first_byte_ms]))
    .sort((a, b) => a - b);

export const median = (sorted: readonly number[]): number | undefined => sorted[Math.floor(sorted.length / 2)];

export interface Stack {
  parts: { kind: string; amount: number }[];
  total: number;
}

/** Tokens of a step, cached ones apart. */
export const tokenStack = (step: Outline): Stack => {
  const [read, created] = [step.cache_read_tokens ?? 0, step.cache_creation_tokens ?? 0];
  const fresh = Math.max(0, (step.input_tokens ?? 0) - read - created);
  const parts = [
    { kind: 'read', amount: read },
    { kind: 'created', amount: created },
    { kind: 'fresh', amount: fresh },
    { kind: 'output', amount: step.output_tokens ?? 0 },
  ];
  return { parts, total: parts.reduce((sum, { amount }) => sum + amount, 0) };
};

/** Bytes of a step's attempts, both ways. */
export const byteStack = ({ attempts }: Pick<Outline, 'attempts'>): Stack => {
  const sum = (of: 'request_bytes' | 'response_bytes') =>
    attempts.reduce((total, attempt) => total + (attempt[of] ?? 0), 0);
  const parts = [
    { kind: 'sent', amount: sum('request_bytes') },
    { kind: 'back', amount: sum('response_bytes') },
  ];
  return { parts, total: parts[0]!.amount + parts[1]!.amount };
};
