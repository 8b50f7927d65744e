/**
 * Reads from an answer what the record says of it beside its bytes: whether it is whole, what went wrong, what it cost.
 *
 * It knows the ends and the counts of common dialects. What it does not know is left to the service's reader, which has the
 * bytes; nothing is guessed.
 */

import { isObject, members, read, type Members } from "./json.js";

/** Last words of streams: of OpenAI's, Anthropic's, Gemini's, Bedrock's. The end of a stream is enough to look at. */
const TERMINAL =
  /^data: ?\[DONE\]|"type": ?"(?:message_stop|response\.(?:completed|incomplete|failed))"|"finishReason": ?"|:event-type[^]{3}messageStop/m;
/** Bytes in which the last event begins: one that repeats a whole answer is looked through by its name, which comes first. */
const TAIL = 64 * 1024;

/** Whether a stream has said its last word, whatever may follow. */
export function isTerminal(body: Uint8Array): boolean {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const tail = decode(body.subarray(-TAIL));
  if (TERMINAL.test(tail)) return true;
  if (body.byteLength > TAIL && /^event: ?response\.(completed|incomplete|failed)$/m.test(decode(body))) return true;
  return /"finish_reason": ?"/.test(tail) && areChoicesOver(decode(body));
}

/** Not every server says `[DONE]`, and not every client waits for it; but each choice says why it ended. */
function areChoicesOver(text: string): boolean {
  const open = new Map<unknown, boolean>();
  for (const [, data] of text.matchAll(/^data: ?(.*"choices".*)$/gm)) {
    const { choices } = members(read(data!));
    for (const { index, finish_reason } of Array.isArray(choices) ? choices.map(members) : []) open.set(index, !finish_reason);
  }
  return open.size > 0 && ![...open.values()].includes(true);
}

/** An answer, read. */
export interface Answer {
  /** What the provider says went wrong, as it says it. */
  readonly failure?: string;
  /** The stream ends without its last event. */
  readonly isCut: boolean;
  readonly usage: Counts;
}

export type Counts = Readonly<Record<string, number>>;

export function readAnswer(text: string, isStream: boolean): Answer {
  if (!isStream) return readWhole(text);
  let failure: string | undefined;
  let usage: Members = {};
  let [isKnown, isOver] = [false, false];
  for (const [, data] of text.matchAll(/^data: ?(.*)$/gm)) {
    if (data === undefined) continue;
    if (data.trim() === "[DONE]") isOver = true;
    // Most events are words of the answer, which say nothing here.
    if (!/"(?:usage|usageMetadata|error|finish_reason|message_stop|response\.(?:completed|incomplete|failed))"/.test(data)) continue;
    const event = members(read(data));
    const response = members(event.response);
    isKnown ||= "choices" in event || "type" in event;
    const choices = Array.isArray(event.choices) ? event.choices : [];
    isOver ||= choices.some((choice) => Boolean(members(choice).finish_reason));
    isOver ||= event.type === "message_stop" || /^response\.(completed|incomplete|failed)$/.test(String(event.type));
    if (isError(event)) failure ??= data;
    if (event.type === "response.failed" && isObject(response.error)) failure ??= JSON.stringify({ error: response.error });
    // Anthropic's last counts come over the first, the others' whole at the end.
    const counts = [members(event.message).usage, event.usage, response.usage, event.usageMetadata].find(isObject);
    usage = { ...usage, ...counts };
  }
  const answer = { isCut: isKnown && !isOver && failure === undefined, usage: countsOf(usage) };
  return failure === undefined ? answer : { ...answer, failure };
}

function readWhole(text: string): Answer {
  const answer = members(read(text));
  const usage = countsOf(members(answer.usage ?? answer.usageMetadata ?? (answer.eval_count === undefined ? {} : answer)));
  return isError(answer) ? { isCut: false, usage, failure: text } : { isCut: false, usage };
}

function isError(event: Members): boolean {
  return event.type === "error" || (event.error !== undefined && event.error !== null && event.error !== "");
}

/**
 * Token counts under the service's names, as its contract defines them: input includes what was read from and written to the
 * cache, output includes thinking. Counts of 0 are absent.
 */
export function countsOf(usage: Members): Counts {
  const at = (path: string): number => {
    const value = path.split(".").reduce<unknown>((found, name) => members(found)[name], usage);
    return typeof value === "number" && value > 0 ? Math.round(value) : 0;
  };
  /** The first that is there. */
  const first = (...names: string[]): number => names.map(at).find((count) => count > 0) ?? 0;
  const sum = (...names: string[]): number => names.reduce((total, name) => total + at(name), 0);
  // Anthropic alone leaves the cache out of `input_tokens`.
  const isAnthropic = "cache_creation_input_tokens" in usage || "cache_read_input_tokens" in usage;
  const counts = {
    input_tokens: isAnthropic
      ? sum("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
      : first("input_tokens", "prompt_tokens") ||
        sum("promptTokenCount", "toolUsePromptTokenCount") ||
        sum("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens") ||
        at("prompt_eval_count"),
    output_tokens:
      first("output_tokens", "completion_tokens") || sum("candidatesTokenCount", "thoughtsTokenCount") || first("outputTokens", "eval_count"),
    reasoning_tokens: first(
      "completion_tokens_details.reasoning_tokens",
      "output_tokens_details.reasoning_tokens",
      "output_tokens_details.thinking_tokens",
      "thoughtsTokenCount",
    ),
    cache_creation_tokens: first("cache_creation_input_tokens", "prompt_tokens_details.cache_write_tokens", "cacheWriteInputTokens"),
    cache_read_tokens: first(
      "cache_read_input_tokens",
      "prompt_tokens_details.cached_tokens",
      "input_tokens_details.cached_tokens",
      "prompt_cache_hit_tokens",
      "cachedContentTokenCount",
      "cacheReadInputTokens",
    ),
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
