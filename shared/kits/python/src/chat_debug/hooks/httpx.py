"""httpx and httpx2 clients: their transports are wrapped, below retries, redirects and authentication.

The bytes are those of the wire, before anything is undone. A stream is handed on chunk by chunk, as it is read.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from chat_debug.hooks.copies import shallow_copy
from chat_debug.hooks.seam import Seam

if TYPE_CHECKING:
    from chat_debug.attempt import Attempt
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn

MODULES = ("httpx", "httpx2")
# A client that tries again does not read the answer that told it to. So much of one is read for it, for so long.
MOST_DRAINED = 64 * 1024
DRAIN_FOR = 0.05


def is_one(client: Any) -> bool:
    return _module_of(client) is not None


def wrap(recorder: Recorder, client: Any) -> None:
    for holder, key in _transports(client):
        if not isinstance(holder[key], (_Recording, _AsyncRecording)):
            holder[key] = _recording(client, holder[key], recorder, None)


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    """A copy that has the same connections, cookies and headers, and leaves them open when it is closed."""
    copy = shallow_copy(client)
    copy._mounts = dict(client._mounts)
    if not client.is_closed:
        # A client that is open already cannot be entered.
        copy._state = type(client._state).UNOPENED
    # An SDK's client closes its connections when it is forgotten, which a stream of the copy may still read from.
    copy._chat_debug_of = client
    for holder, key in _transports(copy):
        inner = holder[key]
        inner = inner.inner if isinstance(inner, (_Recording, _AsyncRecording)) else inner
        holder[key] = _recording(client, inner, recorder, turn)
    return copy


def is_wrapped(client: Any) -> bool:
    return all(isinstance(holder[key], (_Recording, _AsyncRecording)) for holder, key in _transports(client))


def _module_of(client: Any) -> ModuleType | None:
    """The module that the client is one of, whichever of the two it is."""
    for name in MODULES:
        module = sys.modules.get(name)
        if module is not None and isinstance(client, (module.Client, module.AsyncClient)):
            return module
    return None


def _transports(client: Any) -> list[tuple[dict[Any, Any], Any]]:
    """Where the client has its transports: its own, and those for some addresses."""
    mounts = [(client._mounts, pattern) for pattern, transport in client._mounts.items() if transport is not None]
    return [(client.__dict__, "_transport"), *mounts]


def _recording(client: Any, inner: Any, recorder: Recorder, turn: Turn | None) -> Any:
    module = _module_of(client)
    assert module is not None
    sync, is_async = _kinds(module)
    kind = is_async if isinstance(client, module.AsyncClient) else sync
    return kind(inner, recorder, turn)


class _Shared(Seam):
    """What both kinds of transport have."""

    # The module's stream of bytes that are all there.
    whole: type[Any]

    def attempt(self, turn: Turn, request: Any) -> Attempt | None:
        retries = request.headers.get("x-stainless-retry-count", "0")
        body = request.content if hasattr(request, "_content") else None
        if body is None and isinstance(request.stream, self.whole):
            # A client that is sent on sends the stream of its first request again.
            body = b"".join(request.stream)
        attempt = turn.begin(
            request.method,
            str(request.url),
            request.headers.multi_items(),
            body,
            retries=int(retries) if retries.isdecimal() else 0,
        )
        if attempt is not None and body is None:
            request.stream = self.sending(request.stream, attempt)
        return attempt

    def answered(self, request: Any, response: Any, attempt: Attempt) -> Any:
        try:
            attempt.answered(response.status_code, response.headers.multi_items())
            if hasattr(response, "_content"):
                # As a transport has that makes its answers up, or reads them itself.
                attempt.has_read(response.content)
            else:
                response.stream = self.reading(response.stream, attempt, request)
        except Exception as error:
            self.recorder.fault(error)
        return response

    def sending(self, stream: Any, attempt: Attempt) -> Any:
        raise NotImplementedError

    def reading(self, stream: Any, attempt: Attempt, request: Any) -> Any:
        raise NotImplementedError


class _Recording(_Shared):
    def handle_request(self, request: Any) -> Any:
        attempt = self.begin(request)
        if attempt is None:
            return self.inner.handle_request(request)
        try:
            response = self.inner.handle_request(request)
        except BaseException as error:
            attempt.failed(error)
            raise
        return self.answered(request, response, attempt)

    # The connections are the client's that a bound one is a copy of, and so are their beginning and end.

    def __enter__(self) -> _Recording:
        if self.turn is None:
            self.inner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if self.turn is None:
            self.inner.__exit__(*error)

    def close(self) -> None:
        if self.turn is None:
            self.inner.close()


class _AsyncRecording(_Shared):
    async def handle_async_request(self, request: Any) -> Any:
        attempt = self.begin(request)
        if attempt is None:
            return await self.inner.handle_async_request(request)
        try:
            response = await self.inner.handle_async_request(request)
        except BaseException as error:
            attempt.failed(error)
            raise
        return self.answered(request, response, attempt)

    async def __aenter__(self) -> _AsyncRecording:
        if self.turn is None:
            await self.inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        if self.turn is None:
            await self.inner.__aexit__(*error)

    async def aclose(self) -> None:
        if self.turn is None:
            await self.inner.aclose()


class _Reading:
    """An answer as it is read."""

    def __init__(self, inner: Any, attempt: Attempt, request: Any) -> None:
        self.inner = inner
        self.attempt = attempt
        self.request = request
        self.has_begun = False

    def __iter__(self) -> Iterator[bytes]:
        self.has_begun = True
        try:
            for chunk in self.inner:
                self.attempt.received(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self.attempt.failed(error)
            raise
        self.attempt.ended()

    def close(self) -> None:
        try:
            if self.attempt.is_open:
                self._drain()
                self.attempt.left()
        finally:
            self.inner.close()

    def _drain(self) -> None:
        """Reads what there is of an error that nobody reads. It is about to be closed, so that nobody misses it."""
        if self.attempt.is_success or self.has_begun:
            return
        extensions = self.request.extensions
        timeout = extensions.get("timeout", {})
        until = time.monotonic() + DRAIN_FOR
        try:
            # The transport looks at the limit when it begins to read the body.
            extensions["timeout"] = timeout | {"read": DRAIN_FOR}
            read = 0
            for chunk in self.inner:
                self.attempt.received(chunk)
                read += len(chunk)
                if read > MOST_DRAINED or time.monotonic() > until:
                    return
            self.attempt.ended()
        except Exception:
            return
        finally:
            # The same request may be sent again.
            extensions["timeout"] = timeout


class _AsyncReading:
    def __init__(self, inner: Any, attempt: Attempt, request: Any) -> None:
        self.inner = inner
        self.attempt = attempt
        self.has_begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.has_begun = True
        try:
            async for chunk in self.inner:
                self.attempt.received(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self.attempt.failed(error)
            raise
        self.attempt.ended()

    async def aclose(self) -> None:
        try:
            if self.attempt.is_open and not self.attempt.is_success and not self.has_begun:
                # There is no such time limit in another library's loop.
                asyncio.get_running_loop()
                await asyncio.wait_for(self._drain(), DRAIN_FOR)
        except Exception:
            pass
        finally:
            self.attempt.left()
            await self.inner.aclose()

    async def _drain(self) -> None:
        read = 0
        async for chunk in self.inner:
            self.attempt.received(chunk)
            read += len(chunk)
            if read > MOST_DRAINED:
                return
        self.attempt.ended()


class _Sending:
    """A body that is made as it is sent."""

    def __init__(self, inner: Any, attempt: Attempt) -> None:
        self.inner = inner
        self.attempt = attempt

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.inner:
            self.attempt.sending(chunk)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.inner:
            self.attempt.sending(chunk)
            yield chunk

    def close(self) -> None:
        self.inner.close()

    async def aclose(self) -> None:
        await self.inner.aclose()


@functools.cache
def _kinds(module: ModuleType) -> tuple[type[_Recording], type[_AsyncRecording]]:
    """The transports as kinds of the module's own, which checks what it is given."""
    sent = type("Sending", (_Sending, module.SyncByteStream, module.AsyncByteStream), {})
    reading = type("Reading", (_Reading, module.SyncByteStream), {})
    async_reading = type("AsyncReading", (_AsyncReading, module.AsyncByteStream), {})
    shared = {"whole": module.ByteStream, "sending": lambda self, *of: sent(*of)}
    sync = type(
        "RecordingTransport",
        (_Recording, module.BaseTransport),
        shared | {"reading": lambda self, *of: reading(*of)},
    )
    is_async = type(
        "AsyncRecordingTransport",
        (_AsyncRecording, module.AsyncBaseTransport),
        shared | {"reading": lambda self, *of: async_reading(*of)},
    )
    return sync, is_async
