"""What bodies are packed with is undone, within bounds, and not while the chat waits."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard
from conftest import Recorded, attempts_of, made_up, question

import chat_debug
from chat_debug import encodings

TEXT = json.dumps({"choices": [], "x": "y" * 100}).encode()


class Brotli:
    """As much of `brotli` as is used, a package that no test has: its limit is one that may be passed a little."""

    class Decompressor:
        def process(self, body: bytes, *, output_buffer_limit: int) -> bytes:
            return zlib.decompressobj().decompress(body, 2 * output_buffer_limit)


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": lambda body: zstandard.ZstdCompressor().compress(body),
    "br": zlib.compress,
}


def answered(recorded: Recorded, body: bytes, encoding: str = "gzip") -> httpx.Client:
    """A client whose answers are packed, as a transport does that hands on what came."""
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    return recorded.debug.wrap(
        made_up(lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)))
    )


def read_raw(client: httpx.Client) -> None:
    with client.stream("POST", "http://h/v1/chat/completions", json=question()) as response:
        list(response.iter_raw())


def test_packed_answers_are_undone_and_that_is_said(recorded: Recorded) -> None:
    text = json.dumps({"choices": [], "x": "y" * 100}).encode()

    # As a transport does that hands on what came.
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200,
            headers={"content-encoding": "gzip", "content-type": "application/json"},
            stream=httpx.ByteStream(gzip.compress(text)),
        )

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn():
        assert client.post("http://h/v1/chat/completions", json=question()).content == text
    step = recorded.run()["steps"][0]
    assert base64.b64decode(step["attempts"][0]["response_body"]) == text
    assert step["metadata"]["decoded"] == {"attempts/1/response": "gzip"}
    assert step["attempts"][0]["response_headers"]["content-encoding"] == "gzip"


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_is_not_unpacked_and_what_was_cut_is(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", Brotli)
    pack: Any = PACKERS[encoding]
    assert encodings.undo(pack(TEXT), [encoding]) == TEXT
    noise = base64.b64encode(bytes(range(256)) * 4096)
    assert noise.startswith(encodings.undo(pack(noise)[:-20], [encoding]) or b"nothing")
    assert encodings.undo(pack(b"\0" * (32 * 1024 * 1024)), [encoding]) is None
    assert encodings.undo(b"\xff" * 20, [encoding]) is None


def test_a_limit_that_a_package_does_not_know_leaves_the_body_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        class Decompressor:
            def process(self, body: bytes) -> bytes:
                raise AssertionError("without a limit")

    monkeypatch.setitem(sys.modules, "brotli", Old)
    assert encodings.undo(b"x", ["br"]) is None


def test_bodies_are_unpacked_where_no_chat_waits(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked_by: list[str] = []
    undo = encodings.undo

    def watched(body: bytes, named: list[str]) -> bytes | None:
        unpacked_by.append(threading.current_thread().name)
        return undo(body, named)

    monkeypatch.setattr(encodings, "undo", watched)
    client = answered(recorded, gzip.compress(TEXT))
    with recorded.turn():
        read_raw(client)
    assert base64.b64decode(attempts_of(recorded.run())[0]["response_body"]) == TEXT
    assert unpacked_by == ["chat-debug"] and recorded.debug.budget.taken == 0


def test_redact_gets_what_the_program_saw_or_nothing(recorded: Recorded) -> None:
    seen: list[bytes | None] = []

    def redact(attempt: chat_debug.Attempt) -> None:
        seen.append(attempt.response_body)

    recorded.debug.redact = redact
    with recorded.turn():
        read_raw(answered(recorded, gzip.compress(TEXT)))
        read_raw(answered(recorded, b"who knows", "unknown"))
    assert seen == [TEXT, None]
    steps = recorded.run()["steps"]
    assert steps[0]["metadata"]["decoded"] == {"attempts/1/response": "gzip"}
    assert steps[1]["metadata"]["left_out"] == ["attempts/1/response"]
    assert recorded.debug.budget.taken == 0


@pytest.mark.parametrize("reads", [False, True])
def test_an_answer_that_its_transport_has_unpacked_is_not_unpacked_again(reads: bool, recorded: Recorded) -> None:
    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            packed = gzip.compress(TEXT)
            body: dict[str, Any] = {"stream": Packed(packed)} if reads else {"content": packed}
            response = httpx.Response(200, headers={"content-encoding": "gzip"}, **body)
            response.read()
            return response

    class Packed(httpx.SyncByteStream):
        def __init__(self, body: bytes) -> None:
            self.body = body

        def __iter__(self) -> Iterator[bytes]:
            yield self.body

    seen: list[bytes | None] = []
    recorded.debug.redact = lambda attempt: seen.append(attempt.response_body)
    client = recorded.debug.wrap(httpx.Client(transport=Transport()))
    with recorded.turn():
        assert client.post("http://h/v1/chat/completions", json=question()).content == TEXT
    step = recorded.run()["steps"][0]
    assert seen == [TEXT] and base64.b64decode(step["attempts"][0]["response_body"]) == TEXT
    assert not {"decoded", "left_out"} & set(step["metadata"])


def test_what_there_is_no_room_to_unpack_stays_as_it_came(recorded: Recorded) -> None:
    packed = gzip.compress(b"\0" * 100_000)
    recorded.debug.budget.limit = 50_000
    with recorded.turn():
        read_raw(answered(recorded, packed))
    run = recorded.run()
    assert base64.b64decode(attempts_of(run)[0]["response_body"]) == packed
    assert "decoded" not in run["steps"][0]["metadata"]
