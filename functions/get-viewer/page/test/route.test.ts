import assert from 'node:assert/strict';
import test from 'node:test';
import { idOfName } from '../src/model/name.ts';
import { chatOf, href, read, type Route } from '../src/route.ts';

const [chat, run] = ['5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e', '019593fd-35c0-7a11-8c22-3d44e5f60718'];

test('every place is read as it is written', () => {
  const places: Route[] = [
    { screen: 'chats' },
    { screen: 'runs', chat, status: undefined, kind: undefined },
    { screen: 'runs', chat, status: 'error', kind: 'compaction' },
    { screen: 'message', chat, message: 'msg 41/ü#?' },
    { screen: 'run', chat, run },
    {
      screen: 'named',
      name: 'a/b?c=d#e 100 % \u{1f600}',
      place: { screen: 'runs', chat: '', status: 'error', kind: undefined },
    },
    { screen: 'named', name: 'by', place: { screen: 'message', chat: '', message: '41' } },
    { screen: 'named', name: chat, place: { screen: 'run', chat: '', run, step: 3, part: undefined } },
    { screen: 'run', chat, run, step: 3, part: undefined },
    { screen: 'run', chat, run, step: 3, part: { name: 'sent', at: 6 } },
    { screen: 'run', chat, run, step: 3, part: { name: 'wire', at: 2 } },
    { screen: 'run', chat, run, step: 3, part: { name: 'json', at: undefined } },
    { screen: 'compare', a: { chat, run, step: 1 }, b: { chat, run, step: 2 } },
    { screen: 'compare', a: { chat, run, step: undefined }, b: { chat, run, step: undefined } },
    { screen: 'settings', chat },
    { screen: 'settings', chat: undefined },
  ];
  for (const place of places) assert.deepEqual(read(href(place)), place, href(place));
});

test('what is no place leads nowhere', () => {
  for (const fragment of [
    '#/c/x',
    `#/c/${chat}/r/x`,
    `#/c/${chat}/r/${run}/s/0`,
    `#/c/${chat}/r/${run}/s/1/nowhere`,
    `#/c/${chat}/m/%`,
    '#/c/by',
    '#/c/by/',
    '#/c/by/%',
    '#/c/by/name/nowhere',
    '#/compare?a=x&b=y',
    '#/settings?chat=x',
    '#/../x',
    `#/c/${chat.toUpperCase()}`,
  ]) {
    assert.deepEqual(read(fragment), { screen: 'lost' }, fragment);
  }
  assert.deepEqual(read(''), { screen: 'chats' });
});

test('a chat is found in an id, a link of this page, and any other address', () => {
  assert.deepEqual(chatOf(` ${chat.toUpperCase()} `), { screen: 'runs', chat });
  assert.deepEqual(chatOf(`https://product.example/chats/${chat}?tab=1`), { screen: 'runs', chat });
  assert.deepEqual(chatOf(`https://a/view#/c/${chat}/r/${run}`), { screen: 'run', chat, run });
  for (const name of ['hello', `thread_${chat}`, `${chat}-2`, `${chat} ${chat}`, `mailto:${chat}`])
    assert.equal(chatOf(name), undefined, name);
});

test("a chat's own name makes its id, as the contract says", async () => {
  const vectors: [string, string, string][] = [
    ['alice', 'conversation-7', '9b4dba7c-f3fd-58bb-b496-e825c3c95b74'],
    ['bob', 'conversation-7', 'ef0ab06f-aaf6-5672-b52a-09f519b7610a'],
    ['alice', ' conversation-7 ', 'fd66e2b3-d3ac-52b2-8d54-2837720cc01a'],
    ['alice', 'a\0b', '5e3f8d21-f404-53ba-a81a-af6879c958bc'],
    ['alice', 'caf\u00e9', '9b936a2a-57c8-57bd-be17-7fc50dcbe39b'],
    ['alice', '\u{1f600}', 'b14140a3-01f0-5812-a03b-a3185a94181b'],
  ];
  for (const [owner, name, id] of vectors) assert.equal(await idOfName(owner, name), id);
});
