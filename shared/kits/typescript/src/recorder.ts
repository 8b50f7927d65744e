/** Records what a chat backend sends to models. The chat never notices: nothing here throws into it, or makes it wait. */

import { breath } from "./bytes.js";
import { capture, globalFetch, unrecorded, type Owner } from "./capture.js";
import { Consent } from "./consent.js";
import { carries, storage } from "./context.js";
import { Delivery, type Result } from "./delivery.js";
import { atExit, atSigterm } from "./exit.js";
import { chatOf, isMessageId, isUserId, isUuid } from "./ids.js";
import { Recording, type Host, type TurnOptions } from "./recording.js";
import type { Fetch } from "./request.js";
import { Service } from "./service.js";
import type { Redact } from "./step.js";
import { isThenable } from "./thenable.js";
import { Turn } from "./turn.js";
import { Warnings, kindOf } from "./warnings.js";
import { Worker } from "./worker.js";

export interface RecorderOptions {
  /** Where the service is; `CHAT_DEBUG_URL` if nothing is said. */
  readonly url?: string | undefined;
  /** A recorder's key or token; `CHAT_DEBUG_KEY` if nothing is said. */
  readonly key?: string | undefined;
  /** Changes an attempt before it is queued. Without an answer, or when it throws, only that there was one is recorded. */
  readonly redact?: Redact | undefined;
  /** The `fetch` that calls go through; the global one if nothing is said. */
  readonly fetch?: Fetch | undefined;
  /** What recordings may take of memory, in bytes; 32 MB if nothing is said. */
  readonly maxBytes?: number | undefined;
  /** Whether to send what is left when the process is asked to end by SIGTERM. */
  readonly flushOnSigterm?: boolean | undefined;
  /** Where warnings go; `console.warn` if nothing is said. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** What became of turns so far. */
export interface Counters {
  readonly recorded: number;
  /** Their owner, or an admin, does not want it. */
  readonly not_recorded: number;
  /** There was no room. */
  readonly dropped: number;
  /** The service takes them never. */
  readonly refused: number;
  /** The service was not there for too long, or the recorder failed. */
  readonly failed: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
const HEARTBEAT = 60_000;
/** How long nothing happens in a turn that is forgotten. */
const FORGOTTEN = 30 * 60_000;
/** How long a flush waits, where nothing is said: for turns that go on, and then for the service. */
const FLUSH_TURNS = 5 * 60_000;
const FLUSH_SERVICE = 5_000;
const FLUSH_AT_END = 5_000;
const FLUSH_LAMBDA = 2_000;

type Work<T> = (turn: Turn) => T;
/** What a turn returns: an SDK's promise as a plain one, whose own methods it has no more. */
type Ended<T> = T extends PromiseLike<infer Value> ? Promise<Value> : T;
type Answering = Work<Response | PromiseLike<Response>>;

export class Recorder {
  /** A `fetch` that records into the current turn; outside of any it only calls. */
  readonly fetch: typeof globalThis.fetch;
  readonly #current = storage<Turn | undefined>();
  readonly #owner: Owner = { aside: (run) => this.#current.run(undefined, run) };
  readonly #global = globalFetch(this.#owner);
  readonly #base: Fetch;
  readonly #warnings: Warnings;
  readonly #service: { worker: Worker; consent: Consent } | undefined;
  readonly #redact: Redact | undefined;
  readonly #live = new Set<Recording>();
  readonly #counts = { recorded: 0, not_recorded: 0, dropped: 0, refused: 0, failed: 0 };
  #room: number;
  #beat: ReturnType<typeof setInterval> | undefined;
  #beatAt = 0;

