/**
 * Delivers turns behind the chat's back, one after the other, and again while the service does not answer. It throws nothing.
 *
 * Some edges end with a request whatever it began, so that a run stands still for good. Then another takes its place.
 */

import { breath } from "./bytes.js";
import type { Breaker } from "./breaker.js";
import { timer } from "./clock.js";
import type { Delivery, Result } from "./delivery.js";
import type { Recording } from "./recording.js";
import { Unanswered } from "./service.js";
import { kindOf } from "./warnings.js";

/** How long a turn is tried for. */
const MAX_AGE = 5 * 60_000;
const FIRST_PAUSE = 500;
const MAX_PAUSE = 30_000;
/** How long nothing moves in a run that stands still: longer than any request takes. */
const STILL = 60_000;

export interface Outlet {
  /** A turn is delivered, or never will be. */
  done(recording: Recording, result: Result | { readonly kind: "failed"; readonly detail: string }): void;
  /** It is tried again. */
  delayed(detail: string): void;
}

export class Worker {
  readonly #queue = new Set<Recording>();
  #isRunning = false;
  /** How many runs there were, of which only the last goes on. */
  #runs = 0;
  /** When the run last moved, or will when its pause is over. */
  #movedAt = 0;
  #delivering: Recording | undefined;
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
    this.#start();
  }

  /** Resolves when all is delivered, or when the service is left alone for a while. Whoever waits lets no pause pass. */
  drained(): Promise<void> {
    if (this.isEmpty || this.breaker.pauseMs > 0) return Promise.resolve();
    this.#start();
    this.#wake?.();
    return new Promise((drained) => this.#waiting.push(drained));
  }

  /** Runs, unless one does. */
  #start(): void {
    if (this.#isRunning) {
      if (performance.now() - Math.max(this.#movedAt, this.delivery.movedAt) < STILL) return;
      // Neither its delivery nor what it asked will ever end.
      const lost = this.#delivering;
      if (lost) {
        lost.asked = undefined;
        this.#queue.add(lost);
      }
    }
    void this.#run(++this.#runs);
  }

  async #run(run: number): Promise<void> {
    this.#isRunning = true;
    // One that is queued anew meanwhile comes last.
    for (const recording of this.#queue) {
      this.#movedAt = performance.now();
      // The chat's next call goes out first.
      await breath();
      if (run !== this.#runs) return;
      const pause = await this.#deliver(recording);
      if (run !== this.#runs) return;
      if (pause === undefined) continue;
      if (this.breaker.pauseMs > 0) this.#release();
      await this.#sleep(Math.max(pause, this.breaker.pauseMs));
      if (run !== this.#runs) return;
    }
    this.#isRunning = false;
    this.#release();
  }

  /** Nothing, or how long to wait before it is tried again. */
  async #deliver(recording: Recording): Promise<number | undefined> {
    // What comes meanwhile asks for another round.
    this.#queue.delete(recording);
    this.#delivering = recording;
    if (recording.isDone && !recording.isOpened) return undefined;
    try {
      const result = await this.delivery.bring(recording);
      this.#tries = 0;
      recording.queuedAt = 0;
      this.outlet.done(recording, result);
      return undefined;
    } catch (error) {
      if (!(error instanceof Unanswered)) {
        this.outlet.done(recording, { kind: "failed", detail: `The recorder failed: ${kindOf(error)}` });
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
    this.#movedAt = performance.now() + millis;
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
