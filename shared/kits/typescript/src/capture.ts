/**
 * A `fetch` that records into a turn. Whatever happens to the record, the call goes on: it is sent as it came, and what comes
 * back, or is thrown, is handed on.
 */

import type { Attempt, OutgoingRequest } from "./attempt.js";
import { requestOf, type Fetch } from "./request.js";
import { tap, withBody } from "./tap.js";

/** How much of a refusal's body is read though nobody asks for it, and for how long. */
const AHEAD = { bytes: 1024 * 1024, millis: 5_000 };

/** What is under each recording `fetch`, so that no call is recorded twice. */
const bases = new WeakMap<Function, () => Fetch>();

/** The one that does not record. */
export function unrecorded(fetch: Fetch): Fetch {
  const base = bases.get(fetch);
  return base ? unrecorded(base()) : fetch;
}

export interface Recorded {
  /** The attempt of a call, if it is to be recorded. */
  begin(request: OutgoingRequest): Attempt | undefined;
  /** The record failed; the call does not. */
  failed(error: unknown): void;
}

export function capture(base: () => Fetch, recorded: () => Recorded | undefined): Fetch {
  const fetch: Fetch = async (input, init) => {
    const turn = recorded();
    const attempt = turn && guarded(turn, () => begun(turn, requestOf(input, init)));
    if (!turn || !attempt) return base()(input, init);
    let response: Response;
    try {
      response = await base()(input, init);
    } catch (error) {
      guarded(turn, () => attempt.fail(error));
      throw error;
    }
    return guarded(turn, () => handedOn(response, attempt)) ?? response;
  };
  bases.set(fetch, base);
  return fetch;
}

/** OpenAI's SDK asks what `fetch` can do by one of `data:`, which calls nobody. */
function begun(turn: Recorded, request: OutgoingRequest): Attempt | undefined {
  return /^(?:data|blob):/i.test(request.url) ? undefined : turn.begin(request);
}

function handedOn(response: Response, attempt: Attempt): Response {
  attempt.answer(response);
  if (!response.body || attempt.status !== "open") return response;
  const body = tap(response.body, attempt, attempt.isReadAside ? AHEAD : undefined);
  return withBody(response, body);
}

function guarded<T>(turn: Recorded, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    turn.failed(error);
    return undefined;
  }
}
