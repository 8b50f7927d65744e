/**
 * Writes a turn as the service takes it.
 *
 * Bodies that are JSON objects are repeated as normalized forms, byte for byte. What makes a step too large is left out in
 * this order: these copies, then images, then bodies; and `metadata.left_out` says each.
 */

import { MAX_READ, edges } from "./answer.js";
import { isSuccess, type Attempt, type RecordedAttempt } from "./attempt.js";
import { base64, breath, bytesOf, textOf } from "./bytes.js";
import { rfc3339 } from "./clock.js";
import { withoutImages } from "./images.js";
import { chatOf, isMessageId, isUuid, type ChatName, type MessageId } from "./ids.js";
import { Raw, members, isCopied, objectOf, read, write, type Json } from "./json.js";
import { outcomeOf } from "./outcome.js";
import { isStreamUrl, modelOf, pathOf, providerOf } from "./provider.js";
import type { Recording, Status } from "./recording.js";
import type { Step } from "./step.js";
import { VERSION } from "./version.js";

/** How much is left out of a step, each with what is before it. */
export const LEVELS = ["nothing", "normalized", "images", "bodies"] as const;
export type LeftOut = (typeof LEVELS)[number];

const MAX_NAME_BYTES = 256;
const MAX_FIRST_MESSAGE = 1000;

/** The least that steps take, with their bodies in base64. */
export function leastOf(steps: readonly Step[]): number {
  const bodies = steps.flatMap(({ records }) => records.flatMap(({ requestBody, responseBody }) => [requestBody, responseBody]));
  return bodies.reduce((bytes, body) => bytes + Math.ceil(((body?.byteLength ?? 0) * 4) / 3), 0);
}

/** A step as JSON: one of a turn's, or for a `PUT` of its own with what names its chat. */
export async function stepJson(step: Step, leftOut: LeftOut, named?: Named): Promise<Raw> {
  await breath();
  const last = step.attempts.at(-1)!;
  const record = step.records.at(-1)!;
  const { status, error, usage } = (step.outcome ??= await outcomeOf(last, record));
  const asked = askedBy(record);
  const answered = !last.isStream && last.responseStatus !== undefined && isSuccess(last.responseStatus) ? record.responseBody : undefined;
  const level = LEVELS.indexOf(leftOut);
  const missing: string[] = [];
  const copy = (name: string, body: Uint8Array | undefined, made: Raw | undefined): Raw | undefined => {
    if (!body || (level < 1 && body.byteLength <= MAX_READ)) return made;
    missing.push(name);
    return undefined;
  };
  const copies = {
    normalized_request: copy("normalized_request", record.requestBody, asked.copy),
    normalized_response: copy("normalized_response", answered, objectOf(smallText(answered) ?? "")),
  };
  if (level >= 2) missing.push("images");
  const attempts: Json[] = [];
  for (const [at, one] of step.records.entries()) attempts.push(await attemptJson(step, one, at, level, missing));
  const decoded = step.attempts.filter((attempt) => attempt.encoding).map((attempt) => [`attempts/${attempt.number}/response`, attempt.encoding!]);
  const json = write({
    step_number: step.number,
    ...named,
    operation: last.isStream || asked.isStream ? "stream" : "generate",
    status,
    started_at: step.records[0]!.startedAt,
    finished_at: record.finishedAt,
    assistant_message_id: messageId(step.assistantMessageId),
    ...copies,
    usage: usage,
    attempts,
    error,
    metadata: {
      recorder: `chat-debug-typescript/${VERSION}`,
      decoded: decoded.length > 0 ? Object.fromEntries(decoded) : undefined,
      left_out: missing.length > 0 ? missing : undefined,
    },
  });
  return new Raw(json);
}

const QUOTE = bytesOf('"');

async function attemptJson(step: Step, record: RecordedAttempt, at: number, level: number, missing: string[]): Promise<Json> {
  const attempt = step.attempts[at]!;
  const next = step.attempts[at + 1];
  if (attempt.isRequestUnread) missing.push(`attempts/${record.number}/request`);
  if (attempt.isResponseUnread) missing.push(`attempts/${record.number}/response`);
  const body = async (bytes: Uint8Array | undefined, name: string): Promise<Raw | undefined> => {
    if (bytes === undefined) return undefined;
    if (level >= 3) {
      missing.push(`attempts/${record.number}/${name}`);
      return undefined;
    }
    return new Raw([QUOTE, ...(await base64(level >= 2 ? await withoutImages(bytes) : bytes)), QUOTE]);
  };
  return {
    number: record.number,
    status: record.status,
    method: record.method,
    url: record.url,
    path: pathOf(record.url),
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    duration_ms: record.durationMs,
    first_byte_ms: record.firstByteMs,
    request_headers: record.requestHeaders,
    request_body: await body(record.requestBody, "request"),
    response_status: record.responseStatus,
    response_headers: record.responseHeaders,
    response_body: await body(record.responseBody, "response"),
    error: record.error,
    retry_classification: next && classified(attempt),
    retry_delay_ms: next && Math.max(0, Math.round(next.startedAt - attempt.endedAt!)),
  };
}

