/** Says what is wrong, each kind of it at most once a minute, and never anything of what is recorded. */

const PAUSE = 60_000;

export class Warnings {
  /** When each kind may be said again, and how often it was not said meanwhile. */
  readonly #kinds = new Map<string, { next: number; unsaid: number }>();
  readonly #said = new Set<string>();

  constructor(private readonly write: (message: string) => void) {}

  /** Says what is wrong, which is its kind, and of this case why. */
  say(kind: string, why: string): void {
    const now = performance.now();
    const { next, unsaid } = this.#kinds.get(kind) ?? { next: 0, unsaid: 0 };
    if (now < next) return void this.#kinds.set(kind, { next, unsaid: unsaid + 1 });
    this.#kinds.set(kind, { next: now + PAUSE, unsaid: 0 });
    this.#write(`${kind}: ${why}${unsaid > 0 ? ` (${unsaid} more like this since the last warning)` : ""}`);
  }

  /** Says it once in all. */
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
