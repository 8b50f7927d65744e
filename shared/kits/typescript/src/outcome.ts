/** What a call came to, as its last try says. */

import { readAnswer } from "./answer.js";
import { isSuccess } from "./attempt.js";
import { textOf } from "./bytes.js";
import { objectIn, objectOf, type Json } from "./json.js";
import type { Status } from "./recording.js";
import type { Step } from "./step.js";

export interface Outcome {
  readonly status: Status;
  /** The provider's own words where it has any. */
  readonly error?: Json;
  readonly usage?: Json;
}

/** Characters of an error that is no JSON. */
const MAX_QUOTED = 500;

/** The outcome of a step that is recorded; it is read once, and stays when the bodies go. */
export function outcomeOf(step: Step): Outcome {
  return (step.outcome ??= read(step));
}

function read({ attempts, records }: Step): Outcome {
  const [attempt, record] = [attempts.at(-1)!, records.at(-1)!];
  const text = textOf(record.responseBody) ?? "";
  const status = record.responseStatus;
  const answer = status !== undefined && isSuccess(status) ? readAnswer(text, attempt.isStream) : undefined;
  // A stream that broke has often said what its beginning cost.
  const usage = answer && Object.keys(answer.usage).length > 0 ? { usage: answer.usage } : {};
  if (record.status === "failed") {
    return { status: attempt.isInterrupted ? "interrupted" : "error", error: { message: record.error ?? "There was no answer." }, ...usage };
  }
  if (!answer) {
    return { status: "error", error: objectIn(record.responseBody) ?? { status: status ?? null, message: text.trim().slice(0, MAX_QUOTED) } };
  }
  const { failure, isCut } = answer;
  if (failure !== undefined) return { status: "error", error: objectOf(failure) ?? { message: failure.slice(0, MAX_QUOTED) }, ...usage };
  if (isCut) return { status: "interrupted", error: { message: "The stream ends without its last event." }, ...usage };
  return { status: "completed", ...usage };
}
