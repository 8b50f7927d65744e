/** The package as it is published, and its command. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FakeService, nowhere, startProvider } from "./servers.js";

const run = promisify(execFile);
const service = await FakeService.start();
const folder = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(folder, "dist/esm/cli.js");

test("what is packed is what is needed, in both kinds of modules, with types, and nothing beside", async () => {
  const place = mkdtempSync(join(tmpdir(), "chat-debug-"));
  try {
    const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", place], { cwd: folder });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map(({ path }) => path).filter((path) => !/^dist\/(esm|cjs)\/[a-z]+(\.d\.ts|\.js)$/.test(path));
    assert.deepEqual(paths.sort(), ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist/cjs/package.json", "dist/esm/package.json", "package.json"]);

    // As the README says it.
    writeFileSync(join(place, "package.json"), "{}");
    await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", `./${filename}`], { cwd: place });
    assert.match((await run("npx", ["--no-install", "chat-debug", "--help"], { cwd: place })).stdout, /^Usage: chat-debug check/);
    writeFileSync(join(place, "a.mjs"), 'import { Recorder } from "chat-debug"; console.log(typeof new Recorder({ warn() {} }).fetch);');
    writeFileSync(join(place, "a.cjs"), 'const { Recorder } = require("chat-debug"); console.log(typeof new Recorder({ warn() {} }).fetch);');
    for (const file of ["a.mjs", "a.cjs"]) assert.equal((await run("node", [file], { cwd: place })).stdout.trim(), "function");

    const use = 'const debug = new Recorder();\nexport const answer: Promise<Response> = debug.stream("c", "o", { triggerMessageId: 1 }, (turn) => turn.fetch("https://h"));\n';
    // As SDKs have promises, and Bun its `fetch`.
    writeFileSync(join(place, "bun.d.ts"), "declare namespace fetch { function preconnect(url: string): void }\n");
    const types = `import { Recorder } from "chat-debug";
      class APIPromise<T> extends Promise<T> { withResponse(): void {} }
      const debug = new Recorder({ fetch: async () => new Response() });
      export const own: typeof fetch = debug.wrap(async (input, init) => fetch(input, init));
      const plain = debug.turn("c", "o", () => new APIPromise<number>(() => {}));
      export const promise: Promise<number> = plain;
      export const whole: number = debug.turn("c", "o", () => 1);
      // @ts-expect-error
      plain.withResponse();
      fetch.preconnect("https://h");
      debug.fetch.preconnect("https://h");
      export const redacting = new Recorder({ redact: (a) => ({ ...a, requestBody: undefined }) });
      export const taken: typeof fetch = debug.fetch;`;
    writeFileSync(join(place, "c.mts"), types);
    writeFileSync(join(place, "b.mts"), `import { Recorder } from "chat-debug";\n${use}`);
    writeFileSync(join(place, "b.cts"), `import { Recorder } from "chat-debug";\n${use}`);
    const compiler = join(folder, "node_modules/typescript/bin/tsc");
    await run("node", [compiler, "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable", "bun.d.ts", "b.mts", "b.cts", "c.mts"], { cwd: place });
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("the command of a folder that is linked runs after each build", () => {
  assert.equal(statSync(CLI).mode & 0o111, 0o111);
});

test("the README's route runs as it stands, and is recorded", async () => {
  await service.fresh();
  const provider = await startProvider();
  const place = mkdtempSync(join(folder, "tests/built/readme-"));
  try {
    const [, route] = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, "README.md"), "utf8"))!;
    writeFileSync(join(place, "route.ts"), route!);
    const compiler = join(folder, "node_modules/typescript/bin/tsc");
    await run("node", [compiler, "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", "node", "--typeRoots", join(folder, "node_modules/@types"), "route.ts"], { cwd: place });
    const ask = `import { POST } from "./route.js"; console.log(await (await POST(new Request("http://h", { method: "POST", body: '{"text":"hello"}' }))).text());`;
    writeFileSync(join(place, "ask.mjs"), ask);
    const env = { ...process.env, CHAT_DEBUG_URL: service.url, CHAT_DEBUG_KEY: "k", OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `${provider}/readme/plain/v1` };
    assert.match((await run("node", ["ask.mjs"], { cwd: place, env })).stdout, /Paris/);
    const [recorded] = await service.runs();
    assert.deepEqual([recorded.owner_id, recorded.external_id, recorded.status, recorded.summary.first_message], ["user-1", "chat-1", "completed", "hello"]);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("it needs nothing at run time, and can be published", () => {
  const { dependencies, peerDependencies, license, description, bin, engines } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.deepEqual([dependencies, peerDependencies, license, engines.node], [undefined, undefined, "MIT OR Apache-2.0", ">=20"]);
  assert.ok(description && bin["chat-debug"]);
});

async function checked(environment: Record<string, string>, ...more: string[]): Promise<{ code: number; said: string }> {
  const env = { ...process.env, CHAT_DEBUG_URL: service.url, CHAT_DEBUG_KEY: "cdk_test", ...environment };
  const { PATH } = process.env;
  return run("node", [CLI, "check", ...more], { env: { ...env, PATH } }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
  );
}

/** A hint that says where in the viewer it is done. */
const settings = (what: RegExp): RegExp => new RegExp(`${what.source}.*${service.url}/api/experimental/chats/view#/settings$`, "m");

test("a command of the other program of this name is told from this one's", async () => {
  for (const command of [["settings", "gate", "on"], ["keys", "create", "--general"]]) {
    const { code, stderr } = await run("node", [CLI, ...command]).then(() => assert.fail(), (error) => error);
    assert.equal(code, 1);
    assert.match(stderr, /is no command of the recorder kit.*viewer.*the service's own client, another program/s);
  }
});

test("the check records a turn, or says what is missing", async () => {
  const chat = ["--chat", "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e"];
  await service.fresh();
  const well = await checked({}, "--owner", "user-7", ...chat);
  assert.equal(well.code, 0, well.said);
  const [run] = await service.runs();
  assert.ok(well.said.includes(run.id) && run.owner_id === "user-7");
  assert.deepEqual(run.steps[0].normalized_request.messages[0].content, "Is this recorded?");

  await service.fresh({ recorded: false });
  for (const [environment, expected, ...more] of [
    [{ CHAT_DEBUG_URL: "" }, /CHAT_DEBUG_URL is not set/],
    [{ CHAT_DEBUG_KEY: "" }, /CHAT_DEBUG_KEY is not set/],
    [{ CHAT_DEBUG_URL: await nowhere() }, /does not answer/],
    [{}, settings(/user-7 has not opted in/), "--owner", "user-7", ...chat],
    [{ CHAT_DEBUG_KEY: "" }, settings(/is not set/)],
    [{}, /cannot own a chat/, "--owner", "a#b"],
    [{}, /Usage/, "--nonsense"],
  ] as const) {
    const { code, said } = await checked(environment, ...more);
    assert.equal(code, 1);
    assert.match(said, expected);
  }
  await service.fresh({ recorded: false, by: "gate" });
  assert.match((await checked({}, ...chat)).said, settings(/The gate is closed/));
  await service.fresh({ bound: true });
  assert.match((await checked({}, ...chat)).said, /must not be a UUID in lower case: prefix it, as --chat chat:5f0c/);
  assert.equal((await checked({}, "--chat", `chat:${chat[1]}`)).code, 0);
  await service.fresh({ status: 403 });
  assert.match((await checked({}, ...chat)).said, /does not take the key: as it was told/);
});
