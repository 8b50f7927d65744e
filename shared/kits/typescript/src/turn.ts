/** A turn of a chat, as the product sees it. */

import { isLeaving, type Attempt, type OutgoingRequest } from "./attempt.js";
import { capture, type Owner, type Recorded } from "./capture.js";
import { withFetch } from "./client.js";
import type { Recording, Status, TurnOptions } from "./recording.js";
import type { Fetch } from "./request.js";
import { tapped } from "./tap.js";

/** What a turn needs of the recorder that made it. */
export interface TurnHost {
  readonly owner: Owner;
  readonly base: Fetch;
  /** Runs with this turn as the current one, where the runtime can carry it. */
  carry<T>(turn: Turn, run: () => T): T;
  failed(error: unknown): void;
  warn(kind: string, why: string): void;
}

/** How long calls may go on behind a whole answer, and calls that begin later or are read later. */
const BEHIND = 10_000;
const LATE = 5 * 60_000;

export class Turn implements Recorded {
  /** A `fetch` that records into this turn, wherever it is called. */
  readonly fetch: typeof globalThis.fetch;
  #recording: Recording | undefined;

  constructor(
    private readonly host: TurnHost,
    private readonly record: () => Recording | undefined,
  ) {
    this.#recording = record();
    this.fetch = this.wrap();
  }

  /** The run's id, under which its owner finds it; absent when nothing is recorded at all. */
  get runId(): string | undefined {
    return this.#recording?.runId;
  }

  /** A `fetch` of the product's own that records into this turn. */
  wrap(base?: Fetch): typeof globalThis.fetch {
    return capture(this.host.owner, base ?? this.host.base, () => this);
  }

  /** The same client, with all its calls in this turn: right where turns are not carried, and across them. */
  bind<Client extends object>(client: Client): Client {
    try {
      const { fetch } = client as { fetch?: unknown };
      const bound = withFetch(client, this.wrap(typeof fetch === "function" ? (fetch as Fetch) : undefined));
      if (bound) return bound;
    } catch {
      // What it says may hold what it was given.
    }
    this.host.warn("turn.bind() cannot copy such a client, and leaves it as it is", "make it with `fetch: debug.fetch`, or with `fetch: turn.fetch`.");
    return client;
  }

  /** Runs with this as the current turn. */
  run<T>(run: () => T): T {
    return this.host.carry(this, run);
  }

  /** Says what is known only later, as the id of the message that the answer became. */
  set(options: Pick<TurnOptions, "historyTipMessageId" | "assistantMessageId" | "triggerMessageId">): void {
    if (this.#recording) this.#recording.options = { ...this.#recording.options, ...options };
  }

  /** Ends the turn. What is still open in it is cut off. Without a status, its last call says how it ended. */
  end(status?: Status): void {
    this.#guarded((recording) => recording.end(status));
  }

  /** Ends the turn with what it returned: with the streams that are read, if it is one or an answer of any class. */
  endWith(result: unknown): void {
    this.#guarded((recording) => recording.end(undefined, isStream(result) || isStream((result as Partial<Body>)?.body) ? LATE : 0));
  }

  /** Ends the turn as what was thrown out of it says. */
  fail(error: unknown): void {
    this.end(isLeaving(error) ? "interrupted" : "error");
  }

  /** The answer, handed on as it is read. The turn ends with it; a browser that leaves interrupts it. */
  watch(response: Response): Response {
    if (!response.body) {
      this.end();
      return response;
    }
    const behind = () => this.#guarded((recording) => recording.end(undefined, BEHIND));
    const sink = { piece() {}, unread() {}, end: behind, fail: (error: unknown) => this.fail(error), leave: () => this.end("interrupted") };
    try {
      return tapped(response, sink, { within: (read) => this.run(read), failed: (error) => this.failed(error) });
    } catch (error) {
      this.failed(error);
      this.endWith(response);
      return response;
    }
  }

  begin(call: () => OutgoingRequest): Attempt | undefined {
    if (!this.#recording || this.#recording.isLive) return this.#recording?.begin(call);
    // The turn is on its way. A call behind it is no less of the chat, so that it gets a run of its own.
    const { hasCalls, status } = this.#recording;
    this.#recording = this.record();
    const attempt = this.#recording?.begin(call);
    // One that was over before its first call is this run.
    this.#recording?.end(hasCalls ? undefined : status, LATE);
    return attempt;
  }

  failed(error: unknown): void {
    this.host.failed(error);
  }

  #guarded(work: (recording: Recording) => void): void {
    try {
      if (this.#recording) work(this.#recording);
    } catch (error) {
      this.failed(error);
    }
  }
}

/** What is read only by whoever gets it, as an SDK's stream. */
function isStream(value: unknown): boolean {
  return value instanceof ReadableStream || typeof (value as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === "function";
}
