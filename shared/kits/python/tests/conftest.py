"""What the tests share: the provider and the service of `shared/kits`, and recorders that are flushed in the end."""

from __future__ import annotations

import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

KITS = Path(__file__).parents[2]
sys.path[:0] = [str(KITS), str(KITS / "golden")]

from provider import PAUSE, Provider  # noqa: E402, F401
from service import Service  # noqa: E402

import chat_debug  # noqa: E402

OWNER = "user-1"
QUESTION = "What is the capital of France?"


def closed_port() -> str:
    """An address where nobody answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def silent_port() -> Iterator[str]:
    """An address where a call arrives and is never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def wait_until(is_so: Callable[[], object]) -> None:
    """Waits for what another thread or process does, which has long enough for that."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


class Recorded:
    """A recorder and the service that it records with."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.debug = chat_debug.Recorder(service.url, "cdk_test")
        self.chat = str(uuid.uuid4())

    def turn(self, **members: Any) -> chat_debug.Turn:
        return self.debug.turn(self.chat, OWNER, **members)

    def runs(self) -> list[dict[str, Any]]:
        """The turns that were posted, in the order in which they began."""
        assert self.debug.flush(10)
        runs = [sent["json"] for sent in self.service.sent if sent["method"] == "POST"]
        return sorted(runs, key=lambda run: run["started_at"])

    def run(self) -> dict[str, Any]:
        runs = self.runs()
        assert len(runs) == 1, [(sent["method"], sent["path"]) for sent in self.service.sent]
        return runs[0]


class Session:
    """A session with the provider: where an SDK goes, and what passed there."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.name = uuid.uuid4().hex

    def url(self, scenario: str, path: str = "") -> str:
        return f"{self.provider.url}/{self.name}/{scenario}{path}"

    def traffic(self) -> dict[str, Any]:
        return self.provider.traffic(self.name)


@pytest.fixture(scope="session")
def provider() -> Provider:
    return Provider().start()


@pytest.fixture
def session(provider: Provider) -> Session:
    return Session(provider)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service().start()
    yield service
    service.stop()


@pytest.fixture
def recorded(service: Service) -> Iterator[Recorded]:
    recorded = Recorded(service)
    yield recorded
    # What a service in a bad state left waiting is nobody's.
    worker = recorded.debug._worker
    assert worker is not None
    worker.reset()


def question(**members: Any) -> dict[str, Any]:
    """A request of Chat Completions."""
    return {"model": "gpt-test", "messages": [{"role": "user", "content": QUESTION}], **members}


def ask(client: Any, session: Session, scenario: str = "plain", **members: Any) -> Any:
    """A call of a model with an httpx client."""
    return client.post(session.url(scenario, "/v1/chat/completions"), json=question(**members))


def made_up(handler: Any) -> httpx.Client:
    """A client of answers that a test makes up."""
    return httpx.Client(transport=httpx.MockTransport(handler))


def attempts_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [attempt for step in run["steps"] for attempt in step["attempts"]]


def asked_by(run: dict[str, Any]) -> list[str]:
    """Who said to ask, in the order of the steps."""
    return [step["normalized_request"]["user"] for step in run["steps"]]
