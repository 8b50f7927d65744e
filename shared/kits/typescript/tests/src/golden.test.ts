/** Turns recorded through the real SDKs are the golden turns, which the Python kit and `chat-debug replay` agree on. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";
import { normal } from "./normal.js";
import { CHAT, FakeService, OWNER, recorder, startProvider, type Warned } from "./servers.js";

const SCENARIOS = ["plain", "stream", "retry", "cut", "gzip", "error", "tools"] as const;
type Scenario = (typeof SCENARIOS)[number];
const GOLDEN = fileURLToPath(new URL("../../../golden/", import.meta.url));

const provider = await startProvider();
const service = await FakeService.start();
/** Bun gives a client nothing of an answer, or what came of it, when the connection breaks: as the wind blows. */
const isLossy = "bun" in process.versions;
const QUESTION = "What is the capital of France?";
const SUM = "Add 1, 2 and 3.";
const SCHEMA = { type: "object" as const, properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] };
const ABOUT = "Adds two numbers.";
const isStream = (scenario: Scenario): boolean => scenario === "stream" || scenario === "cut";
const added = (input: unknown): string => {
  const { a, b } = input as { a: number; b: number };
  return String(a + b);
};

type Chat = (base: string, debug: Warned, scenario: Scenario) => Promise<void>;

const chats: Record<string, Chat> = {
  async openai(base, debug, scenario) {
    const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "sk-test", fetch: debug.fetch });
    if (isStream(scenario)) {
      const messages = [{ role: "user" as const, content: QUESTION }];
      const events = await client.chat.completions.create({ model: "gpt-test", messages, stream: true, stream_options: { include_usage: true } });
      for await (const _ of events);
      return;
    }
    const isTools = scenario === "tools";
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: isTools ? SUM : QUESTION }];
    const tools: OpenAI.ChatCompletionTool[] = [{ type: "function", function: { name: "add", description: ABOUT, parameters: SCHEMA } }];
    for (;;) {
      const answer = await client.chat.completions.create({ model: "gpt-test", messages, ...(isTools && { tools }) });
      const calls = answer.choices[0]!.message.tool_calls;
      if (!calls) return;
      for (const { id, type, ...call } of calls) {
        if (!("function" in call)) throw new Error(`a call of another kind: ${type}`);
        const { name, arguments: input } = call.function;
        messages.push({ role: "assistant", content: null, tool_calls: [{ id, type: "function", function: { name, arguments: input } }] });
        messages.push({ role: "tool", tool_call_id: id, content: added(JSON.parse(input)) });
      }
    }
  },

  async anthropic(base, debug, scenario) {
    const client = new Anthropic({ baseURL: base, apiKey: "sk-ant-test", fetch: debug.fetch });
    const isTools = scenario === "tools";
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: isTools ? SUM : QUESTION }];
    const head = { model: "claude-test", max_tokens: 100, messages };
    if (isStream(scenario)) {
      for await (const _ of await client.messages.create({ ...head, stream: true }));
      return;
    }
    const tools: Anthropic.Tool[] = [{ name: "add", description: ABOUT, input_schema: SCHEMA }];
    for (;;) {
      const answer = await client.messages.create({ ...head, ...(isTools && { tools }) });
      const block = answer.content[0];
      if (block?.type !== "tool_use") return;
      const { type, id, name, input } = block;
      messages.push({ role: "assistant", content: [{ type, id, name, input }] });
      messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: added(input) }] });
    }
  },

  async ai(base, debug, scenario) {
    const model = createOpenAI({ baseURL: `${base}/v1`, apiKey: "sk-test", fetch: debug.fetch }).chat("gpt-test");
    const options = { model, prompt: scenario === "tools" ? SUM : QUESTION };
    if (isStream(scenario)) {
      for await (const part of streamText({ ...options, onError: () => {} }).fullStream) if (part.type === "error") throw part.error;
      return;
    }
    const add = tool({ description: ABOUT, inputSchema: z.object({ a: z.number(), b: z.number() }), execute: async (input) => added(input) });
    await generateText({ ...options, ...(scenario === "tools" && { tools: { add }, stopWhen: stepCountIs(5) }) });
  },
};

for (const [sdk, chat] of Object.entries(chats)) {
  for (const scenario of SCENARIOS) {
    test(`${sdk}: ${scenario}`, async () => {
      await service.fresh();
      const debug = recorder(service.url);
      const session = `${sdk}-${scenario}-${process.pid}`;
      const firstMessage = scenario === "tools" ? SUM : QUESTION;
      const answered = debug.turn(CHAT, OWNER, { firstMessage }, async () => {
        const fails = await chat(`${provider}/${session}/${scenario}`, debug, scenario).then(() => false, () => true);
        assert.equal(fails, scenario === "error" || scenario === "cut", "the chat is as without a recorder");
      });
      await answered;
      assert.equal(await debug.flush(5000), true);
      assert.deepEqual(debug.warnings, []);
      assert.deepEqual(debug.counters, { recorded: 1, not_recorded: 0, dropped: 0, refused: 0, failed: 0 });
      const [run] = await service.runs();
      const file = `${GOLDEN}${sdk}-${scenario}`;
      if (process.env.UPDATE_GOLDEN && sdk === "ai") await keep(file, sdk, scenario, session, normal(run));
      if (isLossy && scenario === "cut") {
        assert.equal(run.status, "interrupted");
        assert.ok(run.steps.every((step: { attempts: { status: string }[] }) => step.attempts.every(({ status }) => status === "failed")));
        return;
      }
      assert.deepEqual(normal(run), JSON.parse(readFileSync(`${file}.json`, "utf8")));
    });
  }
}

/** Writes the golden turn, and the traffic that `chat-debug replay` is given. */
async function keep(file: string, sdk: string, scenario: string, session: string, turn: unknown): Promise<void> {
  const traffic = (await (await fetch(`${provider}/${session}/traffic`)).json()) as { calls: { request_headers: Record<string, string> }[] };
  for (const call of traffic.calls) {
    call.request_headers = Object.fromEntries(Object.entries(call.request_headers).filter(([name]) => name.toLowerCase() === "content-type"));
  }
  writeFileSync(`${file}.jsonl`, `${JSON.stringify({ ...traffic, source: `${sdk}-${scenario}` })}\n`);
  writeFileSync(`${file}.json`, `${JSON.stringify(sorted(turn), null, 2)}\n`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
}
