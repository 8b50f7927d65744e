/** What is recorded is what happened. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { CHAT, FakeService, HELLO, OWNER, answering, pause, post, recorder, startProvider, text, type Warned } from "./servers.js";

const provider = await startProvider();
const service = await FakeService.start();
let sessions = 0;
const base = (scenario: string): string => `${provider}/truth-${process.pid}-${sessions++}/${scenario}/v1`;
const URL_ = "https://api.openai.com/v1/chat/completions";

async function recordedRun(debug: Warned): Promise<any> {
  assert.equal(await debug.flush(5000), true);
  assert.equal(debug.counters.recorded, 1, debug.warnings.join());
  const [run, ...others] = await service.runs();
  assert.deepEqual(others, []);
  return run;
}

/** A stream that is as far as it is told. */
function events(): { response: Response; say: (event: string) => void; end: () => void } {
  let controller!: ReadableStreamDefaultController;
  const body = new ReadableStream({ start: (made) => void (controller = made) });
  const response = new Response(body, { headers: { "content-type": "text/event-stream" } });
  return { response, say: (event) => controller.enqueue(new TextEncoder().encode(`data: ${event}\n\n`)), end: () => controller.close() };
}

test("a stream that said its last word is complete, though the client reads no further", async () => {
  const lasts = [
    "[DONE]",
    '{"type":"message_stop"}',
    '{"type":"response.completed","response":{"usage":{"input_tokens":1}}}',
    '{"candidates":[{"finishReason":"STOP"}]}',
    '{"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"length"}]}',
    '{"choices":[{"index":0,"finish_reason":null},{"index":1,"finish_reason":"length"}]}',
  ];
  for (const last of lasts) {
    const ends = last.includes("null") ? ["interrupted", "failed"] : ["completed", "completed"];
    for (const leaves of ["cancel", "forget"] as const) {
      await service.fresh();
      const { response, say } = events();
      const debug = recorder(service.url, { fetch: answering(() => response) });
      await debug.turn(CHAT, OWNER, async () => {
        say(last);
        const reader = (await debug.fetch(URL_, post("{}"))).body!.getReader();
        await reader.read();
        if (leaves === "cancel") await reader.cancel();
      });
      const run = await recordedRun(debug);
      assert.deepEqual([run.status, run.steps[0].attempts[0].status], ends, last);
    }
  }
});

test("an answer is what it says, as the kit for Python and a replay read it", async () => {
  const sse = "text/event-stream";
  const answers: [string | null, string, number, string, unknown][] = [
    ["", "application/json", 200, "interrupted", { message: "The answer is empty." }],
    [null, "", 204, "completed", undefined],
    ["<html>", "text/html", 200, "error", { message: "A page came in the place of an answer." }],
    ['{"choices":[', "application/json", 200, "interrupted", { message: "The answer is cut or no JSON." }],
    ["RIFF....", "audio/wav", 200, "completed", undefined],
    ['{"error":{"message":"No."}}', "application/json", 200, "error", { error: { message: "No." } }],
    ["", "application/json", 502, "error", { status: 502, message: "The answer is empty." }],
    ["data: one\n\n", sse, 200, "completed", undefined],
    ['data: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\ndata: {"choices":[{"index":1,"finish_reason":null}]}\n\n', sse, 200, "interrupted", { message: "The stream ends without its last event." }],
    ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n', sse, 200, "error", { type: "error", error: { type: "overloaded_error" } }],
    ['{"done":false}\n{"done":true}\n', "application/x-ndjson", 200, "completed", undefined],
  ];
  for (const [body, type, status, ends, error] of answers) {
    await service.fresh();
    const debug = recorder(service.url, { fetch: answering(() => new Response(body, { status, headers: { "content-type": type } })) });
    await debug.turn(CHAT, OWNER, async () => (await debug.fetch(URL_, post("{}"))).text());
    const [step] = (await recordedRun(debug)).steps;
    assert.deepEqual([step.status, step.error], [ends, error], String(body));
  }
});

test("what an SDK asks of fetch itself is no call", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const client = new OpenAI({ baseURL: base("plain"), apiKey: "sk-test", fetch: debug.fetch, maxRetries: 0 });
  await debug.turn(CHAT, OWNER, () => assert.rejects(client.files.create({ file: new File(["x"], "f.txt"), purpose: "assistants" })));
  const { steps } = await recordedRun(debug);
  assert.deepEqual(steps.map((step: any) => [step.attempts[0].path.split("/").at(-1), step.metadata.left_out]), [["files", ["attempts/1/request"]]]);
});

