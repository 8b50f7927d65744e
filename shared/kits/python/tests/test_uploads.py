"""Bodies that are made as they are sent: kept as far as they went out, and as far as there is room."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from conftest import Recorded, Session, attempts_of, made_up, question
from sdks import bedrock_client

from chat_debug import attempt
from chat_debug.turn import OVERHEAD


def test_a_body_that_is_made_as_it_is_sent_is_kept(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    text = json.dumps(question()).encode()
    with recorded.turn():
        client.post(
            session.url("plain", "/v1/chat/completions"),
            content=iter([text[:10], text[10:]]),
            headers={"content-length": str(len(text))},
        )
    (each,) = attempts_of(recorded.run())
    assert base64.b64decode(each["request_body"]) == text


@pytest.mark.parametrize("is_async", [False, True])
def test_an_upload_that_breaks_off_is_there_as_far_as_it_went(is_async: bool, recorded: Recorded) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"what went "
        yield b"out"
        raise OSError("the file is gone")

    async def async_pieces() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    # It reads a request as it sends it.
    transport = httpx.MockTransport(lambda request: httpx.Response(200))

    async def posts() -> None:
        await recorded.debug.wrap(httpx.AsyncClient(transport=transport)).post("http://h/", content=async_pieces())

    with recorded.turn(), pytest.raises(OSError, match="the file is gone"):
        if is_async:
            asyncio.run(posts())
        else:
            recorded.debug.wrap(httpx.Client(transport=transport)).post("http://h/", content=pieces())
    (each,) = attempts_of(recorded.run())
    assert base64.b64decode(each["request_body"]) == b"what went out" and each["status"] == "failed"


def test_an_upload_that_outgrows_the_room_is_let_go(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "MAX_WHOLE", 1000)
    recorded.debug.budget.limit = 3 * OVERHEAD
    sizes: list[int] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 500
            sizes.append(turn.size)

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.read() == b"x" * 500 * 20
        return httpx.Response(200, json={"choices": []})

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn() as turn:
        client.post("http://h/v1/files", content=pieces())
    # It counts while it grows, and no more once it is let go.
    assert sizes[0] == 2 * OVERHEAD + 500 and sizes[-1] == 2 * OVERHEAD
    run = recorded.run()
    assert run["steps"][0]["metadata"]["left_out"] == ["attempts/1/request"]
    assert "request_body" not in attempts_of(run)[0] and recorded.debug.budget.taken == 0


def test_of_an_upload_nothing_more_is_kept_after_a_no(recorded: Recorded) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        (begun,) = turn.steps[0].attempts
        assert begun._pieces["request"] == b"x"
        # As the worker does when the service says no.
        turn.forget()
        for _ in range(5):
            yield b"x"
            assert begun._pieces["request"] == b"" and recorded.debug.budget.taken == 0

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.read() == b"x" * 6
        return httpx.Response(200, json={"choices": []})

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn() as turn:
        assert client.post("http://h/v1/files", content=pieces()).status_code == 200


def test_a_file_that_is_sent_is_said_to_be_left_out(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(bedrock_client(session, "plain"))
    with recorded.turn() as turn, pytest.raises(client.exceptions.ClientError):
        turn.bind(client).invoke_model(modelId="m", body=io.BytesIO(b"{}"))
    run = recorded.run()
    assert run["steps"][0]["metadata"]["left_out"] == ["attempts/1/request"]
    assert "request_body" not in attempts_of(run)[0]
