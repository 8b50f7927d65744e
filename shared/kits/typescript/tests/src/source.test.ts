/** Redaction at the source, ids, and what the kit says of itself. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { VERSION } from "chat-debug";
import * as names from "../../dist/esm/names.js";
import { chatOf, isMessageId } from "../../dist/esm/ids.js";
import { CHAT, FakeService, OWNER, answering, post, recorder } from "./servers.js";

const service = await FakeService.start();
const root = new URL("../../../../../", import.meta.url);
const file = (path: string): string => readFileSync(new URL(path, root), "utf8");

test("names are told as the service tells them", () => {
  const { tables, verdicts } = JSON.parse(file("shared/kits/golden/names.json")) as Record<"tables" | "verdicts", Record<string, unknown>>;
  assert.ok(Object.keys(tables).length > 10 && Object.keys(verdicts).length > 150);
  for (const [table, words] of Object.entries(tables)) assert.deepEqual(names[table as keyof typeof names], words, table);
  for (const [name, verdict] of Object.entries(verdicts)) {
    const [isHeader, isParameter] = [names.isCredentialHeader(name), names.isCredentialParameter(name)];
    assert.equal(isHeader ? (isParameter ? "both" : "header") : isParameter ? "parameter" : "none", verdict, name);
  }
});

test("URLs lose user info and credentials, and nothing else", () => {
  for (const [url, kept] of [
    ["https://user:pass@h.example/a?b=1", "https://[REDACTED]@h.example/a?b=1"],
    ["https://h/v1beta/models/m:generateContent?alt=sse&key=AIza-1#x", "https://h/v1beta/models/m:generateContent?alt=sse&key=[REDACTED]#x"],
    ["https://h/p?X-Amz-Signature=abc&max_tokens=5", "https://h/p?X-Amz-Signature=[REDACTED]&max_tokens=5"],
    ["https://h/p?a%70i_key=abc", "https://h/p?a%70i_key=[REDACTED]"],
    ["https://h/@scope/p?cursor=1", "https://h/@scope/p?cursor=1"],
  ] as const) {
    assert.equal(names.withoutCredentials(url), kept);
  }
});

test("no credential of a header or a URL is sent, and redact has the last word", async () => {
  await service.fresh();
  const SECRET = "sk-0123456789abcdef";
  const led = { location: `https://u:${SECRET}@h/next?max_tokens=5&sig=${SECRET}#x`, "content-location": `/made?api_key=${SECRET}&part=2` };
  const seen: string[] = [];
  const debug = recorder(service.url, {
    fetch: answering(() => new Response("{}", { headers: { "set-cookie": `session=${SECRET}`, ...led, "x-request-id": "r-1" } })),
    redact: (attempt) => {
      seen.push(JSON.stringify(attempt));
      const said = Buffer.from(attempt.requestBody!).toString();
      if (said.includes("forget")) return null;
      if (said.includes("mutate")) return void (attempt.requestHeaders.host = "another");
      if (said.includes("fail")) JSON.parse(SECRET);
      if (said.includes("later")) return Promise.reject(new Error("a rule that fails")) as never;
      return { ...attempt, requestBody: new TextEncoder().encode('{"said":"masked"}') };
    },
  });
  for (const said of ["plain", "forget", "mutate", "fail", "later"]) {
    await debug.turn(CHAT, OWNER, async () => {
      await (await debug.fetch(`https://h/v1/messages?key=${SECRET}`, { ...post(`{"said":"${said}"}`), headers: { authorization: `Bearer ${SECRET}`, referer: `https://h/from?token=${SECRET}&page=1` } })).text();
    });
    await debug.flush(5000);
  }
  const runs = await service.runs();
  assert.equal(runs.length, 5, debug.warnings.join());
  assert.ok(!seen.join().includes(SECRET) && !JSON.stringify(runs).includes(SECRET));
  const [masked, ...withheld] = runs.map((run) => run.steps[0]);
  assert.deepEqual(masked.normalized_request, { said: "masked" });
  assert.deepEqual([masked.attempts[0].request_headers.authorization, masked.attempts[0].response_headers["x-request-id"]], ["[REDACTED]", "r-1"]);
  const { request_headers: { referer }, response_headers: { location, "content-location": made } } = masked.attempts[0];
  assert.deepEqual([location, made, referer], [
    "https://[REDACTED]@h/next?max_tokens=5&sig=[REDACTED]#x",
    "/made?api_key=[REDACTED]&part=2",
    "https://h/from?token=[REDACTED]&page=1",
  ]);
  for (const step of withheld) {
    const [{ url, request_headers, request_body, response_body }] = step.attempts;
    assert.deepEqual([url, request_headers, request_body, response_body], ["[WITHHELD: redact]", {}, undefined, undefined]);
  }
  assert.equal(debug.warnings.length, 1, "to withhold one on purpose is no mistake");
  assert.match(debug.warnings[0]!, /withheld: redact returned nothing: return the attempt, as in `redact: \(a\) => /);
});

test("a redact that fails, or that would be waited for, is said to", async () => {
  for (const [redact, why] of [
    [() => JSON.parse("sk-0123"), /redact threw: SyntaxError\.$/],
    [async () => undefined, /redact gave a promise/],
  ] as const) {
    await service.fresh();
    const debug = recorder(service.url, { fetch: answering(() => new Response("{}")), redact: redact as never });
    await debug.turn(CHAT, OWNER, async () => (await debug.fetch("https://h/v1/messages", post("{}"))).text());
    await debug.flush(5000);
    assert.match(debug.warnings.join(), why);
  }
});

test("what the README shows of redact leaves the body out alone", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => new Response("{}")), redact: (a) => ({ ...a, requestBody: undefined }) });
  await debug.turn(CHAT, OWNER, async () => (await debug.fetch("https://h/v1/messages", post('{"model":"m"}'))).text());
  await debug.flush(5000);
  const [{ steps }] = await service.runs();
  const [{ url, request_body, response_body }] = steps[0].attempts;
  assert.deepEqual([url, request_body, response_body, debug.warnings], ["https://h/v1/messages", undefined, "e30=", []]);
});

test("chats that a turn's chat came from are named as chats are, and what cannot be an id is left out", async () => {
  await service.fresh();
  const debug = recorder(service.url, { fetch: answering(() => new Response("{}")) });
  const ask = async () => (await debug.fetch("https://h/v1/messages", post("{}"))).text();
  await debug.turn(CHAT, OWNER, { rootChatId: "the first", parentChatId: CHAT, modelConfigId: CHAT }, ask);
  assert.deepEqual(debug.warnings, []);
  await debug.flush(5000);
  await debug.turn(CHAT, OWNER, { rootChatId: "", modelConfigId: "gpt" }, ask);
  await debug.flush(5000);
  const named = (await service.runs()).map((run) => [run.root_chat_id, run.parent_chat_id, run.model_config_id]);
  assert.deepEqual(named, [[(await chatOf("the first", OWNER)).id, CHAT, CHAT], [undefined, undefined, undefined]]);
  assert.match(debug.warnings.join(), /an id is left out/);
});

test("what a failure says of a call is not said again", async () => {
  await service.fresh();
  const SECRET = "sk-0123456789abcdef\n1";
  const debug = recorder(service.url, { fetch: (async (input, init) => new Response(new Request(input, init).url)) as typeof fetch });
  await debug.turn(CHAT, OWNER, () => assert.rejects(debug.fetch("https://h", { headers: { authorization: SECRET } })));
  assert.deepEqual(debug.warnings, ["chat-debug: the recorder failed, and the chat went on: TypeError"]);
});

test("any text names a chat, by the contract's own examples", async () => {
  const rows = [...file("shared/api/CONTRACT.md").matchAll(/^\| `(\w+)` \| `("[^`]*")` \| `([0-9a-f-]{36})` \|$/gm)];
  assert.ok(rows.length >= 8, "the contract has examples");
  for (const [, owner, word, id] of rows) {
    const name = JSON.parse(word!) as string;
    // What is spelled as ids are is an id here.
    const isId = /^[0-9a-f-]{36}$/.test(name);
    assert.deepEqual(await chatOf(name, owner!), isId ? { id: name } : { id, external: name }, word);
  }
  assert.deepEqual(await chatOf(CHAT, OWNER), { id: CHAT });
  const long = "x".repeat(257);
  assert.deepEqual(Object.keys(await chatOf(long, OWNER)), ["id"]);
});

test("ids of messages are what the service takes", () => {
  for (const id of [0, -1, 42, 2 ** 53 - 1, 2n ** 63n - 1n, "m", "a  b", "a\ufeffb", "😀".repeat(128)]) assert.equal(isMessageId(id), true, String(id));
  for (const id of [1.5, NaN, 2 ** 53, 2n ** 63n, "", " m", "m ", "a\nb", "a\u00a0b", "a\u2028b", "a\u3000b", "a\ud800b", "x".repeat(129), undefined, null, {}]) assert.equal(isMessageId(id), false, String(id));
});

test("the package says its own version", () => {
  assert.equal(VERSION, JSON.parse(file("shared/kits/typescript/package.json")).version);
});
