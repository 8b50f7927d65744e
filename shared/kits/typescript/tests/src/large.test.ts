/** What is too large for one post, and what is left out of a step that is. */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { readAnswer } from "../../dist/esm/answer.js";
import { SLICE, areSame, base64, breath } from "../../dist/esm/bytes.js";
import { Delivery } from "../../dist/esm/delivery.js";
import { withoutImages } from "../../dist/esm/images.js";
import { Recording } from "../../dist/esm/recording.js";
import type { Call } from "../../dist/esm/service.js";
import { CHAT, FakeService, OWNER, answering, post, recorder, text } from "./servers.js";

const service = await FakeService.start();
const URL_ = "https://api.openai.com/v1/chat/completions";
/** Which does not get smaller by packing. */
const noise = (bytes: number): string => randomBytes(bytes).toString("hex");
const said = (words: string): string => JSON.stringify({ said: words });

test("of what many write down at once, the chat waits for one slice at a time", { skip: "bun" in process.versions }, async () => {
  let slices = 0;
  let most = 0;
  let isOver = false;
  const chat = async () => {
    for (let before = 0; !isOver; before = slices) {
      await new Promise((turn) => setImmediate(turn));
      most = Math.max(most, slices - before);
    }
  };
  const write = async () => {
    for (let slice = 0; slice < 10; slice++) {
      await breath();
      slices++;
    }
  };
  const chatting = chat();
  await Promise.all(Array.from({ length: 8 }, write));
  isOver = true;
  await chatting;
  assert.deepEqual([slices, most], [80, 1]);
});

test("one post to the limit; above it open, steps, finish", async () => {
  await service.fresh({ limit: 60_000 });
  const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
  await debug.turn(CHAT, OWNER, { firstMessage: "hi" }, async () => {
    for (let call = 0; call < 3; call++) await (await debug.fetch(URL_, post(said(noise(15_000))))).text();
  });
  assert.equal(await debug.flush(5000), true);
  assert.equal(debug.counters.recorded, 1, debug.warnings.join());
  const [, whole, opened, ...rest] = await service.sent();
  assert.deepEqual([whole!.json.steps.length, opened!.json.status, opened!.json.steps.length, opened!.json.id], [3, "in_progress", 0, whole!.json.id]);
  assert.deepEqual(rest.map(({ method, path }) => `${method} ${path.split("/debug/").at(-1)!.replace(whole!.json.id, "ID")}`), [
    "PUT runs/ID/steps/1",
    "PUT runs/ID/steps/2",
    "PUT runs/ID/steps/3",
    "PATCH runs/ID",
  ]);
  assert.deepEqual(rest.at(-1)!.json, { owner_id: OWNER, status: "completed", finished_at: rest.at(-1)!.json.finished_at });
  assert.equal(rest[0]!.json.normalized_request.said.length, 30_000, "a step that fits is whole");
});

test("the key of one user records a chat by any name, in one post and in pieces", async () => {
  for (const limit of [undefined, 60_000]) {
    await service.fresh({ bound: true, ...(limit && { limit }) });
    const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
    await debug.turn("conversation 7/ü&x", OWNER, async () => {
      for (let call = 0; call < 3; call++) await (await debug.fetch(URL_, post(said(noise(15_000))))).text();
    });
    assert.equal(await debug.flush(5000), true);
    assert.equal(debug.counters.recorded, 1, debug.warnings.join());
  }
});

test("a step loses its copies first, then images, then bodies, and says so", async () => {
  const image = randomBytes(30_000);
  const body = JSON.stringify({ model: "m", content: [{ image_url: `data:image/png;base64,${image.toString("base64")}` }, { text: "What is this?" }] });
  const packed = 23_000;
  for (const [limit, left, sees] of [
    [4 * packed, undefined, body],
    [2 * packed, ["normalized_request", "normalized_response"], body],
    [packed / 2, ["normalized_request", "normalized_response", "images"], undefined],
  ] as const) {
    await service.fresh({ limit: Math.round(limit) });
    const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
    await debug.turn(CHAT, OWNER, async () => {
      await (await debug.fetch(URL_, post(body))).text();
    });
    assert.equal(await debug.flush(5000), true);
    const kept = (await service.sent()).filter(({ body }) => Buffer.from(body, "base64").length <= limit && body !== "");
    const step = kept.map(({ json }) => json?.steps?.[0] ?? json).find((one) => one?.attempts);
    assert.deepEqual(step.metadata.left_out, left, String(limit));
    const hash = createHash("sha256").update(image).digest("hex");
    const without = body.replace(image.toString("base64"), `[LEFT OUT: 30000 bytes, sha256 ${hash}]`);
    assert.equal(text(step.attempts[0].request_body), sees ?? without);
    assert.equal(debug.counters.recorded, 1);
  }
});

