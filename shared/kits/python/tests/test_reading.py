"""What answers and requests say is read as far as it goes, and taken for no more than it is."""

from __future__ import annotations

import base64
import gzip
import random
from typing import Any

import httpx
import pytest
from conftest import Recorded, made_up, question

from chat_debug import reading


@pytest.mark.parametrize("status, ends", [(200, "interrupted"), (204, "completed"), (502, "error")])
def test_an_empty_answer_is_what_its_status_says(status: int, ends: str, recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(status)))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    assert recorded.run()["steps"][0]["status"] == ends


def test_what_is_not_json_in_the_services_eyes_is_no_copy(recorded: Recorded) -> None:
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    for body in (b'{"a": NaN}', b"[1]", deep, b'{"a": 1', b"\xff", b'{"a": 1} x'):
        client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
        with recorded.turn():
            client.post("http://h/v1/chat/completions", content=body)
        step = recorded.runs()[-1]["steps"][0]
        assert "normalized_request" not in step and base64.b64decode(step["attempts"][0]["request_body"]) == body
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", content=b'{"a": 1.0, "b": "\\ud83d", "a": 2}')
    sent = recorded.service.sent
    recorded.runs()
    assert b'"normalized_request":{"a": 1.0, "b": "\\ud83d", "a": 2}' in gzip.decompress(
        base64.b64decode(sent[-1]["body"])
    )


@pytest.mark.parametrize(
    "body, type_, streams, whole, usage, is_error",
    [
        (b'data: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\n', "text/event-stream", True, True, None, False),
        (b'data: {"choices":[{"index":0,"finish_reason":null}]}\n\n', "text/event-stream", True, False, None, False),
        (b"data: one\n\ndata: two\n\n", "text/event-stream", True, None, None, False),
        (
            b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
            "text/event-stream",
            True,
            None,
            None,
            True,
        ),
        (
            b'data: {"type":"response.failed","response":{"usage":{"input_tokens":3,"output_tokens":0}}}\r\n\r\n',
            "",
            True,
            True,
            {"input_tokens": 3},
            True,
        ),
        (b'{"error":{"message":"No."}}', "application/json", False, True, None, True),
        (b"<html>", "text/html", False, True, None, True),
        (b"", "application/json", False, False, None, False),
        (b'{"choices":[', "application/json", False, False, None, False),
        (b"RIFF....", "audio/wav", False, None, None, False),
        (
            b'[{"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3}}]',
            "application/json",
            False,
            True,
            {"input_tokens": 5, "output_tokens": 5, "reasoning_tokens": 3},
            False,
        ),
        (
            b'{"done":false}\n{"done":true,"prompt_eval_count":7,"eval_count":2}\n',
            "application/x-ndjson",
            True,
            True,
            {"input_tokens": 7, "output_tokens": 2},
            False,
        ),
        (
            b'{"usage":{"prompt_tokens":1.0,"completion_tokens":-1,"total_tokens":null}}',
            "application/json",
            False,
            True,
            {"input_tokens": 1},
            False,
        ),
    ],
)
def test_answers_of_many_kinds_are_read_as_far_as_it_goes(
    body: bytes, type_: str, streams: bool, whole: bool | None, usage: Any, is_error: bool
) -> None:
    answer = reading.answer(body, type_, False)
    assert (answer.is_stream, answer.is_whole, answer.usage) == (streams, whole, usage)
    assert (answer.error is not None) == is_error


def test_reading_survives_anything() -> None:
    pieces = [
        b"data:",
        b"event: x\n",
        b"{",
        b"}",
        b'"',
        b"\n\n",
        b'{"usage":',
        b'{"choices":[null]}',
        b"\xff",
        b"[DONE]",
        b"\x00\x00\x00\x20\x00\x00\x00\x08",
        b'{"choices":[{}],"usage":[1]}',
        b'{"message":{"usage":{"input_tokens":"x"}}}',
    ]
    chance = random.Random(7)
    for number in range(3000):
        body = b"".join(chance.choices(pieces, k=chance.randrange(12)))
        for type_ in ("", "text/event-stream", "application/vnd.amazon.eventstream", "application/x-ndjson"):
            reading.answer(body, type_, bool(number % 2))


def test_an_answer_to_head_has_no_body_and_is_complete(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, headers={"content-length": "9"})))
    with recorded.turn():
        client.head("http://h/v1/models/m")
    step = recorded.run()["steps"][0]
    assert step["status"] == "completed" and "error" not in step


@pytest.mark.parametrize(
    "url, answer, provider",
    [
        ("https://chat.example/api/chat", {}, "chat.example"),
        ("https://chat.example/api/chat", {"model": "m", "message": {"content": "Hi"}, "done": True}, "ollama"),
        ("http://127.0.0.1:11434/api/generate", {}, "ollama"),
    ],
)
def test_a_path_of_ollamas_is_a_products_own_too(
    url: str, answer: dict[str, Any], provider: str, recorded: Recorded
) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json=answer)))
    with recorded.turn():
        client.post(url, json=question())
    assert recorded.run()["provider"] == provider
