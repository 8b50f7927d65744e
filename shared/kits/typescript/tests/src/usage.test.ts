/** Token counts are those that the service makes, or it is left to make them. The rows of its own tests say which. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readAnswer } from "../../dist/esm/answer.js";
import * as usage from "../../dist/esm/usage.js";

const root = new URL("../../../../../", import.meta.url);
const file = (path: string): string => readFileSync(new URL(path, root), "utf8");
const SOURCE = file("shared/api/src/usage.rs");
const NAMES = ["input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_read_tokens"];

interface Row {
  readonly said: string;
  readonly counts: Record<string, number>;
}

/** Rows of a text in Rust and five counts, of which those above 0 are told. */
function rows(source: string): Row[] {
  const found = source.matchAll(/(?:r#"((?:[^"]|"(?!#))*)"#|("(?:[^"\\]|\\.)*")),\s*\[([^\]]*)\]/g);
  return Array.from(found, ([, raw, quoted, list]) => {
    const numbers = list!.split(",").map((count) => (count.includes("MAX") ? Number.MAX_SAFE_INTEGER : Number(/Some\(([\d_]+)\)/.exec(count)?.[1]?.replaceAll("_", "") ?? 0)));
    const counts = NAMES.map((name, at) => [name, numbers[at] ?? 0] as const).filter(([, count]) => count > 0);
    return { said: raw ?? JSON.parse(quoted!), counts: Object.fromEntries(counts) };
  });
}

test("the names are the service's, in its order", () => {
  const quoted = (text: string): string[] => Array.from(text.matchAll(/"([^"]*)"/g), ([, name]) => name!);
  for (const table of ["INPUT", "OUTPUT", "TOTAL", "REASONING", "CACHE_CREATION", "CACHE_READ"] as const) {
    const said = new RegExp(`const ${table}: &\\[Names\\] = &\\[(.*?)\\n\\];`, "s").exec(SOURCE)![1]!;
    assert.deepEqual(usage[table], Array.from(said.matchAll(/&\[([^\]]*)\]/g), ([, names]) => quoted(names!)), table);
  }
  for (const list of ["ANTHROPIC", "NOT_ANTHROPIC", "BEDROCK", "NOT_BEDROCK"] as const) {
    assert.deepEqual(usage[list], quoted(new RegExp(`const ${list}: Names =([^;]*);`).exec(SOURCE)![1]!), list);
  }
});

test("what a provider says is counted as the service counts it", () => {
  const recorders = file("shared/llm/tests/it/usages.rs").split("const RECORDED")[1]!.split("];")[0]!;
  const known = [...rows(SOURCE), ...rows(recorders)];
  assert.ok(known.length > 35, `${known.length} rows`);
  for (const { said, counts } of known) {
    const isTold = "input_tokens" in counts || "output_tokens" in counts;
    assert.deepEqual(usage.countsOf(JSON.parse(said)), isTold ? counts : {}, said);
  }
});

test("an answer's counts are the service's own, or none", async () => {
  const answers = rows(file("shared/llm/tests/it/usages.rs").split("const RECORDED")[0]!);
  let told = 0;
  for (const { said, counts } of answers) {
    const type = /^\{.*\}\n\{/.test(said) ? "application/x-ndjson" : "";
    const answer = await readAnswer(Buffer.from(said), type);
    if (Object.keys(answer.usage).length === 0) continue;
    told++;
    assert.deepEqual(answer.usage, counts, said);
  }
  assert.ok(answers.length >= 55 && told > 30, `${told} of ${answers.length}`);
});

test("of several events, what one does not say is what another said", async () => {
  const events = ['{"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}', '{"type":"message_delta","usage":{"input_tokens":null,"output_tokens":9}}'];
  const { usage: counts } = await readAnswer(Buffer.from(events.map((event) => `data: ${event}\n\n`).join("")), "text/event-stream");
  assert.deepEqual(counts, { input_tokens: 7, output_tokens: 9 });
});
