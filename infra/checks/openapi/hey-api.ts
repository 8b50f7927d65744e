// What a product's backend and an owner's page do, with the client that @hey-api/openapi-ts makes.

import { answering, expect } from "./examples";
import { createDebugRun, getDebugRun, listDebugRuns, putChat, putDebugStep, type CreateRun } from "./hey-api-client";
import { createClient } from "./hey-api-client/client";

const path = { chat: "7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37" };

// Neither `attempts` nor `metadata` has to be there.
const turn: CreateRun = {
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

function client(example: string) {
  const answer = answering(example);
  return createClient({
    baseUrl: "https://chat-debug.example",
    auth: () => "token",
    fetch: (input, init) => answer(new Request(input, init)),
  });
}

async function register(example: string): Promise<boolean> {
  const { data, error } = await putChat({ client: client(example), path, body: { owner_id: "user-1" } });
  if (!data) throw new Error(error.message);
  return data.created;
}

async function record(example: string): Promise<string> {
  const { data, error } = await createDebugRun({ client: client(example), path, body: turn });
  if (!data) throw new Error(error.message);
  return data.recorded ? data.run.id : data.decision.decided_by;
}

async function putStep(example: string): Promise<boolean | string> {
  const { data, error } = await putDebugStep({
    client: client(example),
    path: { ...path, run: "019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714", step_number: 1 },
    body: { operation: "stream", status: "in_progress", started_at: turn.started_at, normalized_request: {} },
  });
  if (!data) throw new Error(error.message);
  return data.recorded || data.decision.decided_by;
}

async function readBody(): Promise<string> {
  const list = await listDebugRuns({ client: client("one-run"), path, query: { status: "completed" } });
  const run = list.data?.[0]?.id;
  if (!run) throw new Error("no run");
  const { data, error } = await getDebugRun({ client: client("a-turn"), path: { ...path, run } });
  if (!data) throw new Error(error.message);
  return atob(data.steps[0]?.attempts[0]?.response_body ?? "");
}

/** A refusal is the service's, with a `type`, or the gateway's. */
async function refusal(example: string): Promise<string> {
  const { error } = await listDebugRuns({ client: client(example), path });
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
