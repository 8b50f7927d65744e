/**
 * Brings a turn to the service: in one post where it fits, else open, step by step, and finished at its end. A turn that is
 * large is brought so while it goes on.
 *
 * It may be asked again after any failure, and goes on where it was: every request is safe to repeat. Nothing is sent of a
 * chat of which it is not known, and lately, that it may be recorded.
 */

import { inTime } from "./clock.js";
import type { Answer, Consent } from "./consent.js";
import { write, type Raw } from "./json.js";
import type { ChatName } from "./ids.js";
import { LEVELS, ending, leastOf, namedBy, runJson, stepJson, type Named } from "./payload.js";
import type { Recording } from "./recording.js";
import { MAX_UNPACKED, Unanswered, type Reply, type Service } from "./service.js";
import type { Step } from "./step.js";

export type Result =
  | { readonly kind: "recorded" | "not recorded" | "goes on" }
  | { readonly kind: "refused"; readonly detail: string };

/** How long a "yes" stands. */
const ALLOWED_FOR = 10_000;
/** How long a turn's first question is waited for: less than a flush waits for the service. */
const ASKED_FOR = 4_000;
const TIMEOUT = 30_000;
const MAX_STEPS = 1000;
const HEARTBEAT = 60_000;

export class Delivery {
  constructor(
    private readonly service: Service,
    private readonly consent: Consent,
  ) {}

  /**
   * Brings what there is of a turn.
   *
   * Throws `Unanswered` when it is to be tried again.
   */
  async bring(recording: Recording): Promise<Result> {
    const chat = await recording.chat;
    try {
      if (recording.isReleased) return await this.#ended(recording, chat);
      return (await this.#refusal(recording, chat)) ?? (await this.#whole(recording, chat)) ?? (await this.#pieces(recording, chat));
    } catch (error) {
      // Its content went while it was written down.
      if (recording.isReleased && !(error instanceof Unanswered)) return this.#ended(recording, chat);
      throw error;
    }
  }

  /** Why nothing may be sent, if so. */
  async #refusal(recording: Recording, chat: ChatName): Promise<Result | undefined> {
    const { allowedAt } = recording;
    if (allowedAt !== undefined && performance.now() - allowedAt < ALLOWED_FOR) return undefined;
    // What was asked when the turn began is asked only once, unless nobody answered: that may be long ago, and an edge may have
    // ended the question with its request.
    const { asked, clock } = recording;
    const told = asked && (await inTime(clock.start + ASKED_FOR - clock.now(), asked));
    recording.asked = undefined;
    const answer = told && told.kind !== "unknown" ? told : await this.#asked(recording, chat);
    if (answer.kind === "unknown") throw answer.why;
    if (answer.kind === "refused") return { kind: "refused", detail: answer.detail };
    if (answer.kind === "no") return this.#ended(recording, chat);
    recording.allowedAt = performance.now();
    return undefined;
  }

  /** It may wait in a line. */
  async #asked(recording: Recording, chat: ChatName): Promise<Answer> {
    recording.movedAt = performance.now();
    const answer = await this.consent.ask(chat, recording.ownerId);
    recording.movedAt = performance.now();
    return answer;
  }

  /** The whole turn in one post; nothing when it goes on, or is too large for that. */
  async #whole(recording: Recording, chat: ChatName): Promise<Result | undefined> {
    if (recording.isLive || recording.isOpened || recording.steps.length > MAX_STEPS) return undefined;
    if (leastOf(recording.steps) > MAX_UNPACKED) return undefined;
    const steps: Raw[] = [];
    for (const step of recording.steps) steps.push(await stepJson(step, "nothing"));
    const reply = await this.#send(recording, "POST", `/${chat.id}/debug/runs`, await runJson(recording, chat, true, steps));
    if (isTooLarge(reply)) return undefined;
    // Opened before, by a post whose answer was lost.
    if (reply.kind === "refused" && reply.problem === "other-content") return undefined;
    return result(reply);
  }

  async #pieces(recording: Recording, chat: ChatName): Promise<Result> {
    const run = `/${chat.id}/debug/runs/${recording.runId}`;
    const named = namedBy(recording, chat);
    if (!recording.isOpened) {
      recording.opening ??= await runJson(recording, chat, false, []);
      const opened = result(await this.#send(recording, "POST", `/${chat.id}/debug/runs`, recording.opening));
      if (opened.kind !== "recorded") return opened;
      recording.isOpened = true;
      recording.sentAt = performance.now();
    }
    let refused: Result | undefined;
    for (const step of recording.steps.filter((one) => !one.isReleased && one.records.length > 0)) {
      const refusal = await this.#refusal(recording, chat);
      if (refusal) return refusal;
      const put = await this.#put(recording, run, step, named);
      recording.sentAt = performance.now();
      if (put.kind === "not recorded") return this.#ended(recording, chat);
      if (put.kind === "refused") refused = put;
      step.release();
    }
    if (recording.isLive) {
      if (performance.now() - recording.sentAt >= HEARTBEAT) {
        await this.#send(recording, "PATCH", run, write({ ...named }));
        recording.sentAt = performance.now();
      }
      return refused ?? { kind: "goes on" };
    }
    const finished = result(await this.#send(recording, "PATCH", run, write({ ...named, ...ending(recording) })));
    recording.isOpened = false;
    return refused ?? finished;
  }

  /** Puts a step, with less and less in it as long as it is too large. */
  async #put(recording: Recording, run: string, step: Step, named: Named): Promise<Result> {
    for (const level of LEVELS) {
      // What cannot fit is not made.
      if ((level === "nothing" || level === "normalized") && leastOf([step]) > MAX_UNPACKED) continue;
      const { pieces } = await stepJson(step, level, named);
      const reply = await this.#send(recording, "PUT", `${run}/steps/${step.number}`, pieces);
      if (!isTooLarge(reply)) return result(reply);
    }
    return { kind: "refused", detail: "A step is too large, even without its bodies." };
  }

  /** A chat that is no longer recorded: a run that is open is closed, which says nothing of it. */
  async #ended(recording: Recording, chat: ChatName): Promise<Result> {
    if (recording.isOpened) {
      const end = write({ ...namedBy(recording, chat), status: "interrupted" });
      await this.#send(recording, "PATCH", `/${chat.id}/debug/runs/${recording.runId}`, end);
      recording.isOpened = false;
    }
    return { kind: "not recorded" };
  }

  async #send(recording: Recording, method: "POST" | "PUT" | "PATCH", path: string, body: readonly Uint8Array[]): Promise<Reply> {
    const reply = await this.service.call({ method, path, body, timeoutMs: TIMEOUT, beganAt: recording.movedAt });
    recording.movedAt = performance.now();
    return reply;
  }
}

function isTooLarge(reply: Reply): boolean {
  return reply.kind === "refused" && reply.status === 413;
}

function result(reply: Reply): Result {
  // A final run takes its own end again, and its steps were there before.
  if (reply.kind === "refused" && reply.problem === "run-final") return { kind: "recorded" };
  if (reply.kind === "refused") return { kind: "refused", detail: reply.detail };
  return { kind: reply.body.recorded === false ? "not recorded" : "recorded" };
}
