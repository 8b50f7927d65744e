import assert from 'node:assert/strict';
import test from 'node:test';
import { childrenOf, kindOf, leavesOf, member, root, saidBy, slice, type Range, withIds } from '../src/model/json.ts';
import { below, pick, random } from './random.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Reads a value through the scanner alone, scalars by `JSON.parse` of their own text. */
const read = (text: string, range: Range): unknown => {
  switch (kindOf(text, range)) {
    case 'object':
      return Object.fromEntries(
        [...childrenOf(text, range)].map((child) => [saidBy(text, child.name!), read(text, child)]),
      );
    case 'array':
      return [...childrenOf(text, range)].map((child) => read(text, child));
    default:
      return JSON.parse(slice(text, range));
  }
};

const SCALARS = [
  '0',
  '-0',
  '1e5',
  '-1.5E-3',
  '12345678901234567890.10',
  'true',
  'false',
  'null',
  '""',
  '"a"',
  '"\\u00e9\\"\\\\"',
  '"\u{1f600}"',
  '"\\ud800"',
  '"[{,:}]"',
];

const made = (next: () => number, depth: number): string => {
  const blank = () => pick(next, ['', '', ' ', '\n\t']);
  const kind = below(next, depth > 4 ? 1 : 4);
  if (kind < 2) return pick(next, SCALARS);
  const items = Array.from(
    { length: below(next, 4) },
    () =>
      `${blank()}${kind === 2 ? '' : `${pick(next, ['"a"', '"b"', '""', '"\\n"', '"c d"'])}${blank()}:${blank()}`}${made(next, depth + 1)}${blank()}`,
  );
  return kind === 2 ? `[${items.join(',') || blank()}]` : `{${items.join(',') || blank()}}`;
};

test('the scanner reads what JSON.parse reads, and refuses what it refuses', () => {
  const next = random(7);
  let refused = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let text = made(next, 0);
    if (round % 2) {
      const at = below(next, text.length + 1);
      const piece = pick(next, ['', ',', '"', '}', ']', '{', '0', '\\', 'x', '\u0001', ':', '.', 'e']);
      text = text.slice(0, at) + piece + text.slice(at + below(next, 2));
    }
    const whole = root(text);
    assert.equal(whole !== undefined, isJson(text), JSON.stringify(text));
    if (whole) assert.deepEqual(read(text, whole), JSON.parse(text));
    else refused += 1;
  }
  assert.ok(refused > 2000);
});

test('numbers, order and double names stay as they were written', () => {
  const text = '{"b": 1.0, "a": 12345678901234567890, "b": 1e400}';
  const children = [...childrenOf(text, root(text)!)];
  assert.deepEqual(
    children.map((child) => [slice(text, child.name!), slice(text, child)]),
    [
      ['"b"', '1.0'],
      ['"a"', '12345678901234567890'],
      ['"b"', '1e400'],
    ],
  );
  assert.equal(slice(text, member(text, root(text)!, 'b')!), '1e400');
});

test('no depth and no length stops it', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.deepEqual(root(deep), { from: 0, to: deep.length });
  const long = JSON.stringify({ text: 'x"\\'.repeat(1_700_000) });
  const began = performance.now();
  assert.ok(root(long));
  assert.ok(performance.now() - began < 5000, 'what it takes does not grow with the square of the length');
  assert.equal(root('{"a":'.repeat(5)), undefined);
});

test('what an event says is as it was written', () => {
  const leaves = leavesOf('{"id":12345678901234567890,"a":[1.0,{"b/c":"x\\n"},null],"d":{}}')!;
  assert.deepEqual(
    [...leaves],
    [
      ['.id', '12345678901234567890'],
      ['.a.0', '1.0'],
      ['.a.1.b/c', 'x\n'],
      ['.a.2', 'null'],
    ],
  );
  assert.equal(leavesOf('[DONE'), undefined);
  assert.ok(leavesOf('['.repeat(5000) + ']'.repeat(5000)), 'however deep it is');
});

test('ids of messages keep every digit, and a text that holds one is left alone', () => {
  const read = withIds<Record<string, unknown>>(
    JSON.stringify({ model: '"trigger_message_id":9007199254740993', summary: { step_count: 1 } }).replace(
      /}$/,
      ',"trigger_message_id":9007199254740993,"history_tip_message_id": -9223372036854775808, "assistant_message_id":41}',
    ),
  );
  assert.deepEqual(read, {
    model: '"trigger_message_id":9007199254740993',
    summary: { step_count: 1 },
    trigger_message_id: '9007199254740993',
    history_tip_message_id: '-9223372036854775808',
    assistant_message_id: 41,
  });
});
