/**
 * Reads from an answer what the record says of it beside its bytes: whether it is whole, what went wrong, what it cost.
 *
 * It knows the ends and the counts of common dialects. What it does not know is left to the service's reader, which has the
 * bytes; nothing is guessed.
 */

import { frames, lines, sent, type Events } from "./events.js";
import { isObject, members, read, type Members } from "./json.js";
import { countsOf, type Counts } from "./usage.js";

/** Last words of streams: of OpenAI's, Anthropic's, Gemini's, Bedrock's. The end of a stream is enough to look at. */
const TERMINAL =
  /^data: ?\[DONE\]|"type": ?"(?:message_stop|response\.(?:completed|incomplete|failed))"|"finishReason": ?"|:event-type[^]{3}messageStop/m;
const LAST_EVENT = /^(?:message_stop|messageStop|response\.(?:completed|incomplete|failed))$/;
/** Bytes in which the last event begins: one that repeats a whole answer is looked through by its name, which comes first. */
const TAIL = 64 * 1024;

/** Whether a stream has said its last word, whatever may follow. */
export function isTerminal(body: Uint8Array): boolean {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const tail = decode(body.subarray(-TAIL));
  if (TERMINAL.test(tail)) return true;
  if (body.byteLength > TAIL && /^event: ?response\.(completed|incomplete|failed)$/m.test(decode(body))) return true;
  return /"finish_reason": ?"/.test(tail) && areChoicesOver(tail);
}

/** Not every server says `[DONE]`, and not every client waits for it; but each choice says why it ended. */
function areChoicesOver(text: string): boolean {
  const open = new Map<unknown, boolean>();
  for (const [, data] of text.matchAll(/^data: ?(.*"choices".*)$/gm)) addChoices(open, members(read(data!)));
  return isOver(open);
}

function addChoices(open: Map<unknown, boolean>, { choices }: Members): void {
  for (const { index, finish_reason } of Array.isArray(choices) ? choices.map(members) : []) open.set(index, !finish_reason);
}

function isOver(open: Map<unknown, boolean>): boolean {
  return open.size > 0 && ![...open.values()].includes(true);
}

/** An answer, read. */
export interface Answer {
  /** What the provider says went wrong, as it says it. */
  readonly failure?: string;
  /** Why what came is not all. */
  readonly cut?: string;
  readonly usage: Counts;
}

/** Bytes of a body above which only its edges are looked at, and bytes of an edge. What is more than content stands there. */
export const MAX_READ = 256 * 1024;
const EDGE = 32 * 1024;

/** The text of what is not too large, or its beginning and its end. */
export function edges(body: Uint8Array): string {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return body.byteLength <= MAX_READ ? decode(body) : `${decode(body.subarray(0, EDGE))}\n${decode(body.subarray(-EDGE))}`;
}

/** Reads what came back with a status that announces an answer. */
export async function readAnswer(body: Uint8Array | undefined, type: string): Promise<Answer> {
  if (!body || body.byteLength === 0) return { cut: "The answer is empty.", usage: {} };
  const start = edges(body.subarray(0, 64)).trimStart();
  if (/eventstream/i.test(type)) return readEvents(frames(body));
  if (/event-stream/i.test(type) || /^(?:data|event)?:/.test(start)) return readEvents(sent(body));
  if (/ndjson|jsonl/i.test(type)) return readEvents(lines(body));
  if (start.startsWith("<")) return { failure: JSON.stringify({ message: "A page came in the place of an answer." }), usage: {} };
  const text = edges(body);
  return body.byteLength > MAX_READ && start.startsWith("{") ? readLarge(text) : readWhole(text);
}

function readWhole(text: string): Answer {
  const value = read(text);
  // What begins as JSON and is none was cut; anything else may be a sound or a picture.
  if (value === undefined) return /^\s*[{[]/.test(text) ? { cut: CUT, usage: {} } : { usage: {} };
  let usage: Members = {};
  let failure: string | undefined;
  for (const event of (Array.isArray(value) ? value : [value]).filter(isObject)) {
    usage = { ...usage, ...usageOf(event) };
    if (isError(event)) failure ??= text;
  }
  return { usage: countsOf(usage), ...(failure !== undefined && { failure }) };
}

const CUT = "The answer is cut or no JSON.";
const USAGE = /"usage(?:Metadata)?"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/;

function readLarge(text: string): Answer {
  const usage = countsOf(members(read(USAGE.exec(text)?.[1] ?? "")));
  return text.trimEnd().endsWith("}") ? { usage } : { cut: CUT, usage };
}

async function readEvents(events: Events): Promise<Answer> {
  let failure: string | undefined;
  let usage: Members = {};
  let [isKnown, isLast] = [false, false];
  const open = new Map<unknown, boolean>();
  let answers = 0;
  for await (const some of events) {
    for (const { name: named, data } of some) {
      if (data.trim() === "[DONE]") [isKnown, isLast] = [true, true];
      const event = read(data);
      if (!isObject(event)) continue;
      const name = named ?? String(event.type ?? "");
      if (/usage|eval_count/.test(data)) usage = { ...usage, ...usageOf(event) };
      if (isObject(members(event.response).usage)) answers++;
      if (isError(event) || name === "error" || name === "response.failed") failure ??= data;
      isKnown ||= "choices" in event || "candidates" in event || /^(?:message|content_?block|response\.)/i.test(name);
      isLast ||= LAST_EVENT.test(name) || event.done === true || data.includes('"finishReason"');
      addChoices(open, event);
    }
  }
  isLast ||= isOver(open);
  // The service adds up several answers, as a session has them.
  const counts = answers > 1 ? {} : countsOf(usage);
  // Of a stream that nobody knows, nobody knows the last event.
  const isCut = isKnown && !isLast && failure === undefined;
  return { usage: counts, ...(failure !== undefined && { failure }), ...(isCut && { cut: "The stream ends without its last event." }) };
}

function isError(event: Members): boolean {
  return event.type === "error" || Boolean(event.error);
}

/** The counts of an event: its own, or those of the answer in it. Ollama's stand beside the answer. */
function usageOf(event: Members): Members {
  const places = [members(event.message), members(event.response), event];
  const beside = "eval_count" in event || "prompt_eval_count" in event ? event : {};
  const said = Object.assign({}, beside, ...places.flatMap((place) => [members(place.usage), members(place.usageMetadata)]));
  // What one event does not say again stands as another said it.
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}
