"""What is recorded of the real SDKs' calls is what passed, and is the golden turn that the TypeScript kit and
`chat-debug replay` come to as well."""

from __future__ import annotations

import base64
import gzip
import json
import os
from typing import Any

import normal
import pytest
from conftest import KITS, Recorded, Session
from sdks import SCENARIOS, SDKS, asks

GOLDEN = KITS / "golden"
IS_UPDATING = os.environ.get("UPDATE_GOLDEN") == "1"


def bytes_of(body: str | dict[str, str] | None) -> bytes:
    return base64.b64decode(body["base64"]) if isinstance(body, dict) else (body or "").encode()


def golden(path: Any, text: str) -> str:
    if IS_UPDATING:
        path.write_text(text)
    return path.read_text()


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("sdk", SDKS)
def test_the_turn_is_the_golden_one(sdk: str, scenario: str, session: Session, recorded: Recorded) -> None:
    make, call = SDKS[sdk]
    client = recorded.debug.wrap(make(session, scenario))
    raised: Exception | None = None
    with recorded.turn(first_message=asks(scenario)) as turn:
        try:
            call(turn.bind(client), scenario)
        except Exception as error:
            raised = error
    assert (raised is not None) == (scenario in ("cut", "error")), raised
    run, traffic = recorded.run(), session.traffic()

    attempts = [attempt for step in run["steps"] for attempt in step["attempts"]]
    assert len(attempts) == len(traffic["calls"])
    for attempt, call_of in zip(attempts, traffic["calls"]):
        assert base64.b64decode(attempt["request_body"]) == bytes_of(call_of["request_body"])
        answer = bytes_of(call_of["response_body"])
        answer = gzip.decompress(answer) if answer.startswith(b"\x1f\x8b") else answer
        assert base64.b64decode(attempt["response_body"]) == answer

    name = f"{sdk.split()[0]}-{scenario}"
    turn_of = json.dumps(normal.turn(run), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert json.loads(golden(GOLDEN / f"{name}.json", turn_of)) == json.loads(turn_of)
    line = json.dumps(replayable(name, traffic)) + "\n"
    assert json.loads(golden(GOLDEN / f"{name}.jsonl", line)) == json.loads(line)
    assert recorded.debug.counters == {"recorded": 1, "not_recorded": 0, "dropped": 0, "refused": 0, "failed": 0}


def replayable(name: str, traffic: dict[str, Any]) -> dict[str, Any]:
    """The traffic without what an SDK adds of its own version and of the day."""
    kept = {"content-type", "content-encoding"}
    calls = [
        call
        | {
            headers: {key.lower(): value for key, value in call[headers].items() if key.lower() in kept}
            for headers in ("request_headers", "response_headers")
        }
        for call in traffic["calls"]
    ]
    return {"source": name, "calls": calls}
