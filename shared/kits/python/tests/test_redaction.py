"""No key is even queued."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time

import httpx
import pytest
from conftest import KITS, OWNER, Recorded, Session, ask, attempts_of, closed_port, made_up
from sdks import KEY, SDKS

import chat_debug
from chat_debug import redaction

NAMES = json.loads((KITS / "golden" / "names.json").read_text())


def test_headers_are_told_as_the_service_tells_them() -> None:
    tables = NAMES["tables"]
    assert {table: sorted(words) for table, words in tables.items()} == {
        table: sorted(getattr(redaction, f"_{table}")) for table in tables
    }
    assert len(NAMES["verdicts"]) > 150
    for place, tells in (("header", redaction.is_credential), ("parameter", redaction.is_credential_in_url)):
        verdicts = {name: verdict in ("both", place) for name, verdict in NAMES["verdicts"].items()}
        assert {name: tells(name) for name in verdicts} == verdicts


@pytest.mark.parametrize(
    "url, kept",
    [
        ("https://user:pass@h.example/a?b=1", "https://[REDACTED]@h.example/a?b=1"),
        (
            "https://h/v1beta/models/m:generateContent?alt=sse&key=AIza-1#x",
            "https://h/v1beta/models/m:generateContent?alt=sse&key=[REDACTED]#x",
        ),
        ("https://h/p?X-Amz-Signature=abc&max_tokens=5", "https://h/p?X-Amz-Signature=[REDACTED]&max_tokens=5"),
        ("https://h/p?a%70i_key=abc", "https://h/p?a%70i_key=[REDACTED]"),
        ("https://h/p#access_token=abc;x=y", "https://h/p#access_token=[REDACTED];x=y"),
        ("https://h/@scope/p?cursor=1&key", "https://h/@scope/p?cursor=1&key"),
        ("wss://h/p?t=a@b&primary_key=7", "wss://h/p?t=a@b&primary_key=7"),
    ],
)
def test_urls_lose_user_info_and_credentials_and_nothing_else(url: str, kept: str) -> None:
    assert redaction.url(url) == kept == redaction.url(kept)


def test_a_key_in_a_url_does_not_leave(recorded: Recorded) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["key"] == KEY and request.url.userinfo
        if request.url.path.endswith("moved:m"):
            raise httpx.ConnectError(f"Nobody is at {request.url}")
        return httpx.Response(307, headers={"location": f"/models/moved:m?key={KEY}"})

    client = recorded.debug.wrap(made_up(answer))
    url = f"https://us:{KEY}@generativelanguage.googleapis.com/v1beta/models/m:generateContent?alt=sse&key={KEY}"
    seen: list[str] = []
    recorded.debug.redact = lambda attempt: seen.append(attempt.url)
    with recorded.turn() as turn:
        with pytest.raises(httpx.ConnectError, match=KEY):
            client.post(url, json={}, follow_redirects=True)
        assert KEY not in repr([[each.url, each.error] for step in turn.steps for each in step.attempts])
    run = recorded.run()
    first, second = attempts_of(run)
    assert len(run["steps"]) == 1 and (run["provider"], run["model"]) == ("google", "moved:m")
    assert first["url"] == seen[0] == url.replace(f"us:{KEY}", "[REDACTED]").replace(KEY, "[REDACTED]")
    assert (first["path"], second["path"]) == ("/v1beta/models/m:generateContent", "/models/moved:m")
    assert second["error"] == "ConnectError"
    first["response_headers"].pop("location")
    assert KEY not in json.dumps(run)


@pytest.mark.parametrize("sdk", SDKS)
def test_an_sdks_key_does_not_leave(sdk: str, recorded: Recorded, session: Session) -> None:
    make, call = SDKS[sdk]
    client = recorded.debug.wrap(make(session, "plain"))
    with recorded.turn() as turn:
        call(turn.bind(client), "plain")
        assert turn.steps
        assert KEY not in repr([each.request_headers for step in turn.steps for each in step.attempts])
    recorded.run()
    for sent in recorded.service.sent:
        body = base64.b64decode(sent["body"])
        body = gzip.decompress(body) if sent["headers"].get("Content-Encoding") == "gzip" else body
        assert KEY.encode() not in body and KEY not in sent["path"]


@pytest.mark.parametrize("value", [f"{KEY}\n", f"Bearer {KEY}\n", f"tenant {KEY}\n'{KEY}'"])
def test_a_key_that_an_exception_says_does_not_leave(value: str, recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client(headers={"x-api-key": value}))
    with recorded.turn(), pytest.raises(httpx.LocalProtocolError, match=KEY):
        ask(client, session)
    (each,) = attempts_of(recorded.run())
    assert each["error"] == "LocalProtocolError" and KEY not in everything_sent(recorded)


def test_an_exception_that_says_no_key_is_told_whole(recorded: Recorded) -> None:
    client = recorded.debug.wrap(httpx.Client(headers={"x-api-key": KEY}))
    with recorded.turn(), pytest.raises(httpx.ConnectError) as raised:
        client.post(closed_port(), json={})
    (each,) = attempts_of(recorded.run())
    assert str(raised.value) and each["error"] == f"ConnectError: {raised.value}"


def test_redact_changes_what_is_recorded_and_not_what_is_sent(recorded: Recorded, session: Session) -> None:
    def redact(attempt: chat_debug.Attempt) -> None:
        attempt.url = attempt.url.replace("plain", "hidden")
        attempt.request_body = (attempt.request_body or b"").replace(b"4111", b"****")
        attempt.response_body = None

    recorded.debug.redact = redact
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        assert ask(client, session, user="4111").status_code == 200
    run = recorded.run()
    (each,) = attempts_of(run)
    assert "/hidden/" in each["url"] and "response_body" not in each
    assert run["steps"][0]["normalized_request"]["user"] == "****"
    assert "4111" not in json.dumps([sent["json"] for sent in recorded.service.sent])
    assert "4111" in session.traffic()["calls"][0]["request_body"]


def test_what_redact_fails_at_is_not_recorded(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def redact(attempt: chat_debug.Attempt) -> None:
        raise ValueError("a secret")

    recorded.debug.redact = redact
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        for _ in range(2):
            assert ask(client, session).status_code == 200
    recorded.debug.flush(5)
    assert [sent["method"] for sent in recorded.service.sent if sent["method"] != "GET"] == []
    assert recorded.debug.counters["failed"] == 1
    assert "redact= failed: ValueError" in caplog.text and "a secret" not in caplog.text


def test_what_a_redact_that_must_be_waited_for_looks_at_is_not_recorded(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    async def redact(attempt: chat_debug.Attempt) -> None:
        attempt.request_body = None

    debug = chat_debug.Recorder(recorded.service.url, "k", redact=redact)
    assert not debug.is_enabled and "redact= must not be async" in caplog.text
    # One that does not say so.
    recorded.debug.redact = lambda attempt: redact(attempt)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        assert ask(client, session, user="4111").status_code == 200
    assert recorded.debug.flush(5) and recorded.debug.counters["failed"] == 1
    assert {sent["method"] for sent in recorded.service.sent} <= {"GET"}


def everything_sent(recorded: Recorded) -> str:
    return json.dumps([(sent["path"], sent["json"]) for sent in recorded.service.sent]) + "".join(
        base64.b64decode(body).decode()
        for sent in recorded.service.sent
        for step in [sent["json"], *(sent["json"] or {}).get("steps", ())]
        for attempt in (step or {}).get("attempts", ())
        for body in (attempt.get("request_body", ""), attempt.get("response_body", ""))
    )


def test_nothing_leaves_while_redact_looks_at_it(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("delivery", "recorder"):
        monkeypatch.setattr(f"chat_debug.{module}.OPEN_ABOVE", 1)
    looked: list[chat_debug.End | None] = []

    def redact(attempt: chat_debug.Attempt) -> None:
        # Whatever makes the worker look at the turn just now.
        recorded.debug._worker.hurry(turn)  # type: ignore[union-attr]
        time.sleep(0.2)
        for name in ("request_body", "response_body"):
            setattr(attempt, name, (getattr(attempt, name) or b"").replace(b"4111", b"****"))
        looked.append(attempt.end)

    recorded.debug.redact = redact
    client = recorded.debug.wrap(
        made_up(lambda request: httpx.Response(200, stream=httpx.ByteStream(b'{"x": "4111"}')))
    )
    with recorded.turn() as turn:
        client.post("http://h/v1/chat/completions", json={"user": "4111"})
        # The second is ended by its turn.
        client.send(client.build_request("POST", "http://h/v1/messages", json={"user": "4111"}), stream=True)
    assert recorded.debug.flush(5)
    assert looked == [chat_debug.End.READ, chat_debug.End.OPEN]
    assert "****" in everything_sent(recorded) and "4111" not in everything_sent(recorded)


def test_a_turn_that_ends_waits_for_what_redact_has_in_hand(recorded: Recorded, session: Session) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def redact(attempt: chat_debug.Attempt) -> None:
        begun.set()
        may_go_on.wait(30)
        attempt.request_body = None

    recorded.debug.redact = redact
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn() as turn:
        thread = threading.Thread(target=ask, args=(turn.bind(client), session), kwargs={"user": "4111"})
        thread.start()
        begun.wait(30)
    assert not recorded.debug.flush(0.2)
    assert [sent["method"] for sent in recorded.service.sent] == ["GET"]
    may_go_on.set()
    thread.join()
    (each,) = attempts_of(recorded.run())
    assert "request_body" not in each and "response_body" in each


def test_what_comes_after_redact_has_looked_is_not_taken(recorded: Recorded) -> None:
    recorded.debug.redact = lambda attempt: None
    with recorded.turn() as turn:
        attempt = turn.begin("POST", "http://h/v1/messages", [], b"{}")
    assert attempt is not None
    attempt.answered(200, [("x-customer", "4111")])
    attempt.received(b"4111")
    attempt.ended()
    (each,) = attempts_of(recorded.run())
    assert each["error"] == chat_debug.End.OPEN.value and "response_headers" not in each


def test_an_exception_that_is_thrown_into_redact_costs_the_turn_and_is_the_programs(
    recorded: Recorded, session: Session
) -> None:
    def redact(attempt: chat_debug.Attempt) -> None:
        raise KeyboardInterrupt

    recorded.debug.redact = redact
    client = recorded.debug.wrap(httpx.Client())
    with pytest.raises(KeyboardInterrupt), recorded.turn():
        ask(client, session)
    assert recorded.debug.flush(5) and recorded.debug.counters["failed"] == 1
    assert {sent["method"] for sent in recorded.service.sent} <= {"GET"} and recorded.debug.budget.taken == 0


def test_a_key_of_ours_is_nowhere_but_in_its_header(recorded: Recorded, session: Session) -> None:
    debug = chat_debug.Recorder(recorded.service.url, "cdk_mine")
    client = debug.wrap(httpx.Client())
    with debug.turn(recorded.chat, OWNER):
        ask(client, session)
    debug.flush(5)
    assert "cdk_mine" not in repr(debug.__dict__) + repr(debug)
    for sent in recorded.service.sent:
        assert sent["headers"]["Authorization"] == "Bearer cdk_mine"
        assert "cdk_mine" not in sent["path"] + json.dumps(sent["json"])
