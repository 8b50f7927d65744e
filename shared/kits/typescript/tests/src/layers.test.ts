/** Whose a call is: of recorders and wrappers around each other, of clients that are bound, of turns beside each other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { CHAT, FakeService, HELLO, OWNER, answering, pause, post, recorder, startProvider } from "./servers.js";

const provider = await startProvider();
const service = await FakeService.start();
let sessions = 0;
const base = (scenario: string): string => `${provider}/layers-${process.pid}-${sessions++}/${scenario}/v1`;
const URL_ = "https://api.openai.com/v1/chat/completions";

test("two recorders around one fetch record each for its own turns, whichever is outside", async () => {
  await service.fresh();
  const model = answering(() => new Response("{}"));
  const [one, other] = [recorder(service.url, { fetch: model }), recorder(service.url, { fetch: model })];
  const both = other.wrap(one.fetch);
  const call = async () => (await both(URL_, post("{}"))).text();
  assert.equal(await one.turn("one", OWNER, call), "{}");
  assert.equal(await other.turn("other", OWNER, call), "{}");
  assert.equal(await one.turn("both", OWNER, () => other.turn("both", OWNER, call)), "{}");
  for (const debug of [one, other]) {
    assert.equal(await debug.flush(5000), true);
    assert.equal(debug.counters.recorded, 2, debug.warnings.join());
  }
  const runs = (await service.runs()).map((run) => [run.external_id, run.steps.length]);
  assert.deepEqual(runs.sort(), [["both", 1], ["both", 1], ["one", 1], ["other", 1]]);
});

test("a recorder around another that is around it records a call once, for whoever is outside", async () => {
  const model = answering(() => new Response("{}"));
  for (const outside of ["bind", "turn.wrap", "wrap"] as const) {
    await service.fresh();
    const [one, other] = [recorder(service.url, { fetch: model }), recorder(service.url, { fetch: model })];
    const both = other.wrap(one.fetch);
    await one.turn("one", OWNER, (turn) =>
      other.turn("other", OWNER, async () => {
        if (outside === "bind") {
          const client = new OpenAI({ baseURL: "https://api.openai.com/v1", apiKey: "sk-test", fetch: both });
          return turn.bind(client).chat.completions.create(HELLO);
        }
        return (await (outside === "wrap" ? one : turn).wrap(both)(URL_, post("{}"))).text();
      }),
    );
    for (const debug of [one, other]) assert.equal(await debug.flush(5000), true);
    const runs = (await service.runs()).map((run) => [run.external_id, run.steps.length]);
    assert.deepEqual(runs.sort(), [["one", 1], ["other", 1]], outside);
  }
});

/** Runs with a global `fetch` that answers calls of the model by itself. */
async function withGlobal(model: typeof fetch, work: () => Promise<void>): Promise<void> {
  const { fetch } = globalThis;
  globalThis.fetch = ((input, init) => (String(input) === URL_ ? model(input, init) : fetch(input, init))) as typeof fetch;
  try {
    await work();
  } finally {
    Object.defineProperty(globalThis, "fetch", { value: fetch, writable: true, configurable: true, enumerable: true });
  }
}

test("what is put around a recorder that is the global fetch is called once a call, and so is the model", async () => {
  for (const waits of [false, true]) {
    for (const isSeen of [false, true]) {
      await service.fresh();
      let [models, wrappers] = [0, 0];
      await withGlobal(answering(() => new Response(String(++models))), async () => {
        const debug = recorder(service.url);
        const under = (globalThis.fetch = debug.fetch);
        const call = async () => (await globalThis.fetch(URL_, post("{}"))).text();
        if (isSeen) await call();
        models = 0;
        globalThis.fetch = (async (...all: Parameters<typeof fetch>) => {
          if (String(all[0]) === URL_ && ++wrappers > 100) throw new Error("a circle");
          if (waits) await pause(1);
          return under(...all);
        }) as typeof fetch;
        // What was not seen is found out by the first call, which comes by twice.
        assert.equal(await call(), "1");
        wrappers = 0;
        assert.equal(await debug.turn(CHAT, OWNER, call), "2");
        assert.equal(await debug.turn(CHAT, OWNER, async () => (await debug.fetch(URL_, post("{}"))).text()), "3");
        assert.deepEqual([models, wrappers], [3, 1]);
        assert.equal(await debug.flush(5000), true);
      });
      assert.deepEqual((await service.runs()).map((run) => run.steps.length), [1, 1]);
    }
  }
});

test("how often recorders that are the global fetch look it up does not double with each", async () => {
  await withGlobal(answering(() => new Response("ok")), async () => {
    const COUNT = 16;
    for (let made = 0; made < COUNT; made++) globalThis.fetch = recorder(service.url).fetch;
    const outermost = globalThis.fetch;
    let lookups = 0;
    Object.defineProperty(globalThis, "fetch", { configurable: true, get: () => (lookups++, outermost) });
    assert.equal(await (await outermost(URL_, post("{}"))).text(), "ok");
    assert.ok(lookups <= 2 * COUNT, `${lookups} look-ups`);
  });
});

test("recorders that are the global fetch, one around the other, call the model once and record each for its own turns", async () => {
  await service.fresh();
  let calls = 0;
  await withGlobal(answering(() => new Response(String(++calls))), async () => {
    const one = recorder(service.url);
    globalThis.fetch = one.fetch;
    const other = recorder(service.url);
    globalThis.fetch = other.fetch;
    const third = recorder(service.url);
    for (const debug of [one, other, third]) {
      await debug.turn(CHAT, OWNER, async () => (await globalThis.fetch(URL_, post("{}"))).text());
      await debug.turn(CHAT, OWNER, async () => (await debug.fetch(URL_, post('{"again":true}'))).text());
      await debug.flush(5000);
    }
    assert.equal(calls, 6);
    assert.deepEqual([one, other, third].map((debug) => debug.counters.recorded), [2, 2, 1]);
  });
});

