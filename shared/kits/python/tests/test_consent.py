"""Consent comes first: nothing of a chat that is not recorded leaves the process."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from conftest import OWNER, Recorded, Session, ask, wait_until

from chat_debug import delivery, packing, worker

SECRET = "nothing-of-this-leaves"


def everything_sent(recorded: Recorded) -> str:
    return "\n".join(
        f"{sent['method']} {sent['path']} {sent['headers']} {base64.b64decode(sent['body'])!r} {sent['json']}"
        for sent in recorded.service.sent
    )


def test_nothing_of_a_refused_chat_leaves(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(recorded=False)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn(first_message=SECRET) as turn:
        for scenario in ("plain", "retry", "error"):
            ask(client, session, scenario, user=SECRET)
        wait_until(lambda: not turn.is_recording)
        ask(client, session, stream=True, user=SECRET)
    assert recorded.debug.flush(5)
    assert SECRET not in everything_sent(recorded) and "gpt-test" not in everything_sent(recorded)
    assert [sent["method"] for sent in recorded.service.sent] == ["GET"]
    assert recorded.service.sent[0]["path"].endswith(f"{recorded.chat}/debug/decision?owner_id={OWNER}")
    assert recorded.debug.counters["not_recorded"] == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 503])
def test_without_a_yes_nothing_leaves(status: int, recorded: Recorded, session: Session) -> None:
    recorded.service.behave(status=status)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn(first_message=SECRET):
        ask(client, session, user=SECRET)
    recorded.debug.flush(0.2)
    assert SECRET not in everything_sent(recorded)
    assert {sent["method"] for sent in recorded.service.sent} == {"GET"}


def test_a_no_frees_what_is_kept_and_keeps_nothing_more(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(recorded=False)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn() as turn:
        ask(client, session)
        wait_until(lambda: not turn.is_recording)
        assert turn.steps == [] and recorded.debug.budget.taken == 0
        ask(client, session)
        assert turn.steps == [] and recorded.debug.budget.taken == 0


def test_a_no_is_kept_for_a_while_and_a_yes_never(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())

    def turn() -> list[str]:
        before = len(recorded.service.sent)
        with recorded.turn():
            ask(client, session)
        recorded.debug.flush(5)
        return [sent["method"] for sent in recorded.service.sent[before:]]

    assert turn() == turn() == ["GET", "POST"]
    recorded.service.behave(recorded=False)
    assert turn() == ["GET"] and turn() == []
    assert recorded.debug.counters == {"recorded": 2, "not_recorded": 2, "dropped": 0, "refused": 0, "failed": 0}
    recorded.service.behave()
    nos = recorded.debug._worker._nos  # type: ignore[union-attr]
    for chat in nos:
        nos[chat] -= worker.KEEP_NO
    assert turn() == ["GET", "POST"]


def test_a_yes_that_is_old_is_asked_for_again_before_anything_is_sent(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    deliveries = recorded.debug._worker._deliveries  # type: ignore[union-attr]
    with recorded.turn(first_message=SECRET) as turn:
        wait_until(lambda: deliveries[turn].allowed_until)
        deliveries[turn].allowed_until = 0.0
        recorded.service.behave(recorded=False)
        ask(client, session, user=SECRET)
    assert recorded.debug.flush(5) and recorded.debug.counters["not_recorded"] == 1
    assert [sent["method"] for sent in recorded.service.sent] == ["GET", "GET"]


def test_a_no_that_comes_with_the_post_counts(recorded: Recorded, session: Session) -> None:
    recorded.service.behave(recorded=False, asked=True)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session)
    recorded.debug.flush(5)
    assert recorded.debug.counters["not_recorded"] == 1


def test_the_service_is_asked_beside_the_call(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session)
        wait_until(lambda: recorded.service.sent)
        assert [sent["method"] for sent in recorded.service.sent] == ["GET"]


@pytest.mark.parametrize("makes", ["whole", "one_step"])
def test_a_yes_that_becomes_old_while_a_body_is_made_is_asked_for_again(
    makes: str, recorded: Recorded, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    if makes == "one_step":
        monkeypatch.setattr(delivery, "OPEN_AFTER", 0.0)
    inner = getattr(packing, makes)

    def make(*of: Any) -> Any:
        for one in recorded.debug._worker._deliveries.values():  # type: ignore[union-attr]
            one.allowed_until = 0.0
        recorded.service.behave(recorded=False)
        return inner(*of)

    monkeypatch.setattr(packing, makes, make)
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn():
        ask(client, session, user=SECRET)
    assert recorded.debug.flush(5) and recorded.debug.counters["not_recorded"] == 1
    assert SECRET not in everything_sent(recorded)
