/** Where chats run: a handler as Next.js has it, a Lambda function, a process that ends, an edge without contexts. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";
import { CHAT, FakeService, HELLO, OWNER, recorder, startProvider } from "./servers.js";

const provider = await startProvider();
const service = await FakeService.start();
let sessions = 0;
const base = (scenario: string): string => `${provider}/hosts-${process.pid}-${sessions++}/${scenario}/v1`;
const add = tool({ description: "Adds.", inputSchema: z.object({ a: z.number(), b: z.number() }), execute: async ({ a, b }) => String(a + b) });

/** A handler of Next.js's kind, that answers by a stream of UI messages, over three calls of the model. */
function handler(debug: ReturnType<typeof recorder>, waitUntil: (work: Promise<unknown>) => void) {
  const openai = createOpenAI({ baseURL: base("tools"), apiKey: "sk-test", fetch: debug.fetch });
  return (request: Request): Promise<Response> =>
    debug.stream(CHAT, OWNER, { firstMessage: "Add 1, 2 and 3.", waitUntil }, async () => {
      const prompt = await request.text();
      return streamText({ model: openai.chat("gpt-test"), prompt, tools: { add }, stopWhen: stepCountIs(5), abortSignal: request.signal }).toUIMessageStreamResponse();
    });
}

test("a UI message stream over a loop of tools is one turn of three steps, delivered behind the answer", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const work: Promise<unknown>[] = [];
  const response = await handler(debug, (one) => work.push(one))(new Request("http://chat.test", { method: "POST", body: "Add 1, 2 and 3." }));
  assert.equal(work.length, 1);
  const answer = await response.text();
  assert.match(answer, /The.*sum.*6/s);
  await Promise.all(work);
  const [run, ...others] = await service.runs();
  assert.deepEqual(others, []);
  assert.equal(run.status, "completed");
  assert.deepEqual(run.steps.map((step: any) => [step.operation, step.status]), Array(3).fill(["stream", "completed"]));
  assert.deepEqual(debug.counters.recorded, 1);
});

test("a browser that leaves a UI message stream interrupts the turn", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const response = await handler(debug, () => {})(new Request("http://chat.test", { method: "POST", body: "Add 1, 2 and 3." }));
  const reader = response.body!.getReader();
  let read = "";
  while (!read.includes("tool-input")) read += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  assert.equal(await debug.flush(5000), true);
  const [run] = await service.runs();
  assert.equal(run.status, "interrupted");
});

test("a stream that a turn returns is the turn's, read to its end or left", async () => {
  for (const isLeft of [false, true]) {
    await service.fresh();
    const debug = recorder(service.url);
    const client = new OpenAI({ baseURL: base("slow"), apiKey: "sk-test", fetch: debug.fetch });
    const stream = await debug.turn(CHAT, OWNER, () => client.chat.completions.create({ ...HELLO, stream: true }));
    for await (const _ of stream) if (isLeft) break;
    assert.equal(await debug.flush(5000), true);
    const [run] = await service.runs();
    const status = isLeft ? "interrupted" : "completed";
    assert.deepEqual([run.status, run.steps.map((step: any) => step.status)], [status, [status]]);
  }
});

test("a Lambda function ends when its turn is sent, answers as without, and waits for no dead service", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const openai = createOpenAI({ baseURL: base("plain"), apiKey: "sk-test", fetch: debug.fetch });
  const handler = async (event: { text: string }, context: { name: string }) => {
    await debug.turn(CHAT, OWNER, async () => {
      for await (const _ of streamText({ model: openai.chat("gpt-test"), prompt: event.text }).textStream);
    });
    return context.name;
  };
  assert.equal(await debug.lambda(handler)({ text: "hi" }, { name: "f" }), "f");
  assert.equal(debug.counters.recorded, 1);
  await service.fresh({ hung: true });
  assert.equal(await debug.lambda(handler, 100)({ text: "hi" }, { name: "g" }), "g");
  await assert.rejects(debug.lambda(async () => { throw new RangeError("the function's own"); }, 10)(), RangeError);
});

