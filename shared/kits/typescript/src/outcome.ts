/** What a call came to, as its last try says. */

import { readAnswer, type Answer } from "./answer.js";
import { isSuccess, type Attempt, type RecordedAttempt } from "./attempt.js";
import { textOf } from "./bytes.js";
import { objectOf, type Json } from "./json.js";
import type { Status } from "./recording.js";

export interface Outcome {
  readonly status: Status;
  /** The provider's own words where it has any. */
  readonly error?: Json;
  readonly usage?: Json;
}

/** Characters of an error that is no JSON. */
const MAX_QUOTED = 500;
/** Answers that have no body, as those to `HEAD` have none. */
const BODILESS = [204, 205];

export async function outcomeOf(attempt: Attempt, record: RecordedAttempt): Promise<Outcome> {
  const { responseStatus: status, responseBody: body } = record;
  const isBodiless = (at: number) => !body && (BODILESS.includes(at) || record.method === "HEAD");
  const isAnswer = status !== undefined && isSuccess(status) && !isBodiless(status) && !attempt.isResponseUnread;
  const answer: Answer = isAnswer ? await readAnswer(body, record.responseHeaders?.["content-type"] ?? "") : { usage: {} };
  // A stream that broke has often said what its beginning cost.
  const usage = Object.keys(answer.usage).length > 0 ? { usage: answer.usage } : {};
  if (record.status === "failed") {
    const message = record.error ?? "There was no answer.";
    return { status: attempt.isInterrupted ? "interrupted" : "error", error: { message }, ...usage };
  }
  if (status === undefined || !isSuccess(status)) {
    const text = textOf(body) ?? "";
    return { status: "error", error: objectOf(text) ?? { status: status ?? null, message: text.trim().slice(0, MAX_QUOTED) || "The answer is empty." } };
  }
  const { failure, cut } = answer;
  if (failure !== undefined) return { status: "error", error: objectOf(failure) ?? { message: failure.slice(0, MAX_QUOTED) }, ...usage };
  if (cut !== undefined) return { status: "interrupted", error: { message: cut }, ...usage };
  return { status: "completed", ...usage };
}
