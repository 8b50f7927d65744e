"""Any string is a chat, and any id a message's."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import httpx
import pytest
from conftest import KITS, OWNER, Recorded, Session, ask

from chat_debug import ids


def test_run_ids_are_of_their_millisecond_and_never_the_same() -> None:
    made = [ids.uuid7(1_700_000_000_000 + number % 3) for number in range(3000)]
    assert len(set(made)) == 3000
    for number, text in enumerate(made):
        one = uuid.UUID(text)
        assert (one.version, one.variant, one.int >> 80) == (7, uuid.RFC_4122, 1_700_000_000_000 + number % 3)


def test_a_uuid_is_a_chats_id_as_it_stands() -> None:
    one = uuid.uuid4()
    assert ids.chat(one, OWNER) == ids.chat(str(one), OWNER) == (str(one), None)


# The table of the contract, whose words are JSON.
VECTORS = re.findall(
    r"^\| `(\w+)` \| `(\".*?\")` \| `([0-9a-f-]{36})` \|$",
    (KITS.parent / "api" / "CONTRACT.md").read_text(),
    re.MULTILINE,
)


def test_any_other_string_is_a_chat_as_the_contract_maps_it() -> None:
    assert len(VECTORS) == 10
    for owner, word, chat in VECTORS:
        name = json.loads(word)
        if not ids._UUID.fullmatch(name):
            assert ids.chat(name, owner) == (chat, name)
    assert ids.chat(14, OWNER)[1] == "14"


def test_a_chat_by_any_name_says_which(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.debug.turn("conversation-7", "alice") as turn:
        ask(client, session)
    assert recorded.run()["external_id"] == "conversation-7"
    assert turn.chat_id == "9b4dba7c-f3fd-58bb-b496-e825c3c95b74"
    assert all(f"/{turn.chat_id}/" in sent["path"] for sent in recorded.service.sent)


@pytest.mark.parametrize("name", ["x" * 257, "é" * 129])
def test_a_name_that_is_too_long_to_be_told_is_a_chat_all_the_same(
    name: str, recorded: Recorded, session: Session
) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.debug.turn(name, OWNER) as turn:
        ask(client, session)
    assert "external_id" not in recorded.run() and turn.chat_id == str(uuid.uuid5(ids.NAMESPACE, f"{OWNER}\0{name}"))


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_cannot_be_is_said(name: str, recorded: Recorded, caplog: pytest.LogCaptureFixture) -> None:
    with recorded.debug.turn(name, OWNER):
        pass
    recorded.debug.flush(1)
    assert recorded.service.sent == [] and "a turn is not recorded: " in caplog.text


@pytest.mark.parametrize(
    "message_id, taken",
    [
        (14, 14),
        (-(2**63), -(2**63)),
        (2**63, str(2**63)),
        ("msg-1", "msg-1"),
        (uuid.UUID(int=1), str(uuid.UUID(int=1))),
        (True, "True"),
        ("", None),
        (" x", None),
        ("x\n", None),
        ("ä b", "ä b"),
        ("a\u00a0b", None),
        ("a\u2028b", None),
        ("a\u3000b", None),
        ("x" * 129, None),
        (None, None),
    ],
)
def test_message_ids_of_any_kind(message_id: Any, taken: Any, recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn(trigger_message_id=message_id) as turn:
        ask(client, session)
    run = recorded.run()
    assert run.get("trigger_message_id") == taken and run["id"] == turn.id


def test_what_a_turn_is_related_to_costs_no_turn(
    recorded: Recorded, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    client = recorded.debug.wrap(httpx.Client())
    config = uuid.uuid4()
    for members in (
        {"root_chat_id": "conversation-7", "parent_chat_id": config, "model_config_id": str(config).upper()},
        {"root_chat_id": "", "parent_chat_id": "\ud800", "model_config_id": "my secret config"},
    ):
        with recorded.debug.turn(recorded.chat, "alice", **members) as turn:  # type: ignore[arg-type]
            ask(turn.bind(client), session)
    known, unknown = recorded.runs()
    assert known["root_chat_id"] == "9b4dba7c-f3fd-58bb-b496-e825c3c95b74"
    assert known["parent_chat_id"] == known["model_config_id"] == str(config)
    assert not {"root_chat_id", "parent_chat_id", "model_config_id"} & set(unknown)
    assert recorded.debug.counters["recorded"] == 2
    assert "without its root_chat_id, which cannot be one" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize("owner", ["", "a b", "ä", "a#b", "x" * 129])
def test_an_owner_that_cannot_be_is_said(owner: str, recorded: Recorded, caplog: pytest.LogCaptureFixture) -> None:
    with recorded.debug.turn(recorded.chat, owner):
        pass
    recorded.debug.flush(1)
    assert recorded.service.sent == [] and recorded.debug.counters["refused"] == 1
    assert "The owner's id must be 1 to 128 visible ASCII characters" in caplog.text
