/** How turns go out: several at once, what is one turn's in order, and no more than there is room for. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { FakeService, OWNER, answering, pause, post, recorder, type Warned } from "./servers.js";

/** A service that is far away: each answer takes its time. It tells what it was asked, and how much of that at once. */
class Far {
  /** The requests of each run, and whether any met another of the same run. */
  readonly runs = new Map<string, string[]>();
  isMixed = false;
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #open = new Set<string>();
  readonly #server: Server;

  private constructor(millis: number, takesWhole: boolean) {
    this.#server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(Buffer.concat(pieces)) : Buffer.concat(pieces);
      const json = body.length > 0 ? JSON.parse(body.toString()) : {};
      const answer = (status: number, said: object) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
      if (request.method === "GET") return void setTimeout(answer, millis, 200, { effective: true });
      const run = json.id ?? /runs\/([^/]+)/.exec(request.url!)![1];
      if (this.#open.has(run)) this.isMixed = true;
      this.#open.add(run);
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
      const step = /steps\/(\d+)/.exec(request.url!)?.[1];
      this.runs.set(run, [...(this.runs.get(run) ?? []), `${request.method}${step ? ` ${step}` : ""}`]);
      await pause(millis);
      this.#open.delete(run);
      this.#atOnce--;
      if (!takesWhole && json.steps?.length > 0) return answer(413, { detail: "too large" });
      answer(201, { recorded: true });
    });
    after(() => this.#server.close());
  }

  static async start(millis: number, { takesWhole = true } = {}): Promise<Far> {
    const far = new Far(millis, takesWhole);
    await new Promise<void>((listens) => far.#server.listen(0, "127.0.0.1", listens));
    return far;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }
}

function ask(debug: Warned, chat: number, said = "hello", calls = 1): Promise<void> {
  return debug.turn(`chat ${chat}`, OWNER, async () => {
    for (let call = 0; call < calls; call++) await (await debug.fetch("https://h/v1/messages", post(JSON.stringify({ said, call })))).text();
  });
}

const model = () => answering(() => Response.json({}));
const many = (count: number, one: (at: number) => Promise<void>): Promise<unknown> => Promise.all(Array.from({ length: count }, (_, at) => one(at)));

test("a service that takes 50 ms for an answer takes far more than 20 turns a second, eight at once", async () => {
  const far = await Far.start(50);
  const debug = recorder(far.url, { fetch: model() });
  const began = performance.now();
  await many(160, (chat) => ask(debug, chat));
  assert.equal(await debug.flush(20_000), true);
  const took = performance.now() - began;
  assert.equal(debug.counters.recorded, 160);
  assert.equal(far.mostAtOnce, 8);
  // One after the other, they would take eight seconds.
  assert.ok(took < 4000, `${took} ms`);
});

test("the requests of one turn go out in order, one after the other, whatever goes out beside them", async () => {
  const far = await Far.start(10, { takesWhole: false });
  const debug = recorder(far.url, { fetch: model() });
  await many(20, (chat) => ask(debug, chat, "hello", 4));
  assert.equal(await debug.flush(20_000), true);
  assert.deepEqual([debug.counters.recorded, far.isMixed], [20, false]);
  for (const requests of far.runs.values()) assert.deepEqual(requests, ["POST", "POST", "PUT 1", "PUT 2", "PUT 3", "PUT 4", "PATCH"]);
  assert.ok(far.mostAtOnce > 4);
});

test("what is large goes alone, since of what is sent there is a copy", async () => {
  const far = await Far.start(20);
  const debug = recorder(far.url, { fetch: model() });
  await many(5, (chat) => ask(debug, chat, "x".repeat(1_500_000)));
  assert.equal(await debug.flush(20_000), true);
  assert.deepEqual([debug.counters.recorded, far.mostAtOnce], [5, 1]);
});

test("what waits for a service that is far away is bounded as ever, and what is dropped is counted", async () => {
  const far = await Far.start(100);
  const debug = recorder(far.url, { maxBytes: 200_000, fetch: model() });
  await many(40, (chat) => ask(debug, chat));
  assert.equal(await debug.flush(20_000), true);
  const { recorded, dropped } = debug.counters;
  assert.deepEqual([recorded + dropped, far.runs.size], [40, recorded]);
  // Each takes a little over 8 KB.
  assert.ok(recorded >= 20 && recorded <= 24, `${recorded}`);
});

test("turns that fail together are one failure, after which all are taken at once", async () => {
  const service = await FakeService.start();
  const debug = recorder(service.url, { fetch: model() });
  let goes!: () => void;
  const gate = new Promise<void>((opens) => (goes = opens));
  const turns = many(8, (chat) => debug.turn(`chat ${chat}`, OWNER, async () => {
    await (await debug.fetch("https://h/v1/messages", post("{}"))).text();
    await gate;
  }));
  await service.until("GET", 8);
  await pause(50);
  await service.behave({ status: 500, times: 8 });
  goes();
  await turns;
  await service.until("POST", 8);
  // Nobody hurries it: it is not left alone for half a minute.
  for (let waited = 0; debug.counters.recorded < 8 && waited < 5000; waited += 50) await pause(50);
  assert.equal(debug.counters.recorded, 8);
});

test("who waits for the queue waits for nothing where all in it was dropped", async () => {
  const { Worker } = await import("../../dist/esm/worker.js");
  const { Recording } = await import("../../dist/esm/recording.js");
  const { Unanswered } = await import("../../dist/esm/service.js");
  const bring = () => Promise.reject(new Unanswered("later", 60_000));
  let isDelayed!: () => void;
  const delayed = new Promise<void>((is) => (isDelayed = is));
  const worker = new Worker({ bring } as never, { pauseMs: 0, failures: 1 } as never, { done: assert.fail, delayed: isDelayed });
  const recording = new Recording(Promise.resolve({ id: "c" }), OWNER, {}, {} as never);
  worker.add(recording);
  await delayed;
  await pause(5);
  recording.isDone = true;
  const late = pause(1000).then(() => "it waits");
  assert.equal(await Promise.race([worker.drained(), late]), undefined);
  assert.equal(worker.isEmpty, true);
});

test("timers that a product's tests put in the place of real ones take nobody's breath", async () => {
  const { breath } = await import("../../dist/esm/http.js");
  const { setImmediate } = globalThis;
  globalThis.setImmediate = (() => 0) as never;
  const breaths = [breath()];
  globalThis.setImmediate = setImmediate;
  breaths.push(breath());
  const late = pause(1000).then(() => assert.fail("nobody breathes"));
  await Promise.race([Promise.all(breaths), late]);
});

test("of a service that has failed, one turn at a time asks whether it is back", async () => {
  const { Worker } = await import("../../dist/esm/worker.js");
  const { Recording } = await import("../../dist/esm/recording.js");
  const underWay = { now: 0, most: 0 };
  const breaker = { pauseMs: 0, failures: 1 };
  const bring = async () => {
    underWay.most = Math.max(underWay.most, ++underWay.now);
    await pause(5);
    underWay.now--;
    return { kind: "recorded" };
  };
  const brought = async () => {
    const worker = new Worker({ bring } as never, breaker as never, { done() {}, delayed: assert.fail });
    for (let turn = 0; turn < 20; turn++) worker.add(new Recording(Promise.resolve({ id: "c" }), OWNER, {}, {} as never));
    await worker.drained();
    return underWay.most;
  };
  assert.equal(await brought(), 1);
  breaker.failures = 0;
  assert.equal(await brought(), 8);
});
