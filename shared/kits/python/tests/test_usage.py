"""Counts are the service's, or none, so that the service counts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from conftest import KITS

from chat_debug import reading

NAMES = ("input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_read_tokens")
# A name, what is counted, and the counts: of answers in the one file, of what a recorder sends in the other.
SOURCES = (KITS.parent / "llm" / "tests" / "it" / "usages.rs", KITS.parent / "api" / "src" / "usage.rs")
LINE = re.compile(
    r'\(\s*(?:"(?P<name>[^"]*)",\s*)?(?:r#"(?P<raw>(?:(?!"#).)*)"#|"(?P<text>(?:[^"\\]|\\.)*)"),\s*'
    r"\[(?P<counts>(?:(?:Some\([\d_]+\)|None),? ?){5})\],?\s*\)",
    re.DOTALL,
)


def lines() -> list[tuple[str, dict[str, int]]]:
    """What is counted, and the counts without those of 0."""
    found = []
    for source in SOURCES:
        for line in LINE.finditer(source.read_text()):
            body = line["raw"] if line["raw"] is not None else json.loads(f'"{line["text"]}"')
            numbers = re.findall(r"Some\(([\d_]+)\)|None", line["counts"])
            counts = {name: int(number.replace("_", "") or 0) for name, number in zip(NAMES, numbers)}
            found.append((body, {name: count for name, count in counts.items() if count}))
    return found


def test_an_answer_is_counted_as_the_service_counts_it_or_left_to_it() -> None:
    wrong, counted = [], 0
    for body, expected in lines():
        is_usage = "usage" not in body and not body.startswith("data")
        answer = reading.answer((f'{{"usage":{body}}}' if is_usage else body).encode(), "", False)
        counted += answer.usage is not None
        if answer.usage not in (None, expected):
            wrong.append((body, answer.usage, expected))
    assert not wrong and counted > 40
    assert len(lines()) > 80


@pytest.mark.parametrize(
    "usage, expected",
    [
        # Claude, as LiteLLM says it, whose prompt has the cache's part.
        (
            {"prompt_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 900},
            {"input_tokens": 1000, "cache_read_tokens": 900},
        ),
        (
            {"prompt_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
            {"input_tokens": 1000},
        ),
        (
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 241,
                "completion_tokens_details": {"reasoning_tokens": 200},
            },
            {"input_tokens": 32, "output_tokens": 209, "reasoning_tokens": 200},
        ),
        (
            {"input_tokens": 100, "input_tokens_details": {"cache_write_tokens": 20}},
            {"input_tokens": 100, "cache_creation_tokens": 20},
        ),
        ({"prompt_tokens": 19, "cached_tokens": 10}, {"input_tokens": 19, "cache_read_tokens": 10}),
        ({"prompt_tokens": 188, "connector_tokens": 7112}, {"input_tokens": 7300}),
        (
            {"input_tokens": 23, "iterations": [{"type": "compaction", "input_tokens": 180}, {"type": "message"}, 7]},
            {"input_tokens": 203},
        ),
        ({"tokens": {"input_tokens": 71}, "cached_tokens": 64}, None),
        ({"input_tokens": 0, "output_tokens": 0}, None),
        ({"input_tokens": 10.5, "output_tokens": float("inf")}, {"input_tokens": 11}),
    ],
)
def test_counts_mean_the_same_whoever_answers(usage: dict[str, Any], expected: dict[str, int] | None) -> None:
    answer = reading.answer(json.dumps({"choices": [], "usage": usage}).encode(), "application/json", False)
    assert answer.usage == expected
