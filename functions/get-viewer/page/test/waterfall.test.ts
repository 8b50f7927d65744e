import assert from 'node:assert/strict';
import test from 'node:test';
import { axisOf, besideOf, byteStack, gridOf, placed, rowsOf, tokenStack } from '../src/model/waterfall.ts';
import type { Step } from '../src/types.ts';
import { outline } from './made.ts';
import { below, random } from './random.ts';

test('bars stand where the times say', () => {
  const steps = [outline(1, 1000, 4000), outline(2, 5000, 9000)];
  const exact = { attempts: [{ number: 1, status: 'completed', first_byte_ms: 1000 }] } as unknown as Step;
  const rows = rowsOf(steps, 1000, 0, (number) => (number === 1 ? exact : undefined));
  assert.deepEqual(rows[0]!.bars, [
    { kind: 'wait', from: 0, to: 1000 },
    { kind: 'answer', from: 1000, to: 3000 },
  ]);
  assert.deepEqual(rows[0]!.gap, { kind: 'tools', from: 3000, to: 4000 });
  const axis = axisOf(rows, 0.017);
  assert.deepEqual(placed(axis, rows[0]!), { left: 0, width: 3 / 8 });
  assert.deepEqual(placed(axis, rows[1]!), { left: 0.5, width: 0.5 });
  assert.deepEqual(
    axis.ticks.map((tick) => tick.label),
    ['0 s', '2 s', '4 s', '6 s'],
  );
  assert.ok(gridOf(axis).includes('var(--line) 25% calc(25% + 1px)'));
});

test('failed tries, pauses and clocks that differ are shown as such', () => {
  const step = outline(1, 10_000, 16_400, {
    attempts: [
      { number: 1, status: 'completed', response_status: 529, duration_ms: 400 },
      { number: 2, status: 'completed', response_status: 200, duration_ms: 5000 },
    ],
  });
  const exact = {
    attempts: [
      {
        number: 1,
        status: 'completed',
        started_at: new Date(9000).toISOString(),
        retry_delay_ms: 1000,
        retry_classification: 'overloaded',
      },
      { number: 2, status: 'completed', started_at: new Date(11_400).toISOString() },
    ],
  } as unknown as Step;
  const [row] = rowsOf([step], 10_000, 0, () => exact);
  assert.equal(row!.isShifted, true);
  assert.deepEqual(
    row!.bars.map((bar) => bar.kind),
    ['span'],
  );
  assert.deepEqual(
    row!.attempts.map(({ from, to, end }) => [from, to, end]),
    [
      [0, 400, 'failed'],
      [1400, 6400, 'completed'],
    ],
  );
  assert.deepEqual(row!.attempts[0]!.bars, [
    { kind: 'failed', from: 0, to: 400 },
    { kind: 'pause', from: 400, to: 1400 },
  ]);
});

test('an answer that was cut off is no failed try, and one that never began is', () => {
  const ends = (response_status?: number) => {
    const attempts = [response_status, response_status].map((status, place) => ({
      number: place + 1,
      status: 'failed' as const,
      response_status: status,
      duration_ms: 500,
    }));
    const [row] = rowsOf([outline(1, 0, 1000, { status: 'interrupted', attempts })], 0, 0, () => undefined);
    return row!.attempts.map(({ end, bars }) => [end, bars.at(-1)!.kind]);
  };
  const failed = ['failed', 'failed'];
  assert.deepEqual(ends(200), [failed, ['interrupted', 'stopped']]);
  assert.deepEqual(ends(529), [failed, failed]);
  assert.deepEqual(ends(), [failed, failed]);
});

test('a long pause is folded, and the rest stays to scale', () => {
  const axis = axisOf(
    rowsOf([outline(1, 0, 5000), outline(2, 7_805_000, 7_810_000)], 0, 0, () => undefined),
    0.017,
  );
  assert.deepEqual(
    axis.folds.map((fold) => fold.skipped),
    [7_800_000],
  );
  assert.equal(axis.at(0), 0);
  assert.ok(Math.abs(axis.at(7_810_000) - 1) < 1e-9);
  assert.ok(Math.abs(axis.at(5000) - (axis.at(7_810_000) - axis.at(7_805_000))) < 1e-9);
  assert.deepEqual(
    axis.ticks.map((tick) => tick.label),
    ['0 s', '2 s', '4 s', '2 h 10 min later', '+4 s'],
  );
});

test('no two labels of a time line are the same or stand in each other', () => {
  const next = random(29);
  for (let round = 0; round < 500; round += 1) {
    let at = 0;
    const steps = Array.from({ length: 1 + below(next, 12) }, (_, place) => {
      const from = at + (below(next, 4) === 0 ? below(next, 1e8) : below(next, 9000));
      return outline(place + 1, from, (at = from + below(next, 200_000)));
    });
    const letter = 0.015 + next() / 20;
    const { ticks, folds } = axisOf(
      rowsOf(steps, 0, 0, () => undefined),
      letter,
    );
    const labels = ticks.map(({ label }) => label).filter((label) => !label.startsWith('+'));
    if (folds.length === 0) assert.equal(new Set(labels).size, labels.length, labels.join());
    ticks.forEach((tick, place) => {
      const end = tick.at + tick.label.length * letter;
      assert.ok(end <= (ticks[place + 1]?.at ?? 1), JSON.stringify(ticks));
    });
  }
});

test('a label stands behind an attempt, before it, or nowhere', () => {
  const steps = [outline(1, 0, 10_000)];
  const axis = axisOf(
    rowsOf(steps, 0, 0, () => undefined),
    0.02,
  );
  const beside = (from: number, to: number, pause: number) =>
    besideOf(axis, { number: 1, end: 'failed', bars: [], from, to, pause }, 'eighteen letters i');
  assert.deepEqual(beside(0, 4000, 2000), { left: 0.6 });
  assert.deepEqual(beside(4000, 5000, 2000), { right: 0.6 });
  assert.equal(beside(1000, 8000, 1000), undefined);
});

test('positions never leave the width, whatever the clocks say', () => {
  const next = random(23);
  for (let round = 0; round < 500; round += 1) {
    const steps = Array.from({ length: 1 + below(next, 8) }, (_, at) =>
      outline(at + 1, below(next, 1e7), below(next, 1e7)),
    );
    const rows = rowsOf(steps, below(next, 1e7), 0, () => undefined);
    const axis = axisOf(rows, 0.017);
    for (const row of rows)
      for (const bar of [...row.bars, ...(row.gap ? [row.gap] : [])]) {
        const { left, width } = placed(axis, bar);
        assert.ok(left >= 0 && width >= 0 && left + width <= 1 + 1e-9);
      }
  }
});

test('tokens and bytes add up', () => {
  const step = outline(1, 0, 1, {
    input_tokens: 100,
    cache_read_tokens: 80,
    cache_creation_tokens: 5,
    output_tokens: 7,
    attempts: [{ number: 1, status: 'completed', request_bytes: 3, response_bytes: 4 }],
  });
  assert.deepEqual(tokenStack(step), {
    parts: [
      { kind: 'read', amount: 80 },
      { kind: 'created', amount: 5 },
      { kind: 'fresh', amount: 15 },
      { kind: 'output', amount: 7 },
    ],
    total: 107,
  });
  assert.equal(byteStack(step).total, 7);
});
