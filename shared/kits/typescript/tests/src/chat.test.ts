/** The chat never notices: whatever the service does, and whatever the client does with an answer. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import OpenAI from "openai";
import { runtime } from "../../dist/esm/runtime.js";
import { Service } from "../../dist/esm/service.js";
import { CHAT, FakeService, HELLO, OWNER, answering, nowhere, pause, post, recorder, startProvider, text } from "./servers.js";

const provider = await startProvider();
const service = await FakeService.start();
const dead = await nowhere();
let sessions = 0;
const base = (scenario: string): string => `${provider}/chat-${process.pid}-${sessions++}/${scenario}/v1`;

async function answerOf(fetch: typeof globalThis.fetch, scenario: string): Promise<string | null> {
  const client = new OpenAI({ baseURL: base(scenario), apiKey: "sk-test", fetch });
  return (await client.chat.completions.create(HELLO)).choices[0]!.message.content;
}

test("a service that is dead, hung or refuses leaves the chat alone, and a flush returns", async () => {
  for (const behaviour of ["dead", { hung: true }, { status: 403 }, { status: 503 }, { status: 429 }, { status: 500 }] as const) {
    if (behaviour !== "dead") await service.fresh(behaviour);
    const debug = recorder(behaviour === "dead" ? dead : service.url);
    const answer = await debug.turn(CHAT, OWNER, () => answerOf(debug.fetch, "retry"));
    assert.equal(answer, "The capital of France is Paris.", JSON.stringify(behaviour));
    const isSent = await debug.flush(300);
    const isRefused = typeof behaviour === "object" && "status" in behaviour && behaviour.status === 403;
    assert.equal(isSent, isRefused);
    assert.equal(debug.counters.refused, isRefused ? 1 : 0);
    assert.equal(debug.counters.recorded, 0);
    assert.ok(debug.warnings.length <= 1, "one warning of a kind a minute");
    if (isRefused) assert.match(debug.warnings[0]!, /refuses a turn: as it was told/);
  }
});

test("an answer of the service's that has no end is left", async () => {
  const { send } = runtime;
  let isLeft!: () => void;
  const server = createServer((_, response) => {
    const more = () => void response.write(Buffer.alloc(64 * 1024), (error) => error || setImmediate(more));
    response.once("close", isLeft);
    more();
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const service = new Service(`http://127.0.0.1:${(server.address() as { port: number }).port}`, "k", () => fetch);
  try {
    for (const way of [send, () => undefined]) {
      runtime.send = way!;
      const left = new Promise<void>((leaves) => (isLeft = leaves));
      await assert.rejects(service.call({ method: "GET", path: "/", timeoutMs: 60 * 60_000 }), /longer than 1048576 bytes/);
      await left;
    }
  } finally {
    runtime.send = send!;
    server.close();
  }
});

test("a turn is sent again, as it was, until it is taken", async () => {
  // No other recorder tries again here.
  const service = await FakeService.start();
  const debug = recorder(service.url);
  let id: string | undefined;
  await debug.turn(CHAT, OWNER, async ({ runId }) => {
    id = runId;
    await answerOf(debug.fetch, "plain");
    await service.until("GET");
    // The decision was asked for beside the call; what fails is the post.
    await service.behave({ status: 503, times: 1 });
  });
  for (let waited = 0; debug.counters.recorded === 0 && waited < 100; waited++) await debug.flush(100);
  assert.equal(debug.counters.recorded, 1);
  const posts = (await service.sent()).filter(({ method, json }) => method === "POST" && json.id === id);
  assert.equal(posts.length, 2);
  assert.ok(posts.every(({ json }) => JSON.stringify(json) === JSON.stringify(posts[0]!.json)));
});

test("after some failures the service is left alone, and a flush does not wait", async () => {
  const service = await FakeService.start();
  await service.behave({ status: 503 });
  const debug = recorder(service.url);
  for (let turn = 0; turn < 6; turn++) {
    await debug.turn(`${CHAT.slice(0, -1)}${turn}`, OWNER, () => answerOf(debug.fetch, "plain"));
    await debug.flush(50);
  }
  const asked = (await service.sent()).length;
  assert.ok(asked >= 5, `${asked} requests are some failures`);
  assert.equal(await debug.flush(10 * 60_000), false);
  await debug.turn(CHAT, OWNER, () => answerOf(debug.fetch, "plain"));
  await pause(50);
  assert.equal((await service.sent()).length, asked, "nobody asks while the service is left alone");
});

test("after an outage, what was put off is brought at once, each turn asked for anew", async () => {
  const service = await FakeService.start();
  await service.behave({ status: 503 });
  const { now } = performance;
  let ahead = 0;
  performance.now = () => now.call(performance) + ahead;
  try {
    const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
    const turn = (chat: number) => debug.turn(`chat ${chat}`, OWNER, async () => (await debug.fetch("https://h/v1/messages", post("{}"))).text());
    await turn(0);
    await service.until("GET", 5);
    // The last failure is known a moment after it was sent. Whether these may be recorded is not asked then.
    await pause(50);
    await Promise.all([1, 2, 3].map(turn));
    await pause(50);
    assert.equal((await service.sent()).length, 5);
    await service.behave({});
    ahead = 31_000;
    assert.equal(await debug.flush(5000), true);
    assert.equal(debug.counters.recorded, 4);
  } finally {
    performance.now = now;
  }
});

test("without a URL or a key it does nothing, and says so once", async () => {
  for (const missing of [{ url: undefined }, { key: undefined }, { url: "chat-debug.example" }, { key: "two words" }]) {
    const debug = recorder(service.url, { url: dead, key: "k", ...missing });
    for (let turn = 0; turn < 2; turn++) {
      assert.equal(await debug.turn(CHAT, OWNER, () => answerOf(debug.fetch, "plain")), "The capital of France is Paris.");
    }
    assert.equal(debug.warnings.length, 1);
    assert.match(debug.warnings[0]!, /nothing is recorded/);
    assert.equal(await debug.flush(100), true);
  }
});

test("a body is read no further than its client reads it", async () => {
  let pulled = 0;
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${pulled++}\n\n`)) }, { highWaterMark: 0 });
  const debug = recorder(service.url, { fetch: answering(() => new Response(body, { headers: { "content-type": "text/event-stream" } })) });
  await debug.turn(CHAT, OWNER, async () => {
    const reader = (await debug.fetch("https://api.openai.com/v1/chat/completions", post("{}"))).body!.getReader();
    await pause(20);
    assert.equal(pulled, 0);
    await reader.read();
    await reader.read();
    await pause(20);
    assert.equal(pulled, 2);
    await reader.cancel();
  });
});

test("what a client gets is what there is: the answer, its error, its own cancellation", async () => {
  const debug = recorder(dead);
  await debug.turn(CHAT, OWNER, async () => {
    const plain = await fetch(`${base("plain")}/chat/completions`, post(JSON.stringify(HELLO)));
    const response = await debug.fetch(plain.url, post(JSON.stringify(HELLO)));
    assert.deepEqual([response.url, response.type, response.redirected, response.status, response.ok], [plain.url, plain.type, false, 200, true]);
    assert.equal(response.headers.get("content-type"), plain.headers.get("content-type"));
    const copy = response.clone();
    assert.equal(copy.url, plain.url);
    assert.deepEqual(await response.json(), await plain.json());
    assert.equal(response.bodyUsed, true);
    assert.equal((await copy.text()).length > 0, true);

    // Bun's own answers take no reader that brings its memory.
    if (!("bun" in process.versions)) {
      const reader = (await debug.fetch(plain.url, post(JSON.stringify(HELLO)))).body!.getReader({ mode: "byob" });
      const { value } = await reader.read(new Uint8Array(8));
      assert.equal(new TextDecoder().decode(value), '{"id": "');
      await reader.cancel();
    }

    // Of what Bun's has beside, nothing is missing.
    assert.deepEqual(Object.keys(debug.fetch), Object.keys(fetch));

    const broken = new Error("broken");
    const failing = debug.wrap(answering(() => Promise.reject(broken)));
    await assert.rejects(failing("https://h"), (error) => error === broken);
    const cut = debug.wrap(answering(() => new Response(new ReadableStream({ pull: (controller) => controller.error(broken) }))));
    await assert.rejects((await cut("https://h")).text(), (error) => error === broken);
    let reason: unknown;
    const left = debug.wrap(answering(() => new Response(new ReadableStream({ cancel: (why) => void (reason = why) }))));
    await (await left("https://h")).body!.cancel("enough");
    assert.equal(reason, "enough");
    const empty = debug.wrap(answering(() => new Response(null, { status: 204 })));
    assert.equal((await empty("https://h")).body, null);
  });
});

test("a refusal's body is recorded though the client leaves it, which waits for nothing", async () => {
  const service = await FakeService.start();
  let go!: () => void;
  const goes = new Promise<void>((begins) => (go = begins));
  const slow = () => {
    let pieces = 0;
    return new ReadableStream({
      async pull(controller) {
        await goes;
        if (pieces++ < 3) controller.enqueue(new TextEncoder().encode("busy "));
        else controller.close();
      },
    });
  };
  const debug = recorder(service.url, { fetch: answering(() => new Response(slow(), { status: 529 })) });
  await debug.turn(CHAT, OWNER, async () => {
    for (const isCancelled of [true, false]) {
      const response = await debug.fetch("https://api.openai.com/v1/chat/completions", post("{}"));
      // Before anything of it came.
      if (isCancelled) await response.body?.cancel();
    }
    go();
  });
  assert.equal(await debug.flush(5000), true);
  const [run] = await service.runs();
  assert.deepEqual(run.steps[0].attempts.map((attempt: any) => [attempt.status, text(attempt.response_body)]), [["completed", "busy busy busy "], ["completed", "busy busy busy "]]);
  assert.equal(run.status, "error");
});

test("what has no room is dropped and counted, and its memory is given back", async () => {
  await service.fresh();
  const debug = recorder(service.url, { maxBytes: 30_000, fetch: answering(() => new Response("x".repeat(4000))) });
  const call = async () => (await debug.fetch("https://h/v1/messages", post("y".repeat(1000)))).text();
  await Promise.all([1, 2, 3].map((turn) => debug.turn(`${CHAT.slice(0, -1)}${turn}`, OWNER, call)));
  await debug.flush(5000);
  assert.deepEqual(debug.counters, { recorded: 2, not_recorded: 0, dropped: 1, refused: 0, failed: 0 });
  for (let turn = 0; turn < 5; turn++) {
    await debug.turn(CHAT, OWNER, call);
    await debug.flush(5000);
  }
  assert.equal(debug.counters.recorded, 7, "the room of what is sent is free again");
  assert.match(debug.warnings[0]!, /dropped/);
});

test("what is counted is what is held: of a stream in small pieces, and of requests in any script", { skip: "bun" in process.versions }, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const live = () => {
    // What was freed is given back by the next time.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const maxBytes = 4_000_000;
  const isBounded = (held: number) => assert.ok(held > maxBytes / 4 && held < maxBytes * 1.5, `${held} bytes are held`);
  const event = new TextEncoder().encode(`data: ${"word ".repeat(20)}\n\n`);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(event) });
  const streams = recorder(dead, { maxBytes, fetch: answering(() => new Response(endless)) });
  await streams.turn(CHAT, OWNER, async () => {
    const reader = (await streams.fetch("https://h/v1/messages", post("{}"))).body!.getReader();
    const before = live();
    let most = 0;
    for (let piece = 1; streams.counters.dropped === 0; piece++) {
      await reader.read();
      if (piece % 5000 === 0) most = Math.max(most, live() - before);
    }
    isBounded(most);
    await reader.cancel();
  });
  const requests = recorder(dead, { maxBytes, fetch: answering(() => new Response("{}")) });
  const before = live();
  while (requests.counters.dropped === 0) {
    await requests.turn(CHAT, OWNER, async () => (await requests.fetch("https://h/v1/messages", post(JSON.stringify({ said: "日本語".repeat(10_000) })))).text());
  }
  isBounded(live() - before);
});

test("nothing that the recorder is given breaks the chat", async () => {
  const debug = recorder(service.url, { fetch: answering(() => new Response("ok")) });
  const odd: any = [undefined, null, "", "a#b", 7, {}, "ümlaut"];
  for (const owner of odd) {
    assert.equal(await debug.turn(CHAT, owner, async () => (await debug.fetch("https://h")).text()), "ok");
  }
  for (const chat of odd.slice(0, 3)) assert.equal(debug.turn(chat, OWNER, () => 1), 1);
  const failing = recorder(service.url, {
    fetch: answering(() => new Response("ok")),
    warn: () => {
      throw new Error("a logger that fails");
    },
  });
  assert.equal(await failing.turn(CHAT, "a#b", async () => (await failing.fetch("https://h")).text()), "ok");
  assert.throws(() => debug.turn(CHAT, OWNER, () => { throw new RangeError("the chat's own"); }), RangeError);
  await assert.rejects(debug.turn(CHAT, OWNER, async () => { throw new RangeError("the chat's own"); }), RangeError);
});

test("a turn without a call warns", async () => {
  const debug = recorder(service.url);
  await debug.turn(CHAT, OWNER, () => answerOf(fetch, "plain"));
  await debug.flush(2000);
  assert.match(debug.warnings[0]!, /a turn ended without a call of a model: is its client made with `fetch: debug.fetch`\?/);
});

test("each kind of warning has its own minute, and what was left unsaid is counted", async () => {
  const { now } = performance;
  let ahead = 0;
  performance.now = () => now.call(performance) + ahead;
  try {
    const debug = recorder(dead);
    const kinds = () => debug.warnings.splice(0).map((warning) => [warning.split(": ")[1], / \((\d+) more like this since/.exec(warning)?.[1]]);
    const lost = () => debug.turn(CHAT, "a#b", () => 1);
    const wordless = () => debug.turn(CHAT, OWNER, () => 1);
    for (let time = 0; time < 3; time++) [lost(), wordless()];
    assert.deepEqual(kinds(), [["a turn is lost", undefined], ["a turn ended without a call of a model", undefined]]);
    ahead = 61_000;
    [lost(), lost()];
    assert.deepEqual(kinds(), [["a turn is lost", "2"]]);
    ahead *= 2;
    [lost(), wordless()];
    assert.deepEqual(kinds().map(([, unsaid]) => unsaid), ["1", "2"]);
  } finally {
    performance.now = now;
  }
});
