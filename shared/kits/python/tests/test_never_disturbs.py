"""The chat never notices: not what becomes of the service, not what goes wrong in here, not what waits."""

from __future__ import annotations

import copy
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import KITS, OWNER, PAUSE, Recorded, Session, ask, attempts_of, closed_port, wait_until

import chat_debug
from chat_debug import attempt, packing, worker

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
        assert turn.bind(client) is client
        assert ask(client, session).status_code == 200
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
        "sent": (worker.Worker, "_call"),
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


def test_the_first_event_comes_when_it_came(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with (
        recorded.turn(),
        client.stream(
            "POST", session.url("slow", "/v1/chat/completions"), json={"stream": True, "messages": []}
        ) as response,
    ):
        moments = [time.monotonic() for _ in response.iter_raw()]
    assert len(moments) >= 8 and moments[-1] - moments[0] > 5 * PAUSE


def test_memory_is_bounded_and_the_newest_are_dropped(recorded: Recorded, session: Session) -> None:
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


def test_a_service_that_does_not_answer_is_left_alone_for_a_while() -> None:
    debug = chat_debug.Recorder(closed_port(), "k")
    calls = []
    inner = debug._worker._connection.call
    debug._worker._connection.call = lambda *of, **named: calls.append(of) or inner(*of, **named)
    for number in range(50):
        with debug.turn(f"c{number}", OWNER):
            pass
    wait_until(lambda: len(calls) >= worker.FAILURES)
    time.sleep(0.3)
    assert len(calls) == worker.FAILURES
    debug.reset()


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


PROGRAM = """
import os, signal, sys, time, uuid, httpx, chat_debug
debug = chat_debug.Recorder(SERVICE, "k"{more})
client = debug.wrap(httpx.Client())
def turn(name):
    with debug.turn(uuid.uuid4(), "user-1", first_message=name):
        client.post(PROVIDER, json={{"model": "m", "messages": []}})
turn("before")
{then}
"""


def run_program(recorded: Recorded, session: Session, then: str, more: str = "") -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(then=textwrap.dedent(then), more=more)
    program = (
        f"SERVICE, PROVIDER = {recorded.service.url!r}, {session.url('plain', '/v1/chat/completions')!r}\n{program}"
    )
    environment = os.environ | {"PYTHONPATH": str(KITS / "python" / "src")}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=30)


def posted(recorded: Recorded) -> int:
    return sum(sent["method"] == "POST" for sent in recorded.service.sent)


def test_what_waits_is_sent_at_the_programs_end(recorded: Recorded, session: Session) -> None:
    assert run_program(recorded, session, "").returncode == 0
    assert posted(recorded) == 1


def test_what_waits_is_sent_at_sigterm_if_asked(recorded: Recorded, session: Session) -> None:
    ended = run_program(recorded, session, "os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(10)", ", sigterm=True")
    assert ended.returncode == -signal.SIGTERM, ended.stderr
    assert posted(recorded) == 1


def test_the_program_ends_though_a_stream_is_forgotten(recorded: Recorded, session: Session) -> None:
    assert run_program(recorded, session, "chunks = debug.turn('c', 'user-1').stream(iter([1]))").returncode == 0


