"""What is recorded is what was: how answers ended, when, in what order, and what is not there."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import random
import time
import uuid
from datetime import datetime
from typing import Any

import httpx
import pytest
from conftest import OWNER, PAUSE, Recorded, Session, ask, attempts_of, made_up, question, wait_until

from chat_debug import attempt, reading, worker


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


@pytest.mark.parametrize("status, ends", [(200, "interrupted"), (204, "completed"), (502, "error")])
def test_an_empty_answer_is_what_its_status_says(status: int, ends: str, recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(status)))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    assert recorded.run()["steps"][0]["status"] == ends


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
        monkeypatch.setattr(worker, name, 0.1)
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


def test_packed_answers_are_undone_and_that_is_said(recorded: Recorded) -> None:
    text = json.dumps({"choices": [], "x": "y" * 100}).encode()

    # As a transport does that hands on what came.
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200,
            headers={"content-encoding": "gzip", "content-type": "application/json"},
            stream=httpx.ByteStream(gzip.compress(text)),
        )

    client = recorded.debug.wrap(made_up(handler))
    with recorded.turn():
        assert client.post("http://h/v1/chat/completions", json=question()).content == text
    step = recorded.run()["steps"][0]
    assert base64.b64decode(step["attempts"][0]["response_body"]) == text
    assert step["metadata"]["decoded"] == {"attempts/1/response": "gzip"}
    assert step["attempts"][0]["response_headers"]["content-encoding"] == "gzip"


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


def test_what_is_not_json_in_the_services_eyes_is_no_copy(recorded: Recorded) -> None:
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    for body in (b'{"a": NaN}', b"[1]", deep, b'{"a": 1', b"\xff", b'{"a": 1} x'):
        client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
        with recorded.turn():
            client.post("http://h/v1/chat/completions", content=body)
        step = recorded.runs()[-1]["steps"][0]
        assert "normalized_request" not in step and base64.b64decode(step["attempts"][0]["request_body"]) == body
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json={"choices": []})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", content=b'{"a": 1.0, "b": "\\ud83d", "a": 2}')
    sent = recorded.service.sent
    recorded.runs()
    assert b'"normalized_request":{"a": 1.0, "b": "\\ud83d", "a": 2}' in gzip.decompress(
        base64.b64decode(sent[-1]["body"])
    )


@pytest.mark.parametrize(
    "body, type_, streams, whole, usage, is_error",
    [
        (b'data: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\n', "text/event-stream", True, True, None, False),
        (b'data: {"choices":[{"index":0,"finish_reason":null}]}\n\n', "text/event-stream", True, False, None, False),
        (b"data: one\n\ndata: two\n\n", "text/event-stream", True, None, None, False),
        (
            b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
            "text/event-stream",
            True,
            None,
            None,
            True,
        ),
        (
            b'data: {"type":"response.failed","response":{"usage":{"input_tokens":3,"output_tokens":0}}}\r\n\r\n',
            "",
            True,
            True,
            {"input_tokens": 3},
            True,
        ),
        (b'{"error":{"message":"No."}}', "application/json", False, True, None, True),
        (b"<html>", "text/html", False, True, None, True),
        (b"", "application/json", False, False, None, False),
        (b'{"choices":[', "application/json", False, False, None, False),
        (b"RIFF....", "audio/wav", False, None, None, False),
        (
            b'[{"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3}}]',
            "application/json",
            False,
            True,
            {"input_tokens": 5, "output_tokens": 5, "reasoning_tokens": 3},
            False,
        ),
        (
            b'{"done":false}\n{"done":true,"prompt_eval_count":7,"eval_count":2}\n',
            "application/x-ndjson",
            True,
            True,
            {"input_tokens": 7, "output_tokens": 2},
            False,
        ),
        (
            b'{"usage":{"prompt_tokens":1.0,"completion_tokens":-1,"total_tokens":null}}',
            "application/json",
            False,
            True,
            {"input_tokens": 1},
            False,
        ),
    ],
)
def test_answers_of_many_kinds_are_read_as_far_as_it_goes(
    body: bytes, type_: str, streams: bool, whole: bool | None, usage: Any, is_error: bool
) -> None:
    answer = reading.answer(body, type_, False)
    assert (answer.is_stream, answer.is_whole, answer.usage) == (streams, whole, usage)
    assert (answer.error is not None) == is_error


def test_reading_survives_anything() -> None:
    pieces = [
        b"data:",
        b"event: x\n",
        b"{",
        b"}",
        b'"',
        b"\n\n",
        b'{"usage":',
        b'{"choices":[null]}',
        b"\xff",
        b"[DONE]",
        b"\x00\x00\x00\x20\x00\x00\x00\x08",
        b'{"choices":[{}],"usage":[1]}',
        b'{"message":{"usage":{"input_tokens":"x"}}}',
    ]
    chance = random.Random(7)
    for number in range(3000):
        body = b"".join(chance.choices(pieces, k=chance.randrange(12)))
        for type_ in ("", "text/event-stream", "application/vnd.amazon.eventstream", "application/x-ndjson"):
            reading.answer(body, type_, bool(number % 2))


def test_a_long_turn_is_open_heard_of_and_finished(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "OPEN_AFTER", 0.05)
    monkeypatch.setattr(worker, "HEARTBEAT", 0.05)
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


def test_the_key_of_one_user_records_a_chat_by_any_name(
    recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.service.behave(bound=True)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.debug.turn("conversation 7/ü&x", OWNER):
        ask(client, session)
    recorded.debug.flush(5)
    monkeypatch.setattr(worker, "OPEN_AFTER", 0.05)
    monkeypatch.setattr(worker, "HEARTBEAT", 0.05)
    with recorded.debug.turn("conversation 7/ü&x", OWNER):
        ask(client, session)
        wait_until(lambda: any(sent["method"] == "PATCH" for sent in recorded.service.sent))
    recorded.debug.flush(5)
    assert recorded.debug.counters["recorded"] == 2


def test_a_redirect_that_is_followed_is_a_try_of_the_same_call(recorded: Recorded) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/chat/completions":
            return httpx.Response(307, headers={"location": "/elsewhere?a=1"})
        return httpx.Response(200, json={"choices": []})

    client = recorded.debug.wrap(httpx.Client(transport=httpx.MockTransport(handler), follow_redirects=True))
    with recorded.turn():
        assert client.post("http://h/v1/chat/completions", json=question()).status_code == 200
        # What goes there by itself is a call of its own.
        client.post("http://h/elsewhere?a=1", json=question(user="x"))
    run = recorded.run()
    followed, other = run["steps"]
    tries = [(each["status"], each["response_status"], each["path"]) for each in followed["attempts"]]
    assert tries == [("completed", 307, "/v1/chat/completions"), ("completed", 200, "/elsewhere")]
    assert (run["status"], followed["status"], len(other["attempts"])) == ("completed", "completed", 1)


def test_a_redirect_that_nobody_follows_is_no_answer(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(302, headers={"location": "/elsewhere"})))
    with recorded.turn():
        client.post("http://h/v1/chat/completions", json=question())
    assert recorded.run()["steps"][0]["status"] == "error"


def test_an_answer_to_head_has_no_body_and_is_complete(recorded: Recorded) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, headers={"content-length": "9"})))
    with recorded.turn():
        client.head("http://h/v1/models/m")
    step = recorded.run()["steps"][0]
    assert step["status"] == "completed" and "error" not in step


@pytest.mark.parametrize(
    "url, answer, provider",
    [
        ("https://chat.example/api/chat", {}, "chat.example"),
        ("https://chat.example/api/chat", {"model": "m", "message": {"content": "Hi"}, "done": True}, "ollama"),
        ("http://127.0.0.1:11434/api/generate", {}, "ollama"),
    ],
)
def test_a_path_of_ollamas_is_a_products_own_too(
    url: str, answer: dict[str, Any], provider: str, recorded: Recorded
) -> None:
    client = recorded.debug.wrap(made_up(lambda request: httpx.Response(200, json=answer)))
    with recorded.turn():
        client.post(url, json=question())
    assert recorded.run()["provider"] == provider


def test_a_call_whose_time_is_over_is_an_error(recorded: Recorded, session: Session) -> None:
    import openai

    client = recorded.debug.wrap(
        openai.OpenAI(base_url=session.url("slow", "/v1"), api_key="k", timeout=PAUSE / 10, max_retries=0)
    )
    with pytest.raises(openai.APITimeoutError), recorded.turn():
        client.chat.completions.create(**question())
    run = recorded.run()
    assert (run["status"], run["steps"][0]["status"]) == ("error", "error")
    assert attempts_of(run)[0]["error"].startswith("ReadTimeout")


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
