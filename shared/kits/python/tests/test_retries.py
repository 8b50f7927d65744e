"""Which calls are tries of the same step."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from conftest import Recorded, Session, ask, made_up, question, wait_until

import chat_debug


def test_the_same_request_is_a_new_step_once_it_was_answered(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        for _ in range(2):
            ask(client, session)
        ask(client, session, "error")
        ask(client, session, "error", temperature=1)
    steps = recorded.run()["steps"]
    assert [len(step["attempts"]) for step in steps] == [1, 1, 1, 1]
    assert [step["step_number"] for step in steps] == [1, 2, 3, 4]


def test_the_same_call_several_times_at_once_has_each_its_own_tries(recorded: Recorded, session: Session) -> None:
    import openai

    client = recorded.debug.wrap(openai.AsyncOpenAI(base_url=session.url("retry", "/v1"), api_key="k"))

    async def main() -> None:
        async with recorded.turn():
            await asyncio.gather(*(client.chat.completions.create(**question()) for _ in range(3)))

    asyncio.run(main())
    statuses = [[each["response_status"] for each in step["attempts"]] for step in recorded.run()["steps"]]
    assert sorted(statuses) == [[200], [200], [429, 200]]


def test_requests_that_are_not_known_are_not_the_same(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(500, json={})))
    with recorded.turn():
        for word in (b"one", b"two"):
            client.post("http://h/v1/chat/completions", content=iter([word]))
        for _ in range(2):
            client.get("http://h/v1/models")
    steps = recorded.run()["steps"]
    assert [len(step["attempts"]) for step in steps] == [1, 1, 2]
    assert [base64.b64decode(step["attempts"][0]["request_body"]) for step in steps] == [b"one", b"two", b""]


def test_only_what_may_be_a_retry_is_hashed(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []

    def blake2b(body: bytes) -> Any:
        assert not turn._lock._is_owned()  # type: ignore[attr-defined]
        hashed.append(body)
        return hashlib.blake2b(body)

    monkeypatch.setattr("chat_debug.attempt.hashlib", SimpleNamespace(blake2b=blake2b))
    statuses = iter([200, 200, 500, 500, 500])
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(next(statuses), json={"choices": []})))
    url = "http://h/v1/chat/completions"
    with recorded.turn() as turn:
        for body in (b"same", b"same", b"fails", b"other!"):
            client.post(url, content=body)
        assert hashed == []
        client.post(url, content=b"fails")
        assert sorted(hashed) == [b"fails", b"fails"]
    assert [len(step["attempts"]) for step in recorded.run()["steps"]] == [1, 1, 2, 1]


def test_a_retry_is_told_by_what_was_sent_and_not_by_what_redact_left(recorded: Recorded) -> None:
    def redact(attempt: chat_debug.Attempt) -> None:
        attempt.request_body, attempt.url = b"hidden", "http://hidden"

    recorded.debug.redact = redact
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(500, json={})))
    with recorded.turn():
        for body in (b"one", b"two", b"one"):
            client.post("http://h/v1/chat/completions", content=body)
    assert [len(step["attempts"]) for step in recorded.run()["steps"]] == [2, 1]


def test_a_try_that_begins_while_its_step_is_put_is_not_lost(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("delivery", "recorder"):
        monkeypatch.setattr(f"chat_debug.{module}.OPEN_ABOVE", 1)
    service = recorded.debug._worker._service  # type: ignore[union-attr]
    call, is_put, has_begun = service.call, threading.Event(), threading.Event()

    def calls(method: str, path: str, *rest: Any, **named: Any) -> Any:
        if method == "PUT":
            is_put.set()
            has_begun.wait(30)
        return call(method, path, *rest, **named)

    monkeypatch.setattr(service, "call", calls)
    statuses = iter([429, 200])
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(next(statuses), json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
        is_put.wait(30)
        with client.stream("POST", "http://h/v1/chat/completions", json=question()) as response:
            has_begun.set()
            wait_until(lambda: any(sent["method"] == "PUT" for sent in recorded.service.sent))
            response.read()
    assert recorded.debug.flush(5)
    first, *_, last = [sent["json"] for sent in recorded.service.sent if sent["method"] == "PUT"]
    assert [each["response_status"] for each in first["attempts"]] == [429]
    assert [each["response_status"] for each in last["attempts"]] == [429, 200]
    assert last["step_number"] == 1 and last["status"] == "completed"
