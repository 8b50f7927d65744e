/**
 * The service's recording routes. An answer is one of four: taken, not wanted by whom the chat belongs to, refused for good,
 * or none at all, which is worth another try.
 */

import { Breaker } from "./breaker.js";
import { brought, gzipped, joined, lengthOf, textWithin } from "./bytes.js";
import { timer } from "./clock.js";
import { members, read } from "./json.js";
import type { Fetch } from "./request.js";
import { MAX_ANSWER, TimedOut, runtime, type Incoming, type Outgoing } from "./runtime.js";
import { VERSION } from "./version.js";

/** Where the service's routes begin, and its viewer's. */
export const ROOT = "/api/experimental/chats";
/** Below that, to pack a body costs the chat's process more than it saves. */
const MIN_GZIPPED = 32 * 1024;
/** What the service takes of a body: unpacked, and where nothing packs it, as it is. */
export const MAX_UNPACKED = 16 * 1024 * 1024;
const MAX_GZIPPED = 4_500_000;
const MAX_PLAIN = 4 * 1024 * 1024;

export type Reply =
  | { readonly kind: "taken"; readonly body: Record<string, unknown> }
  | { readonly kind: "refused"; readonly status: number; readonly problem: string; readonly detail: string };

/** The service did not answer, or asks to be asked later. */
export class Unanswered extends Error {
  constructor(
    detail: string,
    readonly retryAfterMs = 0,
  ) {
    super(detail);
  }
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  /** Behind the root of all chats. */
  readonly path: string;
  readonly body?: readonly Uint8Array[];
  readonly timeoutMs: number;
  /** Since when it is on its way, if that is longer than since it was called. */
  readonly beganAt?: number;
}

export class Service {
  /** Told of each request, once, whoever makes it. */
  readonly breaker = new Breaker();
  readonly #origin: string;

  constructor(
    url: string,
    private readonly key: string,
    private readonly fetch: () => Fetch,
  ) {
    this.#origin = url.replace(/\/+$/, "");
  }

  async call({ method, path, body, timeoutMs, beganAt = performance.now() }: Call): Promise<Reply> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.key}`, "user-agent": `chat-debug-typescript/${VERSION}` };
    const sent = body && (await packed(body, headers));
    if (sent === "too large") return TOO_LARGE;
    const request = { method, url: `${this.#origin}${ROOT}${path}`, headers, body: sent, timeoutMs };
    try {
      const said = reply(await (runtime.send?.(request) ?? this.#fetched(request)));
      this.breaker.succeeded();
      return said;
    } catch (error) {
      this.breaker.failed(beganAt);
      if (error instanceof Unanswered) throw error;
      throw new Unanswered(error instanceof TimedOut ? `It did not answer within ${timeoutMs} ms.` : causeOf(error));
    }
  }

  async #fetched({ method, url, headers, body, timeoutMs }: Outgoing): Promise<Incoming> {
    const aborter = new AbortController();
    const late = timer(timeoutMs, () => aborter.abort(new TimedOut()));
    // A runtime that keeps answers to itself, as Next.js does, must not keep these.
    const init = { method, headers, signal: aborter.signal, redirect: "manual", next: { revalidate: 0 }, ...(body && { body }) };
    try {
      const response = await this.fetch()(url, init as RequestInit);
      const text = response.body ? await textWithin(MAX_ANSWER, brought(response.body)) : "";
      return { status: response.status, retryAfter: response.headers.get("retry-after"), text };
    } catch (error) {
      throw aborter.signal.aborted ? new TimedOut() : error;
    } finally {
      clearTimeout(late);
    }
  }
}

async function packed(pieces: readonly Uint8Array[], headers: Record<string, string>): Promise<Uint8Array<ArrayBuffer> | "too large"> {
  const length = lengthOf(pieces);
  if (length > MAX_UNPACKED) return "too large";
  const gzip = length >= MIN_GZIPPED ? await gzipped(pieces) : undefined;
  if ((gzip?.byteLength ?? length) > (gzip ? MAX_GZIPPED : MAX_PLAIN)) return "too large";
  headers["content-type"] = gzip ? "application/vnd.chat-debug+json" : "application/json";
  if (gzip) headers["content-encoding"] = "gzip";
  return gzip ?? joined(pieces);
}

const TOO_LARGE: Reply = { kind: "refused", status: 413, problem: "body-too-large", detail: "The body is too large." };

function reply({ status, retryAfter, text }: Incoming): Reply {
  const body = members(read(text));
  const said = String(body.detail ?? body.message ?? `HTTP ${status}`);
  if (status === 429 || status >= 500) throw new Unanswered(said, 1000 * (Number(retryAfter) || 0));
  if (status >= 200 && status < 300) return { kind: "taken", body };
  return { kind: "refused", status, problem: String(body.type ?? "").replace("urn:chat-debug:problem:", ""), detail: said };
}

/** Why a connection broke; never what was sent. */
function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: unknown; message?: unknown }; message?: unknown };
  return String(cause?.code ?? cause?.message ?? message ?? "The connection broke.");
}
