/**
 * What a runtime has beyond the web's own standards, which are enough to run on. The entry for Node says what that has; what is
 * here is used where it is there.
 */

/** Carries a value through asynchronous calls. */
export interface Storage<T> {
  run<R>(store: T, run: () => R): R;
  getStore(): T | undefined;
}

export type MakeStorage = new <T>() => Storage<T>;

/** A request of the recorder's own. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly timeoutMs: number;
}

/** No answer in the time it had. */
export class TimedOut extends Error {}

/** How long an answer of the service's may be. */
export const MAX_ANSWER = 1024 * 1024;

export interface Incoming {
  readonly status: number;
  readonly retryAfter: string | null | undefined;
  readonly text: string;
}

export interface Runtime {
  AsyncLocalStorage?: MakeStorage;
  /** Sends a request for less than `fetch` costs; nothing where `fetch` alone knows the way. */
  send?: (request: Outgoing) => Promise<Incoming> | undefined;
  /** Lets whatever waits go first, for one at a time, so that many together hold up the chat no longer than one does. */
  breath?: () => Promise<void>;
  gzip?: (pieces: readonly Uint8Array[]) => Promise<Uint8Array<ArrayBuffer>>;
}

export const runtime: Runtime = {};
