/** One call of a model: its tries, and which of them are tries of the same call. */

import type { Attempt, Content, OutgoingRequest, RecordedAttempt } from "./attempt.js";
import { areSame } from "./bytes.js";
import type { MessageId } from "./ids.js";
import type { Outcome } from "./outcome.js";
import { isThenable } from "./thenable.js";
import { kindOf } from "./warnings.js";

/**
 * Answers an attempt as it is recorded, before it is queued: a changed copy. For `null`, only that there was one is recorded.
 * So it is for nothing, which is likely a mistake, and said to be one.
 */
export type Redact = (attempt: RecordedAttempt) => RecordedAttempt | null | undefined;

const CURE = "return the attempt, as in `redact: (a) => ({ ...a, requestBody: undefined })`, or null to withhold it.";

export class Step {
  readonly attempts: Attempt[] = [];
  /** What is recorded of its attempts, once they are over. */
  records: readonly RecordedAttempt[] = [];
  /** Nothing of it is kept any more: the service has it, or must not. */
  isReleased = false;
  /** What it came to, once that was asked for. */
  outcome: Outcome | undefined;
  assistantMessageId: MessageId | undefined;

  constructor(readonly number: number) {}

  get isOver(): boolean {
    return this.attempts.every((attempt) => attempt.status !== "open");
  }

  /** Whether a request is this call's next try: the same after a failure, or one that the SDK counts as the next. */
  isRetriedBy(request: OutgoingRequest): boolean {
    const last = this.attempts.at(-1);
    if (!last?.isFailure || last.method !== request.method || last.requestUrl !== request.url) return false;
    const count = Number(request.headers.get("x-stainless-retry-count"));
    return count === this.attempts.length || isSame(last.requestBody, request.body);
  }

  /** Takes down what is over, as `redact` leaves it; it gets each attempt once. */
  record(redact: Redact | undefined, failed: (why: string) => void): void {
    if (this.records.length > 0) return;
    this.records = this.attempts.map((attempt) =>
      attempt.record((record) => {
        if (!redact) return record;
        try {
          const changed = redact(record);
          if (!isThenable(changed)) {
            if (changed === undefined) failed(`redact returned nothing: ${CURE}`);
            return changed ?? withheld(record);
          }
          // Whose failure would end the process.
          changed.then(undefined, () => {});
          failed("redact gave a promise, for which nobody waits.");
        } catch (error) {
          failed(`redact threw: ${kindOf(error)}.`);
        }
        return withheld(record);
      }),
    );
  }

  /** Forgets what was kept; whether it is over and what it came to stay known. */
  release(): void {
    this.isReleased = true;
    for (const attempt of this.attempts) attempt.release();
    this.records = [];
  }
}

/** What is left of an attempt that must not be recorded: that it was. */
function withheld({ number, status, method, startedAt, finishedAt, durationMs }: RecordedAttempt): RecordedAttempt {
  return { number, status, method, url: "[WITHHELD: redact]", startedAt, finishedAt, durationMs, requestHeaders: {} };
}

function isSame(one: Content | undefined, other: OutgoingRequest["body"]): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one instanceof Uint8Array && other instanceof Uint8Array && areSame(one, other);
}
