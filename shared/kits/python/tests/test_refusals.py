"""An error that nobody reads is read for it, as far as that takes no time from the chat."""

from __future__ import annotations

import base64
import gc
import json
import time
import warnings
from collections.abc import Iterator

import httpx
import pytest
from conftest import Recorded, Session, ask, attempts_of, question

from chat_debug.hooks.httpx import DRAIN_FOR


def test_the_body_of_a_refusal_that_nobody_reads_is_read(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        with client.stream("POST", session.url("retry", "/v1/chat/completions"), json=question()) as response:
            assert response.status_code == 429
        ask(client, session, "retry")
    first, second = attempts_of(recorded.run())
    assert json.loads(base64.b64decode(first["response_body"]))["error"]["code"] == "rate_limit_exceeded"
    assert (first["status"], first["retry_classification"], second["number"]) == ("completed", "status 429", 2)
    assert first["retry_delay_ms"] >= 0


def test_the_same_request_may_be_sent_again(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    request = client.build_request("POST", session.url("retry", "/v1/chat/completions"), json=question())
    with recorded.turn():
        client.send(request, stream=True).close()
        assert request.extensions["timeout"]["read"] == httpx.Timeout(5).read
        assert client.send(request).status_code == 200
    assert [each["response_status"] for each in attempts_of(recorded.run())] == [429, 200]


def test_an_error_that_drips_is_left_after_a_moment(recorded: Recorded) -> None:
    class Drips(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                time.sleep(DRAIN_FOR / 2)
                drops.append(b"x")
                yield drops[-1]

    drops: list[bytes] = []
    transport = httpx.MockTransport(lambda request: httpx.Response(503, stream=Drips()))
    client = recorded.debug.wrap(httpx.Client(transport=transport))
    with recorded.turn():
        response = client.send(client.build_request("POST", "http://h/v1/messages", json={}), stream=True)
        response.close()
    (each,) = attempts_of(recorded.run())
    # After two the moment is over, if it is not before.
    assert 1 <= len(drops) <= 3 and each["status"] == "failed"
    assert base64.b64decode(each["response_body"]) == b"".join(drops)


def test_another_librarys_loop_leaves_no_coroutine_behind(recorded: Recorded) -> None:
    class Refusal(httpx.AsyncByteStream):
        is_closed = False

        async def aclose(self) -> None:
            self.is_closed = True

    refusal = Refusal()

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, stream=refusal)

    async def chat() -> None:
        async with recorded.turn():
            async with client.stream("POST", "http://h/v1/chat/completions", json={}) as response:
                assert response.status_code == 429

    client = recorded.debug.wrap(httpx.AsyncClient(transport=httpx.MockTransport(handler)))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        # Not asyncio's.
        with pytest.raises(StopIteration):
            chat().send(None)
        gc.collect()
    assert refusal.is_closed and not [each for each in said if "never awaited" in str(each.message)]
