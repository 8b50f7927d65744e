"""The chat never notices: not what becomes of the service, not what goes wrong in here, not what waits."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import OWNER, Recorded, Session, ask, attempts_of, closed_port, made_up, wait_until

import chat_debug
from chat_debug import attempt, packing, service, warnings, worker
from chat_debug.connection import Connection, Unreachable

ANSWER = "The capital of France is Paris."


@pytest.mark.parametrize("state", ["dead", "hung", "refusing", "busy", "spoken to in another tongue"])
def test_a_service_in_a_bad_state_changes_nothing(state: str, recorded: Recorded, session: Session) -> None:
    url = {"dead": closed_port(), "spoken to in another tongue": session.url("plain")}.get(state, recorded.service.url)
    recorded.service.behave(hung=state == "hung", status={"refusing": 403, "busy": 503}.get(state))
    debug = chat_debug.Recorder(url, "k", timeout=1)
    client = debug.wrap(httpx.Client())
    with debug.turn("c", OWNER) as turn:
        assert ask(turn.bind(client), session).json()["choices"][0]["message"]["content"] == ANSWER
        streamed = ask(client, session, stream=True).text
    assert streamed.endswith("data: [DONE]\n\n")
    debug.flush(0.3)
    debug.reset()


def test_without_settings_nothing_is_done_and_that_is_said_once(
    caplog: pytest.LogCaptureFixture, session: Session
) -> None:
    for name in ("CHAT_DEBUG_URL", "CHAT_DEBUG_KEY"):
        assert name not in os.environ
    debug = chat_debug.Recorder()
    client = httpx.Client()
    transport = client._transport
    assert debug.wrap(client) is client and client._transport is transport
    with debug.turn("c", OWNER) as turn:
        assert ask(turn.bind(client), session).status_code == 200
        unknown = object()
        assert turn.bind(unknown) is unknown
    assert debug.flush(0) and not debug.is_enabled
    assert [record.message for record in caplog.records] == [
        "chat-debug: nothing is recorded: CHAT_DEBUG_URL and CHAT_DEBUG_KEY not set"
    ]


@pytest.mark.parametrize(
    "url, key", [("localhost:9000", "k"), ("ftp://x", "k"), ("http://x", "two words"), ("http://x", "k\n")]
)
def test_settings_that_cannot_be_are_said_and_do_nothing(url: str, key: str, caplog: pytest.LogCaptureFixture) -> None:
    debug = chat_debug.Recorder(url, key)
    assert not debug.is_enabled
    (record,) = caplog.records
    assert "nothing is recorded: CHAT_DEBUG_" in record.message and "two words" not in record.message


@pytest.mark.parametrize("place", ["begin", "answered", "received", "ended", "closed", "packed", "sent"])
def test_a_fault_of_ours_is_not_the_chats(
    place: str, recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a secret of the chat")

    broken: tuple[Any, str] = {
        "begin": (attempt.redaction, "headers"),
        "answered": (attempt.Attempt, "answered"),
        "received": (attempt.Attempt, "_fits"),
        "ended": (attempt.encodings, "undo"),
        "closed": (chat_debug.Recorder, "ended"),
        "packed": (packing, "whole"),
        "sent": (service.Service, "call"),
    }[place]
    client = recorded.debug.wrap(httpx.Client())
    monkeypatch.setattr(*broken, fault)
    with recorded.turn():
        assert ask(client, session, "gzip").json()["choices"][0]["message"]["content"] == ANSWER
        with client.stream(
            "POST", session.url("gzip", "/v1/chat/completions"), json={"model": "m", "stream": True, "messages": []}
        ) as response:
            assert response.read().endswith(b"data: [DONE]\n\n")
    recorded.debug.flush(0.2)
    assert not any("secret" in record.message for record in caplog.records)
    assert any("ZeroDivisionError" in record.message for record in caplog.records), place


def test_what_is_called_with_is_handed_back_and_what_is_unknown_is_said(
    recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    class Unknown:
        pass

    unknown, client = Unknown(), httpx.Client()
    assert recorded.debug.wrap(unknown) is unknown
    assert "test_never_disturbs" in caplog.text and "of no kind that is known" in caplog.text
    assert recorded.debug.wrap(recorded.debug.wrap(client)) is client
    assert recorded.turn().bind(unknown) is unknown


def test_what_stands_in_the_place_of_a_part_can_be_copied(recorded: Recorded) -> None:
    client = recorded.debug.wrap(httpx.Client())
    copied = copy.copy(client._transport)
    assert type(copied) is type(client._transport) and copied.inner is client._transport.inner


def test_whatever_a_turn_is_begun_with_raises_nothing(recorded: Recorded, session: Session) -> None:
    class Odd:
        def __str__(self) -> str:
            raise ZeroDivisionError

    client = recorded.debug.wrap(httpx.Client())
    for named, owner, members in (
        (Odd(), OWNER, {}),
        (b"c", 14, {"first_message": 14}),
        ("c", OWNER, {"trigger_message_id": Odd()}),
        (None, None, {}),
        ("c", OWNER, {"first_message": ["a", "b"], "kind": 7, "root_chat_id": object()}),
    ):
        with recorded.debug.turn(named, owner, **members) as turn:  # type: ignore[arg-type]
            assert ask(turn.bind(client), session).status_code == 200
    recorded.debug.flush(5)
    assert sum(recorded.debug.counters.values()) == 5


def test_an_event_is_handed_on_before_the_next_is_waited_for(recorded: Recorded) -> None:
    class Events(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for number, event in enumerate(EVENTS):
                assert read == EVENTS[:number]
                yield event

    EVENTS = [b"data: 1\n\n", b"data: 2\n\n", b"data: [DONE]\n\n"]
    read: list[bytes] = []
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, stream=Events())))
    with recorded.turn(), client.stream("POST", "http://h/v1/chat/completions", json={}) as response:
        for event in response.iter_raw():
            read.append(event)
    assert read == EVENTS


def test_memory_is_bounded_and_who_asks_for_more_is_dropped(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(hung=True)
    recorded.debug.budget.limit = 200_000
    client = recorded.debug.wrap(httpx.Client())
    large = "x" * 50_000
    for _ in range(10):
        with recorded.turn():
            assert ask(client, session, user=large).status_code == 200
    assert recorded.debug.counters["dropped"] == 7
    assert recorded.debug.budget.taken <= 200_000


def test_what_was_kept_is_given_back(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    for number in range(20):
        with recorded.turn():
            ask(client, session, "gzip" if number % 2 else "plain", stream=number % 3 == 0)
    assert len(recorded.runs()) == 20 and recorded.debug.budget.taken == 0


def test_a_warning_comes_once_a_minute_with_the_services_words(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.service.behave(status=403)
    client = recorded.debug.wrap(httpx.Client())
    for _ in range(5):
        with recorded.turn():
            ask(client, session)
        recorded.debug.flush(5)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message == (
        "chat-debug: the service refuses a turn: 403 This is the recorder-only of a test. as it was told"
    )
    assert recorded.debug.counters["refused"] == 5


def test_each_kind_of_warning_has_its_own_minute(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        recorded.debug.wrap(object())
        with recorded.turn():
            ask(httpx.Client(), session)
    for owner in ("no owner", "neither one"):
        with recorded.debug.turn("c", owner):
            pass
    expected = ["a client is not recorded", "a turn has called no model", "a turn is not recorded"]
    assert [record.message.split(":")[1].strip() for record in caplog.records] == expected
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + warnings.PAUSE)
    recorded.debug.wrap(object())
    recorded.debug.wrap(object())
    assert len(caplog.records) == 4 and caplog.records[3].message.endswith("(1 more since the last warning)")


def test_a_log_that_fails_is_not_the_chats(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())
            raise OSError("no space left")

    said: list[str] = []
    monkeypatch.setattr(logging.getLogger("chat_debug"), "handlers", [Full()])
    assert not chat_debug.Recorder().is_enabled
    with recorded.debug.turn("c", "an owner that cannot be"):
        pass
    assert len(said) == 2


def test_a_turn_without_a_call_asks_whether_the_client_is_wrapped(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with recorded.turn(first_message="Hi"):
        ask(httpx.Client(), session)
    assert recorded.run()["steps"] == []
    assert "is its client wrapped?" in caplog.text


def test_a_post_is_repeated_with_the_same_id_until_it_is_taken(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FIRST_WAIT", 0.05)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session)
        wait_until(lambda: recorded.service.sent)
        recorded.service.behave(status=429, times=1)
    first, second = recorded.runs()
    assert first == second and recorded.debug.counters["recorded"] == 1


def test_a_service_that_does_not_answer_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REST", 3600)
    debug = chat_debug.Recorder(closed_port(), "k")
    calls = []
    inner = debug._worker._connection.call
    debug._worker._connection.call = lambda *of, **named: calls.append(of) or inner(*of, **named)
    for number in range(50):
        with debug.turn(f"c{number}", OWNER):
            pass
    wait_until(lambda: debug._worker._service.rests_until and not debug._worker._in_hand)
    waits: list[float] = []
    monkeypatch.setattr(debug._worker._changed, "wait", waits.append)
    # Whatever wakes the thread, it finds nothing to do but to wait.
    with debug._worker._changed:
        assert debug._worker._next() is None and waits[0] > 1000
    # Some may have been on their way when those failed.
    assert service.FAILURES <= len(calls) < service.FAILURES + worker.AT_ONCE
    debug.reset()


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n"])
def test_an_answer_that_drips_is_left_when_its_time_is_over(at_once: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" + b" " * 20

    def drips(listener: socket.socket) -> None:
        with listener.accept()[0] as caller, contextlib.suppress(OSError):
            caller.recv(65536)
            caller.sendall(at_once)
            for byte in answer[len(at_once) :]:
                time.sleep(0.05)
                caller.sendall(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drips, args=(listener,))
        thread.start()
        connection = Connection(f"http://127.0.0.1:{listener.getsockname()[1]}", "k", timeout=0.3)
        with pytest.raises(Unreachable):
            connection.call("GET", "/c/debug/decision")
        thread.join()


def test_each_answer_has_the_whole_time(recorded: Recorded) -> None:
    connection = Connection(recorded.service.url, "k", timeout=5)
    for _ in range(2):
        assert connection.call("GET", "/c/debug/decision").status == 200
        kept = connection._http
        assert kept is not None and kept.sock is not None
        kept.sock.settimeout(1e-6)


def test_a_thread_that_cannot_be_started_yet_costs_no_turn(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = threading.Thread.start

    def fails(thread: threading.Thread) -> None:
        if thread.name == "chat-debug":
            raise RuntimeError("can't start new thread")
        starts(thread)

    client = recorded.debug.wrap(httpx.Client())
    for start in (fails, starts):
        monkeypatch.setattr(threading.Thread, "start", start)
        with recorded.turn():
            ask(client, session)
    assert len(recorded.runs()) == 2 and recorded.debug.budget.taken == 0


def test_many_threads_at_once_lose_nothing(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())

    def turns() -> None:
        for _ in range(10):
            with recorded.turn():
                ask(client, session)

    threads = [threading.Thread(target=turns) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = recorded.runs()
    assert len(runs) == 80 == len({run["id"] for run in runs})
    assert all(len(attempts_of(run)) == 1 for run in runs)


@pytest.mark.parametrize("tells", [worker.Worker.hurry, worker.Worker.drop])
def test_when_python_ends_nobody_waits_for_a_thread_that_stopped(
    tells: Any, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends = recorded.debug._worker
    assert sends is not None
    turn = recorded.turn()
    monkeypatch.setattr("sys.is_finalizing", lambda: True)
    with sends._changed:
        thread = threading.Thread(target=tells, args=(sends, turn))
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
    thread.join()


def test_what_tls_needs_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    inner = ssl.create_default_context

    def make() -> ssl.SSLContext:
        made.append(inner())
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", make)
    connection = Connection("https://localhost:1", "k", timeout=0.1)
    for _ in range(3):
        with pytest.raises(Unreachable):
            connection.call("GET", "/")
    assert len(made) == 1