test("what is open at the end of a turn is interrupted, with what came until then", async () => {
  await service.fresh();
  const { response, say, end } = events();
  const debug = recorder(service.url, { fetch: answering(() => response) });
  await debug.turn(CHAT, OWNER, async () => {
    say("half");
    await (await debug.fetch(URL_, post('{"stream":true}'))).body!.getReader().read();
  });
  say("late");
  end();
  const run = await recordedRun(debug);
  const [attempt] = run.steps[0].attempts;
  assert.deepEqual([run.status, run.steps[0].status, attempt.status, text(attempt.response_body)], ["interrupted", "interrupted", "failed", "data: half\n\n"]);
});

test("a call that is never answered, or whose time is over, failed; one that the product gives up is interrupted", async () => {
  const aborted = (reason?: unknown): AbortSignal => AbortSignal.abort(reason);
  const ways: [unknown, AbortSignal | undefined, string, RegExp][] = [
    [new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }), undefined, "error", /ECONNREFUSED/],
    [new DOMException("given up", "AbortError"), undefined, "interrupted", /given up/],
    [new DOMException("too late", "TimeoutError"), aborted(new DOMException("too late", "TimeoutError")), "error", /too late/],
    ["the tab was closed", aborted("the tab was closed"), "interrupted", /the tab was closed/],
  ];
  for (const [fails, signal, status, said] of ways) {
    await service.fresh();
    const debug = recorder(service.url, { fetch: answering(() => Promise.reject(fails)) });
    await assert.rejects(debug.turn(CHAT, OWNER, () => debug.fetch(URL_, { ...post("{}"), ...(signal && { signal }) })));
    const run = await recordedRun(debug);
    assert.deepEqual([run.status, run.steps[0].status], [status, status], String(fails));
    assert.match(run.steps[0].attempts[0].error, said);
  }
});

test("an SDK's own time for an answer is over: an error; its user's signal: interrupted", async () => {
  const never = createServer(() => {});
  after(() => never.closeAllConnections());
  never.unref();
  await new Promise<void>((listens) => never.listen(0, "127.0.0.1", listens));
  const baseURL = `http://127.0.0.1:${(never.address() as { port: number }).port}/v1`;
  for (const [Client, call] of [
    [OpenAI, (client: OpenAI, options: object) => client.chat.completions.create(HELLO, options)],
    [Anthropic, (client: Anthropic, options: object) => client.messages.create({ ...HELLO, max_tokens: 9 }, options)],
  ] as const) {
    for (const [options, status] of [[() => ({ timeout: 1000 }), "error"], [() => ({ signal: AbortSignal.timeout(200) }), "interrupted"]] as const) {
      await service.fresh();
      const debug = recorder(service.url);
      const client: any = new Client({ baseURL, apiKey: "k", fetch: debug.fetch, maxRetries: 0 });
      await assert.rejects(debug.turn(CHAT, OWNER, () => call(client, options()) as Promise<unknown>));
      const run = await recordedRun(debug);
      assert.deepEqual([run.status, run.steps[0].status], [status, status]);
    }
  }
});

test("an answer to HEAD has no body, and is complete", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => new Response(null, { headers: { "content-length": "9" } })) });
  await debug.turn(CHAT, OWNER, () => debug.fetch(URL_, { method: "HEAD" }));
  const run = await recordedRun(debug);
  assert.deepEqual([run.status, run.steps[0].status, run.steps[0].error], ["completed", "completed", undefined]);
});

test("a path that is Ollama's is a product's own too, unless the port or the answer is Ollama's", async () => {
  const ollama = '{"model":"m","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"Hi"},"done":true}';
  for (const [url, answer, provider] of [
    ["https://chat.example/api/chat", "{}", "chat.example"],
    ["https://chat.example/api/chat", ollama, "ollama"],
    ["http://127.0.0.1:11434/api/generate", "{}", "ollama"],
  ] as const) {
    await service.fresh();
    const debug = recorder(service.url, { fetch: answering(() => new Response(answer)) });
    await debug.turn(CHAT, OWNER, async () => (await debug.fetch(url, post("{}"))).text());
    assert.equal((await recordedRun(debug)).provider, provider, url);
  }
});

test("retries are attempts of one step, and the same call again after an answer is another step", async () => {
  const words = '{"same":true}';
  for (const body of [words, new TextEncoder().encode(words)]) {
    await service.fresh();
    const statuses = [429, 200, 200, 503, 503, 200];
    const debug = recorder(service.url, { fetch: answering(() => new Response("{}", { status: statuses.shift()! })) });
    await debug.turn(CHAT, OWNER, async () => {
      for (let call = 0; call < 6; call++) await (await debug.fetch(URL_, { method: "POST", body })).text();
    });
    const run = await recordedRun(debug);
    assert.deepEqual(run.steps.map((step: any) => step.attempts.map((attempt: any) => attempt.response_status)), [[429, 200], [200], [503, 503, 200]]);
    assert.deepEqual(run.steps[0].attempts.map((attempt: any) => attempt.retry_classification), ["rate_limited", undefined]);
  }
});

