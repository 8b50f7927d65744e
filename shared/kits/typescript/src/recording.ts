/**
 * What is kept of a turn while it goes on, and until it is delivered.
 *
 * When it ends, what is still open is cut off. A chat that is not recorded loses what was kept at the moment that is known,
 * and keeps nothing more.
 */

import { Attempt, type OutgoingRequest, type Room } from "./attempt.js";
import type { Answer } from "./consent.js";
import { Clock, timer } from "./clock.js";
import { uuidV7, type ChatName, type MessageId } from "./ids.js";
import { Step } from "./step.js";

export type Kind = "chat_turn" | "title_generation" | "quickgen" | "compaction";
export type Status = "completed" | "error" | "interrupted";

export interface TurnOptions {
  /** How the turn began, for lists: the user's words. */
  readonly firstMessage?: string | undefined;
  /** What the turn is for; `chat_turn` if nothing is said. */
  readonly kind?: Kind | undefined;
  /** The message that started the turn, by the product's own id. */
  readonly triggerMessageId?: MessageId | undefined;
  /** The newest message that is sent to the model. */
  readonly historyTipMessageId?: MessageId | undefined;
  /** The message that the answer becomes. */
  readonly assistantMessageId?: MessageId | undefined;
  /** The first chat of the family, and the one that this chat came from: any text, as the chat's own id. */
  readonly rootChatId?: string | undefined;
  readonly parentChatId?: string | undefined;
  /** The model's configuration, by its UUID. */
  readonly modelConfigId?: string | undefined;
  /** Told of what the runtime must wait for, as `waitUntil` of a function's context. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** What a turn asks of its recorder. */
export interface Host extends Pick<Room, "take" | "give"> {
  /** The turn is over, and so is all in it. */
  over(recording: Recording): void;
  /** The turn had more than there is room for, and has nothing now. */
  dropped(recording: Recording): void;
  /** The turn has so much that it should not wait for its end. */
  isLarge(recording: Recording): void;
}

/** How much of a turn waits for its end, to be posted as a whole. */
const LARGE = 6 * 1024 * 1024;
/** How long the end of a turn waits for the rest of a refusal's body. */
const MAX_WAIT = 5_000;

export class Recording implements Room {
  readonly clock = new Clock();
  readonly runId = uuidV7(this.clock.start);
  steps: Step[] = [];
  hasCalls = false;
  /** When anything last happened in it, by `performance.now()`. */
  touchedAt = performance.now();
  /** How it ended, where its last call does not say that. */
  status: Status | undefined;
  endedAt: number | undefined;
  /** Resolves when it is over, and so is all in it. */
  readonly sealed: Promise<void>;

  /** Whether the chat may be recorded, as asked when the turn began; absent once it is told. */
  asked: Promise<Answer> | undefined;
  /** Since when it is known that the chat may be recorded; these times, too, are by `performance.now()`. */
  allowedAt: number | undefined;
  queuedAt = 0;
  /** The service has the run, opened by this body. */
  isOpened = false;
  opening: readonly Uint8Array[] | undefined;
  /** When the service last heard of it. */
  sentAt = 0;
  /** When its delivery set out, or a request of it last ended, or a question began. */
  movedAt = 0;
  /** It is delivered, or never will be. */
  isDone = false;

  #bytes = 0;
  #seals!: () => void;
  #late: ReturnType<typeof timer> | undefined;
  #isReleased = false;
  #isEnding = false;
  #isSealed = false;

  constructor(
    readonly chat: Promise<ChatName>,
    readonly ownerId: string,
    public options: TurnOptions,
    private readonly host: Host,
  ) {
    this.sealed = new Promise((seals) => (this.#seals = seals));
  }

  /** Whether calls are still this turn's. */
  get isLive(): boolean {
    return !this.#isSealed;
  }

  /** What it takes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nothing is kept any more. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** The attempt of a call; what it sends is not looked at when nothing is kept. */
  begin(call: () => OutgoingRequest): Attempt | undefined {
    this.hasCalls = true;
    if (this.#isReleased || this.#isSealed) return undefined;
    const request = call();
    if (this.#bytes > LARGE) this.host.isLarge(this);
    let step = this.steps.findLast((one) => one.isRetriedBy(request));
    if (!step) {
      step = new Step(this.steps.length + 1);
      this.steps.push(step);
    }
    const attempt = new Attempt(step.attempts.length + 1, request, this.clock, this);
    step.attempts.push(attempt);
    return attempt;
  }

  /** Ends the turn, once. What still runs is cut off, or goes on until nothing of it came for so long. */
  end(status: Status | undefined, waitMs = 0): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.status = status;
    this.endedAt = this.clock.now();
    // The rest of a refusal comes a moment after its head.
    if (waitMs === 0) this.#cutOff((attempt) => !attempt.isReadAside);
    if (this.#open().length === 0) return this.#seal();
    void this.#allOver().then(() => {
      clearTimeout(this.#late);
      this.#seal();
    });
    if (waitMs > 0) this.touch();
    this.#waitFor(Math.max(waitMs, MAX_WAIT), waitMs > 0);
  }

  /** Ends what nobody ends any more, whatever it waited for. */
  forget(): void {
    this.end("interrupted");
    this.#cutOff(() => true);
    this.#seal();
  }

  /** Cuts off what is still open after that time; where bytes count, so long after the last. */
  #waitFor(millis: number, isSinceLast: boolean, waited = 0): void {
    this.#late = timer(millis - waited, () => {
      const silent = performance.now() - this.touchedAt;
      if (isSinceLast && silent < millis) this.#waitFor(millis, true, silent);
      else this.#cutOff(() => true);
    });
  }

  /** Forgets everything, and keeps nothing more. */
  release(): void {
    this.#isReleased = true;
    for (const step of this.steps) step.release();
    this.steps = [];
  }

  take(bytes: number): boolean {
    if (this.#isReleased) return false;
    this.touch();
    if (!this.host.take(bytes)) {
      this.release();
      this.host.dropped(this);
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  touch(): void {
    this.touchedAt = performance.now();
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.host.give(bytes);
  }

  #open(): Attempt[] {
    return this.steps.flatMap((step) => step.attempts).filter((attempt) => attempt.status === "open");
  }

  async #allOver(): Promise<void> {
    for (let open = this.#open(); open.length > 0; open = this.#open()) {
      await Promise.all(open.map((attempt) => attempt.settled));
    }
  }

  #cutOff(which: (attempt: Attempt) => boolean): void {
    for (const attempt of this.#open().filter(which)) attempt.cutOff();
  }

  #seal(): void {
    if (this.#isSealed) return;
    this.#isSealed = true;
    // What it waited for is part of it.
    const ends = this.steps.flatMap(({ attempts }) => attempts.map(({ endedAt }) => endedAt ?? 0));
    this.endedAt = Math.max(this.endedAt ?? 0, ...ends);
    const last = this.steps.at(-1);
    if (last) last.assistantMessageId = this.options.assistantMessageId;
    this.host.over(this);
    this.#seals();
  }
}
