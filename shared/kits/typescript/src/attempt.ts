/**
 * One HTTP try of a call, while it goes on: what was sent, what came back so far, and when.
 *
 * Credentials in headers and in the URL are gone before anything is kept. It never reads by itself.
 */

import { bytesOf, viewOf } from "./bytes.js";
import { rfc3339, type Clock } from "./clock.js";
import { isTerminal } from "./answer.js";
import { Kept } from "./kept.js";
import { headerWithoutCredentials, withoutCredentials } from "./names.js";
import { MOST_READ } from "./request.js";
import type { Sink } from "./tap.js";

export type HeaderMap = Record<string, string>;

/** An attempt as it is recorded, and as `redact` sees it. Members without a value are absent. */
export interface RecordedAttempt {
  readonly number: number;
  readonly status: "completed" | "failed";
  readonly method: string;
  readonly url: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly firstByteMs?: number | undefined;
  readonly requestHeaders: HeaderMap;
  readonly requestBody?: Uint8Array | undefined;
  readonly responseStatus?: number | undefined;
  readonly responseHeaders?: HeaderMap | undefined;
  readonly responseBody?: Uint8Array | undefined;
  readonly error?: string | undefined;
}

export type Content = string | Uint8Array;

/** A request as it is about to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** A copy that is yet to be read, where it is a stream; absent when there is none, or it cannot be read safely. */
  readonly body?: Content | ReadableStream<Uint8Array> | undefined;
  /** There is a body that cannot be read safely. */
  readonly isUnread: boolean;
}

/** What an attempt may take of memory. */
export interface Room {
  /** Whether there is room for more bytes; if so they are taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Something came, whether or not it takes more. */
  touch(): void;
}

/** What an attempt takes beside its bodies, and what its turn does, about. */
const OVERHEAD = 8 * 1024;

/** How much earlier an SDK's time may be over than it says: it counts from before the request. */
const TIMERS_EARLY = 100;

/** Why an attempt has no end of its own. */
export const CUT_OFF = "The turn ended before the answer did.";
const LEFT = "The client left before the answer ended.";

export class Attempt implements Sink {
  readonly method: string;
  /** As it was called, to tell the same request again. It is not recorded. */
  readonly requestUrl: string;
  readonly url: string;
  readonly requestHeaders: HeaderMap;
  /** A body that was not read is said to be left out. */
  isRequestUnread: boolean;
  isResponseUnread = false;
  readonly startedAt: number;
  requestBody: Content | undefined;
  responseStatus: number | undefined;
  responseHeaders: HeaderMap | undefined;
  /** How the answer was packed before the runtime unpacked it. */
  encoding: string | undefined;
  error: string | undefined;
  /** Whether it was given up rather than broken: the caller's signal, a client that left, a turn that ended. */
  isInterrupted = false;
  endedAt: number | undefined;
  #firstByteAt: number | undefined;
  #lastByteAt: number | undefined;
  #status: "open" | "completed" | "failed" = "open";
  #answer = new Kept();
  #bytes = 0;
  #isReleased = false;
  #isRecorded = false;
  readonly #settled: Promise<void>;
  #settle!: () => void;

  constructor(
    readonly number: number,
    request: OutgoingRequest,
    readonly clock: Clock,
    readonly room: Room,
  ) {
    this.startedAt = clock.now();
    this.#take(OVERHEAD);
    this.method = request.method;
    this.requestUrl = request.url;
    this.url = withoutCredentials(request.url);
    this.requestHeaders = kept(request.headers);
    this.isRequestUnread = request.isUnread;
    this.#settled = new Promise((settle) => (this.#settle = settle));
    if (request.body instanceof ReadableStream) void this.#readRequest(request.body.getReader());
    else if (request.body !== undefined) this.#keepRequest(request.body);
  }

  /** Whether the answer is a stream of events. */
  get isStream(): boolean {
    return /event-?stream/.test(this.responseHeaders?.["content-type"] ?? "");
  }

  get status(): "open" | "completed" | "failed" {
    return this.#status;
  }

  /** Whether another try is likely to follow: no answer, or one that refuses. */
  get isFailure(): boolean {
    return this.#status === "failed" || (this.responseStatus !== undefined && !isSuccess(this.responseStatus));
  }

  /** Whether the rest of a refusal is still being read. */
  get isReadAside(): boolean {
    return this.#status === "open" && this.responseStatus !== undefined && this.responseStatus >= 400;
  }

  /** Resolves when the attempt is over. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  answer(response: Response): void {
    this.responseStatus = response.status;
    this.responseHeaders = kept(response.headers);
    this.encoding = response.headers.get("content-encoding") ?? undefined;
    this.#lastByteAt = this.clock.now();
    if (!response.body) this.end();
  }

  piece(bytes: Uint8Array): void {
    if (this.#isReleased || this.isResponseUnread || this.#status !== "open") return;
    this.#lastByteAt = this.clock.now();
    this.#firstByteAt ??= this.#lastByteAt;
    this.room.touch();
    this.#answer.push(bytes, (more) => this.#take(more));
  }

  unread(): void {
    this.isResponseUnread = true;
    this.#answer = new Kept();
  }

  end(): void {
    this.#close("completed", this.clock.now());
  }

  /** The transport failed, or whoever called gave up, as their signal says if they gave one. */
  fail(error: unknown, signal?: AbortSignal | null): void {
    const isLeft = isLeaving(error) || (signal?.aborted === true && !isTimeout(signal.reason));
    this.#closeUnlessOver(described(error), isLeft && !this.#isLate());
  }