test("a picture of 15 MB is left out, and what stands beside it is not", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => Response.json({ choices: [] })) });
  const image = randomBytes(15_000_000);
  const body = (picture: string): string => JSON.stringify({ model: "m", stream: false, messages: [{ role: "user", content: [{ image_url: picture }, { text: "What is this?" }] }] });
  await debug.turn(CHAT, OWNER, async () => {
    await (await debug.fetch(URL_, post(body(`data:image/png;base64,${image.toString("base64")}`)))).text();
  });
  assert.equal(await debug.flush(20_000), true);
  assert.equal(debug.counters.recorded, 1, debug.warnings.join());
  const { json } = (await service.sent()).find(({ method }) => method === "PUT")!;
  const hash = createHash("sha256").update(image).digest("hex");
  assert.equal(text(json.attempts[0].request_body), body(`data:image/png;base64,[LEFT OUT: 15000000 bytes, sha256 ${hash}]`));
  assert.deepEqual(json.metadata.left_out, ["normalized_request", "normalized_response", "images"]);
  assert.equal((await service.sent()).find(({ method }) => method === "POST")!.json.model, "m");
});

test("what is large is worked on in slices, between which others have their turn", async () => {
  const bytes = new Uint8Array(20 * SLICE).fill("A".charCodeAt(0));
  const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "word " }, finish_reason: null }] })}\n\n`;
  const works = {
    base64: async () => assert.equal(Buffer.concat(await base64(bytes)).toString(), Buffer.from(bytes).toString("base64")),
    images: async () => assert.match(Buffer.from(await withoutImages(bytes)).toString(), /^\[LEFT OUT: 1474560 bytes, sha256 [0-9a-f]{64}\]$/),
    answer: async () => assert.equal((await readAnswer(Buffer.from(event.repeat(Math.ceil(bytes.length / event.length))), "text/event-stream")).cut, "The stream ends without its last event."),
  };
  for (const [name, work] of Object.entries(works)) {
    let [turns, isOver] = [0, false];
    const other = (): void => void (isOver || (turns++, setImmediate(other)));
    setImmediate(other);
    await work();
    isOver = true;
    assert.ok(turns >= 19, `${name}: ${turns}`);
  }
});

test("whether many bytes are the same is known at once, and without Node's means too", () => {
  const { Buffer } = globalThis;
  const [one, other] = [randomBytes(4_000_000), new Uint8Array(4_000_000)];
  const known = () => {
    const began = performance.now();
    other.set(one);
    assert.equal(areSame(one, other), true);
    const took = performance.now() - began;
    other[other.length - 1]! ^= 1;
    assert.equal(areSame(one, other), false);
    assert.equal(areSame(one, other.subarray(1)), false);
    return took;
  };
  const best = () => Math.min(...Array.from({ length: 5 }, known));
  const fast = best();
  try {
    Object.assign(globalThis, { Buffer: undefined });
    const slow = best();
    assert.ok(4 * fast < slow, `${fast} ms, and byte by byte ${slow} ms`);
  } finally {
    Object.assign(globalThis, { Buffer });
  }
});

test("a step that is too large without images loses its bodies, and one that is too large still is refused", async () => {
  for (const [limit, isRecorded] of [[3000, true], [800, false]] as const) {
    await service.fresh({ limit });
    const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
    await debug.turn(CHAT, OWNER, async () => {
      await (await debug.fetch(URL_, { ...post(said(Array.from({ length: 20 }, () => noise(400)).join(" "))), headers: { "x-noise": noise(500) } })).text();
    });
    assert.equal(await debug.flush(5000), true);
    const put = (await service.sent()).findLast(({ method }) => method === "PUT")!.json;
    assert.deepEqual(put.metadata.left_out, ["normalized_request", "normalized_response", "images", "attempts/1/request", "attempts/1/response"]);
    assert.deepEqual([put.attempts[0].request_body, put.attempts[0].response_status], [undefined, 200]);
    assert.deepEqual([debug.counters.recorded, debug.counters.refused], isRecorded ? [1, 0] : [0, 1]);
  }
});

test("a turn that grows large is brought while it goes on, and its memory is given back", async () => {
  await service.fresh();
  const debug = recorder(service.url, { maxBytes: 15_000_000, fetch: answering(() => Response.json({})) });
  const words = "a b c ".repeat(400_000);
  await debug.turn(CHAT, OWNER, async () => {
    for (let call = 0; call < 8; call++) {
      await (await debug.fetch(URL_, post(said(words + call)))).text();
      // Three calls are too large to wait: at the next one, what is over is brought while the turn goes on.
      if (call % 3 === 0) await service.until("PUT", call);
    }
    assert.ok((await service.sent()).some(({ method, json }) => method === "POST" && json.status === "in_progress"));
  });
  assert.equal(await debug.flush(20_000), true);
  assert.deepEqual([debug.counters.recorded, debug.counters.dropped], [1, 0], debug.warnings.join());
  const puts = (await service.sent()).filter(({ method }) => method === "PUT").map(({ json }) => json);
  assert.deepEqual(puts.map(({ step_number }) => step_number), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal((await service.sent()).at(-1)!.json.status, "completed");
});

test("a turn that is dropped when its run is open leaves no run open", async () => {
  await service.fresh();
  const debug = recorder(service.url, { maxBytes: 8_000_000, fetch: answering(() => Response.json({})) });
  await debug.turn(CHAT, OWNER, async () => {
    const call = async (words: string) => (await debug.fetch(URL_, post(said(words)))).text();
    for (const name of ["1", "2", "3", "4"]) await call(name.repeat(1_650_000));
    await call("the next call, at which the others are brought");
    await service.until("PUT");
    await call("x".repeat(9_000_000));
  });
  assert.equal(await debug.flush(20_000), true);
  assert.deepEqual([debug.counters.recorded, debug.counters.dropped], [0, 1]);
  const { method, json } = (await service.sent()).at(-1)!;
  assert.deepEqual([method, json], ["PATCH", { owner_id: OWNER, status: "interrupted" }]);
});

test("between the steps of a large turn it is asked again whether it may be recorded", async () => {
  const { now } = performance;
  let ahead = 0;
  performance.now = () => now.call(performance) + ahead;
  try {
    const sent: string[] = [];
    const call = async ({ method }: Call) => {
      sent.push(method);
      ahead += 11_000;
      return { kind: "taken", body: {} };
    };
    const delivery = new Delivery({ call } as never, { ask: async () => ({ kind: sent.length > 1 ? "no" : "yes" }) } as never);
    const host = { take: () => true, give() {}, over() {}, dropped() {}, isLarge() {} };
    const recording = new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, host);
    for (const url of ["https://h/1", "https://h/2"]) recording.begin(() => ({ method: "GET", url, headers: new Headers(), isUnread: false }))!.end();
    for (const step of recording.steps) step.record(undefined, assert.fail);
    assert.deepEqual(await delivery.bring(recording), { kind: "not recorded" });
    assert.deepEqual(sent, ["POST", "PUT", "PATCH"]);
  } finally {
    performance.now = now;
  }
});

test("an open run of which nothing was heard for a minute gets a heartbeat", async () => {
  const calls: Call[] = [];
  const taken = async (call: Call) => {
    calls.push(call);
    return { kind: "taken", body: {} };
  };
  const delivery = new Delivery({ call: taken } as never, {} as never);
  const recording = new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, {} as never);
  recording.isOpened = true;
  recording.allowedAt = performance.now();
  for (const [silent, beats] of [[59_000, 0], [61_000, 1], [0, 1]] as const) {
    if (silent > 0) recording.sentAt = performance.now() - silent;
    assert.deepEqual(await delivery.bring(recording), { kind: "goes on" });
    assert.equal(calls.length, beats);
  }
  const { method, path, body } = calls[0]!;
  assert.deepEqual([method, path, Buffer.concat(body!).toString()], ["PATCH", `/${CHAT}/debug/runs/${recording.runId}`, `{"owner_id":"${OWNER}"}`]);
});
