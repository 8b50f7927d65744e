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

/** What a promise brings in that time, or nothing. It keeps no process alive. */
export async function inTime<T>(millis: number, promise: Promise<T>): Promise<T | undefined> {
  let late: ReturnType<typeof timer> | undefined;
  const end = new Promise<undefined>((over) => (late = timer(millis, () => over(undefined))));
  return Promise.race([promise, end]).finally(() => clearTimeout(late));
}

/** A timer that keeps no process alive. Runtimes warn of a time that is less than none. */
export function timer(millis: number, then: () => void): ReturnType<typeof setTimeout> {
  const handle = setTimeout(then, Math.max(0, millis));
  (handle as { unref?: () => void }).unref?.();
  return handle;
}
