/** Leaves a service alone that does not answer: after some failures in a row nobody asks for a while, and then one does. */

const FAILURES = 5;
const PAUSE = 30_000;

export class Breaker {
  #failures = 0;
  #failedAt = -Infinity;
  #closedUntil = 0;

  /** How many failures there were in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** How long nobody may ask, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.#closedUntil - performance.now());
  }

  succeeded(): void {
    this.#failures = 0;
    this.#closedUntil = 0;
  }

  /** A request failed that began then. Of those that were under way together, the first says it for all. */
  failed(beganAt: number): void {
    if (beganAt < this.#failedAt) return;
    this.#failedAt = performance.now();
    if (++this.#failures >= FAILURES) this.#closedUntil = performance.now() + PAUSE;
  }
}
