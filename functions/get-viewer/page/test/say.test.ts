import assert from 'node:assert/strict';
import test from 'node:test';
import { sizeOf } from '../src/model/bytes.ts';
import { duration, exactly, setting, sumOf, when } from '../src/model/say.ts';

test('a time is said to its last digit', () => {
  for (const [time, said] of [
    [0, '0 s'],
    [500, '500 ms'],
    [1500, '1.5 s'],
    [90_000, '1 min 30 s'],
    [7_800_000, '2 h 10 min'],
    [90_000_000, '1 day 1 h'],
    [172_800_000, '2 days'],
  ] as const)
    assert.equal(exactly(time), said);
});

test('a time of another day is said with its date', () => {
  const at = new Date(2026, 2, 1, 9, 30).toISOString();
  assert.equal(when(at, new Date(2026, 2, 1, 23)), '09:30:00');
  assert.equal(when(at, new Date(2026, 2, 2, 1)), '1 Mar 2026, 09:30:00');
});

test('a duration tells apart what differs to a reader', () => {
  for (const [time, said] of [
    [40, '40 ms'],
    [99_900, '99.9 s'],
    [100_000, '1 min 40 s'],
    [149_000, '2 min 29 s'],
    [180_000, '3 min'],
    [3_599_400, '59 min 59 s'],
    [3_599_600, '1 h'],
    [7_800_000, '2 h 10 min'],
    [180_000_000, '2 days'],
  ] as const)
    assert.equal(duration(time), said);
});

test('a text that is no number keeps its quotes where it looks like one', () => {
  for (const same of ['0.5', '"0.5"', '"1e3"', '"true"', '"null"', '""', '" "', '"a\\"b"', '{"a":1}'])
    assert.equal(setting(same), same);
  assert.equal(setting('"gpt-5"'), 'gpt-5');
  assert.equal(setting('"2026-01-02"'), '2026-01-02');
});

test('a sum is nothing where nobody has said anything, and a size counts bytes', () => {
  const steps: { input?: number }[] = [{}, { input: 0 }, { input: 3 }];
  assert.deepEqual([sumOf([], 'input'), sumOf([{}], 'input'), sumOf(steps, 'input')], [undefined, undefined, 3]);
  assert.equal(sizeOf('\u00e4\u{1f600}'), 6);
});