  leave(): void {
    this.#closeUnlessOver(LEFT, true);
  }

  /** Ends what is still open when its turn does. */
  cutOff(): void {
    this.#closeUnlessOver(CUT_OFF, true);
  }

  /** Forgets what was kept, and keeps nothing more. */
  release(): void {
    this.#isReleased = true;
    this.#answer = new Kept();
    this.requestBody = undefined;
    this.#holds(0);
    if (this.#status === "open") this.#close("failed", this.clock.now());
  }

  /** The attempt for the record, as `redact` leaves it, once it is over. What was kept is in the record alone from then on. */
  record(redact: (record: RecordedAttempt) => RecordedAttempt): RecordedAttempt {
    this.#isRecorded = true;
    const record = redact(this.#whole());
    this.requestBody = undefined;
    this.#answer = new Kept();
    this.#holds(OVERHEAD + (record.requestBody?.byteLength ?? 0) + (record.responseBody?.byteLength ?? 0));
    return record;
  }

  #whole(): RecordedAttempt {
    const endedAt = this.endedAt ?? this.clock.now();
    const body = this.requestBody;
    const members = {
      number: this.number,
      status: this.#status === "completed" ? ("completed" as const) : ("failed" as const),
      method: this.method,
      url: this.url,
      startedAt: rfc3339(this.startedAt),
      finishedAt: rfc3339(endedAt),
      durationMs: Math.round(endedAt - this.startedAt),
      firstByteMs: this.#firstByteAt && Math.round(this.#firstByteAt - this.startedAt),
      requestHeaders: this.requestHeaders,
      requestBody: typeof body === "string" ? bytesOf(body) : body,
      responseStatus: this.responseStatus,
      responseHeaders: this.responseHeaders,
      responseBody: this.#answer.whole(),
      error: this.error,
    };
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as unknown as RecordedAttempt;
  }

  #keepRequest(body: Content): void {
    if (this.#isReleased || body.length === 0) return;
    if (this.#take(sizeOf(body))) this.requestBody = body;
  }

  /** Reads it piece by piece, as far as there is room. What is not whole when the record is made is left out. */
  async #readRequest(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
    this.isRequestUnread = true;
    const body = new Kept();
    let taken = 0;
    const take = (more: number): boolean => {
      const isTaken = this.#take(more);
      if (isTaken) taken += more;
      return isTaken;
    };
    try {
      for (let length = 0; length <= MOST_READ && !this.#isReleased && !this.#isRecorded; ) {
        const { done, value } = await reader.read();
        if (done && !this.#isRecorded) {
          this.requestBody = body.whole();
          this.isRequestUnread = false;
        }
        const piece = viewOf(value);
        if (done || !piece) break;
        body.push(piece, take);
        length += piece.byteLength;
      }
      reader.cancel().catch(() => {});
    } catch {
      // An upload that breaks off is its call's own failure.
    }
    if (this.isRequestUnread && !this.#isReleased && !this.#isRecorded) this.#holds(this.#bytes - taken);
  }

  #take(bytes: number): boolean {
    const isTaken = this.room.take(bytes);
    if (isTaken) this.#bytes += bytes;
    return isTaken;
  }

  /** Takes so much from now on, whatever it took. */
  #holds(bytes: number): void {
    const held = this.#isReleased ? 0 : bytes;
    this.room.give(this.#bytes - held);
    this.#bytes = held;
  }

  /** Completed after all, when the stream has said its last word: clients often read no further. */
  #closeUnlessOver(why: string, isInterrupted: boolean): void {
    if (this.#status !== "open") return;
    const body = this.isStream ? this.#answer.whole() : undefined;
    if (body && isTerminal(body)) return this.#close("completed", this.#lastByteAt!);
    this.error = why;
    this.isInterrupted = isInterrupted || this.responseStatus !== undefined;
    this.#close("failed", this.clock.now());
  }

  /** Whether the SDK's own time for an answer is over: it gives up as a caller does who leaves. */
  #isLate(): boolean {
    const seconds = Number(this.requestHeaders["x-stainless-timeout"]);
    return this.responseStatus === undefined && seconds > 0 && this.clock.now() - this.startedAt >= 1000 * seconds - TIMERS_EARLY;
  }

  #close(status: "completed" | "failed", at: number): void {
    if (this.#status !== "open") return;
    this.#status = status;
    this.endedAt = at;
    this.#settle();
  }
}

/** What a runtime takes for a text: a byte for a character, or two for all of them when one needs them. */
function sizeOf(body: Content): number {
  return typeof body === "string" && /[^\x00-\xff]/.test(body) ? 2 * body.length : body.length;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function kept(headers: Headers): HeaderMap {
  const pairs: HeaderMap = {};
  headers.forEach((value, name) => {
    pairs[name] = headerWithoutCredentials(name, value);
  });
  return pairs;
}

/** Whether somebody gave up of their own accord; whose time is over does not. */
export function isLeaving(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}

/** What the transport said, and why: `fetch` tells the cause apart. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: unknown };
  const said = `${error.name}: ${error.message}`;
  return cause instanceof Error && cause.message ? `${said} (${cause.message})` : said;
}
