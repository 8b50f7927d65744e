// What a product's backend and an owner's page do, with openapi-typescript's types and openapi-fetch.

import createClient from "openapi-fetch";
import { answering, expect } from "./examples";
import type { components, paths } from "./openapi-typescript-types";

const chat = "7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37";

// Neither `attempts` nor `metadata` has to be there.
const turn: components["schemas"]["CreateRun"] = {
  owner_id: "user-1",
  kind: "chat_turn",
  status: "completed",
  started_at: "2026-01-02T03:04:05.678Z",
  steps: [
    {
      step_number: 1,
      operation: "generate",
      status: "completed",
      started_at: "2026-01-02T03:04:05.68Z",
      normalized_request: { messages: [{ role: "user", content: "Hello" }] },
      usage: { input_tokens: 14, cost: "0.01" },
    },
  ],
};

const client = (example: string) =>
  createClient<paths>({
    baseUrl: "https://chat-debug.example",
    headers: { Authorization: "Bearer token" },
    fetch: answering(example),
  });

async function register(example: string): Promise<boolean> {
  const { data, error } = await client(example).PUT("/api/experimental/chats/{chat}", {
    params: { path: { chat } },
    body: { owner_id: "user-1" },
  });
  if (!data) throw new Error(error.message);
  return data.created;
}

async function record(example: string): Promise<string> {
  const { data, error } = await client(example).POST("/api/experimental/chats/{chat}/debug/runs", {
    params: { path: { chat } },
    body: turn,
  });
  if (!data) throw new Error(error.message);
  return data.recorded ? data.run.id : data.decision.decided_by;
}

async function putStep(example: string): Promise<boolean | string> {
  const { data, error } = await client(example).PUT(
    "/api/experimental/chats/{chat}/debug/runs/{run}/steps/{step_number}",
    {
      params: { path: { chat, run: "019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714", step_number: 1 } },
      body: { operation: "stream", status: "in_progress", started_at: turn.started_at, normalized_request: {} },
    },
  );
  if (!data) throw new Error(error.message);
  return data.recorded || data.decision.decided_by;
}

async function readBody(): Promise<string> {
  const list = await client("one-run").GET("/api/experimental/chats/{chat}/debug/runs", {
    params: { path: { chat }, query: { status: "completed" } },
  });
  const run = list.data?.[0]?.id;
  if (!run) throw new Error("no run");
  const { data, error } = await client("a-turn").GET("/api/experimental/chats/{chat}/debug/runs/{run}", {
    params: { path: { chat, run } },
  });
  if (!data) throw new Error(error.message);
  return atob(data.steps[0]?.attempts[0]?.response_body ?? "");
}

/** A refusal is the service's, with a `type`, or the gateway's. */
async function refusal(example: string): Promise<string> {
  const { error } = await client(example).GET("/api/experimental/chats/{chat}/debug/runs", {
    params: { path: { chat } },
  });
  if (!error) throw new Error("no refusal");
  return "type" in error ? error.type : error.message;
}

async function main(): Promise<void> {
  expect(await register("new"), true);
  expect(await register("known"), false);
  expect(await record("recorded"), "019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714");
  expect(await record("not-recorded"), "user");
  expect(await putStep("replaced"), true);
  expect(await putStep("not-recorded"), "gate");
  expect(await readBody(), "event: message_stop\n");
  expect(await refusal("not-found"), "urn:chat-debug:problem:not-found");
  expect(await refusal("gateway"), "Unauthorized");
}

void main();
