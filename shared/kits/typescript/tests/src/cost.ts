/**
 * What recording costs the chat: `npm run cost`.
 *
 * The same calls are made without a recorder and with ones whose service is healthy, dead and hung, in turns. They follow at
 * once, so that each meets the delivery of the turn before. Provider and service are processes of their own. Times are of a
 * whole call and of a stream's first bytes; `cpu` is what this process computed for one of them, delivery included, and says
 * more on a machine that is busy. Memory is what a process has more after 10,000 turns: the runtime's own garbage is in what is
 * `resident`, also `without`; what recordings take is in what is `live`. Last is how many turns a second get through to a service
 * that takes some time for each answer, when there are always more.
 */

import { execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { Recorder } from "chat-debug";
import { CHAT, OWNER, nowhere, started } from "./programs.js";

const [BLOCKS, CALLS, TURNS, WARM_UP] = [20, 50, 10_000, 2];
const [FAR, SECONDS, WAITING] = [[0, 50, 150], 5, 100];
/** Of a chat with some history. */
const WORDS = "All happy families are alike; each is happy in a way of its own. ".repeat(20);
const REQUEST = { model: "m", messages: ["system", "user", "assistant", "user"].map((role) => ({ role, content: WORDS })) };
const ANSWER = JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: WORDS }, finish_reason: "stop" }] });
const EVENT = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "word " }, finish_reason: null }] })}\n\n`;

type Fetch = typeof globalThis.fetch;
type Measured = (fetch: Fetch, url: string) => Promise<number>;

const post = (body: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

async function call(fetch: Fetch, url: string): Promise<number> {
  const began = performance.now();
  await (await fetch(`${url}/v1/chat/completions`, post(REQUEST))).text();
  return performance.now() - began;
}

async function firstBytes(fetch: Fetch, url: string): Promise<number> {
  const began = performance.now();
  const reader = (await fetch(`${url}/v1/chat/completions?stream`, post({ ...REQUEST, stream: true }))).body!.getReader();
  await reader.read();
  const took = performance.now() - began;
  while (!(await reader.read()).done);
  return took;
}

/** Answers at once, so that what is measured is the recorder. */
function provide(request: IncomingMessage, response: ServerResponse): void {
  if (!request.url!.includes("?stream")) return void response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let event = 0; event < 50; event++) response.write(EVENT);
  response.end("data: [DONE]\n\n");
}

/** The service as a recorder sees it, which keeps nothing and so takes little from what is measured. */
function record(millis: number): typeof provide {
  return (request, response) => {
    const [status, body] = request.method === "GET" ? [200, { effective: true }] : [201, { recorded: true }];
    const answer = () => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (millis > 0) setTimeout(answer, millis);
    else answer();
  };
}

/** Reads what it is sent, and says where it is. */
function serve(answer: typeof provide): void {
  const server = createServer((request, response) => void request.resume().once("end", () => answer(request, response)));
  server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`));
  process.stdin.resume().once("end", () => process.exit());
}

const at = (times: number[], share: number): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * share)]!;
const fixed = (value: number, width: number): string => value.toFixed(2).padStart(width);

async function measure(recorders: Record<string, Recorder | undefined>, provider: string, what: Measured): Promise<void> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(recorders).map((name) => [name, []]));
  const computed: Record<string, number> = Object.fromEntries(Object.keys(recorders).map((name) => [name, 0]));
  for (let block = -WARM_UP; block < BLOCKS; block++) {
    for (const [name, debug] of Object.entries(recorders)) {
      const before = process.cpuUsage();
      for (let number = 0; number < CALLS; number++) {
        const took = debug ? await debug.turn(CHAT, OWNER, () => what(debug.fetch, provider)) : await what(fetch, provider);
        if (block >= 0) times[name]!.push(took);
      }
      // What it still has to send is its own cost, not the next one's.
      await debug?.flush(1000);
      const { user, system } = process.cpuUsage(before);
      if (block >= 0) computed[name]! += (user + system) / 1000 / CALLS / BLOCKS;
    }
  }
  const plain = times.without!;
  for (const [name, taken] of Object.entries(times)) {
    const [median, last] = [at(taken, 0.5), at(taken, 0.99)];
    const ratios = `${fixed(median / at(plain, 0.5), 5)} ${fixed(last / at(plain, 0.99), 5)}`;
    const later = fixed(last - at(plain, 0.99), 9);
    console.log(`${what.name.padEnd(12)} ${name.padEnd(10)} ${fixed(median, 8)} ${fixed(last, 8)}   ${ratios}   ${later} ${fixed(computed[name]!, 6)}`);
  }
}

