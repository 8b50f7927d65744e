import assert from 'node:assert/strict';
import test, { before, beforeEach, mock } from 'node:test';

type Watch = typeof import('../src/watch.ts');
type Stores = typeof import('../src/run-store.ts');
type Session = typeof import('../src/session.ts');
let [watch, stores, session] = [undefined as unknown as Watch, undefined as unknown as Stores, {} as Session];

const [CHAT, RUN] = ['c', 'r'];
const page = Object.assign(new EventTarget(), {
  hidden: false,
  getElementById: () => ({ textContent: '{}' }),
});
const network = { onLine: true };
/** How often the run was looked at with what was known of it, and what is answered. */
let looks = 0;
let answer: () => Response | Promise<Response>;
/** The steps of the run in short. */
let outlines: () => Response;

const read = (url: string): Response =>
  url.includes('/steps')
    ? outlines()
    : Response.json({ status: 'in_progress', steps: [], updated_at: 't' }, { headers: { etag: '"1"' } });

before(async () => {
  Object.defineProperty(globalThis, 'navigator', { value: network, configurable: true });
  Object.assign(globalThis, {
    document: page,
    location: new URL('https://host.example/api/experimental/chats/view'),
    sessionStorage: { getItem: () => null, removeItem: () => undefined, setItem: () => undefined },
    fetch: async (url: string, { headers }: { headers: Record<string, string> }) => {
      if (!headers['if-none-match']) return read(url);
      looks += 1;
      return answer();
    },
  });
  watch = await import('../src/watch.ts');
  stores = await import('../src/run-store.ts');
  session = await import('../src/session.ts');
});

beforeEach(() => {
  looks = 0;
  answer = () => new Response(null, { status: 304 });
  outlines = () => Response.json([]);
  [page.hidden, network.onLine] = [false, true];
  session.use('token');
  stores.forget(CHAT);
});

const GONE = () => Response.json({ type: 'urn:chat-debug:problem:not-found', message: 'Gone.' }, { status: 404 });
/** Lets everything happen that waits for no time. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
const opened = async () => {
  const store = stores.storeOf(CHAT, RUN);
  await Promise.all([stores.settled(store.detail), stores.settled(store.outlines)]);
  return store;
};
/** With a clock that goes on when it is told to. */
const timed = async (work: (wait: (milliseconds: number) => Promise<void>) => Promise<void>) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  try {
    await work(async (milliseconds) => {
      mock.timers.tick(milliseconds);
      for (let round = 0; round < 5; round += 1) await turn();
    });
  } finally {
    mock.timers.reset();
  }
};

test('of a run that is gone nothing stays, and it is read anew when it is asked for again', async () => {
  const store = await opened();
  const view = store.view(1);
  await stores.settled(view);
  answer = GONE;
  await store.look();
  for (const resource of [store.detail, store.outlines, view]) {
    const now = resource.now.value;
    assert.deepEqual([now.state, now.value], ['failed', undefined]);
  }
  assert.equal(store.detail.now.value.state === 'failed' && store.detail.now.value.refusal.status, 404);
  assert.equal(store.isLive.value, false);
  assert.equal(store.read.value.size, 0);
  assert.notEqual(stores.storeOf(CHAT, RUN), store);
});

test('what a look cannot find out leaves what is loaded, and two looks at a time are one', async () => {
  const store = await opened();
  answer = () => Promise.reject(new TypeError('Failed to fetch'));
  await Promise.all([store.look(), store.look()]);
  assert.equal(looks, 1);
  assert.equal(store.detail.now.value.state, 'ready');
  assert.equal(stores.storeOf(CHAT, RUN), store);
  await store.look();
  assert.equal(looks, 2);
});

