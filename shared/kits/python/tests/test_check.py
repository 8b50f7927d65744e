"""`python -m chat_debug check` says what is missing, and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import KITS, Recorded, closed_port


def check(recorded: Recorded, *arguments: str, folder: Path | None = None, **changed: str | None) -> tuple[int, str]:
    settings = {"CHAT_DEBUG_URL": recorded.service.url, "CHAT_DEBUG_KEY": "cdk_secret", **changed}
    environment = os.environ | {"PYTHONPATH": str(KITS / "python" / "src")}
    environment |= {name: value for name, value in settings.items() if value is not None}
    ended = subprocess.run(
        [sys.executable, "-m", "chat_debug", "check", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "cdk_secret" not in ended.stdout + ended.stderr and "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, ended.stdout


def test_all_is_well(recorded: Recorded) -> None:
    code, printed = check(recorded, "--chat", recorded.chat)
    assert code == 0 and printed.count("ok  ") == 3, printed
    run = recorded.run()
    assert run["id"] in printed and run["steps"][0]["status"] == "completed"


@pytest.mark.parametrize("name", ["CHAT_DEBUG_URL", "CHAT_DEBUG_KEY"])
def test_a_setting_is_missing(name: str, recorded: Recorded) -> None:
    code, printed = check(recorded, **{name: None})
    assert code == 1 and f"MISSING  {name} is not set." in printed


def test_the_service_is_not_there(recorded: Recorded) -> None:
    code, printed = check(recorded, CHAT_DEBUG_URL=closed_port())
    assert code == 1 and "MISSING  The service does not answer" in printed
    code, printed = check(recorded, CHAT_DEBUG_URL="localhost:9000")
    assert code == 1 and "must be an address" in printed


@pytest.mark.parametrize(
    "status, said",
    [
        (401, "The key is not accepted."),
        (403, "The key is no recorder's."),
        (409, "This is the invalid-body of a test."),
    ],
)
def test_the_key_is_wrong(status: int, said: str, recorded: Recorded) -> None:
    recorded.service.behave(status=status)
    code, printed = check(recorded)
    assert code == 1 and said in printed


@pytest.mark.parametrize("by, do", [("gate", "settings gate on"), ("user", "settings user on"), ("chat", "switched")])
def test_the_policy_says_no(by: str, do: str, recorded: Recorded) -> None:
    recorded.service.behave(recorded=False, by=by)
    code, printed = check(recorded)
    assert code == 1 and f"MISSING  This chat is not recorded; the {by} decides.\n" in printed and do in printed
    assert {sent["method"] for sent in recorded.service.sent} == {"GET"}


@pytest.mark.parametrize("by", ["gate", "user"])
def test_what_to_do_is_what_everybody_has(by: str, recorded: Recorded) -> None:
    page = f"in the viewer: {recorded.service.url}/api/experimental/chats/view#/settings\n"
    recorded.service.behave(recorded=False, by=by)
    _, printed = check(recorded)
    assert page in printed and printed.index(page) < printed.index(f"(or: chat-debug settings {by} on)")


@pytest.mark.parametrize("settings", [{"CHAT_DEBUG_KEY": None}, {}])
def test_where_keys_are_made_is_said(settings: dict[str, None], recorded: Recorded) -> None:
    recorded.service.behave(status=403)
    _, printed = check(recorded, **settings)
    assert f"{recorded.service.url}/api/experimental/chats/view#/settings\n" in printed


def test_a_bound_key_and_what_cannot_be_recorded_with_it(recorded: Recorded) -> None:
    rule = "a chat's name must be no UUID in lower case"
    code, printed = check(recorded)
    assert code == 0 and rule not in printed
    recorded.service.behave(bound=True)
    code, printed = check(recorded)
    assert code == 0 and f"note     the key is bound to user-1: {rule}" in printed
    code, printed = check(recorded, "--chat", recorded.chat)
    assert code == 1 and f"If the key is bound to a user, {rule}" in printed
    recorded.service.behave(status=404)
    code, printed = check(recorded)
    assert code == 1 and "for no other --owner" in printed and rule not in printed


@pytest.mark.parametrize("arguments", [[], ["--chat", "33333333-3333-4333-8333-333333333333"]])
def test_an_address_with_a_path_too_much_is_not_told_to_be_a_bound_key_alone(
    arguments: list[str], recorded: Recorded
) -> None:
    recorded.service.behave(status=404)
    code, printed = check(recorded, *arguments)
    assert code == 1 and "The service refuses: 404 This is the invalid-body of a test. as it was told" in printed
    assert "Or see whether CHAT_DEBUG_URL ends before /api." in printed


def test_a_client_of_the_products_is_looked_at(recorded: Recorded, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import boto3, httpx, chat_debug\n"
        "debug = chat_debug.Recorder()\n"
        "wrapped, plain, other = debug.wrap(httpx.Client()), httpx.Client(), object()\n"
    )
    for name, code, said in (
        ("app:wrapped", 0, "ok       app:wrapped is wrapped"),
        ("app:plain", 1, "plain = debug.wrap(plain)"),
        ("app:other", 1, "app:other cannot be wrapped"),
        ("app:none", 1, "There is no app:none"),
        ("app", 1, "There is no app"),
        ("nowhere:x", 1, "There is no nowhere:x"),
    ):
        assert (code, True) == (
            (ended := check(recorded, "--chat", recorded.chat, "--client", name, folder=tmp_path))[0],
            said in ended[1],
        ), ended
