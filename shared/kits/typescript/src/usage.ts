/**
 * Token counts under the service's names, as it makes them of whatever a provider says (`shared/api/src/usage.rs`, which a
 * test compares with): input includes what was read from and written to the cache, output includes thinking.
 */

import { isObject, type Members } from "./json.js";

export type Counts = Readonly<Record<string, number>>;

/** A count is the sum of the names of the first line of which one has a number. A dot leads into an object of details. */
const lines = (table: string): string[][] => table.trim().split("\n").map((line) => line.trim().split(" "));
const words = (list: string): string[] => list.trim().split(/\s+/);

export const INPUT = lines(`
  input_tokens
  prompt_tokens connector_tokens
  promptTokenCount toolUsePromptTokenCount
  prompt_token_count tool_use_prompt_token_count
  total_input_tokens total_tool_use_tokens
  inputTokens
  inputTokens.total
  promptTokens
  prompt_eval_count
  gen_ai.usage.input_tokens
  gen_ai.usage.prompt_tokens
  llm.token_count.prompt`);
export const OUTPUT = lines(`
  output_tokens
  completion_tokens
  candidatesTokenCount responseTokenCount thoughtsTokenCount
  candidates_token_count response_token_count thoughts_token_count
  total_output_tokens total_thought_tokens
  outputTokens
  outputTokens.total
  completionTokens
  eval_count
  gen_ai.usage.output_tokens
  gen_ai.usage.completion_tokens
  llm.token_count.completion`);
export const TOTAL = lines(`
  total_tokens
  totalTokenCount
  total_token_count
  totalTokens
  gen_ai.usage.total_tokens
  llm.usage.total_tokens
  llm.token_count.total`);
export const REASONING = lines(`
  reasoning_tokens
  completion_tokens_details.reasoning_tokens
  output_tokens_details.reasoning_tokens
  output_tokens_details.thinking_tokens
  thoughtsTokenCount
  thoughts_token_count
  total_thought_tokens
  output_token_details.reasoning
  outputTokenDetails.reasoningTokens
  outputTokens.reasoning
  reasoningTokens
  gen_ai.usage.reasoning.output_tokens
  gen_ai.usage.reasoning_tokens
  llm.token_count.completion_details.reasoning`);
export const CACHE_CREATION = lines(`
  cache_creation_tokens
  cache_creation_input_tokens
  cache_creation.ephemeral_5m_input_tokens cache_creation.ephemeral_1h_input_tokens
  prompt_tokens_details.cache_write_tokens
  prompt_tokens_details.cache_creation_input_tokens
  input_tokens_details.cache_write_tokens
  cacheWriteInputTokens
  cacheWriteInputTokenCount
  cacheCreationInputTokens
  input_token_details.cache_creation
  inputTokenDetails.cacheWriteTokens
  inputTokens.cacheWrite
  gen_ai.usage.cache_creation.input_tokens
  gen_ai.usage.cache_creation_input_tokens
  llm.token_count.prompt_details.cache_write`);
export const CACHE_READ = lines(`
  cache_read_tokens
  cache_read_input_tokens
  prompt_tokens_details.cached_tokens
  input_tokens_details.cached_tokens
  input_token_details.cached_tokens
  prompt_cache_hit_tokens
  cached_tokens
  cachedContentTokenCount
  cached_content_token_count
  total_cached_tokens
  cacheReadInputTokens
  cacheReadInputTokenCount
  input_token_details.cache_read
  inputTokenDetails.cacheReadTokens
  inputTokens.cacheRead
  cachedInputTokens
  gen_ai.usage.cache_read.input_tokens
  gen_ai.usage.cache_read_input_tokens
  llm.token_count.prompt_details.cache_read`);

/** `input_tokens` beside these is Anthropic's, which leaves out the cache's part; unless one of the others is there too. */
export const ANTHROPIC = words("cache_creation_input_tokens cache_read_input_tokens cache_creation");
export const NOT_ANTHROPIC = words("cache_creation_tokens cache_read_tokens prompt_tokens input_tokens_details");
/** `inputTokens` is Bedrock's, which does so too. */
export const BEDROCK = words(`
  cacheReadInputTokens cacheWriteInputTokens cacheReadInputTokenCount cacheWriteInputTokenCount
  cacheCreationInputTokens`);
export const NOT_BEDROCK = words("input_tokens prompt_tokens");

/** Counts of 0 are absent. All are, where neither input nor output is known: the service counts by the answer itself then. */
export function countsOf(usage: Members): Counts {
  const counts = [usage, ...apart(usage)].map(ownCounts).reduce(plus);
  const known = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0);
  return counts.input_tokens === undefined && counts.output_tokens === undefined ? {} : (Object.fromEntries(known) as Counts);
}

type Count = number | undefined;

function ownCounts(usage: Members): Record<string, Count> {
  const first = (table: string[][]): Count => {
    const line = table.find((names) => names.some((name) => countAt(usage, name) !== undefined));
    return line && sum(line.map((name) => countAt(usage, name)));
  };
  const [created, read, reasoning, total] = [CACHE_CREATION, CACHE_READ, REASONING, TOTAL].map(first);
  const name = withoutCache(usage);
  const input = (name === undefined ? undefined : sum([countAt(usage, name), created, read])) ?? first(INPUT);
  const output = first(OUTPUT);
  // Where the total says that the output does not include it yet, as xAI's.
  const thought = sum([output, reasoning]);
  const isBeside = total !== undefined && input !== undefined && output !== undefined && total === sum([input, thought]);
  return {
    input_tokens: input,
    output_tokens: isBeside ? thought : output,
    reasoning_tokens: reasoning,
    cache_creation_tokens: created,
    cache_read_tokens: read,
  };
}

/** The name of an input that leaves out the cache's part. */
function withoutCache(usage: Members): string | undefined {
  const has = (names: string[]): boolean => names.some((name) => name in usage);
  if (has(ANTHROPIC) && !has(NOT_ANTHROPIC)) return "input_tokens";
  return has(BEDROCK) && !has(NOT_BEDROCK) ? "inputTokens" : undefined;
}

/** What Anthropic counts apart from its own totals: a compaction of the conversation, advice of another model. */
function apart({ iterations }: Members): Members[] {
  return Array.isArray(iterations) ? iterations.filter(isObject).filter((one) => "type" in one && one.type !== "message") : [];
}

function countAt(usage: Members, name: string): Count {
  const value = usage[name];
  if (value === undefined) {
    const dot = name.indexOf(".");
    const details = dot < 0 ? undefined : usage[name.slice(0, dot)];
    return isObject(details) ? countAt(details, name.slice(dot + 1)) : undefined;
  }
  return typeof value === "number" && Math.round(value) >= 0 ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER) : undefined;
}

function sum(counts: Count[]): Count {
  const known = counts.filter((count) => count !== undefined);
  return known.length > 0 ? Math.min(known.reduce((total, count) => total + count), Number.MAX_SAFE_INTEGER) : undefined;
}

function plus(all: Record<string, Count>, more: Record<string, Count>): Record<string, Count> {
  return Object.fromEntries(Object.keys(all).map((name) => [name, sum([all[name], more[name]])]));
}
