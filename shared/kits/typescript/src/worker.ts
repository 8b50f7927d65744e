/**
 * Delivers turns behind the chat's back, some beside each other, and again while the service does not answer. It throws nothing.
 *
 * What is brought of one turn is brought in order. Of a service that has failed, one turn at a time asks whether it is back.
 *
 * Some edges end with a request whatever it began, so that a delivery stands still for good. Then another takes its place.
 */

import { breath } from "./bytes.js";
import type { Breaker } from "./breaker.js";
import { timer } from "./clock.js";
import type { Delivery, Result } from "./delivery.js";
import type { Recording } from "./recording.js";
import { Unanswered } from "./service.js";
import { kindOf } from "./warnings.js";

/** How many turns are under way at once, and how many bytes: of what is sent there is a copy. What is larger goes alone. */
const AT_ONCE = 8;
const BYTES_AT_ONCE = 2 * 1024 * 1024;
/** How long a turn is tried for. */
const MAX_AGE = 5 * 60_000;
const FIRST_PAUSE = 500;
const MAX_PAUSE = 30_000;
/** How long nothing moves in a delivery that stands still: longer than any request takes. */
const STILL = 60_000;

export interface Outlet {
  /** A turn is delivered, or never will be. */
  done(recording: Recording, result: Result | { readonly kind: "failed"; readonly detail: string }): void;
  /** It is tried again. */
  delayed(detail: string): void;
}

export class Worker {
  readonly #queue = new Set<Recording>();
  /** Those that are under way, each on a journey of its own. */
  readonly #underWay = new Map<Recording, symbol>();
  #pausedUntil = 0;
  #pause: ReturnType<typeof timer> | undefined;
  /** Those who wait for the queue to be empty, or for a pause of the breaker's. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly delivery: Delivery,
    private readonly breaker: Breaker,
    private readonly outlet: Outlet,
  ) {}

  get isEmpty(): boolean {
    return this.#underWay.size === 0 && this.#queue.size === 0;
  }

  /** What is not delivered yet. */
  get left(): Set<Recording> {
    return new Set([...this.#underWay.keys(), ...this.#queue]);
  }

  add(recording: Recording): void {
    recording.queuedAt ||= performance.now();
    this.#queue.add(recording);
    this.#goOn();
  }

  /** Resolves when all is delivered, or when the service is left alone for a while. Whoever waits lets no pause pass. */
  drained(): Promise<void> {
    if (this.isEmpty || this.breaker.pauseMs > 0) return Promise.resolve();
    // Before anything goes on: where all that waited was dropped, the queue is empty at once.
    const drained = new Promise<void>((drains) => this.#waiting.push(drains));
    this.#resume();
    return drained;
  }

  #goOn(): void {
    const now = performance.now();
    if (now < this.#pausedUntil) return;
    for (const recording of this.#underWay.keys()) {
      if (now - recording.movedAt < STILL) continue;
      // Neither its delivery nor what it asked will ever end.
      this.#underWay.delete(recording);
      recording.asked = undefined;
      this.#queue.add(recording);
    }
    for (const recording of this.#queue) {
      // What came of it meanwhile waits for another round.
      if (this.#underWay.has(recording)) continue;
      if (!this.#hasRoomFor(recording)) break;
      this.#queue.delete(recording);
      if (recording.isDone && !recording.isOpened) continue;
      void this.#bring(recording);
    }
    if (this.isEmpty) this.#release();
  }

  #hasRoomFor({ bytes }: Recording): boolean {
    if (this.#underWay.size === 0) return true;
    const held = [...this.#underWay.keys()].reduce((sum, one) => sum + one.bytes, bytes);
    return this.#underWay.size < (this.breaker.failures > 0 ? 1 : AT_ONCE) && held <= BYTES_AT_ONCE;
  }

  async #bring(recording: Recording): Promise<void> {
    const journey = Symbol();
    this.#underWay.set(recording, journey);
    recording.movedAt = performance.now();
    // The chat's next call goes out first.
    await breath();
    const pause = await this.#brought(recording, journey);
    if (this.#isOn(recording, journey)) this.#underWay.delete(recording);
    if (pause !== undefined) this.#pauseFor(Math.max(pause, this.breaker.pauseMs));
    this.#goOn();
  }

  /** Whether no other took its place. */
  #isOn(recording: Recording, journey: symbol): boolean {
    return this.#underWay.get(recording) === journey;
  }

  /** Nothing, or how long to wait before it is tried again. What became of a journey that was replaced decides nothing. */
  async #brought(recording: Recording, journey: symbol): Promise<number | undefined> {
    try {
      const result = await this.delivery.bring(recording);
      if (!this.#isOn(recording, journey)) return undefined;
      recording.queuedAt = this.#queue.has(recording) ? performance.now() : 0;
      this.outlet.done(recording, result);
      return undefined;
    } catch (error) {
      if (!this.#isOn(recording, journey)) return undefined;
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
      const most = Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, this.breaker.failures - 1));
      return Math.max(error.retryAfterMs, Math.random() * most);
    }
  }

  #pauseFor(millis: number): void {
    if (this.breaker.pauseMs > 0) this.#release();
    const until = performance.now() + millis;
    if (until < this.#pausedUntil) return;
    this.#pausedUntil = until;
    clearTimeout(this.#pause);
    this.#pause = timer(millis, () => this.#resume());
  }

  #resume(): void {
    clearTimeout(this.#pause);
    this.#pausedUntil = 0;
    this.#goOn();
  }

  #release(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }
}
