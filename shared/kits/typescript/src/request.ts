/** What a call of `fetch` is about to send, read without touching what it sends. */

import type { Content, OutgoingRequest } from "./attempt.js";
import { viewOf } from "./bytes.js";

export type Input = Parameters<typeof globalThis.fetch>[0];
export type Init = Parameters<typeof globalThis.fetch>[1];
/** What is called as `fetch` is; a runtime's own may have more, as Bun's has `preconnect`. */
export type Fetch = (input: Input, init?: Init) => Promise<Response>;

/** How much is read of a body that is not there as a whole: about what the service takes. */
export const MOST_READ = 16 * 1024 * 1024;

export function urlOf(input: Input): string {
  return requestIn(input)?.url ?? String(input);
}

/** What can be read twice, by the record and by the call: of an iterator of headers there is one reading. */
export function repeatable(init: Init): Init {
  const headers = init?.headers as (Iterable<[string, string]> & { next?: unknown }) | undefined;
  return typeof headers?.next === "function" ? { ...init, headers: [...headers] } : init;
}

/** To be called before the request is sent: of a `Request`'s body there is a copy only until then. */
export function requestOf(input: Input, init: Init): OutgoingRequest {
  const request = requestIn(input);
  const head = {
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    url: urlOf(input),
    headers: new Headers((init?.headers ?? request?.headers) as HeadersInit),
  };
  const sent = init?.body ?? undefined;
  if (sent === undefined && request?.body && !request.bodyUsed) return { ...head, body: request.clone().body!, isUnread: false };
  const body = contentOf(sent);
  return { ...head, body, isUnread: sent !== undefined && body === undefined };
}

function requestIn(input: Input): Request | undefined {
  return typeof input === "object" && "headers" in input ? input : undefined;
}

/** A body that is there as a whole; forms and streams are not. What may be written to meanwhile is copied. */
function contentOf(body: unknown): Content | ReadableStream<Uint8Array> | undefined {
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (body instanceof Blob) return body.size <= MOST_READ ? body.stream() : undefined;
  // Not by the view's own `slice`, which of a `Buffer` is no copy.
  return viewOf(body)?.slice();
}
