"""What is too large: for one post, for the service, for the chat's own pace."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import Recorded, made_up, question, wait_until

from chat_debug import attempt, delivery, images, packing, reading
from chat_debug.turn import OVERHEAD


def noise(size: int) -> str:
    return base64.b64encode(random.Random(1).randbytes(size * 3 // 4)).decode()


def test_a_large_answer_is_read_at_its_edges() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 0, "prompt_tokens_details": {"cached_tokens": 3}}
    body = json.dumps({"data": [0.5] * 100_000, "usage": usage}).encode()
    answer = reading.answer(body, "application/json", False)
    assert (answer.is_whole, answer.usage) == (True, {"input_tokens": 9, "cache_read_tokens": 3})
    answer = reading.answer(body[:-40_000], "application/json", False)
    assert (answer.is_whole, answer.usage) == (False, None)


def test_a_large_turn_is_put_as_it_grows(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "OPEN_ABOVE", 300_000)
    monkeypatch.setattr("chat_debug.recorder.OPEN_ABOVE", 300_000)
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn() as turn:
        for number in range(20):
            client.post("http://h/v1/chat/completions", json=question(user=str(number) + "x" * 100_000))
            # What was put is not kept.
            wait_until(lambda: turn.size < 500_000)
        watched = recorded.debug._worker._deliveries[turn]  # type: ignore[union-attr]
        wait_until(lambda: len(watched.put) > 10)
        assert {one.text for one in watched.put.values()} == {""}
    recorded.debug.flush(5)
    put = [one["json"]["step_number"] for one in recorded.service.sent if one["method"] == "PUT"]
    assert put == list(range(1, 21))
    assert recorded.debug.counters["recorded"] == 1 and recorded.debug.budget.taken == 0


def test_what_is_too_large_loses_copies_then_images_then_bodies(recorded: Recorded) -> None:
    image = noise(120_000)
    message = {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}],
    }
    # No base64: hyphens.
    text = "-".join(re.findall(".{100}", noise(60_000)))

    def recorded_with(limit: int, *content: Any) -> dict[str, Any]:
        recorded.service.behave(limit=limit)
        client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": [], "x": "y"})))
        with recorded.turn():
            client.post("http://h/v1/chat/completions", json={"model": "m", "messages": [message], "text": content})
        assert recorded.debug.flush(5)
        steps = [one["json"] for one in recorded.service.sent if one["method"] == "PUT"]
        return steps[-1] if steps else recorded.service.sent[-1]["json"]["steps"][0]

    whole = recorded_with(1_000_000)
    assert "left_out" not in whole["metadata"] and whole["normalized_request"]["messages"] == [message]

    without_copies = recorded_with(150_000)
    assert without_copies["metadata"]["left_out"] == ["normalized_request", "normalized_response"]
    assert "normalized_request" not in without_copies
    assert image in base64.b64decode(without_copies["attempts"][0]["request_body"]).decode()

    without_images = recorded_with(20_000)
    assert without_images["metadata"]["left_out"] == ["images", "normalized_request", "normalized_response"]
    request = json.loads(base64.b64decode(without_images["attempts"][0]["request_body"]))
    url = request["messages"][0]["content"][0]["image_url"]["url"]
    assert re.fullmatch(r"data:image/png;base64,\[LEFT OUT: 90000 bytes, sha256 [0-9a-f]{64}\]", url), url

    without_bodies = recorded_with(20_000, text)
    assert without_bodies["metadata"]["left_out"] == [
        "attempts/1/request",
        "attempts/1/response",
        "images",
        "normalized_request",
        "normalized_response",
    ]
    (each,) = without_bodies["attempts"]
    assert "request_body" not in each and each["response_status"] == 200


def test_a_body_that_only_its_images_make_too_large_loses_them_alone(recorded: Recorded) -> None:
    image = noise(17 * 1024 * 1024)
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json={"model": "m", "before": "b", "image": image, "after": "a"})
    assert recorded.debug.flush(30)
    (step,) = [one["json"] for one in recorded.service.sent if one["method"] == "PUT"]
    assert step["metadata"]["left_out"] == ["images", "normalized_request", "normalized_response"]
    request = json.loads(base64.b64decode(step["attempts"][0]["request_body"]))
    content = base64.b64decode(image)
    said = f"[LEFT OUT: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}]"
    assert request == {"model": "m", "before": "b", "image": said, "after": "a"}


def test_images_are_found_wherever_they_stand_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    breaths = 0

    def breath() -> None:
        nonlocal breaths
        breaths += 1

    monkeypatch.setattr(images, "breath", breath)
    monkeypatch.setattr(images, "SLICE", 2048)

    def at_once(body: bytes) -> bytes:
        def described(found: re.Match[bytes]) -> bytes:
            digits = found[1][: len(found[1]) - (len(found[1]) % 4 == 1)]
            content = base64.b64decode(digits + b"=" * (-len(digits) % 4))
            return f"[LEFT OUT: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}]".encode()

        return re.sub(rb"([A-Za-z0-9+/]{1024,})={0,2}", described, body)

    chance = random.Random(7)
    for _ in range(300):
        digits, other = noise(chance.randrange(6000)).rstrip("="), "-" * chance.randrange(3000)
        body = "".join(chance.choices([digits, other, "=", '", "'], k=chance.randrange(8))).encode()
        breaths = 0
        assert images.without(body) == at_once(body)
        assert breaths >= len(body) // images.SLICE


def test_images_are_looked_for_once_however_many_digits_there_are() -> None:
    digits = b"-" + b"x" * 3 * images.LEAST
    assert [at for at in range(len(digits)) if images._LONG.match(digits, at)] == [1]


def test_what_is_too_large_to_be_taken_whole_costs_no_turn(recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b'{"choices": []}'))

    client = recorded.debug.wrap(made_up(handler))
    url, history = "http://h/v1/chat/completions", question(image=noise(17 * 1024 * 1024))
    with recorded.turn() as turn:
        with client.stream("POST", url, json=history) as first:
            # Nothing of the first is sent, and so none of its room is free, before it is over.
            client.post(url, json=history | {"user": "second"})
            first.read()
        wait_until(lambda: turn.size < 1024 * 1024)
        client.post(url, json=history | {"user": "third"})
    assert recorded.debug.flush(60)
    assert recorded.debug.counters["recorded"] == 1 and recorded.debug.budget.taken == 0
    steps = {one["json"]["step_number"]: one["json"] for one in recorded.service.sent if one["method"] == "PUT"}
    without_images = ["images", "normalized_request", "normalized_response"]
    left_out = [steps[number]["metadata"]["left_out"] for number in (1, 2, 3)]
    assert left_out == [without_images, ["attempts/1/request"], without_images]
    assert "normalized_response" in steps[2]


def test_an_answer_that_outgrows_the_room_is_left_out_and_gives_its_room_back(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "MAX_WHOLE", 1000)
    recorded.debug.budget.limit = 3 * OVERHEAD
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, stream=Pieces())))

    class Pieces(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from [b"x" * 500] * 20

    with recorded.turn() as turn:
        client.post("http://h/v1/chat/completions", json=question())
        assert 2 * OVERHEAD < turn.size < 2 * OVERHEAD + 500
    assert recorded.run()["steps"][0]["metadata"]["left_out"] == ["attempts/1/response"]


def test_a_body_that_nothing_could_read_is_left_out_and_said(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "MAX_BODY", 1000)
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": [], "x": "y" * 2000})))
    with recorded.turn():
        assert len(client.post("http://h/v1/chat/completions", json=question()).content) > 2000
    step = recorded.run()["steps"][0]
    assert step["metadata"]["left_out"] == ["attempts/1/response"]
    assert "response_body" not in step["attempts"][0] and "request_body" in step["attempts"][0]


def test_a_copy_that_would_hold_up_the_chat_is_left_out(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question(stream=True, user="x " * reading.MAX_COPY))
    run = recorded.run()
    assert run["steps"][0]["metadata"]["left_out"] == ["normalized_request"]
    assert (run["model"], run["steps"][0]["operation"]) == ("gpt-test", "stream")


def test_a_turn_that_grows_while_it_is_put_is_not_left_until_the_next_time(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("delivery", "recorder"):
        monkeypatch.setattr(f"chat_debug.{module}.OPEN_ABOVE", 1)
    inner, is_put, may_go_on = packing.one_step, threading.Event(), threading.Event()

    def one_step(*of: Any) -> Any:
        is_put.set()
        assert may_go_on.wait(30)
        return inner(*of)

    def puts() -> int:
        return sum(sent["method"] == "PUT" for sent in recorded.service.sent)

    monkeypatch.setattr(packing, "one_step", one_step)
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question(user="first"))
        assert is_put.wait(30)
        client.post("http://h/v1/chat/completions", json=question(user="second"))
        may_go_on.set()
        wait_until(lambda: puts() == 2)