const recorder = (url: string): Recorder => new Recorder({ url, key: "k", warn: () => {} });

/** What the process has, and what of that is no garbage, in megabytes. The runtime gives back what it does not need a moment later. */
async function taken(): Promise<{ resident: number; live: number }> {
  for (let time = 0; time < 3; time++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((over) => setTimeout(over, 500));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss / 1e6, live: (heapUsed + external) / 1e6 };
}

/** In a process of its own, so that it meets nobody else's garbage. */
async function memory(name: string, provider: string, url: string): Promise<void> {
  const debug = name === "without" ? undefined : recorder(url);
  const turn = () => (debug ? debug.turn(CHAT, OWNER, () => call(debug.fetch, provider)) : call(fetch, provider));
  for (let number = 0; number < CALLS; number++) await turn();
  const before = await taken();
  for (let number = 0; number < TURNS; number++) await turn();
  const counters = JSON.stringify(Object.fromEntries(Object.entries(debug?.counters ?? {}).filter(([, count]) => count > 0)));
  const after = await taken();
  console.log(`${name.padEnd(10)} ${fixed(after.resident - before.resident, 8)} ${fixed(after.live - before.live, 8)}   ${counters}`);
  process.exit();
}

/** How many turns a second a service takes whose answers take so long. */
async function through(millis: number): Promise<number> {
  const { url, stop } = await started(process.execPath, itself, "record", String(millis));
  const debug = new Recorder({ url, key: "k", warn: () => {}, fetch: async () => new Response(ANSWER, { headers: { "content-type": "application/json" } }) });
  const began = performance.now();
  for (let turns = 0; performance.now() - began < 1000 * SECONDS; ) {
    if (turns - debug.counters.recorded < WAITING) await debug.turn(`chat ${turns++}`, OWNER, () => call(debug.fetch, "https://model.invalid"));
    else await new Promise((over) => setTimeout(over, 1));
  }
  const recorded = debug.counters.recorded / SECONDS;
  stop();
  return recorded;
}

const PARTS: Record<string, (...rest: string[]) => unknown> = {
  provide: () => serve(provide),
  record: (millis) => serve(record(Number(millis))),
  hang: () => serve(() => {}),
  memory: (name, provider, url) => memory(name!, provider!, url!),
};

const itself = fileURLToPath(import.meta.url);

async function main(): Promise<void> {
  const programs = await Promise.all([["provide"], ["record", "0"], ["hang"]].map((part) => started(process.execPath, itself, ...part)));
  const [provider, healthy, hung] = programs.map(({ url }) => url) as [string, string, string];
  const urls = { healthy, dead: await nowhere(), hung };
  const recorders = () => Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, recorder(url)]));

  console.log(`${BLOCKS * CALLS} calls each, in milliseconds; ratios to \`without\`\n`);
  console.log(`${"".padEnd(12)} ${"service".padEnd(10)} ${"median".padStart(8)} ${"p99".padStart(8)}   ${"ratios".padStart(11)}   p99 later    cpu`);
  for (const what of [call, firstBytes]) await measure({ without: undefined, ...recorders() }, provider, what);
  console.log(`\nMB more after ${TURNS} turns without a pause\n${"".padEnd(10)} resident     live   turns at their end`);
  for (const [name, url] of Object.entries({ without: "", ...urls })) {
    execFileSync(process.execPath, ["--expose-gc", itself, "memory", name, provider, url], { stdio: ["ignore", "inherit", "inherit"] });
  }
  for (const one of programs) one.stop();
  console.log("\nturns a second that get through, by what an answer of the service takes");
  for (const millis of FAR) console.log(`${`${millis} ms`.padStart(10)} ${(await through(millis)).toFixed(0).padStart(8)}`);
  process.exit();
}

const [part, ...rest] = process.argv.slice(2);
void (part ? PARTS[part]!(...rest) : main());
