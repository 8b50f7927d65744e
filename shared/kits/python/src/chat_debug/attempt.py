"""One HTTP try of a call, as it passes by.

It keeps what the program's own client sends and reads, and reads nothing itself. Each method is called from the
client's path and so is short; none of them raises.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit, urlunsplit

from chat_debug import encodings, redaction

if TYPE_CHECKING:
    from chat_debug.turn import Turn

# The service reads no more than this, but images may go first: what is longer is kept while there is room for it.
MAX_WHOLE = 16 * 1024 * 1024
# What is longer than this is left out.
MAX_BODY = 24 * 1024 * 1024


class End(Enum):
    """How an attempt ended."""

    READ = "read to its end"
    LEFT = "The reader left before the end."
    BROKEN = "the transport failed"
    OPEN = "It was still open when its turn ended."


# What is thrown where nobody waits any more.
LEAVING = (GeneratorExit, asyncio.CancelledError, KeyboardInterrupt)

DEFAULT_PORTS = {"http": ":80", "https": ":443"}

M = TypeVar("M", bound=Callable[..., None])


def quiet(method: M) -> M:
    """A method that reports what goes wrong in it and lets the chat go on. An attempt that was open at a fork is the
    parent's, and so are its locks."""

    @functools.wraps(method)
    def safe(self: Attempt, *arguments: Any) -> None:
        try:
            if self._turn.is_this_process:
                method(self, *arguments)
        except Exception as error:
            self._turn.fault(error)

    return cast(M, safe)


class Attempt:
    """What was sent and what came back. `redact=` may change any member that has no underscore.

    Bodies are as the program sees them: what they were packed with on their way is undone. Headers that carry
    credentials have lost their values.
    """

    __slots__ = (
        "method",
        "url",
        "request_headers",
        "request_body",
        "response_status",
        "response_headers",
        "response_body",
        "error",
        "decoded",
        "left_out",
        "started",
        "first_byte",
        "finished",
        "end",
        "is_settled",
        "retry_delay_ms",
        "retry_classification",
        "_target",
        "_turn",
        "_pieces",
        "_lock",
    )

    def __init__(self, turn: Turn, method: str, url: str, headers: list[tuple[str, str]], body: bytes | None) -> None:
        self._turn = turn
        self._lock = threading.RLock()
        # What has been sent and received so far of bodies that come in pieces.
        self._pieces = {"request": bytearray(), "response": bytearray()}
        self.started = time.perf_counter()
        self.first_byte: float | None = None
        self.finished: float | None = None
        self.end: End | None = None
        # Whether `redact=` is through with it, before which nothing of it is sent.
        self.is_settled = False
        self.method = method
        self.url = url
        self.request_headers: dict[str, str] | None = redaction.headers(headers)
        self.request_body: bytes | None = None
        self.response_status: int | None = None
        self.response_headers: dict[str, str] | None = None
        self.response_body: bytes | None = None
        self.error: str | None = None
        self.retry_delay_ms: int | None = None
        self.retry_classification: str | None = None
        self._target: str | None = None
        # What the bodies were packed with, and which of them are not kept.
        self.decoded: dict[str, str] = {}
        self.left_out: set[str] = set()
        if body is not None and self._fits("request", 0, len(body)):
            self.request_body = bytes(body)

    @quiet
    def sending(self, chunk: bytes) -> None:
        """The client sends this much of a body that is made as it is sent."""
        self._keep("request", chunk)

    @quiet
    def answered(self, status: int, headers: list[tuple[str, str]]) -> None:
        """The answer begins."""
        with self._lock:
            if self.end is not None:
                return
            self.response_status = status
            self.response_headers = redaction.headers(headers)
            location = next((value for name, value in headers if name.lower() == "location"), None)
            if location and 300 <= status < 400:
                self._target = _place(urljoin(self.url, location))

    @quiet
    def received(self, chunk: bytes) -> None:
        """The client read this much of the answer."""
        if self.first_byte is None:
            self.first_byte = time.perf_counter()
        self._keep("response", chunk)

    @quiet
    def ended(self) -> None:
        """The answer was read to its end."""
        self._close(End.READ)

    @quiet
    def failed(self, error: BaseException) -> None:
        """The transport failed, before the answer or within it; or whoever waited for it gave up."""
        # Of an error only what it says of the transport: what else it holds may be anybody's.
        end = End.LEFT if isinstance(error, LEAVING) else End.BROKEN
        self._close(end, f"{type(error).__name__}: {error}"[:1000].removesuffix(": "))

    @quiet
    def left(self) -> None:
        """The client closed the answer. Its last event may have been read all the same."""
        self._close(End.LEFT)

    @quiet
    def turn_ended(self) -> None:
        """Nothing more of it is waited for."""
        self._close(End.OPEN)

    @property
    def is_open(self) -> bool:
        return self.end is None

    @property
    def is_redirect(self) -> bool:
        return self._target is not None

    def leads_to(self, url: str) -> bool:
        """Whether it was answered by a redirect to this address."""
        return not self.is_open and self.is_redirect and self._target == _place(url)

    @property
    def is_success(self) -> bool:
        return self.response_status is not None and (200 <= self.response_status < 300 or self.response_status == 101)

    @property
    def has_failed(self) -> bool:
        """Whether the same may be asked again. A redirect asks for something else."""
        return not self.is_success and not self.is_redirect

    def _close(self, end: End, error: str | None = None) -> None:
        with self._lock:
            if self.end is not None:
                return
            self.end, self.error = end, error
            self.finished = time.perf_counter()
            sent, received = (bytes(pieces) for pieces in self._pieces.values())
            self._pieces.clear()
        if sent:
            # Of an upload that broke off, this is what went out.
            self.request_body = sent
        if self.response_status is not None and "response" not in self.left_out:
            self.response_body = received
        try:
            for name, headers in (("request", self.request_headers), ("response", self.response_headers)):
                self._decode(name, headers or {})
        finally:
            self._turn.closed(self)

    def _decode(self, name: str, headers: dict[str, str]) -> None:
        body: bytes | None = getattr(self, f"{name}_body")
        header = next((value for key, value in headers.items() if key.lower() == "content-encoding"), None)
        if body and header:
            unpacked, encoding = encodings.undo(body, header)
            if encoding and self._has_room(len(body), len(unpacked) - len(body)):
                self.decoded[name] = encoding
                setattr(self, f"{name}_body", unpacked)

    def _keep(self, name: str, chunk: bytes) -> None:
        with self._lock:
            if self.end is not None or name in self.left_out:
                return
            kept = self._pieces[name]
            if self._fits(name, len(kept), len(chunk)):
                kept += chunk
            else:
                self._pieces[name] = bytearray()
                self._turn.gives(len(kept))

    def _fits(self, name: str, have: int, more: int) -> bool:
        """Whether so much more of a body is kept; nothing of one is that is left out."""
        if have + more <= MAX_BODY and self._has_room(have, more):
            return True
        self.left_out.add(name)
        return False

    def _has_room(self, have: int, more: int) -> bool:
        """Only for a body that the service could take whole may the turn be dropped."""
        return self._turn.takes(more, or_drop=have + more <= MAX_WHOLE)


def _place(url: str) -> str:
    """A URL without what makes no difference to where it leads."""
    scheme, at, path, query, _ = urlsplit(url)
    at = at.lower().removesuffix(DEFAULT_PORTS.get(scheme, ""))
    return urlunsplit((scheme, at, path or "/", query, ""))


Redact = Callable[[Attempt], object]
