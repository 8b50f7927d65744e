"""Token counts, as providers name them and as the service does: input with what a cache was read for and written with,
output with thinking, as `shared/api/src/usage.rs` counts.

A shape that is not known here is not counted here. The service counts such an answer itself, as it does not do where a
recorder has counted: so a shape that is known is known with all its parts.
"""

from __future__ import annotations

from typing import Any

# Names whose sum is one count; a dot leads into an object of details. The first line that has a number is the count.
Lines = tuple[tuple[str, ...], ...]

_INPUT: Lines = (
    ("input_tokens",),
    ("prompt_tokens", "connector_tokens"),
    ("promptTokenCount", "toolUsePromptTokenCount"),
    ("total_input_tokens", "total_tool_use_tokens"),
    ("inputTokens",),
    ("prompt_eval_count",),
)
_OUTPUT: Lines = (
    ("output_tokens",),
    ("completion_tokens",),
    ("candidatesTokenCount", "responseTokenCount", "thoughtsTokenCount"),
    ("total_output_tokens", "total_thought_tokens"),
    ("outputTokens",),
    ("eval_count",),
)
_TOTAL: Lines = (("total_tokens",), ("totalTokenCount",), ("totalTokens",))
_REASONING: Lines = (
    ("reasoning_tokens",),
    ("completion_tokens_details.reasoning_tokens",),
    ("output_tokens_details.reasoning_tokens",),
    ("output_tokens_details.thinking_tokens",),
    ("thoughtsTokenCount",),
    ("total_thought_tokens",),
    ("output_token_details.reasoning",),
    ("outputTokenDetails.reasoningTokens",),
    ("reasoningTokens",),
)
_CACHE_CREATION: Lines = (
    ("cache_creation_tokens",),
    ("cache_creation_input_tokens",),
    ("cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens"),
    ("prompt_tokens_details.cache_write_tokens",),
    ("prompt_tokens_details.cache_creation_input_tokens",),
    ("input_tokens_details.cache_write_tokens",),
    ("cacheWriteInputTokens",),
    ("cacheWriteInputTokenCount",),
    ("cacheCreationInputTokens",),
    ("input_token_details.cache_creation",),
    ("inputTokenDetails.cacheWriteTokens",),
)
_CACHE_READ: Lines = (
    ("cache_read_tokens",),
    ("cache_read_input_tokens",),
    ("prompt_tokens_details.cached_tokens",),
    ("input_tokens_details.cached_tokens",),
    ("input_token_details.cached_tokens",),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
    ("cachedContentTokenCount",),
    ("total_cached_tokens",),
    ("cacheReadInputTokens",),
    ("cacheReadInputTokenCount",),
    ("input_token_details.cache_read",),
    ("inputTokenDetails.cacheReadTokens",),
    ("cachedInputTokens",),
)
# Beside some names the input leaves out what a cache was read for and written with, unless there are others.
_WITHOUT_CACHE = (
    (
        "input_tokens",
        {"cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation"},
        {"cache_creation_tokens", "cache_read_tokens", "prompt_tokens", "input_tokens_details"},
    ),
    (
        "inputTokens",
        {
            "cacheReadInputTokens",
            "cacheWriteInputTokens",
            "cacheReadInputTokenCount",
            "cacheWriteInputTokenCount",
            "cacheCreationInputTokens",
        },
        {"input_tokens", "prompt_tokens"},
    ),
)


def counts(usage: dict[str, Any]) -> dict[str, int] | None:
    """Counts under the service's names, without those of 0; nothing when neither input nor output is known."""
    found = _own(usage)
    iterations = usage.get("iterations")
    for one in iterations if isinstance(iterations, list) else ():
        # What Anthropic counts apart from its own totals.
        if isinstance(one, dict) and one.get("type", "message") != "message":
            for name, count in _own(one).items():
                found[name] = found.get(name, 0) + count
    if not found.keys() & {"input_tokens", "output_tokens"}:
        return None
    return {name: count for name, count in found.items() if count} or None


def _own(usage: dict[str, Any]) -> dict[str, int]:
    found = {
        "input_tokens": _count(usage, _INPUT),
        "output_tokens": _count(usage, _OUTPUT),
        "reasoning_tokens": _count(usage, _REASONING),
        "cache_creation_tokens": _count(usage, _CACHE_CREATION),
        "cache_read_tokens": _count(usage, _CACHE_READ),
    }
    known = {name: count for name, count in found.items() if count is not None}
    for name, beside, unless in _WITHOUT_CACHE:
        if usage.keys() & beside and not usage.keys() & unless:
            parts = (_number(usage, name), found["cache_creation_tokens"], found["cache_read_tokens"])
            known["input_tokens"] = sum(part for part in parts if part is not None)
            break
    # Where the total says that the output does not include thinking yet, as xAI's does.
    with_thinking = known.get("output_tokens", 0) + known.get("reasoning_tokens", 0)
    if "output_tokens" in known and _count(usage, _TOTAL) == known.get("input_tokens", 0) + with_thinking:
        known["output_tokens"] = with_thinking
    return known


def _count(usage: dict[str, Any], lines: Lines) -> int | None:
    for names in lines:
        numbers = [number for name in names if (number := _number(usage, name)) is not None]
        if numbers:
            return sum(numbers)
    return None


def _number(usage: dict[str, Any], name: str) -> int | None:
    details, _, rest = name.partition(".")
    if rest:
        inner = usage.get(details)
        return _number(inner, rest) if isinstance(inner, dict) else None
    value = usage.get(name)
    is_count = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 2**53
    return int(value + 0.5) if is_count and value is not None else None
