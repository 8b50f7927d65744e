"""What is recorded is what was: how answers ended, when, in what order, and what is not there."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
import uuid
from datetime import datetime
from typing import Any

import httpx
import pytest
from conftest import OWNER, PAUSE, Recorded, Session, ask, attempts_of, question, silent_port, wait_until

from chat_debug import attempt, delivery, worker
from chat_debug.connection import Unreachable


def stream(client: httpx.Client, session: Session, scenario: str = "stream") -> Any:
    return client.stream("POST", session.url(scenario, "/v1/chat/completions"), json=question(stream=True))


def test_a_terminal_event_ends_a_stream_that_is_closed_early(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        with stream(client, session, "slow") as response:
            for line in response.iter_lines():
                if line == "data: [DONE]":
                    break
    run = recorded.run()
    assert (run["status"], run["steps"][0]["status"], attempts_of(run)[0]["status"]) == ("completed",) * 3
    assert "error" not in attempts_of(run)[0]


@pytest.mark.parametrize("is_closed", [True, False])
def test_an_answer_that_nobody_reads_to_its_end_is_interrupted(
    is_closed: bool, recorded: Recorded, session: Session
) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn() as turn:
        opened = stream(turn.bind(client), session, "slow")
        response = opened.__enter__()
        next(response.iter_raw())
        if is_closed:
            response.close()
    run = recorded.run()
    (each,) = attempts_of(run)
    assert (run["status"], run["steps"][0]["status"], each["status"]) == ("interrupted", "interrupted", "failed")
    assert each["error"] == (attempt.End.LEFT if is_closed else attempt.End.OPEN).value
    assert base64.b64decode(each["response_body"]).startswith(b"data: {")
    response.close()


def test_who_leaves_interrupts_and_what_fails_is_an_error(recorded: Recorded) -> None:
    for kind, status in ((GeneratorExit, "interrupted"), (KeyboardInterrupt, "interrupted"), (ValueError, "error")):
        with pytest.raises(kind), recorded.turn():
            raise kind
        assert recorded.runs()[-1]["status"] == status


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_that_is_given_up_is_interrupted(stream: bool, recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.AsyncClient())

    async def main() -> None:
        async with recorded.turn() as turn:
            call = asyncio.create_task(ask(client, session, "slow", stream=stream))
            while not turn.steps or (stream and not turn.steps[0].attempts[0].first_byte):
                await asyncio.sleep(0.001)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(main())
    run = recorded.run()
    (each,) = attempts_of(run)
    assert (run["status"], run["steps"][0]["status"], each["status"]) == ("interrupted", "interrupted", "failed")
    assert ("response_status" in each) == stream and each["error"].startswith("CancelledError")


def test_a_turn_that_nobody_ends_is_interrupted_in_the_end(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPEN_AFTER", "HEARTBEAT", "FORGOTTEN"):
        monkeypatch.setattr(delivery, name, 0.1)
    client = recorded.debug.wrap(httpx.Client())
    ask(recorded.turn().bind(client), session)
    wait_until(lambda: recorded.debug.counters["recorded"] == 1)
    sent = recorded.service.sent[-1]["json"]
    assert sent["status"] == "interrupted" and recorded.debug.budget.taken == 0


def test_a_call_that_nobody_answers_is_there(recorded: Recorded) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        with pytest.raises(httpx.ConnectError):
            client.post("http://127.0.0.1:9/v1/messages", json={"model": "m"})
    run = recorded.run()
    (each,) = attempts_of(run)
    assert (run["status"], run["steps"][0]["status"], each["status"]) == ("error", "error", "failed")
    assert each["error"].startswith("ConnectError") and "response_status" not in each


def test_times_follow_one_clock_and_the_id_is_of_the_start(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = recorded.debug.wrap(httpx.Client())
    wall = time.time()
    with recorded.turn():
        # The wall's clock is set back meanwhile.
        monkeypatch.setattr(time, "time", lambda: wall - 3600)
        ask(client, session)
        ask(client, session, temperature=1)
    run = recorded.run()
    moments = [run["started_at"]]
    for step in run["steps"]:
        moments += [step["started_at"], step["attempts"][0]["started_at"], step["attempts"][0]["finished_at"]]
    moments.append(run["finished_at"])
    assert moments == sorted(moments)
    started = datetime.fromisoformat(run["started_at"])
    assert abs(started.timestamp() - wall) < 5
    assert uuid.UUID(run["id"]).version == 7
    assert uuid.UUID(run["id"]).int >> 80 == int(started.timestamp() * 1_000_000) // 1000


def test_how_long_the_first_byte_took_is_told(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session, "slow", stream=True)
    (each,) = attempts_of(recorded.run())
    # A pause before the headers, and one before each event.
    assert 2000 * PAUSE <= each["first_byte_ms"] < each["duration_ms"]


def test_a_long_turn_is_open_heard_of_and_finished(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "OPEN_AFTER", 0.05)
    monkeypatch.setattr(delivery, "HEARTBEAT", 0.05)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn(first_message="Hi") as turn:
        ask(client, session)
        wait_until(lambda: any(sent["method"] == "PATCH" for sent in recorded.service.sent))
        ask(client, session, temperature=1)
    recorded.debug.flush(5)
    sent = [(one["method"], one["json"]) for one in recorded.service.sent]
    assert [method for method, _ in sent if method != "PATCH"] == ["GET", "POST", "PUT", "PUT"]
    assert sent[1][1] == {
        "id": turn.id,
        "owner_id": OWNER,
        "started_at": sent[1][1]["started_at"],
        "kind": "chat_turn",
        "summary": {"first_message": "Hi"},
        "status": "in_progress",
    }
    *heartbeats, end = [body for method, body in sent if method == "PATCH"]
    assert heartbeats and all(heartbeat == {"owner_id": OWNER} for heartbeat in heartbeats)
    assert sent[-1] == ("PATCH", end) and (end["status"], end["model"]) == ("completed", "gpt-test")
    assert [one["path"].rpartition("/")[2] for one in recorded.service.sent if one["method"] == "PUT"] == ["1", "2"]
    assert recorded.debug.counters["recorded"] == 1 and recorded.debug.budget.taken == 0


@pytest.mark.parametrize(
    "counter, behaviour",
    [
        ("dropped", {"status": 500, "times": 1}),
        ("failed", {"status": 500, "times": 1}),
        ("not_recorded", {"recorded": False}),
        ("refused", {"status": 403, "times": 1}),
    ],
)
def test_a_turn_that_was_opened_and_is_not_sent_has_an_end(
    counter: str, behaviour: Any, recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "OPEN_AFTER", 0.05)
    monkeypatch.setattr(worker, "FIRST_WAIT", 0.01)

    def redact(each: attempt.Attempt) -> None:
        raise ZeroDivisionError

    client = recorded.debug.wrap(httpx.Client())
    deliveries = recorded.debug._worker._deliveries  # type: ignore[union-attr]
    with recorded.turn() as turn:
        wait_until(lambda: deliveries[turn].is_open)
        recorded.service.behave(**behaviour)
        if counter == "dropped":
            recorded.debug.budget.limit = 0
        if counter == "failed":
            recorded.debug.redact = redact
        ask(client, session)
    assert recorded.debug.flush(5)
    last = recorded.service.sent[-1]
    assert (last["method"], last["json"]) == ("PATCH", {"owner_id": OWNER, "status": "interrupted"})
    counters = recorded.debug.counters
    assert counters.pop(counter) == 1 and not any(counters.values())


def test_a_turn_that_is_dropped_just_before_it_is_opened_is_not(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "OPEN_AFTER", 0)
    asks = delivery.Delivery.ask

    def drops(one: delivery.Delivery) -> None:
        asks(one)
        one.turn.forget()
        recorded.debug.dropped(one.turn)

    monkeypatch.setattr(delivery.Delivery, "ask", drops)
    with recorded.turn():
        wait_until(lambda: recorded.debug.counters["dropped"])
    # What comes after it is sent after it.
    monkeypatch.setattr(delivery.Delivery, "ask", asks)
    with recorded.turn():
        pass
    assert len(recorded.runs()) == 1 == recorded.debug.counters["recorded"]


def test_an_opening_whose_answer_is_lost_is_sent_again_as_it_was(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "OPEN_AFTER", 0.05)
    connection = recorded.debug._worker._connection  # type: ignore[union-attr]
    calls, lost = connection.call, threading.Event()

    def loses(method: str, *arguments: Any, **named: Any) -> Any:
        answer = calls(method, *arguments, **named)
        if method == "POST" and not lost.is_set():
            lost.set()
            raise Unreachable("The answer is lost.")
        return answer

    monkeypatch.setattr(connection, "call", loses)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session)
        lost.wait(30)
    opening, again = recorded.runs()
    assert opening == again and opening["status"] == "in_progress"
    last = recorded.service.sent[-1]
    assert (last["method"], last["json"]["status"]) == ("PATCH", "completed")
    assert recorded.debug.counters["recorded"] == 1


def test_the_key_of_one_user_records_a_chat_by_any_name(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.service.behave(bound=True)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.debug.turn("conversation 7/ü&x", OWNER):
        ask(client, session)
    recorded.debug.flush(5)
    monkeypatch.setattr(delivery, "OPEN_AFTER", 0.05)
    monkeypatch.setattr(delivery, "HEARTBEAT", 0.05)
    with recorded.debug.turn("conversation 7/ü&x", OWNER):
        ask(client, session)
        wait_until(lambda: any(sent["method"] == "PATCH" for sent in recorded.service.sent))
    recorded.debug.flush(5)
    assert recorded.debug.counters["recorded"] == 2


def test_a_call_whose_time_is_over_is_an_error(recorded: Recorded) -> None:
    import openai

    with silent_port() as url:
        client = recorded.debug.wrap(
            openai.OpenAI(base_url=url, api_key="k", timeout=httpx.Timeout(30, read=PAUSE), max_retries=0)
        )
        with pytest.raises(openai.APITimeoutError), recorded.turn():
            client.chat.completions.create(**question())
    run = recorded.run()
    assert (run["status"], run["steps"][0]["status"]) == ("error", "error")
    assert attempts_of(run)[0]["error"].startswith("ReadTimeout")
