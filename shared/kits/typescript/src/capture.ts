/**
 * A `fetch` that records into a turn. Whatever happens to the record, the call goes on: it is sent as it came, and what comes
 * back, or is thrown, is handed on.
 */

import type { Attempt, OutgoingRequest } from "./attempt.js";
import { requestOf, type Fetch } from "./request.js";
import { tap, withBody } from "./tap.js";

/** How much of a refusal's body is read though nobody asks for it, and for how long. */
const AHEAD = { bytes: 1024 * 1024, millis: 5_000 };

interface Layer {
  readonly owner: object;
  readonly base: () => Fetch;
}

/** What is under each recording `fetch`, and whose it is. */
const layers = new WeakMap<Function, Layer>();

/** The first that is not this owner's, so that it records no call twice: what is another recorder's is for that one's turns. */
export function without(owner: object, fetch: Fetch): Fetch {
  const layer = layers.get(fetch);
  return layer?.owner === owner ? without(owner, layer.base()) : fetch;
}

/** Whether calls of it come by one of this owner's. */
export function passes(owner: object, fetch: Fetch): boolean {
  const layer = layers.get(fetch);
  return layer !== undefined && (layer.owner === owner || passes(owner, layer.base()));
}

/** The one that does not record at all, for what is nobody's call of a model. */
export function unrecorded(fetch: Fetch): Fetch {
  const layer = layers.get(fetch);
  return layer ? unrecorded(layer.base()) : fetch;
}

export interface Recorded {
  /** The attempt of a call, if it is to be recorded. */
  begin(request: OutgoingRequest): Attempt | undefined;
  /** The record failed; the call does not. */
  failed(error: unknown): void;
}

export function capture(owner: object, base: () => Fetch, recorded: () => Recorded | undefined): Fetch {
  const fetch: Fetch = async (input, init) => {
    const turn = recorded();
    const attempt = turn && guarded(turn, () => begun(turn, requestOf(input, init)));
    if (!turn || !attempt) return base()(input, init);
    let response: Response;
    try {
      response = await base()(input, init);
    } catch (error) {
      guarded(turn, () => attempt.fail(error, init?.signal ?? (input as Partial<Request>).signal));
      throw error;
    }
    return guarded(turn, () => handedOn(response, attempt)) ?? response;
  };
  layers.set(fetch, { owner, base });
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
