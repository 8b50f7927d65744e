/** Times of a turn: the wall clock says when it began, a monotonic one how long anything took. */

export class Clock {
  readonly start = Date.now();
  readonly #start = performance.now();

  /** Milliseconds since 1970, never less than before. */
  now(): number {
    return this.start + (performance.now() - this.#start);
  }
}

/** A time as the API takes it, to the microsecond. */
export function rfc3339(millis: number): string {
  const whole = Math.floor(millis);
  const micros = Math.floor((millis - whole) * 1000);
  return new Date(whole).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}

/** A timer that keeps no process alive. */
export function timer(millis: number, then: () => void): ReturnType<typeof setTimeout> {
  const handle = setTimeout(then, millis);
  (handle as { unref?: () => void }).unref?.();
  return handle;
}