test("calls beside each other are steps of their own, each with its own tries", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const client = new OpenAI({ baseURL: base("plain"), apiKey: "sk-test", fetch: debug.fetch });
  await debug.turn(CHAT, OWNER, () => Promise.all([1, 2, 3].map(() => client.chat.completions.create(HELLO))));
  const run = await recordedRun(debug);
  assert.deepEqual(run.steps.map((step: any) => step.attempts.length), [1, 1, 1]);
});

test("times are by one clock, ids are UUIDv7 of the start, and usage has our names", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  const client = new OpenAI({ baseURL: base("plain"), apiKey: "sk-test", fetch: debug.fetch });
  let id: string | undefined;
  await debug.turn(CHAT, OWNER, { triggerMessageId: 42, historyTipMessageId: "msg-41" }, async (turn) => {
    id = turn.runId;
    await client.chat.completions.create(HELLO);
    turn.set({ assistantMessageId: "msg-43" });
  });
  const run = await recordedRun(debug);
  assert.equal(run.id, id);
  assert.match(run.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  assert.equal(parseInt(run.id.replaceAll("-", "").slice(0, 12), 16), Date.parse(run.started_at));
  const [step] = run.steps;
  const times = [run.started_at, step.started_at, step.attempts[0].finished_at, run.finished_at];
  assert.deepEqual(times, [...times].sort());
  const { first_byte_ms, duration_ms } = step.attempts[0];
  assert.ok(Number.isInteger(first_byte_ms) && first_byte_ms <= duration_ms, `${first_byte_ms} of ${duration_ms}`);
  assert.deepEqual(step.usage, { input_tokens: 14, output_tokens: 5, reasoning_tokens: 2, cache_read_tokens: 4 });
  assert.deepEqual([run.trigger_message_id, run.history_tip_message_id, step.assistant_message_id], [42, "msg-41", "msg-43"]);
});

test("a turn ends no earlier than what it waits for: a stream that it returned, a call behind it", async () => {
  await service.fresh();
  const answers = [events(), events()];
  const debug = recorder(service.url, { fetch: answering(() => answers[calls++]!.response) });
  let calls = 0;
  const body = await debug.turn(CHAT, OWNER, async () => (await debug.fetch(URL_, post("{}"))).body!);
  const turn = debug.open(CHAT, OWNER);
  turn.end();
  const late = (await turn.fetch(URL_, post("{}"))).body!;
  await pause(20);
  for (const [at, stream] of [body, late].entries()) {
    answers[at]!.say("[DONE]");
    answers[at]!.end();
    await new Response(stream).text();
  }
  assert.equal(await debug.flush(5000), true);
  const runs = await service.runs();
  assert.equal(runs.length, 2);
  for (const { finished_at, steps } of runs) assert.ok(finished_at >= steps[0].finished_at, `${finished_at} < ${steps[0].finished_at}`);
});

test("a stream that a turn returned is its own as long as it flows, and five minutes more", async () => {
  const { now } = performance;
  const { setTimeout } = globalThis;
  for (const isSilent of [false, true]) {
    await service.fresh();
    const late: (() => void)[] = [];
    let ahead = 0;
    performance.now = () => now.call(performance) + ahead;
    globalThis.setTimeout = ((then: () => void, millis: number) => {
      if (millis > 60_000) late.push(then);
      return setTimeout(then, millis);
    }) as typeof setTimeout;
    try {
      const { response, say, end } = events();
      const debug = recorder(service.url, { fetch: answering(() => response) });
      const body = await debug.turn(CHAT, OWNER, async () => (await debug.fetch(URL_, post("{}"))).body!);
      const reader = body.getReader();
      const minutes = async (count: number, event?: string): Promise<void> => {
        ahead += count * 60_000;
        if (event) {
          say(event);
          await reader.read();
        }
        for (const over of late.splice(0)) over();
      };
      await minutes(4, "one");
      await minutes(4, "two");
      await minutes(isSilent ? 6 : 4);
      say("[DONE]");
      end();
      while (!(await reader.read()).done);
      const run = await recordedRun(debug);
      const [attempt] = run.steps[0].attempts;
      assert.deepEqual([run.status, text(attempt.response_body).includes("DONE")], isSilent ? ["interrupted", false] : ["completed", true]);
    } finally {
      performance.now = now;
      globalThis.setTimeout = setTimeout;
    }
  }
});

