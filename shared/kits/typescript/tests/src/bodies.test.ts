/** Bodies and headers of any kind: each goes where it goes as without a recorder, and the record says what it has. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { tapped } from "../../dist/esm/tap.js";
import { CHAT, FakeService, OWNER, answering, pause, post, recorder, text, type Warned } from "./servers.js";

const service = await FakeService.start();
const URL_ = "https://api.openai.com/v1/chat/completions";

async function recordedStep(debug: Warned): Promise<any> {
  assert.equal(await debug.flush(5000), true);
  const [run, ...others] = await service.runs();
  assert.deepEqual([others, run.steps.length], [[], 1]);
  return run.steps[0];
}

/** All that a stream brings, as it brings it. */
async function pieces(body: ReadableStream<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const reader = body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return all;
    all.push(value);
  }
}

const bringing = (...values: unknown[]): ReadableStream =>
  new ReadableStream({ pull: (controller) => (values.length > 0 ? controller.enqueue(values.shift()) : controller.close()) });

test("memory that an answer shares with others stays theirs", async () => {
  const debug = recorder(service.url, { fetch: answering(() => new Response("{}")) });
  const events = ["data: one\n\n", "data: two\n\n"].map((event) => Buffer.from(event));
  const [beside, before] = [Buffer.from("beside"), events.map(String)];
  const streamed = await debug.stream(CHAT, OWNER, () => new Response(bringing(...events)));
  assert.equal(await streamed.text(), before.join(""));
  assert.deepEqual([...events, beside].map(String), [...before, "beside"]);
  assert.equal(await debug.flush(5000), true);
  const called = await debug.turn(CHAT, OWNER, () => debug.wrap(answering(() => new Response(bringing(...events))))(URL_));
  assert.equal(await called.text(), before.join(""));
  assert.deepEqual([...events, beside].map(String), [...before, "beside"]);
  assert.equal(await debug.flush(5000), true);
});

test("pieces that are no bytes are handed on as they are, and such a body is left out of the record", async () => {
  const odd = ["a text", new Uint8Array([1]).buffer, { an: "object" }, ""];
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => new Response(bringing(...odd))) });
  const answer = await debug.stream(CHAT, OWNER, async () => new Response((await debug.fetch(URL_, post("{}"))).body));
  const brought = await pieces(answer.body!);
  assert.ok(brought.length === odd.length && brought.every((value, at) => value === odd[at]));
  const step = await recordedStep(debug);
  assert.deepEqual([step.status, step.attempts[0].status, step.metadata.left_out], ["completed", "completed", ["attempts/1/response"]]);
});

test("an answer that cannot be made again is the client's own, and its body left out", async () => {
  const server = createServer((_, response) => void response.writeHead(999, { "content-type": "text/plain" }).end("denied"));
  after(() => server.closeAllConnections());
  server.unref();
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  // As `node-fetch` answers.
  const foreign = { status: 200, headers: new Headers(), body: Readable.from(["denied"]), text: async () => "denied" } as unknown as Response;
  for (const [fetch, status] of [[globalThis.fetch, "error"], [answering(() => foreign), "completed"]] as const) {
    await service.fresh();
    const debug = recorder(service.url, { fetch });
    await debug.turn(CHAT, OWNER, async () => assert.equal(await (await debug.fetch(url)).text(), "denied"));
    const step = await recordedStep(debug);
    assert.deepEqual([step.status, step.attempts[0].status, step.metadata.left_out], [status, "completed", ["attempts/1/response"]]);
  }
  const debug = recorder(service.url);
  const odd = await fetch(url);
  assert.equal(await (await debug.stream(CHAT, OWNER, () => odd)).text(), "denied");
});

test("a record that fails at any moment leaves the reader what there is", async () => {
  const broken = () => {
    throw new RangeError("no memory");
  };
  const failures: unknown[] = [];
  const sink = { piece: broken, unread: broken, end: broken, fail: broken, leave: broken };
  const how = { failed: (error: unknown) => void failures.push(error) };
  assert.equal(await tapped(new Response("whole"), sink, how).text(), "whole");
  assert.equal(failures.length, 3);
  await tapped(new Response("left"), sink, how).body!.cancel();
  const error = new Error("the stream's own");
  const failing = new ReadableStream({ pull: (controller) => controller.error(error) });
  await assert.rejects(tapped(new Response(failing), sink, how).text(), (thrown) => thrown === error);
  assert.equal(failures.length, 5);
});

/** A request whose body is made as it is read. */
const uploading = (pull: (controller: ReadableStreamDefaultController) => void): Request =>
  new Request(URL_, { method: "POST", body: new ReadableStream({ pull }, { highWaterMark: 0 }), duplex: "half" } as RequestInit);

test("a request's body is read from a copy, to a limit", async () => {
  const MB = 1024 * 1024;
  const [small, large] = [new Blob(["small"]), new Blob([new Uint8Array(17 * MB)])];
  let pulled = 0;
  const endless = uploading((controller) => void (pulled++, controller.enqueue(new Uint8Array(MB))));
  const calls: [Request | string, RequestInit?][] = [[URL_, { method: "POST", body: small }], [new Request(URL_, post("small"))], [URL_, { method: "POST", body: large }], [endless]];
  for (const [at, call] of calls.entries()) {
    await service.fresh();
    const debug = recorder(service.url, { fetch: answering(() => pause(100).then(() => Response.json({}))) });
    await debug.turn(CHAT, OWNER, async () => (await debug.fetch(...call)).text());
    const step = await recordedStep(debug);
    const body = step.attempts[0].request_body;
    const isSmall = at < 2;
    assert.deepEqual([body && text(body), step.metadata.left_out], isSmall ? ["small", undefined] : [undefined, ["attempts/1/request"]]);
  }
  assert.ok(pulled > 16 && pulled < 20, `${pulled} MB were read`);
});

test("headers that an iterator brings are sent, and recorded", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: (async (_, init) => new Response(new Headers(init?.headers).get("x-said"))) as typeof fetch });
  const headers = new Map([["x-said", "once"]]).entries() as unknown as HeadersInit;
  await debug.turn(CHAT, OWNER, async () => assert.equal(await (await debug.fetch(URL_, { headers })).text(), "once"));
  assert.deepEqual((await recordedStep(debug)).attempts[0].request_headers, { "x-said": "once" });
});

test("an upload that breaks off is its call's failure alone", async () => {
  await service.fresh();
  const broken = new Error("broken");
  for (const options of [{}, { url: undefined }]) {
    const request = uploading((controller) => controller.error(broken));
    const debug = recorder(service.url, { fetch: (async (input: Request) => new Response(await input.text())) as typeof fetch, ...options });
    await debug.turn(CHAT, OWNER, () => assert.rejects(debug.fetch(request), (error) => error === broken));
    assert.equal(await debug.flush(5000), true);
    await pause(20);
  }
});

test("of a chat that is not recorded, no request's body is looked at", async () => {
  await service.fresh({ recorded: false });
  const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
  await debug.turn(CHAT, OWNER, async () => {
    await debug.fetch(URL_, post("{}"));
    await service.until("GET");
    await pause(50);
    const request = new Request(URL_, post("{}"));
    request.clone = () => assert.fail("it is copied");
    await debug.fetch(request);
  });
  assert.deepEqual(debug.warnings, []);
  assert.equal(await debug.flush(5000), true);
  assert.equal(debug.counters.not_recorded, 1);
});
