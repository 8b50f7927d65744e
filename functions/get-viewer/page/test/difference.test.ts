import assert from 'node:assert/strict';
import test from 'node:test';
import {
  aligned,
  isGivenKnown,
  messageMatches,
  settingDifferences,
  textDifference,
  toolDifferences,
} from '../src/model/difference.ts';
import type { Message, Source } from '../src/types.ts';
import { text, message, view } from './made.ts';
import { below, pick, random } from './random.ts';

test('settings and tools differ by their names', () => {
  const settings = settingDifferences(
    [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    [
      { name: 'b', value: '3' },
      { name: 'c', value: '4' },
    ],
  );
  assert.deepEqual(settings, [
    { name: 'a', a: '1', b: undefined },
    { name: 'b', a: '2', b: '3' },
    { name: 'c', a: undefined, b: '4' },
  ]);
  assert.deepEqual(toolDifferences([{ name: 't', raw: '{}' }], [{ name: 't', raw: '{}' }]), []);
});

test('messages are paired by what they hold, wherever they stood', () => {
  const long = 'one two three four five six seven eight';
  const [system, user, answer] = [
    message('system', text('be brief')),
    message('user', text(long)),
    message('assistant', text('yes')),
  ];
  const moved = message('user', { ...text(long), source: { in: 'request', attempt: 2, bytes: { start: 5, end: 9 } } });
  assert.deepEqual(
    messageMatches([system, user], [system, moved, answer]).map((match) => match.kind),
    ['same', 'same', 'added'],
  );
  assert.deepEqual(
    messageMatches([system, user, answer], [system, answer]).map((match) => match.kind),
    ['same', 'removed', 'same'],
  );
  assert.deepEqual(
    messageMatches([user], [message('user', text(`${long} nine`))]).map((match) => match.kind),
    ['changed'],
  );
  assert.deepEqual(
    messageMatches([user], [message('user', text('all new words here'))]).map((match) => match.kind),
    ['removed', 'added'],
  );
});

test('the pieces of a difference are both texts', () => {
  const next = random(5);
  for (let round = 0; round < 200; round += 1) {
    const make = () =>
      Array.from({ length: below(next, 40) }, () => pick(next, ['a ', 'b ', 'c\n', 'd', '\n'])).join('');
    const [a, b] = [make(), make()];
    for (const detail of ['words', 'lines'] as const) {
      const pieces = textDifference(a, b, detail)!;
      const side = (of: 'a' | 'b') =>
        pieces
          .filter((piece) => piece.in === 'both' || piece.in === of)
          .map((piece) => piece.text)
          .join('');
      assert.deepEqual([side('a'), side('b')], [a, b]);
    }
  }
});

test('two runs are aligned, what differs at one place is a pair, and what has no partner stands alone', () => {
  assert.deepEqual(
    aligned(['x', 'y', 'z'], ['x', 'z', 'w'], (item) => item),
    [
      { a: 'x', b: 'x' },
      { a: 'y', b: undefined },
      { a: 'z', b: 'z' },
      { a: undefined, b: 'w' },
    ],
  );
  assert.deepEqual(
    aligned(['x', 'y', 'v'], ['z'], (item) => item),
    [
      { a: 'x', b: 'z' },
      { a: 'y', b: undefined },
      { a: 'v', b: undefined },
    ],
  );
});

test('of what cannot be read nobody knows what it held', () => {
  const unread = (where: Source['in']) => ({ ...view(1, [], 0), unread: [{ source: { in: where }, what: 'no text' }] });
  assert.equal(isGivenKnown(view(1, [], 0)), true, 'nothing was given');
  assert.equal(isGivenKnown(unread('response')), true);
  assert.equal(isGivenKnown(unread('request')), false);
  assert.equal(isGivenKnown({ ...unread('request'), messages: [message('user', text('q'))] }), true);
});

test('what an answer had no room for is never taken for the same', () => {
  const cut = (left_out: number): Message => message('user', { ...text(''), left_out });
  const kinds = (a: Message[], b: Message[], known?: number) => messageMatches(a, b, known).map((match) => match.kind);
  assert.deepEqual(kinds([cut(5)], [cut(5)]), ['same']);
  assert.deepEqual(kinds([cut(5)], [cut(7)]), ['changed']);
  assert.deepEqual(kinds([message('user', text('whole'))], [cut(5)], 1), ['same'], 'the service knows better');
  const setting = (left_out?: number) => [{ name: 'schema', value: '', left_out }];
  assert.deepEqual(settingDifferences(setting(5), setting(5)), []);
  assert.deepEqual(settingDifferences(setting(), setting(5000)), [
    { name: 'schema', a: '', b: '5.0 kB, left out here' },
  ]);
});
