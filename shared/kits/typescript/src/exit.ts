/** Lets a process end only when what it recorded is sent, or a moment has passed. */

type Flush = () => Promise<unknown>;

interface Process {
  on?(event: "beforeExit", then: () => void): unknown;
  prependOnceListener?(event: "SIGTERM", then: () => void): unknown;
  listenerCount?(event: "SIGTERM"): number;
  kill?(pid: number, signal: string): unknown;
  pid?: number;
}

const { process } = globalThis as { process?: Process };

/** Flushes once when nothing else is left to do. A call of `process.exit` does not wait. */
export const atExit = once((flushes) => {
  process?.on?.("beforeExit", () => {
    for (const flush of flushes) void flush();
    flushes.clear();
  });
});

/** Flushes when the process is asked to end, and then ends it, unless the product does so itself. */
export const atSigterm = once((flushes) => {
  process?.prependOnceListener?.("SIGTERM", () => {
    // Counted before the product's own, which may be gone when all is sent.
    const isOurs = process.listenerCount?.("SIGTERM") === 0;
    const sent = Promise.allSettled([...flushes].map((flush) => flush()));
    if (isOurs) void sent.then(() => process.kill?.(process.pid!, "SIGTERM"));
  });
});

/** Takes flushes of all recorders for one listener. */
function once(listen: (flushes: Set<Flush>) => void): (flush: Flush) => void {
  const flushes = new Set<Flush>();
  return (flush) => {
    if (flushes.size === 0) listen(flushes);
    flushes.add(flush);
  };
}
