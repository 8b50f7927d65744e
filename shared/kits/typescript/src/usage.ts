/** Token counts, as providers name them and as the service does. */

import { members, type Members } from "./json.js";

export type Counts = Readonly<Record<string, number>>;

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
