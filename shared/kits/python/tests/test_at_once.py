"""Several turns are sent at once, each by one thread alone; a service that does not answer is asked by one."""

from __future__ import annotations

import math
import os
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
from chat_debug import packing, service, worker
from chat_debug.connection import Answer, Connection, Unreachable


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
    for module in ("delivery", "recorder"):
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
    monkeypatch.setattr(service, "REST", 0.02)
    monkeypatch.setattr(worker, "FIRST_WAIT", 0.02)
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


YES = Answer(200, {"effective": True}, None)


def begin_and_end(debug: chat_debug.Recorder, count: int) -> None:
    for number in range(count):
        with debug.turn(f"c{number}", OWNER):
            pass


@pytest.mark.parametrize("status", [429, 503])
def test_one_is_in_hand_while_the_service_asks_to_come_later(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REST", 0.02)
    monkeypatch.setattr(worker, "FIRST_WAIT", 0.02)
    debug = chat_debug.Recorder(closed_port(), "k")
    watched = Watched(debug, lambda *_, **__: Answer(status, {}, None))
    begin_and_end(debug, 30)
    wait_until(lambda: len(watched.others) > 30)
    debug.reset()
    assert set(watched.others[worker.AT_ONCE : 30]) == {0}


def test_what_fails_in_one_moment_is_one_failure_and_an_answer_ends_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REST", 3600)
    connection = Connection(closed_port(), "k", 1)
    together = threading.Barrier(8)
    calls = service.Service(connection, threading.Condition(threading.RLock()))

    def call(method: str, *_: Any, **__: Any) -> Answer:
        if method == "GET":
            return YES
        if method == "POST":
            together.wait(10)
        raise Unreachable("nobody is there")

    def fails(method: str) -> None:
        with pytest.raises(service.TryAgain):
            calls.call(method, "/")

    connection.call = call  # type: ignore[method-assign, assignment]
    threads = [threading.Thread(target=fails, args=("POST",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (calls.failures, calls.rests_until) == (1, 0.0)
    for _ in range(service.FAILURES - 1):
        fails("PUT")
    assert calls.rests_until > time.monotonic()
    # Who waits for the rest to be over is woken.
    woken = threading.Event()

    def waits() -> None:
        with calls.changed:
            is_waiting.set()
            if calls.changed.wait(10):
                woken.set()

    is_waiting = threading.Event()
    waiting = threading.Thread(target=waits)
    waiting.start()
    is_waiting.wait(10)
    calls.call("GET", "/")
    waiting.join()
    assert (calls.failures, calls.rests_until, woken.is_set()) == (0, 0.0, True)


def test_few_bytes_of_what_is_packed_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_UNDER_WAY", 250_000)
    debug = chat_debug.Recorder(closed_port(), "k")
    lock, under_way = threading.Lock(), [0]
    seen: list[int] = []

    def call(method: str, path: str, body: bytes | None = None, **_: Any) -> Answer:
        size = len(body or b"")
        with lock:
            under_way[0] += size
            seen.append(under_way[0])
        time.sleep(0.02)
        with lock:
            under_way[0] -= size
        return YES

    Watched(debug, call)
    client = debug.wrap(answering())
    # Noise is not packed to less. The last is larger than what may be together.
    for size in [75_000] * 8 + [300_000]:
        with debug.turn(f"chat-{size}", OWNER):
            client.post("http://h/v1/chat/completions", content=os.urandom(size))
    assert debug.flush(20) and debug.counters["recorded"] == 9
    # Base64 of the bodies is packed to what they were, or a little more; two of them are on their way together.
    small = [size for size in seen if size < 300_000]
    assert 150_000 < max(small) <= 250_000 and 300_000 < max(seen) < 330_000


def test_what_is_done_is_not_kept_beside_a_turn_that_is_open(recorded: Recorded) -> None:
    watching = recorded.debug._worker
    assert watching is not None
    watching._connection.call = lambda *_, **__: YES  # type: ignore[method-assign]

    def begin() -> chat_debug.Turn:
        turn = recorded.turn()
        delivery = watching._deliveries[turn]
        # It is looked at again when it has lasted long.
        wait_until(lambda: time.monotonic() + 10 < delivery.due < math.inf)
        return turn

    with begin():
        for _ in range(20):
            turns = [begin() for _ in range(50)]
            for turn in turns:
                turn.end()
            assert recorded.debug.flush(10)
        assert recorded.debug.counters["recorded"] == 1000 and len(watching._due) < 200


@pytest.mark.parametrize("at_once", [1, worker.AT_ONCE])
def test_a_thread_that_is_ended_leaves_its_turn_to_another(
    at_once: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Killed(BaseException):
        pass

    monkeypatch.setattr(worker, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(worker, "AT_ONCE", at_once)
    debug = chat_debug.Recorder(closed_port(), "k")
    kills = iter(range(4))

    def call(*_: Any, **__: Any) -> Answer:
        if next(kills, None) is not None:
            raise Killed("a secret of the chat")
        return YES

    watched = Watched(debug, call)
    begin_and_end(debug, 3)
    # Nobody but the threads themselves sees to it.
    wait_until(lambda: debug.counters["recorded"] == 3)
    assert debug.flush(0) and len(watched.others) > 4
    threads = debug._worker._threads  # type: ignore[union-attr]
    wait_until(lambda: threads and all(thread.is_alive() for thread in list(threads)))
    assert "Killed" in caplog.text and "secret" not in caplog.text
