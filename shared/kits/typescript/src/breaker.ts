/** Leaves a service alone that does not answer: after some failures in a row nobody asks for a while, and then one does. */

const FAILURES = 5;
const PAUSE = 30_000;

export class Breaker {
  #failures = 0;
  #closedUntil = 0;

  /** How long nobody may ask, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.#closedUntil - performance.now());
  }

  succeeded(): void {
    this.#failures = 0;
    this.#closedUntil = 0;
  }

  failed(): void {
    if (++this.#failures >= FAILURES) this.#closedUntil = performance.now() + PAUSE;
  }
}
