import assert from 'node:assert/strict';
import test, { before } from 'node:test';

type Lists = typeof import('../src/run-lists.ts');
type Left = import('../src/run-lists.ts').Left;
let lists: Lists;

before(async () => {
  Object.assign(globalThis, {
    document: { getElementById: () => null },
    location: new URL('https://host.example/api/experimental/chats/view'),
  });
  lists = await import('../src/run-lists.ts');
});

const left = (...ids: string[]): Left => ({
  list: { runs: ids.map((id) => ({ id })) as Left['list']['runs'], looked: 0, passed: 1 },
  chosen: [],
  wanted: '',
  scroll: 7,
});
const idsAt = (address: string) => lists.leftAt(address)?.list.runs.map(({ id }) => id);

test('a list stands as it was left, the last few of them, and without what was deleted', () => {
  const address = (chat: string, status?: string) => lists.addressOf({ screen: 'runs', chat, status });
  const all = [address('a'), address('a', 'error'), address('b')];
  for (const one of all) lists.leaveList(one, left('1', '2'));
  assert.equal(lists.leftAt(all[0]!)?.scroll, 7);
  lists.forgetLists('a', '1');
  assert.deepEqual(all.map(idsAt), [['2'], ['2'], ['1', '2']]);
  lists.leaveList(address('c'), left('3'));
  assert.deepEqual(all.map(idsAt), [undefined, ['2'], ['1', '2']]);
  lists.forgetLists('a');
  lists.leaveList(address('b'), undefined);
  assert.deepEqual([...all, address('c')].map(idsAt), [undefined, undefined, undefined, ['3']]);
});
