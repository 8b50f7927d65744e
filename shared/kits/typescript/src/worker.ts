/**
 * Delivers turns behind the chat's back, one after the other, and again while the service does not answer. It throws nothing.
 */

import { breath } from "./bytes.js";
import type { Breaker } from "./breaker.js";
import { timer } from "./clock.js";
import type { Delivery, Result } from "./delivery.js";
import type { Recording } from "./recording.js";
import { Unanswered } from "./service.js";

/** How long a turn is tried for. */
const MAX_AGE = 5 * 60_000;
const FIRST_PAUSE = 500;
const MAX_PAUSE = 30_000;

export interface Outlet {
  /** A turn is delivered, or never will be. */
  done(recording: Recording, result: Result | { readonly kind: "failed"; readonly detail: string }): void;
  /** It is tried again. */
  delayed(detail: string): void;
}

export class Worker {
  readonly #queue = new Set<Recording>();
  #isRunning = false;
  #tries = 0;
  #wake: (() => void) | undefined;
  /** Those who wait for the queue to be empty, or for a pause of the breaker's. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly delivery: Delivery,
    private readonly breaker: Breaker,
    private readonly outlet: Outlet,
  ) {}

  get isEmpty(): boolean {
    return !this.#isRunning && this.#queue.size === 0;
  }

  add(recording: Recording): void {
    recording.queuedAt ||= performance.now();
    this.#queue.add(recording);
    if (!this.#isRunning) void this.#run();
  }

  /** Resolves when all is delivered, or when the service is left alone for a while. Whoever waits lets no pause pass. */
  drained(): Promise<void> {
    if (this.isEmpty || this.breaker.pauseMs > 0) return Promise.resolve();
    this.#wake?.();
    return new Promise((drained) => this.#waiting.push(drained));
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // One that is queued anew meanwhile comes last.
    for (const recording of this.#queue) {
      // The chat's next call goes out first.
      await breath();
      const pause = await this.#deliver(recording);
      if (pause === undefined) continue;
      if (this.breaker.pauseMs > 0) this.#release();
      await this.#sleep(Math.max(pause, this.breaker.pauseMs));
    }
    this.#isRunning = false;
    this.#release();
  }

  /** Nothing, or how long to wait before it is tried again. */
  async #deliver(recording: Recording): Promise<number | undefined> {
    // What comes meanwhile asks for another round.
    this.#queue.delete(recording);
    if (recording.isDone && !recording.isOpened) return undefined;
    try {
      const result = await this.delivery.bring(recording);
      this.#tries = 0;
      recording.queuedAt = 0;
      this.outlet.done(recording, result);
      return undefined;
    } catch (error) {
      if (!(error instanceof Unanswered)) {
        this.outlet.done(recording, { kind: "failed", detail: `The recorder failed: ${String(error)}` });
        return undefined;
      }
      if (performance.now() - recording.queuedAt > MAX_AGE) {
        this.outlet.done(recording, { kind: "failed", detail: error.message });
        return undefined;
      }
      this.outlet.delayed(error.message);
      this.#queue.add(recording);
      const most = Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** this.#tries++);
      return Math.max(error.retryAfterMs, Math.random() * most);
    }
  }

  #sleep(millis: number): Promise<void> {
    return new Promise((wake) => {
      const pause = timer(millis, wake);
      this.#wake = () => {
        clearTimeout(pause);
        wake();
      };
    });
  }

  #release(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }
}
