/** Lets a process end only when what it recorded is sent, or a moment has passed. */

type Flush = () => Promise<unknown>;

interface Process {
  on?(event: "beforeExit", then: () => void): unknown;
  once?(event: "SIGTERM", then: () => void): unknown;
  kill?(pid: number, signal: string): unknown;
  pid?: number;
}

const flushes = new Set<Flush>();
let isListening = false;
const { process } = globalThis as { process?: Process };

/** Flushes once when nothing else is left to do. A call of `process.exit` does not wait. */
export function atExit(flush: Flush): void {
  flushes.add(flush);
  if (isListening) return;
  isListening = true;
  process?.on?.("beforeExit", () => {
    for (const one of flushes) void one();
    flushes.clear();
  });
}

/** Flushes when the process is asked to end, and then lets it. */
export function atSigterm(flush: Flush): void {
  process?.once?.("SIGTERM", () => {
    const end = () => process.kill?.(process.pid!, "SIGTERM");
    void flush().then(end, end);
  });
}
