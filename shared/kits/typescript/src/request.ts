/** What a call of `fetch` is about to send, read without touching what it sends. */

import type { Content, OutgoingRequest } from "./attempt.js";

export type Fetch = typeof globalThis.fetch;
export type Input = Parameters<Fetch>[0];
export type Init = Parameters<Fetch>[1];

/** To be called before the request is sent: a `Request`'s body is read from a copy, which there is only until then. */
export function requestOf(input: Input, init: Init): OutgoingRequest {
  const request = typeof input === "object" && "headers" in input ? input : undefined;
  const head = {
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    url: request?.url ?? String(input),
    headers: new Headers((init?.headers ?? request?.headers) as HeadersInit),
  };
  const sent = init?.body ?? undefined;
  if (sent === undefined && request?.body && !request.bodyUsed) {
    return { ...head, body: request.clone().arrayBuffer().then((body) => new Uint8Array(body)), isUnread: false };
  }
  const body = contentOf(sent);
  return { ...head, body, isUnread: sent !== undefined && body === undefined };
}

/** A body that is there as a whole; forms and streams are not. What may be written to meanwhile is copied. */
function contentOf(body: unknown): Content | Promise<Content> | undefined {
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (body instanceof Blob) return body.arrayBuffer().then((read) => new Uint8Array(read));
  return undefined;
}
