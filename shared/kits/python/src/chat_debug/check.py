"""Records one turn and says what is missing: the address, the key, the gate, the opt-in, or a client that is wrapped.

It goes on as long as what comes next can be known. The key is never printed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import dataclass

from chat_debug import hooks, ids, packing
from chat_debug.connection import Answer, Connection, Unreachable
from chat_debug.recorder import TIMEOUT, Recorder

# Who said no, and what can be done about it.
NO = {
    "gate": "The gate is closed. An admin opens it: chat-debug settings gate on",
    "user": "{owner} has not opted in. They do it themselves: chat-debug settings user on",
    "chat": "{owner} switched recording off for this chat.",
}


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """What is missing, and what to do."""

    what: str
    do: str


def run(owner: str, chat: str, client: str | None) -> int:
    steps = (_settings, lambda: _decision(owner, chat), lambda: _turn(owner, chat))
    is_well = True
    for step in steps:
        try:
            print(f"ok       {step()}")
        except Missing as missing:
            print(f"MISSING  {missing.what}\n         {missing.do}")
            is_well = False
            break
    try:
        print(f"{'ok       ' if client else '?        '}{_client(client)}")
    except Missing as missing:
        print(f"MISSING  {missing.what}\n         {missing.do}")
        is_well = False
    return 0 if is_well else 1


def _settings() -> str:
    for name, do in (
        ("CHAT_DEBUG_URL", "Set it to the service's address, as https://debug.example.com."),
        ("CHAT_DEBUG_KEY", "Set it to a recorder's key: chat-debug keys create"),
    ):
        if not os.environ.get(name):
            raise Missing(f"{name} is not set.", do)
    try:
        _connection()
    except ValueError as error:
        raise Missing(str(error), "Set it anew.") from None
    return f"the settings: {os.environ['CHAT_DEBUG_URL']}, and a key"


def _connection() -> Connection:
    return Connection(os.environ["CHAT_DEBUG_URL"], os.environ["CHAT_DEBUG_KEY"], TIMEOUT)


def _decision(owner: str, chat: str) -> str:
    if not ids.is_owner(owner):
        raise Missing("This owner cannot be.", "An owner's id is 1 to 128 visible ASCII characters without #.")
    chat_id, external_id = ids.chat(chat, owner)
    try:
        answer = _connection().call("GET", packing.decision_path(chat_id, owner, external_id))
    except Unreachable as error:
        raise Missing(f"The service does not answer: {error}.", "See whether CHAT_DEBUG_URL is its address.") from None
    if answer.status != 200:
        raise _refusal(answer)
    if answer.body.get("effective") is not True:
        by = str(answer.body.get("decided_by"))
        raise Missing(f"This chat is not recorded; the {by} decides.", NO.get(by, "").format(owner=owner))
    return f"the gate and the opt-in: a chat of {owner} is recorded, as the {answer.body.get('decided_by')} decides"


def _refusal(answer: Answer) -> Missing:
    if answer.status == 401:
        return Missing("The key is not accepted.", "See whether CHAT_DEBUG_KEY is whole, and not expired or revoked.")
    if answer.status == 403:
        return Missing("The key is no recorder's.", "Make one: chat-debug keys create")
    return Missing(f"The service refuses: {answer.detail}", "Do what it says, or ask its operator.")


def _turn(owner: str, chat: str) -> str:
    """A turn with a made-up call: no model is asked."""
    recorder = Recorder()
    request = {"model": "chat-debug-check", "messages": [{"role": "user", "content": "Is this recorded?"}]}
    answer = {
        "model": "chat-debug-check",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}],
    }
    json_type = [("content-type", "application/json")]
    with recorder.turn(chat, owner, first_message="python -m chat_debug check") as turn:
        attempt = turn.begin(
            "POST", "https://api.example.com/v1/chat/completions", json_type, json.dumps(request).encode()
        )
        if attempt is not None:
            attempt.answered(200, json_type)
            attempt.received(json.dumps(answer).encode())
            attempt.ended()
    recorder.flush(2 * TIMEOUT)
    if not recorder.counters["recorded"]:
        raise Missing("The turn was not recorded.", "The warning above says why.")
    return f"a turn is recorded: run {turn.id} of chat {turn.chat_id}"


def _client(named: str | None) -> str:
    if named is None:
        return "a client of yours: name one to see whether it is wrapped: --client app.models:client"
    module, _, name = named.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        client = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise Missing(f"There is no {named}: {error}.", "Name it as MODULE:NAME, as Python imports it.") from None
    try:
        is_wrapped = hooks.is_wrapped(client)
    except TypeError as error:
        raise Missing(f"{named} cannot be wrapped: {error}.", "Wrap the httpx client that it calls with.") from None
    if not is_wrapped:
        raise Missing(f"{named} is not wrapped.", f"Wrap it where it is made: {name} = debug.wrap({name})")
    return f"{named} is wrapped"