  constructor(options: RecorderOptions = {}) {
    const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
    this.#warnings = new Warnings(options.warn ?? ((message) => console.warn(message)));
    this.#redact = options.redact;
    this.#room = options.maxBytes ?? MAX_BYTES;
    this.#base = options.fetch ?? this.#global;
    this.#service = this.#connected(options.url ?? environment.CHAT_DEBUG_URL, options.key ?? environment.CHAT_DEBUG_KEY);
    this.fetch = this.wrap();
    if (!this.#service) return;
    const ending = { flush: () => this.flush(FLUSH_AT_END), lost: () => this.#lostAtEnd() };
    atExit(ending);
    if (options.flushOnSigterm) atSigterm(ending);
  }

  /** What became of turns so far. */
  get counters(): Counters {
    return { ...this.#counts };
  }

  /** A `fetch` of the product's own that records into the current turn. */
  wrap(base?: Fetch): typeof globalThis.fetch {
    return capture(this.#owner, base ?? this.#base, () => this.#current.getStore() ?? this.#lost());
  }

  /** Begins a turn that is ended by hand: `turn.end()`. */
  open(chatId: string, ownerId: string, options: TurnOptions = {}): Turn {
    const host = {
      owner: this.#owner,
      base: this.#base,
      carry: <T>(turn: Turn, run: () => T): T => this.#current.run(turn, run),
      failed: (error: unknown) => this.#failed(error),
      warn: (kind: string, why: string) => this.#warnings.say(kind, why),
    };
    return new Turn(host, () => this.#record(chatId, ownerId, options));
  }

  /** Runs a turn, which ends when what it returns does: a promise, an answer's body, an SDK's stream. */
  turn<T>(chatId: string, ownerId: string, work: Work<T>): Ended<T>;
  turn<T>(chatId: string, ownerId: string, options: TurnOptions, work: Work<T>): Ended<T>;
  turn<T>(chatId: string, ownerId: string, ...rest: [Work<T>] | [TurnOptions, Work<T>]): Ended<T> {
    const work = rest.at(-1) as Work<T>;
    const turn = this.open(chatId, ownerId, rest.length > 1 ? (rest[0] as TurnOptions) : {});
    try {
      return ended(turn, turn.run(() => work(turn)));
    } catch (error) {
      turn.fail(error);
      throw error;
    }
  }

  /** Answers a request by a turn, which ends when the answer's body does; a browser that leaves interrupts it. */
  stream(chatId: string, ownerId: string, work: Answering): Promise<Response>;
  stream(chatId: string, ownerId: string, options: TurnOptions, work: Answering): Promise<Response>;
  async stream(chatId: string, ownerId: string, ...rest: [Answering] | [TurnOptions, Answering]): Promise<Response> {
    const [options, work] = rest.length > 1 ? (rest as [TurnOptions, Answering]) : [{}, rest[0] as Answering];
    return this.turn(chatId, ownerId, options, work);
  }

  /**
   * The handler of a Lambda function, which ends only when what it recorded is sent, or after `timeoutMs`. It streams its answer
   * where the handler does, and answers by a promise where that calls back.
   */
  lambda<Arguments extends unknown[], Answer>(
    handler: (...all: Arguments) => Answer | PromiseLike<Answer>,
    timeoutMs = FLUSH_LAMBDA,
  ): (...all: Arguments) => Promise<Answer> {
    const flushed = async (...all: Arguments): Promise<Answer> => {
      const before = new Set(this.#live);
      try {
        return await answered(handler, all);
      } finally {
        await this.#flush(timeoutMs, before);
      }
    };
    return Object.assign(flushed, handler);
  }

  /**
   * Resolves when all turns are over and sent, and says whether they are. It waits no longer than `timeoutMs`; without it, as
   * long as turns go on, at most five minutes, and then five seconds for the service.
   */
  flush(timeoutMs?: number): Promise<boolean> {
    return this.#flush(timeoutMs, new Set());
  }

  /** Turns of before, which may never end, are not waited for. */
  async #flush(timeoutMs: number | undefined, before: ReadonlySet<Recording>): Promise<boolean> {
    const worker = this.#service?.worker;
    if (!worker) return true;
    const began = performance.now();
    await within(timeoutMs ?? FLUSH_TURNS, this.#turnsOver(before));
    const left = timeoutMs === undefined ? FLUSH_SERVICE : timeoutMs - (performance.now() - began);
    await within(left, worker.drained());
    return worker.isEmpty && this.#live.size === 0;
  }

  async #turnsOver(before: ReadonlySet<Recording>): Promise<void> {
    const open = () => [...this.#live].filter((recording) => !before.has(recording));
    for (let turns = open(); turns.length > 0; turns = open()) await Promise.all(turns.map((recording) => recording.sealed));
  }

  #connected(url: string | undefined, key: string | undefined): { worker: Worker; consent: Consent } | undefined {
    const missing = [...(url ? [] : ["CHAT_DEBUG_URL"]), ...(key ? [] : ["CHAT_DEBUG_KEY"])];
    if (!url || !key) {
      this.#warnings.once(`nothing is recorded: ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set.`);
      return undefined;
    }
    if (!/^https?:\/\/[^/]/.test(url) || !/^[!-~]+$/.test(key)) {
      this.#warnings.once("nothing is recorded: CHAT_DEBUG_URL must be an http or https URL, and CHAT_DEBUG_KEY one word.");
      return undefined;
    }
    const service = new Service(url, key, () => unrecorded(this.#global));
    const consent = new Consent(service);
    const outlet = {
      done: (recording: Recording, result: Result | { kind: "failed"; detail: string }) => this.#done(recording, result),
      delayed: (detail: string) => this.#warnings.say("the service does not answer, and is asked again", detail),
    };
    const worker = new Worker(new Delivery(service, consent), service.breaker, outlet);
    return { worker, consent };
  }

  /** Looks after turns that go on. Some edges have no timers before the first request, and end them with it. */
  #watch(worker: Worker): void {
    if (this.#beat !== undefined && performance.now() - this.#beatAt < 2 * HEARTBEAT) return;
    clearInterval(this.#beat);
    this.#beatAt = performance.now();
    this.#beat = setInterval(() => {
      this.#beatAt = performance.now();
      for (const recording of this.#live) {
        if (recording.isOpened) worker.add(recording);
        // Nobody ends it any more: an answer that was never read.
        if (performance.now() - recording.touchedAt > FORGOTTEN) recording.forget();
      }
    }, HEARTBEAT);
    (this.#beat as { unref?: () => void }).unref?.();
  }

  #record(chatId: string, ownerId: string, options: TurnOptions): Recording | undefined {
    if (!this.#service) return undefined;
    try {
      if (typeof chatId !== "string" || chatId === "") return this.#lose("a chat's id must be a text.");
      if (typeof ownerId !== "string" || !isUserId(ownerId)) {
        return this.#lose("an owner's id must be 1 to 128 visible ASCII characters without #.");
      }
      for (const id of [options.triggerMessageId, options.historyTipMessageId, options.assistantMessageId]) {
        if (id === undefined || isMessageId(id)) continue;
        this.#warnings.say("an id of a message is left out", "it must be a whole number or 1 to 128 characters.");
      }
      const { rootChatId, parentChatId, modelConfigId } = options;
      if (rootChatId === "" || parentChatId === "" || (modelConfigId !== undefined && !isUuid(modelConfigId))) {
        this.#warnings.say("an id is left out", "a chat's must not be empty, and a model configuration's must be a UUID in lower case.");
      }
      const { worker, consent } = this.#service;
      this.#watch(worker);
      const chat = chatOf(chatId, ownerId);
      const recording = new Recording(chat, ownerId, options, this.#host(worker));
      this.#live.add(recording);
      this.#waitUntil(recording, options);
      // Beside the call, and in no turn.
      recording.asked = this.#owner.aside(async () => {
        const name = await chat;
        // The call goes out first.
        await breath();
        const answer = await consent.ask(name, ownerId);
        if (answer.kind === "yes") recording.allowedAt = performance.now();
        if (answer.kind === "no") recording.release();
        return answer;
      });
      recording.asked.catch((error) => this.#failed(error));
      return recording;
    } catch (error) {
      return this.#lose(`the recorder failed: ${kindOf(error)}`);
    }
  }

  #lose(why: string): undefined {
    this.#warnings.say("a turn is lost", why);
    this.#counts.failed++;
  }

  #waitUntil({ sealed }: Recording, options: TurnOptions): void {
    try {
      options.waitUntil?.(sealed.then(() => this.flush(FLUSH_SERVICE)));
    } catch {
      this.#warnings.say("waitUntil failed, so that a turn may be lost", "pass a context's own as `(work) => context.waitUntil(work)`.");
    }
  }

  #host(worker: Worker): Host {
    const queue = (recording: Recording) => {
      const isNext = (step: Recording["steps"][number]) => step.isOver && (!recording.isLive || !step.attempts.at(-1)!.isFailure);
      for (const step of recording.steps.filter(isNext)) step.record(this.#redact, (why) => this.#warnings.say("an attempt is withheld", why));
      this.#owner.aside(() => worker.add(recording));
    };
    return {
      take: (bytes) => {
        if (bytes > this.#room) return false;
        this.#room -= bytes;
        return true;
      },
      give: (bytes) => (this.#room += bytes),
      dropped: (recording) => {
        this.#done(recording, { kind: "dropped" });
        if (recording.isOpened) queue(recording);
        this.#warnings.say("turns are dropped", "there is no room for more until the service takes some.");
      },
      isLarge: queue,
      over: (recording) => {
        this.#live.delete(recording);
        if (recording.isDone) return;
        if (recording.isReleased && !recording.isOpened) return this.#done(recording, { kind: "not recorded" });
        if (recording.hasCalls) return queue(recording);
        recording.isDone = true;
        // Who leaves at once, or fails before, is no sign of a client that is not wrapped.
        if (recording.status === undefined) this.#warnings.say("a turn ended without a call of a model", "is its client made with `fetch: debug.fetch`?");
      },
    };
  }

  #done(recording: Recording, result: Result | { kind: "failed"; detail: string } | { kind: "dropped" }): void {
    if (result.kind === "goes on" || recording.isDone) return;
    recording.isDone = true;
    recording.release();
    if (result.kind === "not recorded") this.#counts.not_recorded++;
    else this.#counts[result.kind]++;
    if (result.kind === "refused") this.#warnings.say("the service refuses a turn", result.detail);
    if (result.kind === "failed") this.#warnings.say("a turn is lost", result.detail);
  }

  #lostAtEnd(): void {
    const left = new Set([...this.#live, ...(this.#service?.worker.left ?? [])]);
    const lost = [...left].filter(({ hasCalls, isDone, isReleased }) => hasCalls && !isDone && !isReleased).length;
    const turns = lost === 1 ? "1 turn was" : `${lost} turns were`;
    if (lost > 0) this.#warnings.once(`${turns} not sent before the process ended. Where it ends by itself, say \`await debug.flush(2000)\` first.`);
  }

  #lost(): undefined {
    if (this.#service && !carries(this.#current)) {
      const cure = "Make the client with `fetch: turn.fetch`.";
      this.#warnings.once(`this runtime carries no turns along, so that \`debug.fetch\` records nothing. ${cure}`);
    }
    return undefined;
  }

  #failed(error: unknown): void {
    this.#warnings.say("the recorder failed, and the chat went on", kindOf(error));
  }
}

/** What a turn returns, and its end with it. */
function ended<T>(turn: Turn, result: T): Ended<T> {
  if (result instanceof Response) return turn.watch(result) as Ended<T>;
  if (isThenable(result)) {
    const settled = result.then(
      (value) => ended(turn, value),
      (error: unknown) => {
        turn.fail(error);
        throw error;
      },
    );
    return settled as Ended<T>;
  }
  turn.endWith(result);
  return result as Ended<T>;
}

/** What a handler of Lambda's gives its callback, where it takes one, or returns, whichever comes first. */
function answered<Arguments extends unknown[], Answer>(handler: (...all: Arguments) => Answer | PromiseLike<Answer>, all: Arguments) {
  // The third is the context where a handler streams.
  if (handler.length < 3 || typeof all[2] !== "function") return handler(...all);
  return new Promise<Answer>((resolve, reject) => {
    const callback = (error: unknown, answer: Answer) => (error == null ? resolve(answer) : reject(error));
    const returned = handler(...(all.with(2, callback) as Arguments));
    // To resolve with the promise itself would be to wait for it alone.
    if (isThenable(returned)) returned.then(resolve, reject);
  });
}

/** Waits for a promise, but no longer. The timer keeps the process alive meanwhile. */
async function within(millis: number, promise: Promise<unknown>): Promise<void> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise((over) => (late = setTimeout(over, Math.max(0, millis))));
  await Promise.race([promise, end]);
  clearTimeout(late);
}
