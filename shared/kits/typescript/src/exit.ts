/** Lets a process end only when what it recorded is sent, or a moment has passed; and has it say then what is lost. */

/** What is left to do for a recorder at the end. */
export interface Ending {
  flush(): Promise<unknown>;
  /** Says what is lost, if anything is. */
  lost(): void;
}

interface Process {
  on?(event: "beforeExit" | "exit", then: () => void): unknown;
  prependOnceListener?(event: "SIGTERM", then: () => void): unknown;
  listenerCount?(event: "SIGTERM"): number;
  kill?(pid: number, signal: string): unknown;
  pid?: number;
}

const { process } = globalThis as { process?: Process };

/** Flushes once when nothing else is left to do. A call of `process.exit` does not wait, but what it loses is said. */
export const atExit = once((endings) => {
  const flushed = new Set<Ending>();
  process?.on?.("beforeExit", () => {
    for (const ending of endings) if (!flushed.has(ending)) void ending.flush();
    for (const ending of endings) flushed.add(ending);
  });
  process?.on?.("exit", () => endings.forEach((ending) => ending.lost()));
});

/** Flushes when the process is asked to end, and then ends it, unless the product does so itself. */
export const atSigterm = once((endings) => {
  process?.prependOnceListener?.("SIGTERM", () => {
    // Counted before the product's own, which may be gone when all is sent.
    const isOurs = process.listenerCount?.("SIGTERM") === 0;
    const sent = Promise.allSettled([...endings].map((ending) => ending.flush()));
    if (!isOurs) return;
    void sent.then(() => {
      for (const ending of endings) ending.lost();
      process.kill?.(process.pid!, "SIGTERM");
    });
  });
});

/** Takes endings of all recorders for one listener. */
function once(listen: (endings: Set<Ending>) => void): (ending: Ending) => void {
  const endings = new Set<Ending>();
  return (ending) => {
    if (endings.size === 0) listen(endings);
    endings.add(ending);
  };
}
