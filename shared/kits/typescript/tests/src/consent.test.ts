/** Consent first: nothing of a chat that is not recorded leaves the process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHAT, FakeService, OWNER, answering, pause, post, recorder } from "./servers.js";

const service = await FakeService.start();
const SECRET = "a sentence that nobody may see";
const URL = "https://api.openai.com/v1/chat/completions";
const model = answering(() => Response.json({ said: SECRET }));
const ask = (debug: ReturnType<typeof recorder>) => async () => (await debug.fetch(URL, post(JSON.stringify({ said: SECRET })))).text();

/** Every byte that the service was sent: methods, addresses, headers and bodies, packed or not. */
async function everything(): Promise<string> {
  return (await service.sent()).map((one) => JSON.stringify(one) + JSON.stringify(one.json) + Buffer.from(one.body, "base64").toString("latin1")).join();
}

test("of a refused chat nothing is sent but the question, and that not again for half a minute", async () => {
  await service.fresh({ recorded: false });
  const debug = recorder(service.url, { fetch: model });
  for (let turn = 0; turn < 3; turn++) {
    await debug.turn(CHAT, OWNER, { firstMessage: SECRET }, ask(debug));
    await debug.flush(2000);
  }
  const sent = await service.sent();
  assert.deepEqual(sent.map(({ method, path, json }) => [method, path, json]), [["GET", `/api/experimental/chats/${CHAT}/debug/decision?owner_id=${OWNER}`, null]]);
  const bytes = await everything();
  for (const hidden of [SECRET, Buffer.from(SECRET).toString("base64").slice(4, 30), "api.openai.com", "nobody"]) assert.ok(!bytes.includes(hidden));
  assert.deepEqual(debug.counters, { recorded: 0, not_recorded: 3, dropped: 0, refused: 0, failed: 0 });
});

test("what a service answers that is no clear yes is a no", async () => {
  await service.fresh({ recorded: true, asked: false });
  const debug = recorder(service.url, { fetch: model });
  await debug.turn(CHAT, OWNER, ask(debug));
  await debug.flush(2000);
  assert.ok(!(await everything()).includes(SECRET));
  assert.equal(debug.counters.not_recorded, 1);
});

test("while it is not known whether a chat is recorded, nothing of it is sent", async () => {
  // These recorders go on trying when the test is over.
  const service = await FakeService.start();
  for (const behaviour of [{ status: 503 }, { status: 403 }, { hung: true }]) {
    await service.fresh(behaviour);
    const debug = recorder(service.url, { fetch: model });
    await debug.turn(CHAT, OWNER, ask(debug));
    await debug.flush(300);
    const sent = await service.sent();
    assert.ok(sent.length > 0 && sent.every(({ method }) => method === "GET"));
  }
});

test("of many turns at once, few ask a service that does not answer", async () => {
  // No other recorder tries again here.
  const service = await FakeService.start();
  await service.behave({ hung: true });
  const debug = recorder(service.url, { fetch: model });
  await Promise.all(Array.from({ length: 50 }, (_, at) => debug.turn(`chat ${at}`, OWNER, ask(debug))));
  await service.until("GET", 8);
  await pause(50);
  assert.equal((await service.sent()).length, 8);
});

test("a yes is asked for again by the next turn", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: model });
  await debug.turn(CHAT, OWNER, ask(debug));
  await debug.flush(2000);
  await service.fresh({ recorded: false });
  await debug.turn(CHAT, OWNER, ask(debug));
  await debug.flush(2000);
  assert.deepEqual((await service.sent()).map(({ method }) => method), ["GET"]);
  assert.deepEqual([debug.counters.recorded, debug.counters.not_recorded], [1, 1]);
});

test("a no that comes during the turn frees what was kept, and keeps nothing more", async () => {
  await service.fresh({ recorded: false });
  const debug = recorder(service.url, { fetch: model, maxBytes: 20_000 });
  await debug.turn(CHAT, OWNER, async () => {
    await ask(debug)();
    await pause(300);
    // More than there is room for, were any of it kept.
    for (let call = 0; call < 20; call++) await ask(debug)();
  });
  await debug.flush(2000);
  assert.deepEqual(debug.counters, { recorded: 0, not_recorded: 1, dropped: 0, refused: 0, failed: 0 });
});

test("a chat that is refused by the service itself is not recorded", async () => {
  await service.fresh({ recorded: false, asked: true });
  const debug = recorder(service.url, { fetch: model });
  await debug.turn(CHAT, OWNER, ask(debug));
  await debug.flush(2000);
  assert.equal(debug.counters.not_recorded, 1);
});
