import assert from 'node:assert/strict';
import test from 'node:test';
import { pace } from '../src/model/pace.ts';
import { seenAnew } from '../src/model/runs.ts';
import { toolUses } from '../src/model/tools.ts';
import { text, message, view, call, result } from './made.ts';

test('calls and results are paired by id, else by order', () => {
  const views = [
    view(1, [message('user', text('q'))], 0, [call('1', 'a'), call(undefined, 'b'), call('3', 'c'), call('4', 'd')]),
    view(
      2,
      [
        message('user', text('q')),
        message('tool', result('1'), result(undefined, 'b'), result('1'), result('9'), result('4')),
      ],
      1,
    ),
  ];
  const { uses, strays } = toolUses(views);
  assert.deepEqual(
    uses.map((use) => [use.call.name, use.result?.step, use.isByOrder, use.results]),
    [
      ['a', 2, false, 2],
      ['b', 2, true, 1],
      ['c', undefined, false, 0],
      ['d', 2, false, 1],
    ],
  );
  assert.deepEqual(
    strays.map((stray) => [stray.result.id, stray.step]),
    [['9', 2]],
  );
});

test('long work pauses between its pieces', async () => {
  let rests = 0;
  const pause = pace(async () => void (rests += 1));
  for (const began = performance.now(); performance.now() - began < 10;);
  assert.deepEqual([await pause(), rests], [true, 1]);
});

test('a list whose first page is read again has what is new, lacks what is gone, and keeps what is older', () => {
  const runs = (ids: string) => [...ids].map((id) => ({ id }));
  const seen = (loaded: string, first: string, more?: string) => {
    const { runs: now, next } = seenAnew({ runs: runs(loaded), next: 'older' }, { items: runs(first), next: more });
    return [now.map((run) => run.id).join(''), next];
  };
  assert.deepEqual(seen('dcba', 'ed', 'first'), ['edcba', 'older']);
  assert.deepEqual(seen('dcba', 'db', 'first'), ['dba', 'older']);
  assert.deepEqual(seen('dcba', 'gf', 'first'), ['gf', 'first']);
  assert.deepEqual(seen('dc', 'd'), ['d', undefined]);
  assert.deepEqual(seen('dc', ''), ['', undefined]);
  assert.deepEqual(seen('dc', '', 'first'), ['dc', 'older']);
});
