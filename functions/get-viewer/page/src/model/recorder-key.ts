// What is known of a recorder key, as a person reads it.
import type { RecorderKey } from '../types.ts';
import { ago, dated, fullTime } from './say.ts';

/** The end of a day as the reader's clock has it, of a date as a date field writes it. */
export const endOfDay = (date: string): string => {
  const [year, month, day] = date.split('-').map(Number);
  return new Date(year!, month! - 1, day! + 1, 0, 0, 0, -1).toISOString();
};

/** The reader's own day, as a date field writes it. */
export const dateOf = (at: Date): string =>
  [String(at.getFullYear()).padStart(4, '0'), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');

export const isExpired = ({ expires_at }: RecorderKey, now = Date.now()): boolean =>
  expires_at !== undefined && Date.parse(expires_at) <= now;

// The service notes a day of UTC, which no other clock may turn into the day before.
const utcDay = dated({ dateStyle: 'medium', timeZone: 'UTC' });

export const facts = (key: RecorderKey, now = Date.now()): string[] => {
  const { created_at, expires_at, last_used_day } = key;
  return [
    `made ${ago(created_at, now)}`,
    last_used_day ? `last used on ${utcDay(last_used_day)} (UTC)` : 'no use noted',
    expires_at
      ? `${isExpired(key, now) ? 'expired on' : 'good until'} ${fullTime(expires_at)}`
      : 'good until it is revoked',
  ];
};
