"""Several turns are sent at once, each by one thread alone; a service that does not answer is asked by one."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from conftest import OWNER, Recorded, closed_port, made_up, question, wait_until

import chat_debug
from chat_debug import packing, worker
from chat_debug.connection import Answer, Unreachable


class Watched:
    """Calls of the service: which were on their way at the same moment, and in what order they came."""

    def __init__(self, debug: chat_debug.Recorder, call: Callable[..., Answer] | None = None) -> None:
        connection = debug._worker._connection  # type: ignore[union-attr]
        self.inner = call or connection.call
        self.lock = threading.Lock()
        self.under_way: Counter[str] = Counter()
        # How many others were under way, call by call, and of the same chat.
        self.others: list[int] = []
        self.of_same: list[int] = []
        self.methods: dict[str, list[str]] = {}
        connection.call = self  # type: ignore[method-assign]

    def __call__(self, method: str, path: str, *of: Any, **named: Any) -> Answer:
        chat = path.split("/")[1]
        with self.lock:
            self.others.append(self.under_way.total())
            self.of_same.append(self.under_way[chat])
            self.methods.setdefault(chat, []).append(method)
            self.under_way[chat] += 1
        try:
            time.sleep(0.02)
            return self.inner(method, path, *of, **named)
        finally:
            with self.lock:
                self.under_way[chat] -= 1


def answering() -> httpx.Client:
    return made_up(lambda request: httpx.Response(200, json={"choices": []}))


def test_several_turns_are_on_their_way_at_once_and_each_alone(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("worker", "recorder"):
        monkeypatch.setattr(f"chat_debug.{module}.OPEN_ABOVE", 1)
    watched = Watched(recorded.debug)
    client = recorded.debug.wrap(answering())

    def turns(number: int) -> None:
        for each in range(3):
            with recorded.debug.turn(f"chat-{number}-{each}", OWNER) as turn:
                for call in range(5):
                    turn.bind(client).post("http://h/v1/chat/completions", json=question(user=str(call)))
                    time.sleep(0.01)

    threads = [threading.Thread(target=turns, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorded.debug.flush(20) and recorded.debug.counters["recorded"] == 24
    assert max(watched.others) == worker.AT_ONCE - 1
    assert max(watched.of_same) == 0
    for methods in watched.methods.values():
        assert re.fullmatch("(GET )+POST( (GET|PUT|PATCH))*( PATCH)?", " ".join(methods)), methods
    puts = [sent["path"] for sent in recorded.service.sent if sent["method"] == "PUT"]
    assert len(puts) == len(set(puts)) > 0


def test_a_service_that_is_far_away_is_no_limit_of_one_turn_after_the_other(recorded: Recorded) -> None:
    recorded.service.behave(delay=0.1)
    client = recorded.debug.wrap(answering())
    began = time.monotonic()
    for _ in range(40):
        with recorded.turn():
            client.post("http://h/v1/chat/completions", json=question())
    assert recorded.debug.flush(20) and recorded.debug.counters["recorded"] == 40
    # One after the other they take eight seconds.
    assert time.monotonic() - began < 4


def test_one_body_is_made_at_a_time(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[int] = []
    making = 0
    inner = packing.whole

    def whole(turn: chat_debug.Turn) -> Any:
        nonlocal making
        others.append(making)
        making += 1
        time.sleep(0.01)
        try:
            return inner(turn)
        finally:
            making -= 1

    monkeypatch.setattr(packing, "whole", whole)
    client = recorded.debug.wrap(answering())
    for _ in range(30):
        with recorded.turn():
            client.post("http://h/v1/chat/completions", json=question())
    assert len(recorded.runs()) == 30 and set(others) == {0}


def test_one_asks_whether_the_service_answers_again_and_then_all_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REST", "FIRST_WAIT"):
        monkeypatch.setattr(worker, name, 0.02)
    debug = chat_debug.Recorder(closed_port(), "k")
    is_dead = True

    def call(method: str, *_: Any, **__: Any) -> Answer:
        if is_dead:
            raise Unreachable("nobody is there")
        return Answer(200, {"effective": True}, None)

    watched = Watched(debug, call)
    for number in range(50):
        with debug.turn(f"c{number}", OWNER):
            pass
    wait_until(lambda: len(watched.others) > 30)
    dead = len(watched.others)
    is_dead = False
    assert debug.flush(20) and debug.counters["recorded"] == 50
    # Those that were begun before the first had no answer.
    assert set(watched.others[worker.AT_ONCE : dead]) == {0}
    assert max(watched.others[dead:]) > 1


def test_no_thread_is_left_when_nothing_is_recorded(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE", 0.05)
    threads = recorded.debug._worker._threads  # type: ignore[union-attr]
    assert not threads
    recorded.service.behave(delay=0.05)
    client = recorded.debug.wrap(answering())
    for _ in range(2):
        for _ in range(20):
            with recorded.turn():
                client.post("http://h/v1/chat/completions", json=question())
        wait_until(lambda: 1 < len(threads) <= worker.AT_ONCE)
        begun = set(threads)
        assert recorded.debug.flush(10)
        wait_until(lambda: not threads)
        for thread in begun:
            thread.join(10)
            assert not thread.is_alive()
    assert recorded.debug.counters["recorded"] == 40
