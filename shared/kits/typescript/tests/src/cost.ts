/**
 * What recording costs the chat: `npm run cost`.
 *
 * The same calls are made without a recorder and with ones whose service is healthy, dead and hung, in turns. They follow at
 * once, so that each meets the delivery of the turn before. Provider and service are processes of their own. Times are of a
 * whole call and of a stream's first bytes; `cpu` is what this process computed for one of them, delivery included, and says
 * more on a machine that is busy. Memory is what the process has more after 10,000 turns.
 */

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Recorder } from "chat-debug";
import { CHAT, OWNER, nowhere, program, started } from "./programs.js";

const [BLOCKS, CALLS, TURNS, WARM_UP] = [20, 50, 10_000, 2];
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
function provide(): void {
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      if (!request.url!.includes("?stream")) return response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let event = 0; event < 50; event++) response.write(EVENT);
      return response.end("data: [DONE]\n\n");
    });
  });
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

function resident(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss;
}

async function memory(name: string, debug: Recorder, provider: string): Promise<void> {
  const turn = () => debug.turn(CHAT, OWNER, () => call(debug.fetch, provider));
  for (let number = 0; number < CALLS; number++) await turn();
  const before = resident();
  for (let number = 0; number < TURNS; number++) await turn();
  const counters = Object.entries(debug.counters).filter(([, count]) => count > 0);
  console.log(`${name.padEnd(10)} ${((resident() - before) / 1e6).toFixed(1).padStart(6)} MB more; ${JSON.stringify(Object.fromEntries(counters))}`);
}

async function main(): Promise<void> {
  const provider = await started(process.execPath, fileURLToPath(import.meta.url), "provide");
  const [healthy, hung] = [await program("service.py"), await program("service.py")];
  await fetch(`${hung.url}/_behave`, { method: "PUT", body: JSON.stringify({ hung: true }) });
  const urls = { healthy: healthy.url, dead: await nowhere(), hung: hung.url };
  const recorders = (): Record<string, Recorder> =>
    Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, new Recorder({ url, key: "k", warn: () => {} })]));

  console.log(`${BLOCKS * CALLS} calls each, in milliseconds; ratios to \`without\`\n`);
  console.log(`${"".padEnd(12)} ${"service".padEnd(10)} ${"median".padStart(8)} ${"p99".padStart(8)}   ${"ratios".padStart(11)}   p99 later    cpu`);
  for (const what of [call, firstBytes]) await measure({ without: undefined, ...recorders() }, provider.url, what);
  console.log(`\nMemory after ${TURNS} turns`);
  for (const [name, debug] of Object.entries(recorders())) await memory(name, debug, provider.url);
  for (const one of [provider, healthy, hung]) one.stop();
  process.exit();
}

if (process.argv.includes("provide")) provide();
else void main();
