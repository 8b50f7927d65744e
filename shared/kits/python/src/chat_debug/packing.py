"""Makes the bodies that the service takes: a turn in one, or its opening, steps and end.

What is JSON already goes in as the text that it is. What is too large for the service loses its copies first, then its
images (their hash and size stay), then bodies; what a step has lost stands in its `metadata.left_out`.
"""

from __future__ import annotations

import binascii
import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from chat_debug import images, reading
from chat_debug.attempt import Attempt, End
from chat_debug.breath import breath
from chat_debug.turn import Step, Turn
from chat_debug.version import USER_AGENT

# The service's limits, with some room for what a gateway adds.
MAX_UNPACKED = 16 * 1024 * 1024 - 1024
MAX_PACKED = 4_400_000
MAX_STEPS = 1000
PACK_FROM = 1024
# Base64 that is encoded at once: a multiple of three bytes, which takes a tenth of a millisecond.
_SLICE = 192 * 1024

# Answers that have no body, as those to `HEAD` have none.
BODILESS = (101, 204, 205)
COPIES, IMAGES, BODIES = "copies", "images", "bodies"
# What is left out of a step, try by try.
LESS_AND_LESS: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset((COPIES,)),
    frozenset((COPIES, IMAGES)),
    frozenset((COPIES, IMAGES, BODIES)),
)


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as it is sent."""

    body: bytes
    is_packed: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class StepText:
    """A step as JSON, and what its turn takes from it."""

    text: str
    status: str
    provider: str | None
    model: str | None
    # Whether its turn ended before it.
    was_left_open: bool


def pack(text: str) -> Packed:
    breath()
    unpacked = text.encode("utf-8", "replace")
    if len(unpacked) < PACK_FROM:
        return Packed(unpacked, False, True)
    packed = gzip.compress(unpacked, 6, mtime=0)
    return Packed(packed, True, len(unpacked) <= MAX_UNPACKED and len(packed) <= MAX_PACKED)


def whole(turn: Turn) -> Packed | None:
    """A turn in one body; nothing when it is too large for that."""
    if len(turn.steps) > MAX_STEPS or _size(turn.steps) > MAX_UNPACKED:
        return None
    steps = [step(turn, one) for one in turn.steps]
    members = _run(turn) | _of_first(steps) | {"status": status(turn, steps), "finished_at": _finished(turn)}
    packed = pack(_object(members, steps="[" + ",".join(one.text for one in steps) + "]"))
    return packed if packed.fits else None


def opening(turn: Turn) -> Packed:
    return pack(_object(_run(turn) | {"status": "in_progress"}))


def end(turn: Turn, steps: Sequence[StepText]) -> Packed:
    members = _named(turn) | {"status": status(turn, steps), "finished_at": _finished(turn)}
    return pack(_object(members | _of_first(steps)))


def interruption(turn: Turn) -> Packed:
    return pack(_object(_named(turn) | {"status": "interrupted"}))


def heartbeat(turn: Turn) -> Packed:
    return pack(_object(_named(turn)))


def may_fit(one: Step) -> bool:
    """Whether a step could be sent with all its bodies."""
    return _size([one]) <= MAX_UNPACKED


def one_step(turn: Turn, one: Step, without: frozenset[str]) -> tuple[StepText, Packed]:
    made = step(turn, one, without, _named(turn))
    return made, pack(made.text)


def status(turn: Turn, steps: Sequence[StepText]) -> str:
    """What the product said, or else how the last step ended; a call that was left open interrupts. An exception that
    a broken answer raised is the interruption that it is."""
    last = steps[-1].status if steps else "completed"
    if turn.status == "error" and last == "interrupted":
        return last
    if turn.status is not None:
        return turn.status
    return "interrupted" if any(one.was_left_open for one in steps) else last


def step(turn: Turn, one: Step, without: frozenset[str] = frozenset(), named: Mapping[str, Any] = {}) -> StepText:
    breath()
    last = one.attempts[-1]
    request = reading.json_object(last.request_body)
    asked_for_stream = reading.asks_for_stream(last.url, request) or _has_stream_member(last.request_body, request)
    content_type = _header(last.response_headers, "content-type")
    is_bodiless = last.response_status in BODILESS or last.method.upper() == "HEAD"
    is_answer = last.is_success and (last.response_body or not is_bodiless)
    answer = reading.answer(last.response_body, content_type, asked_for_stream) if is_answer else reading.Answer()
    breath()
    how, error = _ending(last, answer)
    left_out = {f"attempts/{number}/{name}" for number, each in enumerate(one.attempts, 1) for name in each.left_out}
    copied = {"normalized_request": (last.request_body, request)}
    if last.is_success and not answer.is_stream:
        copied["normalized_response"] = (last.response_body, reading.json_object(last.response_body))
    copies = {}
    for name, (body, value) in copied.items():
        if COPIES in without or len(body or b"") > reading.MAX_COPY:
            left_out.add(name)
        elif value is not None:
            copies[name] = _text_of(body)
    attempts = [
        _attempt(turn, number, each, without, answer if each is last else None, left_out)
        for number, each in enumerate(one.attempts, 1)
    ]
    decoded = {
        f"attempts/{number}/{name}": encoding
        for number, each in enumerate(one.attempts, 1)
        for name, encoding in each.decoded.items()
    }
    metadata = {
        "recorder": USER_AGENT,
        "decoded": decoded or None,
        "left_out": sorted(left_out) or None,
    }
    members = {
        **named,
        "step_number": one.number,
        "operation": "stream" if asked_for_stream or answer.is_stream else "generate",
        "status": how,
        "started_at": turn.clock.text(one.attempts[0].started),
        "finished_at": _text(turn, last.finished),
        "usage": answer.usage,
        "metadata": _present(metadata),
    }
    text = _object(members, **copies, error=error, attempts="[" + ",".join(attempts) + "]")
    was_left_open = how == "interrupted" and any(each.end is End.OPEN for each in one.attempts)
    return StepText(text, how, reading.provider(last.url, last.response_body), _model(last, request), was_left_open)


def _attempt(
    turn: Turn, number: int, each: Attempt, without: frozenset[str], answer: reading.Answer | None, left_out: set[str]
) -> str:
    is_whole = each.end is End.READ or (each.end is not None and answer is not None and answer.is_whole is True)
    error = None if is_whole else each.error or (each.end.value if each.end else None)
    finished = each.finished or each.started
    bodies = {}
    for name, body in (("request", each.request_body), ("response", each.response_body)):
        if body and IMAGES in without:
            shorter = images.without(body)
            left_out |= {"images"} if shorter is not body else set()
            body = shorter
        if body and BODIES in without:
            left_out.add(f"attempts/{number}/{name}")
            body = None
        if body is not None:
            bodies[f"{name}_body"] = f'"{_base64(body)}"'
    members = {
        "number": number,
        "status": "completed" if is_whole else "failed",
        "method": each.method,
        "url": each.url,
        "path": reading.split(each.url).path or "/",
        "request_headers": each.request_headers,
        "response_status": each.response_status,
        "response_headers": each.response_headers,
        "error": error,
        "started_at": turn.clock.text(each.started),
        "finished_at": _text(turn, each.finished),
        "duration_ms": round((finished - each.started) * 1000),
        "first_byte_ms": None if each.first_byte is None else round((each.first_byte - each.started) * 1000),
        "retry_classification": each.retry_classification,
        "retry_delay_ms": each.retry_delay_ms,
    }
    return _object(members, **bodies)


def _ending(last: Attempt, answer: reading.Answer) -> tuple[str, str | None]:
    """How a step ended, and the provider's own object that says why, or one that says it for the provider."""
    if last.response_status is None:
        how = "error" if last.end is End.BROKEN else "interrupted"
        return how, _message(last.error or (last.end.value if last.end else "No answer came."))
    if not last.is_success:
        if reading.json_object(last.response_body) is not None:
            return "error", _text_of(last.response_body)
        text = (last.response_body or b"")[:1000].decode(errors="replace").strip()
        return "error", json.dumps({"status": last.response_status, "message": text or "The answer is empty."})
    if answer.error is not None:
        return "error", answer.error
    if answer.is_whole is True or (last.end is End.READ and answer.is_whole is None):
        return "completed", None
    if last.end is End.BROKEN and not last.response_body:
        return "error", _message(last.error or End.BROKEN.value)
    return "interrupted", _message(last.error or answer.fault or (last.end or End.LEFT).value)


