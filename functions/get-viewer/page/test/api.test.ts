import assert from 'node:assert/strict';
import test, { before, beforeEach } from 'node:test';

type Api = typeof import('../src/api.ts');
type Session = typeof import('../src/session.ts');
let [api, session] = [undefined as unknown as Api, undefined as unknown as Session];

interface Asked {
  url: string;
  headers: Record<string, string>;
}
let asked: Asked[] = [];
let answers: (() => Response | Promise<Response>)[] = [];

before(async () => {
  // What a browser has when the page begins.
  const place = new URL('https://host.example/api/experimental/chats/view');
  Object.assign(globalThis, {
    document: { getElementById: () => ({ textContent: '{}' }) },
    location: place,
    sessionStorage: { getItem: () => null, removeItem: () => undefined, setItem: () => undefined },
    fetch: async (url: string, options: { headers: Record<string, string> }) => {
      asked.push({ url, headers: options.headers });
      return answers.shift()!();
    },
  });
  api = await import('../src/api.ts');
  session = await import('../src/session.ts');
});

beforeEach(() => {
  [asked, answers] = [[], []];
  session.use('token');
});

const answer =
  (status: number, body: BodyInit | null = null, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status, headers });
const problem = (status: number, type: string, message: string, headers = {}) =>
  answer(status, JSON.stringify({ type: `urn:chat-debug:problem:${type}`, message }), headers);

test('each call carries the token, to the service beside the page', async () => {
  answers = [answer(200, '[]')];
  assert.deepEqual(await api.json('/x'), []);
  assert.deepEqual(asked, [{ url: '/api/experimental/chats/x', headers: { authorization: 'Bearer token' } }]);
});

test('it waits as long as the service asks, three times', async () => {
  const wait = problem(503, 'unavailable', 'Try again.', { 'retry-after': '0.01' });
  answers = [wait, wait, wait, answer(200, '1')];
  assert.equal(await api.json('/x'), 1);
  answers = [wait, wait, wait, wait];
  await assert.rejects(api.json('/x'), { status: 503, type: 'unavailable', message: 'Try again.' });
  assert.equal(asked.length, 8);
});

test("a refusal says why, and the end of a sign-in is the whole page's", async () => {
  answers = [problem(404, 'not-found', 'No such chat.')];
  await assert.rejects(api.json('/x'), { status: 404, type: 'not-found', message: 'No such chat.' });
  assert.equal(session.hasEnded.value, false);
  answers = [answer(502, '<html>')];
  await assert.rejects(api.json('/x'), { status: 502, message: 'The service answered 502.' });
  answers = [problem(401, 'unauthenticated', 'Sign in again.')];
  await assert.rejects(api.json('/x'), { status: 401 });
  assert.equal(session.hasEnded.value, true);
  session.use('another');
  assert.equal(session.hasEnded.value, false);
});

test('no network is a state of its own', async () => {
  answers = [() => Promise.reject(new TypeError('Failed to fetch'))];
  await assert.rejects(api.json('/x'), { status: 0, type: 'offline' });
});

test('a page names the next, and an unchanged one is nothing', async () => {
  const link = '</api/experimental/chats/c/debug/runs?cursor=a%2Fb>; rel="next"';
  answers = [answer(200, '[1]', { link, etag: '"t"' }), answer(304)];
  assert.deepEqual(await api.page('/c/debug/runs'), { items: [1], next: '/c/debug/runs?cursor=a%2Fb', tag: '"t"' });
  assert.equal(await api.page('/c/debug/runs', { tag: '"t"' }), undefined);
  assert.equal(asked[1]!.headers['if-none-match'], '"t"');
});

test('a large content is read part by part, all of the same step', async () => {
  const part = (body: string, range: string) => answer(206, body, { 'content-range': `bytes ${range}/6`, etag: '"s"' });
  answers = [part('abcd', '0-3'), part('ef', '4-5')];
  assert.equal(Buffer.from(await api.bytes('/x')).toString(), 'abcdef');
  assert.deepEqual(
    asked.map(({ headers }) => [headers.range, headers['if-range']]),
    [
      ['bytes=0-4399999', undefined],
      ['bytes=4-4400003', '"s"'],
    ],
  );
});

test('a content that is replaced meanwhile is read whole, and an empty one is empty', async () => {
  answers = [
    answer(206, 'abcd', { 'content-range': 'bytes 0-3/6', etag: '"s"' }),
    answer(200, 'new'),
    problem(416, 'range-not-satisfiable', 'It ends before.'),
  ];
  assert.equal(Buffer.from(await api.bytes('/x')).toString(), 'new');
  assert.equal((await api.bytes('/x')).length, 0);
});

test('what must not be done twice is repeated after a 429, which did nothing, and after no 503', async () => {
  const once = { method: 'POST', body: {}, isOnce: true };
  answers = [problem(429, 'too-many-requests', 'Wait.', { 'retry-after': '0.01' }), answer(201, '{"id":"x"}')];
  assert.deepEqual(await api.json('/keys', once), { id: 'x' });
  assert.equal(asked.length, 2);
  answers = [problem(503, 'unavailable', 'Try again.', { 'retry-after': '0.01' }), answer(201, '{}')];
  await assert.rejects(api.json('/keys', once), { status: 503, message: 'Try again.' });
  assert.equal(asked.length, 3);
});