test("a stream that brings little now and then is not forgotten", async () => {
  await service.fresh();
  const { now } = performance;
  const { setInterval } = globalThis;
  const beats: (() => void)[] = [];
  let ahead = 0;
  performance.now = () => now.call(performance) + ahead;
  globalThis.setInterval = ((beat: () => void, ...rest: [number]) => {
    beats.push(beat);
    return setInterval(beat, ...rest);
  }) as typeof setInterval;
  try {
    const { response, say, end } = events();
    const debug = recorder(service.url, { fetch: answering(() => response) });
    await debug.turn(CHAT, OWNER, async () => {
      const reader = (await debug.fetch(URL_, post("{}"))).body!.getReader();
      // The fourth finds room in what was taken for those before it.
      for (let piece = 1; piece <= 4; piece++) {
        if (piece === 4) ahead += 20 * 60_000;
        say("a");
        await reader.read();
      }
      ahead += 20 * 60_000;
      for (const beat of beats) beat();
      say("[DONE]");
      end();
      while (!(await reader.read()).done);
    });
    assert.equal((await recordedRun(debug)).status, "completed");
  } finally {
    performance.now = now;
    globalThis.setInterval = setInterval;
  }
});

test("what was packed is unpacked, and that is said; what cannot be read is left out, and that is said", async () => {
  await service.fresh();
  const debug = recorder(service.url);
  await debug.turn(CHAT, OWNER, async () => {
    await (await debug.fetch(`${base("gzip")}/chat/completions`, { ...post(JSON.stringify(HELLO)), headers: { "accept-encoding": "gzip" } })).text();
    const form = new FormData();
    form.append("file", new Blob(["x"]));
    await (await debug.fetch(`${base("plain")}/audio`, { method: "POST", body: form })).text();
    const request = new Request(`${base("plain")}/chat/completions`, post(JSON.stringify(HELLO)));
    await (await debug.fetch(request)).text();
    await (await debug.fetch(`${base("plain")}/x`, { method: "POST", body: new Uint8Array([0, 255, 1]) })).text();
  });
  const run = await recordedRun(debug);
  const [packed, form, request, bytes] = run.steps;
  assert.deepEqual(packed.metadata.decoded, { "attempts/1/response": "gzip" });
  assert.match(text(packed.attempts[0].response_body), /Paris/);
  assert.deepEqual(form.metadata.left_out, ["attempts/1/request"]);
  assert.deepEqual(request.normalized_request, HELLO);
  assert.equal(bytes.attempts[0].request_body, "AP8B");
});

test("a turn that a browser leaves is interrupted; one whose answer is read is over with it", async () => {
  const own = { status: 201, headers: new Headers({ "x-own": "1" }) };
  // The other is of no class that the runtime knows.
  const kinds = [(body: BodyInit | null) => new Response(body, own), (body: BodyInit | null) => ({ ...own, body }) as unknown as Response];
  for (const [leaves, answered] of kinds.flatMap((kind) => [[true, kind], [false, kind]] as const)) {
    await service.fresh();
    const { response, say, end } = events();
    const debug = recorder(service.url, { fetch: answering(() => response) });
    const answer = await debug.stream(CHAT, OWNER, async () => answered((await debug.fetch(URL_, post("{}"))).body));
    assert.deepEqual([answer.status, answer.headers.get("x-own")], [201, "1"]);
    const reader = answer.body!.getReader();
    say("a");
    await reader.read();
    if (leaves) await reader.cancel();
    else {
      say("[DONE]");
      end();
      while (!(await reader.read()).done);
    }
    const run = await recordedRun(debug);
    assert.equal(run.status, leaves ? "interrupted" : "completed");
    assert.equal(run.steps[0].status, leaves ? "interrupted" : "completed");
  }
});

test("a call that begins only when the answer is read, behind the handler, belongs to its turn", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => Response.json({ a: 1 })) });
  const answer = await debug.stream(CHAT, OWNER, () => {
    let calls = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (calls++ === 2) return controller.close();
        controller.enqueue(new Uint8Array(await (await debug.fetch(URL_, post(`{"call":${calls}}`))).arrayBuffer()));
      },
    }, { highWaterMark: 0 });
    return new Response(body);
  });
  await pause(10);
  assert.equal(await answer.text(), '{"a":1}{"a":1}');
  assert.equal((await recordedRun(debug)).steps.length, 2);
});

test("a call behind the end of its turn is not lost: it is a run of its own", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => Response.json({})) });
  let late!: Promise<unknown>;
  await debug.turn(CHAT, OWNER, { triggerMessageId: "m-1" }, async () => {
    await debug.fetch(URL_, post('{"call":1}'));
    late = pause(30).then(async () => (await debug.fetch(URL_, post('{"call":2}'))).text());
  });
  await late;
  assert.equal(await debug.flush(5000), true);
  assert.deepEqual((await service.runs()).map((run) => [run.trigger_message_id, run.steps[0].normalized_request.call]), [["m-1", 1], ["m-1", 2]]);
});
