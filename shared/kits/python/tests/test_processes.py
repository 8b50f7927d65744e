"""Programs that end, fork and are told to stop: what waits is sent once, by whom it belongs to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest
from conftest import KITS, Recorded, Session, wait_until

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


def test_how_long_the_programs_end_may_take_is_the_programs_to_say(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(delay=1.2)
    # A question and an answer to it take longer than two seconds.
    ended = run_program(recorded, session, "", ", flush_at_exit=20")
    assert ended.returncode == 0 and posted(recorded) == 1 and "not sent" not in ended.stderr
    ended = run_program(recorded, session, "", ", flush_at_exit=0.1")
    assert ended.returncode == 0 and posted(recorded) == 1


@pytest.mark.parametrize(
    "then, more",
    [
        ("", ""),
        ("os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(10)", ", sigterm=True"),
        ("open_turn = debug.turn('c', 'user-1').__enter__()", ""),
    ],
)
def test_what_is_lost_at_the_programs_end_is_said(then: str, more: str, recorded: Recorded, session: Session) -> None:
    is_open = "open_turn" in then
    recorded.service.behave(hung=not is_open)
    ended = run_program(recorded, session, then, f", flush_at_exit={5 if is_open else 0.2}{more}")
    assert ended.stderr.count("chat-debug: turns were not sent before the program ended: 1\n") == 1, ended.stderr


def test_at_sigterm_nothing_is_lost_of_a_program_that_goes_on(recorded: Recorded, session: Session) -> None:
    for before in ("lambda *_: None", "signal.SIG_IGN"):
        then = f"""
        debug.flush(5)
        signal.signal(signal.SIGTERM, {before})
        debug = chat_debug.Recorder(SERVICE, "k", sigterm=True)
        client = debug.wrap(httpx.Client())
        with debug.turn(uuid.uuid4(), "user-1"):
            os.kill(os.getpid(), signal.SIGTERM)
            client.post(PROVIDER, json={{"model": "m", "messages": []}})
        """
        ended = run_program(recorded, session, then)
        assert ended.returncode == 0 and "not sent" not in ended.stderr, ended.stderr
    assert posted(recorded) == 4


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
        service = debug._worker._service
        locks = [debug._worker._changed, service._making, service._has_room]
        locks += [open_turn._lock, open_turn.steps[0].attempts[0]._lock]
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


ASGI = """
import asyncio, contextlib, os, uuid, httpx, fastapi, chat_debug
debug = chat_debug.Recorder(os.environ["SERVICE"], "k"{more})
client = debug.wrap(httpx.AsyncClient())

@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    {at_end}

app = fastapi.FastAPI(lifespan=lifespan)

@app.get("/")
async def turns():
    for _ in range(20):
        async with debug.turn(uuid.uuid4(), "user-1"):
            await client.post(os.environ["PROVIDER"], json={{"model": "m", "messages": []}})
"""


@pytest.mark.parametrize(
    "at_end, more",
    [("await asyncio.to_thread(debug.flush, 10)", ""), ("pass", ", sigterm=True, flush_at_exit=10")],
)
def test_under_uvicorn_all_is_sent_that_waits(
    at_end: str, more: str, recorded: Recorded, session: Session, tmp_path: Path
) -> None:
    recorded.service.behave(delay=0.3)
    (tmp_path / "app.py").write_text(ASGI.format(at_end=at_end, more=more))
    command = [sys.executable, "-m", "uvicorn", "--port=0", "app:app"]
    server = subprocess.Popen(
        command, cwd=tmp_path, env=environment_of(recorded, session), stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    url = next(line for line in server.stderr if "running on " in line).split("running on ")[1].split()[0]
    assert httpx.get(url, timeout=30).status_code == 200
    server.terminate()
    # It dies of the signal, so that nothing runs that is to run at exit.
    assert server.wait(30) == -signal.SIGTERM
    assert posted(recorded) == 20, server.stderr.read()


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