test("a call is recorded once, though a wrapper waits before it calls on", async () => {
  await service.fresh();
  let models = 0;
  await withGlobal(answering(() => new Response(String(++models))), async () => {
    const debug = recorder(service.url);
    globalThis.fetch = debug.fetch;
    const waiting = (async (...all: Parameters<typeof fetch>) => {
      await pause(1);
      return fetch(...all);
    }) as typeof fetch;
    const outer = debug.wrap(waiting);
    assert.equal(await debug.turn(CHAT, OWNER, async () => (await outer(URL_, post("{}"))).text()), "1");
    // A turn within a wrapper is one of its own.
    const asking = debug.wrap((async (...all: Parameters<typeof fetch>) => {
      await pause(1);
      await debug.turn("a guard", OWNER, async () => (await fetch(URL_, post("{}"))).text());
      return fetch(...all);
    }) as typeof fetch);
    assert.equal(await debug.turn(CHAT, OWNER, async () => (await asking(URL_, post("{}"))).text()), "3");
    assert.equal(await debug.flush(5000), true);
  });
  const runs = await service.runs();
  assert.deepEqual(runs.map((run) => `${run.external_id} ${run.steps.length}`).sort(), ["a guard 1", "undefined 1", "undefined 1"]);
});

test("turns beside each other keep their calls apart, bound or carried", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const client = new OpenAI({ baseURL: base("slow"), apiKey: "sk-test", fetch: debug.fetch });
  const plain = new OpenAI({ baseURL: base("slow"), apiKey: "sk-test" });
  const say = (who: string, by: OpenAI) => by.chat.completions.create({ model: "gpt-test", messages: [{ role: "user", content: who }] });
  const turns = ["a", "b", "c", "d"].map((who, at) => debug.turn(CHAT, OWNER, { firstMessage: who }, (turn) => say(who, at % 2 ? client : turn.bind(plain))));
  await Promise.all(turns);
  assert.equal(await debug.flush(5000), true);
  const said = (await service.runs()).map((run) => [run.summary.first_message, run.steps.length, run.steps[0].normalized_request.messages[0].content]);
  assert.deepEqual(said.sort(), ["a", "b", "c", "d"].map((who) => [who, 1, who]));
});

test("a bound client wins over the turn it is called in, and is recorded once", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const client = new OpenAI({ baseURL: base("plain"), apiKey: "sk-test", fetch: debug.fetch });
  const bound = debug.open(CHAT, OWNER, { firstMessage: "bound" });
  await debug.turn(CHAT, OWNER, { firstMessage: "carried" }, async () => {
    await bound.bind(client).chat.completions.create(HELLO);
    await client.chat.completions.create(HELLO);
  });
  bound.end();
  await debug.flush(5000);
  const runs = (await service.runs()).map((run) => [run.summary.first_message, run.steps.length]);
  assert.deepEqual(runs.sort(), [["bound", 1], ["carried", 1]]);
});

test("a client is bound with all that it was given, or left as it is", async () => {
  await service.fresh();
  const asked: string[] = [];
  const model = (async (input, init) => {
    asked.push(`${input} ${new Headers(init?.headers).get("authorization")}`);
    return Response.json({ choices: [] });
  }) as typeof fetch;
  const given = { endpoint: "https://azure.test", apiVersion: "2026-01-01", deployment: "d", fetch: model };
  /** As their own for Bedrock, and a product's own. */
  class Bedrock extends Anthropic {
    readonly awsRegion: string;
    readonly awsSecretKey: string | null;
    constructor({ awsRegion = "the default", awsSecretKey = null, ...options }: { awsRegion?: string; awsSecretKey?: string | null; apiKey?: string } = {}) {
      super({ baseURL: `https://${awsRegion}.test`, ...options });
      this.awsRegion = awsRegion;
      this.awsSecretKey = awsSecretKey;
    }
  }
  class Platform extends Anthropic {
    readonly tenant: string;
    constructor({ tenant = "the default", ...options }: { tenant?: string; apiKey?: string } = {}) {
      super(options);
      this.tenant = tenant;
    }
  }
  class Refusing extends OpenAI {
    override withOptions(): never {
      throw new Error("a client's own");
    }
  }
  const debug = recorder(service.url);
  const turn = debug.open(CHAT, OWNER);
  const azure = turn.bind(new AzureOpenAI({ ...given, azureADTokenProvider: async () => "token" }));
  await azure.chat.completions.create(HELLO);
  assert.deepEqual(asked, ["https://azure.test/openai/deployments/d/chat/completions?api-version=2026-01-01 Bearer token"]);
  const bedrock = new Bedrock({ awsRegion: "mine", awsSecretKey: "s", apiKey: "k" });
  const { awsRegion, awsSecretKey, baseURL } = turn.bind(bedrock);
  assert.notEqual(turn.bind(bedrock), bedrock);
  assert.deepEqual([awsRegion, awsSecretKey, baseURL], ["mine", "s", "https://mine.test"]);
  assert.deepEqual(debug.warnings, []);
  for (const client of [new Platform({ tenant: "mine", apiKey: "k" }), new Refusing({ apiKey: "k" }), {}]) assert.equal(turn.bind<object>(client), client);
  assert.match(debug.warnings.join(), /cannot copy such a client/);
  turn.end();
  assert.equal(await debug.flush(5000), true);
  assert.deepEqual((await service.runs()).map((run) => run.steps.length), [1]);
});
