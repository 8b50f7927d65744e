/** Edges, as Cloudflare's, end with a request whatever it began: questions, deliveries and timers that never come back. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Consent } from "../../dist/esm/consent.js";
import { Delivery } from "../../dist/esm/delivery.js";
import { Recording } from "../../dist/esm/recording.js";
import { Unanswered } from "../../dist/esm/service.js";
import { Worker } from "../../dist/esm/worker.js";
import { CHAT, FakeService, OWNER, answering, pause, post, recorder } from "./servers.js";

interface Journey {
  brings(result: object): void;
  fails(error: Error): void;
}

const never = new Promise<never>(() => {});
const minute = 60_000;
const { now } = performance;
const { setInterval } = globalThis;
let ahead = 0;
performance.now = () => now.call(performance) + ahead;
process.on("warning", assert.fail);
after(() => {
  performance.now = now;
  process.off("warning", assert.fail);
  globalThis.setInterval = setInterval;
});

test("a delivery that was lost with its request is made again by the next", async () => {
  const brought: Recording[] = [];
  const delivery = {
    bring: async (recording: Recording) => {
      brought.push(recording);
      return brought.length === 1 ? never : { kind: "recorded" };
    },
  };
  const done: Recording[] = [];
  const outlet = { done: (recording: Recording) => void done.push(recording), delayed: assert.fail };
  const worker = new Worker(delivery as never, { pauseMs: 0, failures: 0 } as never, outlet);
  const [first, second, third] = [1, 2, 3].map(() => new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, {} as never)) as [Recording, Recording, Recording];
  first.asked = never;
  worker.add(first);
  await pause(20);
  worker.add(second);
  ahead += minute - 1000;
  // A request of its may take so long, and holds up no other.
  worker.add(third);
  await pause(20);
  assert.deepEqual(brought, [first, second, third]);
  ahead += 1000;
  await worker.drained();
  assert.deepEqual([brought, done], [[first, second, third, first], [second, third, first]]);
  assert.equal(first.asked, undefined);
  assert.equal(worker.isEmpty, true);
});

test("a delivery whose place another took decides nothing any more", async () => {
  for (const ends of [
    (first: Journey) => first.fails(new Unanswered("too late")),
    (first: Journey) => first.fails(new RangeError("broken")),
    (first: Journey) => first.brings({ kind: "refused" }),
  ]) {
    const journeys: Journey[] = [];
    const bring = () => new Promise((brings, fails) => void journeys.push({ brings, fails }));
    const said: string[] = [];
    const outlet = { done: (_: Recording, { kind }: { kind: string }) => void said.push(kind), delayed: (detail: string) => void said.push(detail) };
    const worker = new Worker({ bring } as never, { pauseMs: 0, failures: 0 } as never, outlet);
    const live = new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, {} as never);
    worker.add(live);
    await pause(20);
    ahead += minute;
    worker.add(live);
    await pause(20);
    assert.equal(journeys.length, 2);
    ends(journeys[0]!);
    await pause(20);
    assert.deepEqual(said, []);
    journeys[1]!.brings({ kind: "goes on" });
    await worker.drained();
    assert.deepEqual([said, journeys.length], [["goes on"], 2]);
  }
});

test("a turn that waits in a line to be asked for does not stand still", async () => {
  const nudge = async () => {
    worker.add(Object.assign(new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, {} as never), { isDone: true }));
    await pause(20);
  };
  const chat = pause(20).then(() => {
    ahead += 30_000;
    return { id: CHAT };
  });
  const ask = async () => {
    ahead += 40_000;
    await nudge();
    return { kind: "yes" };
  };
  const sent: string[] = [];
  const call = async ({ method }: { method: string }) => {
    sent.push(method);
    ahead += 30_000;
    await nudge();
    return { kind: "taken", body: { recorded: true } };
  };
  const worker = new Worker(new Delivery({ call } as never, { ask } as never), { pauseMs: 0, failures: 0 } as never, { done() {}, delayed: assert.fail });
  const recording = new Recording(chat, OWNER, {}, { over() {} } as never);
  recording.end("completed");
  worker.add(recording);
  await worker.drained();
  assert.deepEqual(sent, ["POST"]);
});

test("a pause that is as long as the service asks for is none that was lost", async () => {
  const tries: number[] = [];
  const bring = async () => {
    tries.push(1);
    throw new Unanswered("later", 4 * minute);
  };
  const worker = new Worker({ bring } as never, { pauseMs: 0, failures: 0 } as never, { done: assert.fail, delayed: () => {} });
  const recording = () => new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, {} as never);
  worker.add(recording());
  while (tries.length === 0) await pause(5);
  ahead += 3 * minute;
  worker.add(recording());
  await pause(20);
  assert.equal(tries.length, 1);
});

test("a turn whose question was lost with its request is asked for anew", async () => {
  const [call, ask] = [async () => ({ kind: "taken", body: { recorded: true } }), async () => ({ kind: "yes" })];
  const delivery = new Delivery({ call } as never, { ask } as never);
  const recording = new Recording(Promise.resolve({ id: CHAT }), OWNER, {}, { over() {} } as never);
  recording.asked = never;
  recording.end("completed");
  ahead += 5000;
  // Nothing of it keeps a process alive.
  const [result] = await Promise.all([delivery.bring(recording), pause(100)]);
  assert.deepEqual(result, { kind: "recorded" });
});

test("questions that were lost with their requests hold up no others", async () => {
  let asked = 0;
  const call = async () => (++asked <= 8 ? never : { kind: "taken", body: { effective: true } });
  const consent = new Consent({ call, breaker: { pauseMs: 0 } } as never);
  for (let chat = 0; chat < 8; chat++) void consent.ask({ id: String(chat) }, OWNER);
  await pause(5);
  ahead += minute;
  assert.deepEqual(await consent.ask({ id: "another" }, OWNER), { kind: "yes" });
});

test("turns are looked after again when the timer was lost, and one that nobody ends is over", async () => {
  const service = await FakeService.start();
  const beats: (() => void)[] = [];
  globalThis.setInterval = ((beat: () => void, ...rest: [number]) => {
    beats.push(beat);
    return setInterval(beat, ...rest);
  }) as typeof setInterval;
  const debug = recorder(service.url, { fetch: answering(() => new Response(new ReadableStream())) });
  const call = async () => void (await debug.fetch("https://h/v1/messages", post("{}")));
  // What it returned is never read, and its timer is lost too.
  await debug.turn(CHAT, OWNER, async () => {
    await call();
    return new ReadableStream();
  });
  await debug.turn(CHAT, OWNER, call);
  assert.equal(beats.length, 1);
  ahead += 31 * minute;
  await debug.turn(CHAT, OWNER, call);
  assert.equal(beats.length, 2);
  beats[1]!();
  assert.equal(await debug.flush(5000), true);
  assert.equal(debug.counters.recorded, 3);
});
