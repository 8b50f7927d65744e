/**
 * Asks whether a chat may be recorded, before anything of it leaves the process.
 *
 * A "no" is kept for half a minute, so that a chat that is not recorded costs a request in so long. A "yes" is never kept: it
 * may be taken back at any time.
 */

import type { ChatName } from "./ids.js";
import { Unanswered, type Service } from "./service.js";

export type Answer =
  | { readonly kind: "yes" }
  | { readonly kind: "no"; readonly decidedBy?: string }
  /** The chat cannot be recorded at all: the key, the owner, a chat that was deleted. */
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  | { readonly kind: "unknown"; readonly why: Unanswered };

const KEPT_FOR = 30_000;
const MAX_KEPT = 10_000;
const TIMEOUT = 5_000;
/** How many are asked at once. At a service that does not answer, each question holds a connection. */
const AT_ONCE = 8;
/** When a question has no end any more, as on an edge whose request ended. */
const LOST = 2 * TIMEOUT;

export class Consent {
  /** When each "no" runs out, oldest first. */
  readonly #kept = new Map<string, { until: number; answer: Answer }>();
  /** When each question that is under way began. */
  readonly #asking = new Map<symbol, number>();
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly service: Service) {}

  async ask(chat: ChatName, ownerId: string): Promise<Answer> {
    const name = `${chat.id} ${ownerId}`;
    if (this.#isBusy() && !this.#known(name)) await new Promise<void>((goes) => this.#waiting.push(goes));
    const question = Symbol();
    this.#asking.set(question, performance.now());
    try {
      const known = this.#known(name);
      if (known) return known;
      const answer = await this.#asked(chat, ownerId);
      if (answer.kind === "no") this.#keep(name, answer);
      return answer;
    } finally {
      this.#asking.delete(question);
      this.#waiting.shift()?.();
    }
  }

  #isBusy(): boolean {
    for (const [question, began] of this.#asking) if (performance.now() - began > LOST) this.#asking.delete(question);
    return this.#asking.size >= AT_ONCE;
  }

  /** What is known without asking. */
  #known(name: string): Answer | undefined {
    const kept = this.#kept.get(name);
    if (kept && kept.until > performance.now()) return kept.answer;
    this.#kept.delete(name);
    const { pauseMs } = this.service.breaker;
    return pauseMs > 0 ? { kind: "unknown", why: new Unanswered("It is left alone for a while.", pauseMs) } : undefined;
  }

  async #asked(chat: ChatName, ownerId: string): Promise<Answer> {
    try {
      const external = chat.external === undefined ? "" : `&external_id=${encodeURIComponent(chat.external)}`;
      const path = `/${chat.id}/debug/decision?owner_id=${encodeURIComponent(ownerId)}${external}`;
      const reply = await this.service.call({ method: "GET", path, timeoutMs: TIMEOUT });
      if (reply.kind === "refused") return reply;
      // Whatever is not a clear yes is a no.
      return reply.body.effective === true ? { kind: "yes" } : { kind: "no", decidedBy: String(reply.body.decided_by) };
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      return { kind: "unknown", why: error };
    }
  }

  #keep(name: string, answer: Answer): void {
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(name, { until: performance.now() + KEPT_FOR, answer });
  }
}
