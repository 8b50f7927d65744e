/**
 * A `fetch` that records into a turn. Whatever happens to the record, the call goes on: it is sent as it came, and what comes
 * back, or is thrown, is handed on.
 */

import type { Attempt, OutgoingRequest } from "./attempt.js";
import { storage } from "./context.js";
import { repeatable, requestOf, urlOf, type Fetch, type Init, type Input } from "./request.js";
import { tapped } from "./tap.js";

/** How much of a refusal's body is read though nobody asks for it, and for how long. */
const AHEAD = { bytes: 1024 * 1024, millis: 5_000 };

/** Whose layers are one: a recorder's, and those of its turns. */
export interface Owner {
  /** Runs in no turn, where turns are carried. */
  aside<T>(run: () => T): T;
}

interface Layer {
  readonly owner: Owner;
  readonly under: Fetch;
  /** What is under it at this moment, where that changes. */
  readonly now?: () => Fetch;
}

/** What is under each recording `fetch`, and whose it is. */
const layers = new WeakMap<Function, Layer>();

/** Whose calls are being handed on: another layer of theirs that is come by meanwhile records nothing. */
const handing = new Set<Owner>();

function passes(owner: Owner, fetch: Fetch): boolean {
  const layer = layers.get(fetch);
  return layer !== undefined && (layer.owner === owner || passes(owner, layer.under));
}

/**
 * The global `fetch`, looked up at each call, since frameworks replace it. Once this owner's is in it, it is the one that there
 * was at first, for good: what is put around this owner's later hides it, and would be called by it in a circle.
 */
export function globalFetch(owner: Owner): Fetch {
  const first = globalThis.fetch;
  const inside = storage<boolean>();
  let isEntered = false;
  let isIn = false;
  const now = () => {
    isIn ||= isEntered || inside.getStore() === true || passes(owner, globalThis.fetch);
    return isIn ? first : globalThis.fetch;
  };
  const fetch: Fetch = (input, init) => {
    const called = now();
    if (isIn) return called(input, init);
    isEntered = true;
    try {
      return inside.run(true, () => called(input, init));
    } finally {
      isEntered = false;
    }
  };
  layers.set(fetch, { owner, under: first, now });
  return fetch;
}

/** The one that does not record at all, for what is nobody's call of a model. */
export function unrecorded(fetch: Fetch): Fetch {
  const layer = layers.get(fetch);
  return layer ? unrecorded(layer.now?.() ?? layer.under) : fetch;
}

export interface Recorded {
  /** The attempt of a call, if it is to be recorded. */
  begin(call: () => OutgoingRequest): Attempt | undefined;
  /** The record failed; the call does not. */
  failed(error: unknown): void;
}

/** Records into what is told at each call. Around another of the same owner's, whoever is outside records. */
export function capture(owner: Owner, base: Fetch, recorded: () => Recorded | undefined): typeof globalThis.fetch {
  const fetch: Fetch = async (input, init) => {
    const turn = handing.has(owner) ? undefined : recorded();
    if (!turn) return base(input, init);
    const sent = repeatable(init);
    const attempt = guarded(turn, () => begun(turn, input, sent));
    let response: Response;
    try {
      response = await handed(owner, () => base(input, sent));
    } catch (error) {
      guarded(turn, () => attempt?.fail(error, init?.signal ?? (input as Partial<Request>).signal));
      throw error;
    }
    return attempt ? handedOn(turn, response, attempt) : response;
  };
  layers.set(fetch, { owner, under: base });
  const { preconnect } = globalThis.fetch as { preconnect?: unknown };
  return preconnect ? Object.assign(fetch, { preconnect }) : fetch;
}

/** What is called is this very call, and so in no turn; for a layer that needs no current one, until it first waits. */
function handed<T>(owner: Owner, call: () => T): T {
  handing.add(owner);
  try {
    return owner.aside(call);
  } finally {
    handing.delete(owner);
  }
}

/** OpenAI's SDK asks what `fetch` can do by one of `data:`, which calls nobody. */
function begun(turn: Recorded, input: Input, init: Init): Attempt | undefined {
  return /^(?:data|blob):/i.test(urlOf(input)) ? undefined : turn.begin(() => requestOf(input, init));
}

function handedOn(turn: Recorded, response: Response, attempt: Attempt): Response {
  try {
    attempt.answer(response);
    if (!response.body || attempt.status !== "open") return response;
    return tapped(response, attempt, { ahead: attempt.isReadAside ? AHEAD : undefined, failed: (error) => turn.failed(error) });
  } catch (error) {
    turn.failed(error);
    attempt.unread();
    attempt.end();
    return response;
  }
}

function guarded<T>(turn: Recorded, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    turn.failed(error);
    return undefined;
  }
}