def _message(text: str) -> str:
    return json.dumps({"message": text})


def _named(turn: Turn) -> dict[str, Any]:
    """What names a chat in each body that records: a key of one user needs the product's word."""
    return {"owner_id": turn.owner_id, "external_id": turn.external_id}


def _run(turn: Turn) -> dict[str, Any]:
    return {"id": turn.id, "started_at": turn.clock.text(turn.clock.start)} | _named(turn) | turn.members


def _of_first(steps: Sequence[StepText]) -> dict[str, Any]:
    named = {
        "provider": next((one.provider for one in steps if one.provider), None),
        "model": next((one.model for one in steps if one.model), None),
    }
    return {name: _cut(text) for name, text in named.items() if text}


def _cut(text: str) -> str:
    """Within the 256 bytes that the service takes."""
    return text.encode()[:256].decode(errors="ignore")


def _finished(turn: Turn) -> str | None:
    return _text(turn, turn.finished)


def _text(turn: Turn, moment: float | None) -> str | None:
    return None if moment is None else turn.clock.text(moment)


def _model(last: Attempt, request: dict[str, Any] | None) -> str | None:
    if request is None and last.request_body:
        named = re.search(rb'"model"\s*:\s*"([^"\\]{1,256})"', reading.edges(last.request_body))
        request = {"model": named[1].decode(errors="replace")} if named else None
    return reading.model(last.url, request)


