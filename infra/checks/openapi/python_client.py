"""What a product's backend and an owner's script do, with the client that openapi-python-client makes."""

import base64
import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from chat_debug_client import AuthenticatedClient
from chat_debug_client.api.reading import get_debug_run, list_debug_runs
from chat_debug_client.api.recording import create_debug_run, put_chat, put_debug_step
from chat_debug_client.models import (
    CreateRun,
    FreeForm,
    GatewayRefusal,
    NotRecorded,
    Problem,
    PutChat,
    Registration,
    RunDetail,
    RunKind,
    RunRecorded,
    RunStatus,
    StepInput,
    StepOperation,
    StepRecorded,
    TurnStep,
    Usage,
)

DOCUMENT: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text())
CHAT = UUID("7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37")
RUN = UUID("019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714")
NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, timezone.utc)


def client(example: str) -> AuthenticatedClient:
    """A client of a server that answers with the document's example of this name."""

    def answer(request: httpx.Request) -> httpx.Response:
        for path, operations in DOCUMENT["paths"].items():
            if not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path):
                continue
            for status, response in operations[request.method.lower()]["responses"].items():
                if reference := response.get("$ref"):
                    response = DOCUMENT["components"]["responses"][reference.split("/")[-1]]
                examples = response.get("content", {}).get("application/json", {}).get("examples", {})
                if example in examples:
                    return httpx.Response(int(status), json=examples[example]["value"])
        raise AssertionError(f"{request.method} {request.url.path} has no example {example}")

    return AuthenticatedClient(
        base_url="https://chat-debug.example",
        token="token",
        raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.MockTransport(answer)},
    )


def turn() -> CreateRun:
    """Neither `attempts` nor `metadata` has to be there."""
    step = TurnStep(
        step_number=1,
        operation=StepOperation.GENERATE,
        status=RunStatus.COMPLETED,
        started_at=NOW,
        normalized_request=FreeForm.from_dict({"messages": [{"role": "user", "content": "Hello"}]}),
        usage=Usage.from_dict({"input_tokens": 14, "cost": "0.01"}),
    )
    return CreateRun(
        owner_id="user-1",
        kind=RunKind.CHAT_TURN,
        status=RunStatus.COMPLETED,
        started_at=NOW,
        steps=[step],
    )


def register(example: str) -> bool:
    answer = put_chat.sync(CHAT, client=client(example), body=PutChat(owner_id="user-1"))
    if not isinstance(answer, Registration):
        raise RuntimeError(answer)
    return answer.created


def record(example: str) -> str:
    answer = create_debug_run.sync(CHAT, client=client(example), body=turn())
    if isinstance(answer, RunRecorded):
        return str(answer.run.id)
    if isinstance(answer, NotRecorded):
        return answer.decision.decided_by.value
    raise RuntimeError(answer)


def put_step(example: str) -> str:
    body = StepInput(
        operation=StepOperation.STREAM,
        status=RunStatus.IN_PROGRESS,
        started_at=NOW,
        normalized_request=FreeForm(),
    )
    answer = put_debug_step.sync(CHAT, RUN, 1, client=client(example), body=body)
    if isinstance(answer, StepRecorded):
        return "recorded"
    if isinstance(answer, NotRecorded):
        return answer.decision.decided_by.value
    raise RuntimeError(answer)


def read_body() -> bytes:
    runs = list_debug_runs.sync(CHAT, client=client("one-run"), status=RunStatus.COMPLETED)
    if not isinstance(runs, list):
        raise RuntimeError(runs)
    run = get_debug_run.sync(CHAT, runs[0].id, client=client("a-turn"))
    if not isinstance(run, RunDetail):
        raise RuntimeError(run)
    body = run.steps[0].attempts[0].response_body
    return base64.b64decode(body) if body else b""


def refusal(example: str) -> str:
    """A refusal is the service's, with a `type`, or the gateway's."""
    answer = list_debug_runs.sync(CHAT, client=client(example))
    if isinstance(answer, Problem):
        return answer.type_
    if isinstance(answer, GatewayRefusal):
        return answer.message
    raise RuntimeError(answer)


def expect(made: object, expected: object) -> None:
    if made != expected:
        raise AssertionError(f"{made!r} instead of {expected!r}")


expect(set(turn().to_dict()["steps"][0]) & {"attempts", "metadata"}, set())
expect(register("new"), True)
expect(register("known"), False)
expect(record("recorded"), str(RUN))
expect(record("not-recorded"), "user")
expect(put_step("replaced"), "recorded")
expect(put_step("not-recorded"), "gate")
expect(read_body(), b"event: message_stop\n")
expect(refusal("not-found"), "urn:chat-debug:problem:not-found")
expect(refusal("gateway"), "Unauthorized")