const BEGAN = new Date(Date.now() - 1000).toISOString();
const running = (updated_at: string) => ({
  step_number: 1,
  operation: 'stream',
  status: 'in_progress',
  started_at: BEGAN,
  updated_at,
  attempts: [],
  normalized_request_bytes: 2,
});
const changed = (updated_at: string, attempts: unknown[], status = 'in_progress') => {
  outlines = () => Response.json([running(updated_at)]);
  const run = { status, started_at: BEGAN, updated_at, steps: [{ ...running(updated_at), attempts }] };
  answer = () => Response.json(run, { headers: { etag: `"${updated_at}"` } });
};

test('what a look has read in part is read again by the next', async () => {
  const store = await opened();
  changed('t2', [], 'completed');
  outlines = () => Response.json({}, { status: 500 });
  await store.look();
  assert.equal(store.isLive.value, true, 'the run is as it was while its steps are not read');
  const asked: string[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (async (url: string, init: { headers: Record<string, string> }) => {
    asked.push(init.headers['if-none-match'] ?? '');
    return fetch(url, init as RequestInit);
  }) as typeof globalThis.fetch;
  changed('t2', [], 'completed');
  await store.look();
  globalThis.fetch = fetch;
  assert.equal(asked[0], '"1"', 'it asks for what changed since it last read all');
  assert.deepEqual([store.isLive.value, store.outlines.now.value.value?.length], [false, 1]);
});

test('a step that changes under the eyes of who holds it is exchanged there', async () => {
  outlines = () => Response.json([running('t1')]);
  const store = await opened();
  changed('t1', []);
  await store.look();
  const held = store.needStep(1);
  assert.equal((await stores.settled(held))?.attempts.length, 0);
  changed('t2', [{ number: 1, status: 'completed' }]);
  await store.look();
  assert.equal((await stores.settled(held))?.attempts.length, 1);
  assert.equal(store.needStep(1), held);
});

test('a bar that runs grows with each look, and ends with what was heard last once the run has ended', () =>
  timed(async (wait) => {
    outlines = () => Response.json([running(BEGAN)]);
    const store = await opened();
    const before = store.rows.value[0]!.to;
    await wait(5000);
    await store.look();
    assert.equal(store.rows.value[0]!.to, before + 5000);
    const last = new Date(Date.parse(BEGAN) + 60_000).toISOString();
    changed(last, [], 'interrupted');
    await store.look();
    assert.equal(store.rows.value[0]!.to, 60_000);
  }));

test('a live run is looked at until one leaves, also when one leaves while a look waits', () =>
  timed(async (wait) => {
    const store = await opened();
    const leave = watch.whileLive(store);
    await wait(2000);
    await wait(2000);
    assert.equal(looks, 2);
    let arrive = (_: Response) => {};
    answer = () => new Promise((resolve) => (arrive = resolve));
    await wait(2000);
    assert.equal(looks, 3);
    leave();
    arrive(new Response(null, { status: 304 }));
    for (let round = 0; round < 5; round += 1) await wait(20_000);
    assert.equal(looks, 3);
  }));

test('a run that is gone is looked at no more', () =>
  timed(async (wait) => {
    const store = await opened();
    watch.whileLive(store);
    answer = GONE;
    for (let round = 0; round < 5; round += 1) await wait(20_000);
    assert.equal(looks, 1);
  }));

test('nobody asks for a page that is not seen, has no network or whose sign-in has ended', () =>
  timed(async (wait) => {
    const store = await opened();
    const stop = [watch.whileLive(store), watch.whenBack(() => store.look())];
    const looked = async () => {
      const before = looks;
      page.dispatchEvent(new Event('visibilitychange'));
      await turn();
      await wait(20_000);
      return looks - before;
    };
    assert.equal(await looked(), 2);
    page.hidden = true;
    assert.equal(await looked(), 0);
    [page.hidden, network.onLine] = [false, false];
    assert.equal(await looked(), 0);
    network.onLine = true;
    session.hasEnded.value = true;
    assert.equal(await looked(), 0);
    session.use('another');
    assert.equal(await looked(), 2);
    for (const it of stop) it();
    assert.equal(await looked(), 0);
  }));
