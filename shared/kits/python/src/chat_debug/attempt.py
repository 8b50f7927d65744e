"""One HTTP try of a call, as it passes by.

It keeps what the program's own client sends and reads, and reads nothing itself. Each method is called from the
client's path and so is short; none of them raises.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
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
    def safe(self: Attempt, *arguments: Any, **named: Any) -> None:
        try:
            if self._turn.is_this_process:
                method(self, *arguments, **named)
        except Exception as error:
            self._turn.fault(error)

    return cast(M, safe)


class Attempt:
    """What was sent and what came back. `redact=` may change any member that has no underscore.

    Bodies are as the program sees them: what they were packed with on their way is undone. Headers and
    parameters of the URL that carry credentials have lost their values.
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
        "_asked",
        "_credentials",
        "_digest",
        "_unpacked",
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
        self.url = redaction.url(url)
        self.request_headers: dict[str, str] | None = redaction.headers(headers)
        # As long as it is open: an exception may say them.
        self._credentials = redaction.credentials(headers, url)
        self.request_body: bytes | None = None
        self.response_status: int | None = None
        self.response_headers: dict[str, str] | None = None
        self.response_body: bytes | None = None
        self.error: str | None = None
        self.retry_delay_ms: int | None = None
        self.retry_classification: str | None = None
        # What the client asked for, whatever `redact=` makes of it: method, URL, and the body's size if that is known.
        self._asked = (method, url, None if body is None else len(body))
        self._digest: bytes | None = None
        # The bodies that are as the program sees them, or cannot be.
        self._unpacked: set[str] = set()
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
                self._target = _place(urljoin(self._asked[1], location))

    @quiet
    def received(self, chunk: bytes) -> None:
        """The client read this much of the answer."""
        if self.first_byte is None:
            self.first_byte = time.perf_counter()
        self._keep("response", chunk)

    @quiet
    def has_read(self, content: bytes) -> None:
        """The transport had the whole answer, and has unpacked it."""
        self._unpacked.add("response")
        self.received(content)
        self.ended()

    @quiet
    def ended(self) -> None:
        """The answer was read to its end."""
        self._close(End.READ)

    @quiet
    def failed(self, error: BaseException) -> None:
        """The transport failed, before the answer or within it; or whoever waited for it gave up."""
        # Of an error only what it says of the transport: what else it holds may be anybody's.
        end = End.LEFT if isinstance(error, LEAVING) else End.BROKEN
        kind, said = type(error).__name__, str(error)
        # One of a header that cannot be says its value.
        is_said = said and not any(part in said for part in self._credentials)
        self._close(end, f"{kind}: {said}"[:1000] if is_said else kind)

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

    @property
    def is_known(self) -> bool:
        """Whether its body is: what is made as it is sent may be anything."""
        return self._asked[2] is not None

    def repeats(self, earlier: Attempt) -> bool:
        """Whether it asks for the same."""
        return self._asked == earlier._asked and self.digest() == earlier.digest()

    def follows(self, earlier: Attempt) -> bool:
        """Whether a redirect led to it: with the same method and body, or to be fetched if it may."""
        method, url, size = self._asked
        if earlier.is_open or not earlier.is_redirect or earlier._target != _place(url):
            return False
        if earlier.response_status not in (307, 308) and method in ("GET", "HEAD"):
            return True
        return (method, size) == earlier._asked[::2] and self.digest() == earlier.digest()

    def digest(self) -> bytes | None:
        """Of the body as it was sent: who changes that asks before. It takes a while, and most bodies need none."""
        if self._digest is None and self.is_known and self.request_body is not None:
            self._digest = hashlib.blake2b(self.request_body).digest()
        return self._digest

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
            self.end, self.error, self._credentials = end, error, []
            self.finished = time.perf_counter()
            pieces, self._pieces = self._pieces, {}
        try:
            if pieces["request"]:
                # Of an upload that broke off, this is what went out.
                self.request_body = bytes(pieces["request"])
            if self.response_status is not None and "response" not in self.left_out:
                self.response_body = bytes(pieces["response"])
        finally:
            self._turn.closed(self)

    @quiet
    def unpack(self, *, to_look_into: bool = False) -> None:
        """Undoes what its bodies were packed with, once. What `redact=` cannot look into is left out."""
        for name, headers in (("request", self.request_headers), ("response", self.response_headers)):
            if name in self._unpacked:
                continue
            self._unpacked.add(name)
            body: bytes | None = getattr(self, f"{name}_body")
            header = next((value for key, value in (headers or {}).items() if key.lower() == "content-encoding"), "")
            if not body or not (packed_with := encodings.named(header)):
                continue
            if name == "request":
                self.digest()
            unpacked = encodings.undo(body, packed_with)
            if unpacked is not None and self._turn.takes(len(unpacked) - len(body), or_drop=False):
                self.decoded[name] = ", ".join(packed_with)
                setattr(self, f"{name}_body", unpacked)
            elif to_look_into:
                self.left_out.add(name)
                setattr(self, f"{name}_body", None)
                self._turn.gives(len(body))

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
        """Whether so much more of a body is kept; nothing of one is that is left out. Only for one that the service
        could take whole may the turn be dropped."""
        if have + more <= MAX_BODY and self._turn.takes(more, or_drop=have + more <= MAX_WHOLE):
            return True
        self.left_out.add(name)
        return False


def _place(url: str) -> str:
    """A URL without what makes no difference to where it leads."""
    scheme, at, path, query, _ = urlsplit(url)
    at = at.lower().removesuffix(DEFAULT_PORTS.get(scheme, ""))
    return urlunsplit((scheme, at, path or "/", query, ""))


Redact = Callable[[Attempt], object]