/** A run as JSON. Its steps are JSON already; without an end it is open. */
export async function runJson(recording: Recording, chat: ChatName, isFinal: boolean, steps: readonly Raw[]): Promise<Uint8Array[]> {
  const { options, ownerId } = recording;
  const related = async (name: string | undefined) => (name ? (await chatOf(name, ownerId)).id : undefined);
  const { provider, model } = namesOf(recording);
  return write({
    id: recording.runId,
    ...namedBy(recording, chat),
    kind: options.kind ?? "chat_turn",
    ...(isFinal ? ending(recording) : { status: "in_progress" }),
    started_at: rfc3339(recording.clock.start),
    provider: cut(provider),
    model: cut(model),
    trigger_message_id: messageId(options.triggerMessageId),
    history_tip_message_id: messageId(options.historyTipMessageId),
    root_chat_id: await related(options.rootChatId),
    parent_chat_id: await related(options.parentChatId),
    model_config_id: options.modelConfigId && isUuid(options.modelConfigId) ? options.modelConfigId : undefined,
    summary: options.firstMessage ? { first_message: beginning(options.firstMessage) } : undefined,
    steps,
  });
}

export interface Named {
  readonly owner_id: string;
  readonly external_id: string | undefined;
}

/** What names a chat in each body that records: a key of one user needs the word of the product's. */
export function namedBy({ ownerId }: Recording, { external }: ChatName): Named {
  return { owner_id: ownerId, external_id: external };
}

/** How a run ended, for the whole turn and for the patch that finishes it. */
export function ending(recording: Recording): { status: Status; finished_at: string } {
  const last = recording.steps.at(-1);
  const said = last?.outcome?.status;
  // An error that a broken answer or a leaving caller raised is the interruption that it is.
  const status = recording.status === "error" && said === "interrupted" ? said : (recording.status ?? said ?? "completed");
  return { status, finished_at: rfc3339(recording.endedAt!) };
}

/** Provider and model, as the first call of a turn asks for them. */
function namesOf({ steps }: Recording): { provider?: string | undefined; model?: string | undefined } {
  const first = steps[0]?.records.at(-1);
  if (!first) return {};
  return { provider: providerOf(first.url, () => edges(first.responseBody ?? new Uint8Array())), model: askedBy(first).model };
}

function smallText(body: Uint8Array | undefined): string | undefined {
  return body && body.byteLength <= MAX_READ ? textOf(body) : undefined;
}

interface Asked {
  readonly model: string | undefined;
  readonly isStream: boolean;
  /** The body, where it is JSON that can be kept byte for byte. */
  readonly copy: Raw | undefined;
}

/** What a request asks for. One that is large is looked at where what is not content mostly stands. */
function askedBy({ url, requestBody: body }: RecordedAttempt): Asked {
  const isLarge = (body?.byteLength ?? 0) > MAX_READ;
  const text = body && isLarge ? edges(body) : "";
  const value = read(smallText(body) ?? "");
  const named = isLarge ? /"model"\s*:\s*"([^"\\]{1,256})"/.exec(text)?.[1] : members(value).model;
  const isAsked = isLarge ? /"stream"\s*:\s*true/.test(text) : members(value).stream === true;
  return {
    model: typeof named === "string" ? named : modelOf(url),
    isStream: isAsked || isStreamUrl(url),
    copy: isCopied(value) ? new Raw([body!]) : undefined,
  };
}

/** As much of a text as a list shows, and more; no character is cut in two. */
function beginning(text: string): string {
  return [...text.slice(0, 2 * MAX_FIRST_MESSAGE)].slice(0, MAX_FIRST_MESSAGE).join("");
}

function classified({ responseStatus }: Attempt): string {
  if (responseStatus === undefined) return "connection";
  if (responseStatus === 429) return "rate_limited";
  return responseStatus >= 500 ? "server_error" : `http_${responseStatus}`;
}

function messageId(id: MessageId | undefined): MessageId | undefined {
  return isMessageId(id) ? id : undefined;
}

function cut(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return textOf(bytesOf(name).subarray(0, MAX_NAME_BYTES)) ?? name.slice(0, MAX_NAME_BYTES / 4);
}