test("a Lambda function that calls back answers when it does, and its turn is sent by then", async () => {
  type Callback = (error: unknown, answer?: string) => void;
  const debug = recorder(service.url, { fetch: async () => Response.json({}) });
  const say = (answer: string) => debug.turn(CHAT, OWNER, async () => (await debug.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text()).then(() => answer);
  const failure = new RangeError("the function's own");
  const handlers: ((event: string, context: object, callback: Callback) => unknown)[] = [
    (event, _, callback) => setTimeout(async () => callback(null, await say(event)), 10),
    (event, _, callback) => void say(event).then((answer) => callback(undefined, answer)),
    async (event, _, callback) => callback(null, await say(event)),
    (event, _context, _callback) => say(event),
    (event, _, callback) => void say(event).then(() => callback(failure)),
    (_event, _context, _callback) => {
      throw failure;
    },
  ];
  for (const [at, handler] of handlers.entries()) {
    await service.fresh();
    const invoked = debug.lambda(handler)("said", {}, () => assert.fail("it is answered by the promise"));
    if (at < 4) assert.equal(await invoked, "said");
    else await assert.rejects(invoked, (error) => error === failure);
    assert.equal((await service.runs()).length, at < 5 ? 1 : 0);
  }
  const streaming = debug.lambda((event: string, to: string[], { name }: { name: string }) => void to.push(event, name));
  const written: string[] = [];
  await streaming("said", written, { name: "f" });
  assert.deepEqual(written, ["said", "f"]);
});

test("a Lambda function waits for no turn of an earlier invocation, and streams if its handler does", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: async () => Response.json({}) });
  const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
  const handler = Object.assign(async (isForgotten: boolean) => {
    const turn = debug.open(CHAT, OWNER);
    await (await turn.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text();
    if (!isForgotten) turn.end();
  }, { [STREAMING]: "response" });
  const [brief, patient] = [10, 24 * 60 * 60_000].map((millis) => debug.lambda(handler, millis)) as [typeof handler, typeof handler];
  assert.equal(brief[STREAMING], "response");
  await brief(true);
  // It would wait for longer than any test may take.
  await patient(false);
  assert.equal(debug.counters.recorded, 1);
});

test("a waitUntil that fails is said, and the turn goes on", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: async () => Response.json({}) });
  const waitUntil = () => {
    throw new TypeError("Illegal invocation");
  };
  await debug.turn(CHAT, OWNER, { waitUntil }, async () => (await debug.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text());
  assert.equal(await debug.flush(5000), true);
  assert.deepEqual([debug.counters.recorded, debug.counters.failed], [1, 0]);
  assert.match(debug.warnings.join(), /waitUntil failed/);
});

