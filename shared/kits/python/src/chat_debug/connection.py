"""Calls of the service, one after the other on one connection for each thread.

Only the worker's threads use it. A call has a time limit and an answer of any size is read as far as it is needed.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chat_debug.version import USER_AGENT

BASE = "/api/experimental/chats"
# An answer to a recorder is small.
MAX_ANSWER = 1 << 20


class Unreachable(Exception):
    """No answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    retry_after: float | None

    @property
    def detail(self) -> str:
        """What the service says went wrong, in its words."""
        said = [self.body.get(name) for name in ("message", "detail")]
        words = " ".join(str(word) for word in said if word) or "It does not say why."
        return f"{self.status} {words}"[:500]


class _UntilThen(io.RawIOBase):
    """What a socket brings until a moment. Its own limit is one for each piece, however small."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, until: float) -> None:
        self._raw, self._sock, self._until = raw, sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer takes too long.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that has the time limit of its socket for all of it, head and body."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        until = time.monotonic() + (sock.gettimeout() or 0)
        self.fp = io.BufferedReader(_UntilThen(self.fp.detach(), sock, until))


class Connection:
    def __init__(self, url: str, key: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("CHAT_DEBUG_URL must be an address like https://debug.example.com.")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("CHAT_DEBUG_KEY must be one word of visible ASCII characters.")
        self._parts = parts
        self._key = key
        self._timeout = timeout
        # Made once, as it takes a while, in which nobody else has the interpreter.
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.forget()

    def forget(self) -> None:
        """Leaves connections that are another process's."""
        self._kept = threading.local()

    @property
    def _http(self) -> http.client.HTTPConnection | None:
        """This thread's."""
        return getattr(self._kept, "http", None)

    @_http.setter
    def _http(self, made: http.client.HTTPConnection | None) -> None:
        self._kept.http = made

    def call(self, method: str, path: str, body: bytes | None = None, *, is_packed: bool = False) -> Answer:
        headers = {"Authorization": f"Bearer {self._key}", "User-Agent": USER_AGENT, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/vnd.chat-debug+json" if is_packed else "application/json"
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        target = self._parts.path.rstrip("/") + BASE + path
        # A connection that was kept may have been closed at its other end. All calls may be repeated.
        for is_last in (self._http is None, True):
            try:
                return self._call(method, target, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                self.close()
                if is_last:
                    raise Unreachable(_told(error)) from None
            except (OSError, http.client.HTTPException) as error:
                self.close()
                raise Unreachable(_told(error)) from None
        raise AssertionError("unreachable")

    def _call(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self._http is None:
            self._http = self._connection()
        elif self._http.sock is not None:
            # The last answer left it what it had not needed.
            self._http.sock.settimeout(self._timeout)
        self._http.request(method, target, body, headers)
        response = self._http.getresponse()
        content = response.read(MAX_ANSWER)
        if not response.isclosed():
            self.close()
        try:
            value = json.loads(content) if content else {}
        except ValueError:
            value = {}
        return Answer(
            response.status, value if isinstance(value, dict) else {}, _seconds(response.getheader("Retry-After"))
        )

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        proxy = None if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(self._parts.scheme)
        via = urlsplit(proxy) if proxy else None
        to_host, to_port = (via.hostname or "", via.port) if via else (host, port)
        made: http.client.HTTPConnection
        if self._tls:
            made = http.client.HTTPSConnection(to_host, to_port, timeout=self._timeout, context=self._tls)
        else:
            made = http.client.HTTPConnection(to_host, to_port, timeout=self._timeout)
        made.response_class = _Response
        if via:
            made.set_tunnel(host, port)
        return made

    def close(self) -> None:
        """Closes this thread's connection."""
        if self._http is not None:
            self._http.close()
            self._http = None


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None