def _has_stream_member(body: bytes | None, request: dict[str, Any] | None) -> bool:
    return request is None and body is not None and re.search(rb'"stream"\s*:\s*true', reading.edges(body)) is not None


def _text_of(body: bytes | None) -> str:
    return (body or b"").decode().strip()


def _header(headers: dict[str, str] | None, name: str) -> str:
    return next((value for key, value in (headers or {}).items() if key.lower() == name), "").lower()


def _size(steps: Iterable[Step]) -> int:
    """The bodies as base64, without copies."""
    bodies: Iterable[bytes | None] = (
        body for one in steps for each in one.attempts for body in (each.request_body, each.response_body)
    )
    return sum(len(body or b"") for body in bodies) * 4 // 3


def _base64(body: bytes) -> str:
    slices = range(0, len(body), _SLICE)
    return b"".join(_slice_in_base64(body[at : at + _SLICE]) for at in slices).decode()


def _slice_in_base64(body: bytes) -> bytes:
    if len(body) == _SLICE:
        breath()
    return binascii.b2a_base64(body, newline=False)


def _object(members: dict[str, Any], **texts: str | None) -> str:
    """An object of values and of texts that are JSON already."""
    parts = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members.items() if value is not None]
    parts += [f"{json.dumps(name)}:{text}" for name, text in texts.items() if text is not None]
    return "{" + ",".join(parts) + "}"


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def decision_path(chat: str, owner: str, external_id: str | None) -> str:
    """Where to ask whether a chat is recorded."""
    named = {"owner_id": owner} | ({} if external_id is None else {"external_id": external_id})
    return f"/{chat}/debug/decision?{urlencode(named, quote_via=quote)}"
