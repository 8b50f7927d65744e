"""No key is even queued."""

from __future__ import annotations

import base64
import gzip
import json
import re

import httpx
import pytest
from conftest import KITS, OWNER, Recorded, Session, ask, attempts_of
from sdks import KEY, SDKS

import chat_debug
from chat_debug import redaction

VECTORS = json.loads((KITS / "golden" / "headers.json").read_text())


def test_headers_are_told_as_the_service_tells_them() -> None:
    assert [name for name in VECTORS["taken"] if not redaction.is_credential(name)] == []
    assert [name for name in VECTORS["kept"] if redaction.is_credential(name)] == []
    # A name that the service gets must come here too.
    source = (KITS.parent / "redact" / "src" / "names.rs").read_text()
    for table in ("ENDS", "WHOLE", "SENT_ENDS", "SENT_WORDS", "HEADERS", "NOT_CREDENTIALS"):
        found = re.search(rf"const {table}: [^=]*= ([^;]*);", source)
        assert found, table
        # A whole name stands before its rule, an end behind it; and a list may be one text.
        form = r'\("(\w+)"' if "(" in found[1] else r'(\w+)"' if found[1].startswith("[") else r'(\w+)[ "]'
        names = re.findall(form, found[1])
        wrong = [name for name in names if redaction.is_credential(name) == (table == "NOT_CREDENTIALS")]
        assert names and not wrong, table


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
    assert "redact= failed with ValueError" in caplog.text and "a secret" not in caplog.text


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