/** Runs a program in a process of its own, with this runtime. */
function run(source: string, signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; printed: string }> {
  const flags = "bun" in process.versions ? ["-e"] : ["--input-type=module", "-e"];
  const child = spawn(process.execPath, [...flags, source], { cwd: new URL("..", import.meta.url), stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (data) => {
    printed += data;
    if (signal && !child.killed && printed.includes("ready")) child.kill(signal);
  });
  return new Promise((ends) => child.once("exit", (code, killed) => ends({ code, signal: killed, printed })));
}

const program = (options: string, end: string): string => `
  import { Recorder } from "chat-debug";
  const debug = new Recorder({ url: ${JSON.stringify(service.url)}, key: "k", fetch: async () => Response.json({}), ${options} });
  await debug.turn(${JSON.stringify(CHAT)}, "${OWNER}", async () => {
    await (await debug.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text();
  });
  ${end}`;

test("a process that ends sends what it has, and so does one that is asked to end, if it says so", async () => {
  await service.fresh();
  assert.equal((await run(program("", ""))).code, 0);
  assert.equal((await service.runs()).length, 1);
  await service.fresh();
  const ended = await run(program("flushOnSigterm: true", 'console.log("ready"); setTimeout(() => {}, 20_000);'), "SIGTERM");
  assert.deepEqual([ended.code, ended.signal], [null, "SIGTERM"]);
  assert.equal((await service.runs()).length, 1);
});

test("what is lost at a process's end is said", async () => {
  const hung = await FakeService.start();
  await hung.behave({ hung: true });
  const there = `url: ${JSON.stringify(hung.url)}, warn: console.log`;
  const wait = 'console.log("ready"); setTimeout(() => {}, 20_000);';
  const [ended, exited, asked, idle] = await Promise.all([
    run(program(there, "")),
    run(program(there, "process.exit(3);")),
    run(program(`${there}, flushOnSigterm: true`, wait), "SIGTERM"),
    run(program("warn: console.log", 'await debug.flush(5000); debug.open("another", "o"); process.exit(3);')),
  ]);
  for (const { printed } of [ended, exited, asked]) assert.match(printed, /1 turn was not sent before the process ended/);
  assert.deepEqual([ended.code, exited.code, asked.code, asked.signal], [0, 3, null, "SIGTERM"]);
  // Nothing was lost here: what was begun has called nobody.
  assert.equal(idle.printed, "");
});

test("a product that ends by itself when it is asked to is left to it", async () => {
  await service.fresh();
  const own = 'process.once("SIGTERM", () => setTimeout(() => { console.log("drained"); process.exit(7); }, 500));';
  const ended = await run(program("flushOnSigterm: true", `${own} console.log("ready"); setTimeout(() => {}, 20_000);`), "SIGTERM");
  assert.deepEqual([ended.code, ended.printed.includes("drained")], [7, true]);
  assert.equal((await service.runs()).length, 1);
});

test("a process that is asked to end does so when all its recorders have sent", async () => {
  await service.fresh();
  const other = `
    const other = new Recorder({ url: ${JSON.stringify(service.url)}, key: "k", fetch: async () => Response.json({}), flushOnSigterm: true });
    const turn = other.open("another", "${OWNER}");
    await (await turn.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text();
    console.log("ready");
    setTimeout(() => turn.end(), 700);
    setTimeout(() => {}, 20_000);`;
  await run(program("flushOnSigterm: true", other), "SIGTERM");
  // On a busy machine a post may be sent again, and is then the same run.
  assert.equal(new Set((await service.runs()).map(({ id }) => id)).size, 2);
});

test("without contexts, as on an edge, clients are bound, and what is not is said", async () => {
  await service.fresh();
  const { code, printed } = await run(`
    Object.defineProperty(globalThis, "AsyncLocalStorage", { value: undefined });
    process.getBuiltinModule = undefined;
    const { Recorder } = await import("../dist/esm/index.js");
    const { url, chat } = { url: ${JSON.stringify(service.url)}, chat: ${JSON.stringify(CHAT)} };
    const warnings = [];
    const debug = new Recorder({ url, key: "k", fetch: async () => Response.json({}), warn: (line) => warnings.push(line) });
    const call = async (fetch) => (await fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text();
    await debug.turn(chat, "${OWNER}", (turn) => call(turn.fetch));
    await debug.turn(chat, "${OWNER}", () => call(debug.fetch));
    await debug.flush(5000);
    console.log(JSON.stringify({ counters: debug.counters, warnings }));`);
  assert.equal(code, 0);
  const { counters, warnings } = JSON.parse(printed);
  assert.equal(counters.recorded, 1);
  assert.match(warnings.join(), /carries no turns along/);
});

test("a connection that was closed between two requests is no failure", { skip: "bun" in process.versions }, async () => {
  let questions = 0;
  const server = createServer((socket) => {
    let isAnswered = false;
    socket.on("error", () => {});
    socket.on("data", () => {
      questions++;
      // As a service does that ends a connection at the moment at which it is used again.
      if (isAnswered) return socket.destroy();
      isAnswered = true;
      const body = JSON.stringify({ effective: false, decided_by: "user" });
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const debug = recorder(`http://127.0.0.1:${(server.address() as { port: number }).port}`, { fetch: async () => Response.json({}) });
  for (const chat of ["one", "two"]) {
    await debug.turn(chat, OWNER, async () => (await debug.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text());
    await debug.flush(2000);
  }
  server.close();
  assert.deepEqual([questions, debug.counters.not_recorded, debug.warnings], [3, 2, []]);
});

test("a product that sends its requests another way, as through a proxy, has the recorder's go there too", { skip: "bun" in process.versions }, async () => {
  const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
  const world = globalThis as { [DISPATCHER]?: unknown };
  const before = { fetch: globalThis.fetch, dispatcher: world[DISPATCHER] };
  const asked: string[] = [];
  class ProxyAgent {}
  world[DISPATCHER] = new ProxyAgent();
  globalThis.fetch = async (input) => {
    asked.push(String(input));
    return Response.json({ effective: false });
  };
  try {
    const debug = recorder("http://debug.test", { fetch: async () => Response.json({}) });
    await debug.turn(CHAT, OWNER, async () => (await debug.fetch("https://h/v1/messages", { method: "POST", body: "{}" })).text());
    await debug.flush(2000);
    assert.deepEqual([asked.length, debug.counters.not_recorded], [1, 1]);
  } finally {
    [globalThis.fetch, world[DISPATCHER]] = [before.fetch, before.dispatcher];
  }
});
