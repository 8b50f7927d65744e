/**
 * Recorder kit of chat-debug: `new Recorder()` once, its `fetch` for the model's client, and a `turn` or a `stream` around
 * what answers the user.
 *
 * - `recorder`, `turn`, `client`: what a product calls
 * - `capture`, `request`, `tap`, `attempt`, `step`, `recording`: take down calls while they go on
 * - `names`: credentials, which are never kept
 * - `outcome`, `answer`, `events`, `usage`, `provider`, `images`, `payload`: make of it what the service takes
 * - `consent`, `delivery`, `service`, `worker`, `breaker`: bring it there, if the chat may be recorded
 * - `runtime`: what there is beyond the web's standards; `http` is Node's
 */

export type { RecordedAttempt } from "./attempt.js";
export type { MessageId } from "./ids.js";
export { Recorder, type Counters, type RecorderOptions } from "./recorder.js";
export type { Kind, Status, TurnOptions } from "./recording.js";
export type { Fetch } from "./request.js";
export type { Redact } from "./step.js";
export type { Turn } from "./turn.js";
export { VERSION } from "./version.js";
