/** What Node has for the recorder's own requests: `fetch` takes four times as much of the chat's thread. */

import * as http from "node:http";
import * as https from "node:https";
import { createGzip } from "node:zlib";
import { textWithin } from "./bytes.js";
import { timer } from "./clock.js";
import { MAX_ANSWER, TimedOut, type Incoming, type Outgoing } from "./runtime.js";

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

export function send(request: Outgoing): Promise<Incoming> | undefined {
  // Where a product sends its requests another way, as through a proxy, only `fetch` knows it. Bun's is as cheap.
  const dispatcher = (globalThis as { [DISPATCHER]?: object })[DISPATCHER];
  const isOwn = dispatcher !== undefined && dispatcher.constructor.name !== "Agent";
  return isOwn || "bun" in process.versions ? undefined : sent(request);
}

async function sent(request: Outgoing): Promise<Incoming> {
  const said = await once(request);
  // The connection that was kept was closed at its other end. All requests may be repeated.
  return said === "closed" ? sent(request) : said;
}

function once({ method, url, headers, body, timeoutMs }: Outgoing): Promise<Incoming | "closed"> {
  const length: Record<string, string> = body ? { "content-length": String(body.byteLength) } : {};
  const { request } = url.startsWith("https:") ? https : http;
  let late: ReturnType<typeof timer>;
  return new Promise<Incoming | "closed">((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, ...length } }, (incoming) => {
      const { statusCode: status = 0, headers: said } = incoming;
      textWithin(MAX_ANSWER, incoming).then((text) => resolve({ status, retryAfter: said["retry-after"], text }), reject);
    });
    // Less to do than for a signal, of which each request would need its own.
    late = timer(timeoutMs, () => {
      reject(new TimedOut());
      outgoing.destroy();
    });
    outgoing.once("error", (error: NodeJS.ErrnoException) => {
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve("closed");
      else reject(error);
    });
    // It keeps no process alive: whoever ends one flushes.
    outgoing.once("socket", (socket) => socket.unref());
    outgoing.end(body);
  }).finally(() => clearTimeout(late));
}

const waiting: (() => void)[] = [];
// Tests of a product's may put another in its place, which forgets what it was given: then nobody would breathe again.
const { setImmediate } = globalThis;

export function breath(): Promise<void> {
  return new Promise((goes) => {
    if (waiting.push(goes) === 1) setImmediate(next);
  });
}

function next(): void {
  waiting.shift()!();
  if (waiting.length > 0) setImmediate(next);
}

/** Packed behind the thread's back, piece by piece. */
export function gzip(pieces: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const packed: Uint8Array[] = [];
    const packing = createGzip();
    packing.on("data", (piece: Uint8Array) => packed.push(piece)).once("error", reject);
    packing.once("end", () => resolve(Buffer.concat(packed)));
    for (const piece of pieces) packing.write(piece);
    packing.end();
  });
}
