// Numbers, times and words as a person reads them. What is unknown is left out by the caller, never written as 0.
import type { RunKind, RunStatus } from '../types.ts';

let whole: Intl.NumberFormat | undefined;
export const count = (number: number): string => (whole ??= new Intl.NumberFormat('en')).format(number);

/** `1 step`, `2 steps`. */
export const many = (number: number, one: string, more = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : more}`;

export const size = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
};

const inTwo = (number: number, large: string, small: string): string =>
  [`${Math.floor(number / 60)} ${large}`, ...(number % 60 ? [`${number % 60} ${small}`] : [])].join(' ');

export const duration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  if (seconds < 0.1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return inTwo(whole, 'min', 's');
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return inTwo(minutes, 'h', 'min');
  return `${Math.round(hours / 24)} days`;
};

const UNITS: [string, number][] = [
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A time to the last digit: `0 s`, `1.5 s`, `2 min 30 s`. */
export const exactly = (milliseconds: number): string => {
  if (milliseconds === 0) return '0 s';
  if (milliseconds >= 1000 && milliseconds < 60_000) return `${milliseconds / 1000} s`;
  let left = milliseconds;
  return UNITS.flatMap(([unit, size]) => {
    const amount = Math.floor(left / size);
    left -= amount * size;
    return amount > 0 ? [`${amount} ${amount === 1 && unit === 'days' ? 'day' : unit}`] : [];
  }).join(' ');
};

/** Milliseconds between two of the API's times; never below 0, since clocks differ. */
export const between = (from: string | undefined, to: string | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : Math.max(0, Date.parse(to) - Date.parse(from));

/** Says dates so. What does it is made when it is first asked for, since that takes milliseconds. */
export const dated = (options: Intl.DateTimeFormatOptions): ((at: string) => string) => {
  let format: Intl.DateTimeFormat | undefined;
  return (at) => (format ??= new Intl.DateTimeFormat('en-GB', options)).format(new Date(at));
};

export const time = dated({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const fullTime = dated({ dateStyle: 'medium', timeStyle: 'long' });
const dateOf = dated({ dateStyle: 'medium' });
const dayOf = dated({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** The reader's own day: `Today`, `Yesterday`, or its date. */
export const day = (at: string, now = new Date()): string => {
  const date = new Date(at);
  const midnight = (of: Date): number => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : dayOf(at);
};

/** When it was: the time alone, with its date unless that is today. */
export const when = (at: string, now = new Date()): string =>
  [day(at, now) !== 'Today' && dateOf(at), time(at)].filter(Boolean).join(', ');

export const ago = (at: string | number, now = Date.now()): string => {
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
};

export const STATUS: Record<RunStatus, string> = {
  in_progress: 'Running',
  completed: 'Completed',
  error: 'Error',
  interrupted: 'Interrupted',
};

export const KIND: Record<RunKind, string> = {
  chat_turn: 'Chat turn',
  title_generation: 'Title',
  quickgen: 'Quick answer',
  compaction: 'Compaction',
};

/** What steps add up to; nothing when none of them says. */
export const sumOf = <K extends string>(steps: readonly { [of in K]?: number }[], of: K): number | undefined => {
  const said = steps.flatMap((step) => step[of] ?? []);
  return said.length === 0 ? undefined : said.reduce((sum, amount) => sum + amount, 0);
};

/** A setting in a line: a text without its quotes, unless it would be taken for a number or a word of JSON. */
export const setting = (json: string): string => {
  const bare = /^"([\w.:/ -]*)"$/.exec(json)?.[1];
  return bare && Number.isNaN(Number(bare)) && !/^(?:true|false|null)$/.test(bare) ? bare : json;
};

/** The share of the input that came from the provider's cache, in per cent. */
export const cached = (read: number | undefined, input: number | undefined): number | undefined =>
  input ? Math.round((100 * (read ?? 0)) / input) : undefined;

/** Enough of an id to tell it from its neighbours. */
export const short = (id: string): string => id.slice(0, 8);
/** UUIDv7 begin with the time, so a run is told by its end. */
export const shortRun = (id: string): string => id.slice(-8);

/** The time that a UUIDv7 begins with. */
export const timeOfId = (id: string): string | undefined =>
  id[14] === '7' ? new Date(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString() : undefined;
