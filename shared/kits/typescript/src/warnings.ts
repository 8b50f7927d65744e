/** Says what is wrong, at most once a minute, and never anything of what is recorded. */

const PAUSE = 60_000;

export class Warnings {
  #next = 0;
  readonly #said = new Set<string>();

  constructor(private readonly write: (message: string) => void) {}

  say(message: string): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + PAUSE;
    this.#write(message);
  }

  /** Says it once in all, whatever else was said. */
  once(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#write(message);
  }

  #write(message: string): void {
    try {
      this.write(`chat-debug: ${message}`);
    } catch {
      // A logger that fails is not the chat's concern.
    }
  }
}

/** What failed, by its kind alone: what errors say may quote what they are about, as a header's value or an answer. */
export function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
