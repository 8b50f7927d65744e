import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { dateOf, endOfDay, facts, isExpired } from '../src/model/recorder-key.ts';
import type { RecorderKey } from '../src/types.ts';
import { below, random } from './random.ts';

const zone = process.env.TZ;
after(() => (zone === undefined ? delete process.env.TZ : (process.env.TZ = zone)));
const ZONES = ['UTC', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Europe/Berlin'];
const key = (more: Partial<RecorderKey> = {}): RecorderKey => ({
  id: '019b7ca9-8f2e-7c41-8a6d-5e0f3b92d715',
  created_at: '2026-01-02T03:04:05.678Z',
  ...more,
});

const next = random(17);
test('a key is good to the last moment of the day that was chosen, wherever the reader is', () => {
  for (const TZ of ZONES) {
    process.env.TZ = TZ;
    for (let round = 0; round < 200; round += 1) {
      const date = dateOf(new Date(2026, 0, 1 + below(next, 1500), below(next, 24), below(next, 60)));
      const end = new Date(endOfDay(date));
      assert.equal(dateOf(end), date, TZ);
      assert.notEqual(dateOf(new Date(end.getTime() + 1)), date, TZ);
    }
  }
});

test('the end of today still lies ahead, which the service asks for', () => {
  for (const TZ of ZONES) {
    process.env.TZ = TZ;
    assert.ok(Date.parse(endOfDay(dateOf(new Date()))) >= Date.now());
  }
});

test('a key expires at its moment and not before, and one without never', () => {
  const ends = Date.parse('2026-02-01T00:00:00Z');
  const ending = key({ expires_at: '2026-02-01T00:00:00.000Z' });
  assert.deepEqual(
    [isExpired(ending, ends - 1), isExpired(ending, ends), isExpired(key(), ends)],
    [false, true, false],
  );
});

test('the day of the last use is the one that the service noted, wherever the reader is', () => {
  for (const TZ of ZONES) {
    process.env.TZ = TZ;
    assert.equal(facts(key({ last_used_day: '2026-01-03' }))[1], 'last used on 3 Jan 2026 (UTC)');
  }
});

test('what is unknown of a key is said to be', () => {
  const now = Date.parse('2026-01-05T03:04:05.678Z');
  assert.deepEqual(facts(key(), now), ['made 3 days ago', 'no use noted', 'good until it is revoked']);
  assert.match(facts(key({ expires_at: '2026-01-06T00:00:00Z' }), now)[2]!, /^good until \d/);
  assert.match(facts(key({ expires_at: '2026-01-04T00:00:00Z' }), now)[2]!, /^expired on \d/);
});
