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
from chat_debug.connection import BASE, Answer, Connection, Unreachable
from chat_debug.recorder import TIMEOUT, Recorder

# Who said no, and what can be done about it, at the viewer's page or with the service's own command line.
NO = {
    "gate": "The gate is closed. An admin opens it in the viewer: {settings}\n(or: chat-debug settings gate on)",
    "user": "{owner} has not opted in. They do so in the viewer: {settings}\n(or: chat-debug settings user on)",
    "chat": "{owner} switched recording off for this chat.",
}
KEYS = "The viewer makes one, for an admin a general one: {settings}\n(or: chat-debug keys create)"
# What a product must know that records with a key of a user's own.
BOUND = "a chat's name must be no UUID in lower case. Put something before it: chat:…"


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """What is missing, and what to do."""

    what: str
    do: str


def run(owner: str, chat: str, client: str | None) -> int:
    steps = (_settings, lambda: _decision(owner, chat), lambda: _turn(owner, chat))
    is_well = True
    try:
        for step in steps:
            _say("ok", step())
        if _is_bound(owner, chat):
            _say("note", f"the key is bound to {owner}: {BOUND}")
    except Missing as missing:
        _say("MISSING", missing.what, missing.do)
        is_well = False
    try:
        _say("ok" if client else "?", _client(client))
    except Missing as missing:
        _say("MISSING", missing.what, missing.do)
        is_well = False
    return 0 if is_well else 1


def _say(what: str, *lines: str) -> None:
    for line in "\n".join(lines).splitlines():
        print(f"{what:9}{line}")
        what = ""


def _settings() -> str:
    for name, do in (
        ("CHAT_DEBUG_URL", "Set it to the service's address, as https://debug.example.com."),
        ("CHAT_DEBUG_KEY", f"Set it to a recorder's key. {KEYS}"),
    ):
        if not os.environ.get(name):
            raise Missing(f"{name} is not set.", do.format(settings=_viewer()))
    try:
        _connection()
    except ValueError as error:
        raise Missing(str(error), "Set it anew.") from None
    return f"the settings: {os.environ['CHAT_DEBUG_URL']}, and a key"


def _connection() -> Connection:
    return Connection(os.environ["CHAT_DEBUG_URL"], os.environ["CHAT_DEBUG_KEY"], TIMEOUT)


def _viewer() -> str:
    """Where everybody has their settings, and an admin the gate."""
    return f"{os.environ.get('CHAT_DEBUG_URL', '').rstrip('/')}{BASE}/view#/settings"


def _decision(owner: str, chat: str) -> str:
    if not ids.is_owner(owner):
        raise Missing("This owner cannot be.", "An owner's id is 1 to 128 visible ASCII characters without #.")
    chat_id, external_id = ids.chat(chat, owner)
    try:
        answer = _connection().call("GET", packing.decision_path(chat_id, owner, external_id))
    except Unreachable as error:
        raise Missing(f"The service does not answer: {error}.", "See whether CHAT_DEBUG_URL is its address.") from None
    if answer.status != 200:
        raise _refusal(answer, is_named=external_id is not None)
    if answer.body.get("effective") is not True:
        by = str(answer.body.get("decided_by"))
        raise Missing(
            f"This chat is not recorded; the {by} decides.", NO.get(by, "").format(owner=owner, settings=_viewer())
        )
    return f"the gate and the opt-in: a chat of {owner} is recorded, as the {answer.body.get('decided_by')} decides"


def _refusal(answer: Answer, *, is_named: bool) -> Missing:
    if answer.status == 401:
        return Missing("The key is not accepted.", "See whether CHAT_DEBUG_KEY is whole, and not expired or revoked.")
    if answer.status == 403:
        return Missing("The key is no recorder's.", KEYS.format(settings=_viewer()))
    if answer.status == 404:
        bound = "it is for no other --owner." if is_named else BOUND
        do = f"If the key is bound to a user, {bound}\nOr see whether CHAT_DEBUG_URL ends before /api."
    else:
        do = "Do what it says, or ask its operator."
    return Missing(f"The service refuses: {answer.detail}", do)


def _is_bound(owner: str, chat: str) -> bool:
    """Whether the key is one of a user's own: for that, a chat that is not named is none."""
    chat_id, external_id = ids.chat(chat, owner)
    if external_id is None:
        return False
    try:
        return _connection().call("GET", packing.decision_path(chat_id, owner, None)).status == 404
    except Unreachable:
        return False


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