def test_the_program_ends_though_the_service_hangs(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(hung=True)
    assert run_program(recorded, session, "").returncode == 0


def test_a_fork_has_a_worker_of_its_own_and_sends_nothing_twice(recorded: Recorded, session: Session) -> None:
    ended = run_program(
        recorded,
        session,
        """
        with debug.turn(uuid.uuid4(), "user-1"):
            child = os.fork()
            if child == 0:
                client.post(PROVIDER, json={"messages": []})
        if child == 0:
            for number in range(3):
                turn(f"child-{number}")
            sent = debug.flush(5)
            counters = debug.counters
            os._exit(0 if sent and counters["recorded"] == 3 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        turn("after")
        assert debug.flush(5) and debug.counters["recorded"] == 3, debug.counters
    """,
    )
    assert ended.returncode == 0, ended.stderr
    ids = [sent["json"]["id"] for sent in recorded.service.sent if sent["method"] == "POST"]
    assert len(ids) == 6 == len(set(ids))


def test_a_fork_waits_for_no_thread_that_it_left_behind(recorded: Recorded, session: Session) -> None:
    ended = run_program(
        recorded,
        session,
        """
        import threading
        held, over = threading.Event(), threading.Event()
        open_turn = debug.turn(uuid.uuid4(), "user-1").__enter__()
        chunks = open_turn.stream(iter([1]))
        response = client.stream("POST", PROVIDER, json={"stream": True, "messages": []}).__enter__()
        locks = [debug._worker._changed, open_turn._lock, open_turn.steps[0].attempts[0]._lock]
        locks += [debug._lock, debug.budget._lock, debug._warnings._lock]

        def holds():
            for lock in locks:
                lock.acquire()
            held.set()
            over.wait()
            for lock in reversed(locks):
                lock.release()

        threading.Thread(target=holds, daemon=True).start()
        held.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            response.close()
            del chunks
            open_turn.__exit__(None, None, None)
            turn("child")
            os._exit(0 if debug.flush(5) and debug.counters["recorded"] == 1 else 1)
        over.set()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """,
    )
    assert ended.returncode == 0, ended.stderr


SERVED = """
import os, uuid, httpx, chat_debug
debug = chat_debug.Recorder(os.environ["SERVICE"], "k")
client = debug.wrap(httpx.Client())

def turn():
    with debug.turn(uuid.uuid4(), "user-1", first_message=str(os.getpid())) as turn:
        turn.bind(client).post(os.environ["PROVIDER"], json={"model": "m", "messages": []})

turn()
debug.flush(5)

def app(environ, start_response):
    turn()
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""

WORKED = """
import celery

queue = {"data_folder_in": "queue", "data_folder_out": "queue"}
worker = celery.Celery("app", broker="filesystem://", broker_transport_options=queue)
worker.task(name="turn")(turn)
"""


def environment_of(recorded: Recorded, session: Session) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(KITS / "python" / "src"),
        "SERVICE": recorded.service.url,
        "PROVIDER": session.url("plain", "/v1/chat/completions"),
    }


def test_gunicorns_workers_record_what_its_master_began(recorded: Recorded, session: Session, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVED)
    environment = environment_of(recorded, session)
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers=2", "--bind=127.0.0.1:0", "app:app"]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    url = next(line for line in server.stderr if "Listening at: " in line).split("Listening at: ")[1].split()[0]
    workers = {httpx.get(url, timeout=30).text for _ in range(10)}
    server.terminate()
    assert server.wait(30) == 0
    turns = [sent["json"] for sent in recorded.service.sent if sent["method"] == "POST"]
    began = [turn["summary"]["first_message"] for turn in turns]
    assert len(turns) == 11 == len({turn["id"] for turn in turns})
    assert set(began) == workers | {str(server.pid)}


def test_celerys_workers_record_what_its_master_began(recorded: Recorded, session: Session, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVED + WORKED)
    (tmp_path / "queue").mkdir()
    environment = environment_of(recorded, session)
    sends = "import app\nfor _ in range(4): app.worker.send_task('turn')"
    subprocess.run([sys.executable, "-c", sends], cwd=tmp_path, env=environment, check=True)
    works = [sys.executable, "-m", "celery", "-A", "app:worker", "worker", "-c", "2", "-l", "ERROR"]
    # It has no neighbours to look for.
    works += ["--without-mingle", "--without-gossip", "--without-heartbeat"]
    with subprocess.Popen(works, cwd=tmp_path, env=environment, start_new_session=True) as server:
        # Both programs begin with a turn of their own.
        wait_until(lambda: posted(recorded) >= 2 + 4)
        # It would end by itself in a few seconds.
        os.killpg(server.pid, signal.SIGKILL)
    turns = [sent["json"] for sent in recorded.service.sent if sent["method"] == "POST"]
    assert len(turns) == 6 == len({turn["id"] for turn in turns})
    # The tasks' are of one or two processes that are neither program's first.
    assert 3 <= len({turn["summary"]["first_message"] for turn in turns}) <= 4
