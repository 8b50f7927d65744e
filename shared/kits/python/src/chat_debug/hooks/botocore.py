"""Clients of boto3, as `bedrock-runtime`: the HTTP session of their endpoint is wrapped, below signing and retries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chat_debug.hooks.copies import shallow_copy
from chat_debug.hooks.seam import Seam

if TYPE_CHECKING:
    from chat_debug.attempt import Attempt
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn


def is_one(client: Any) -> bool:
    # Not `hasattr`: a client makes attributes of its service's operations.
    endpoint = getattr(client, "__dict__", {}).get("_endpoint")
    return hasattr(getattr(endpoint, "http_session", None), "send")


def wrap(recorder: Recorder, client: Any) -> None:
    if not is_wrapped(client):
        client._endpoint.http_session = _Session(client._endpoint.http_session, recorder, None)


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    copy = shallow_copy(client)
    copy._endpoint = shallow_copy(client._endpoint)
    session = client._endpoint.http_session
    copy._endpoint.http_session = _Session(session.inner if is_wrapped(client) else session, recorder, turn)
    return copy


def is_wrapped(client: Any) -> bool:
    return isinstance(client._endpoint.http_session, _Session)


class _Session(Seam):
    def send(self, request: Any) -> Any:
        attempt = self.begin(request)
        if attempt is None:
            return self.inner.send(request)
        try:
            response = self.inner.send(request)
        except BaseException as error:
            attempt.failed(error)
            raise
        try:
            attempt.answered(response.status_code, list(response.headers.items()))
            if request.stream_output:
                response.raw = _Raw(response.raw, attempt)
            else:
                attempt.received(response.content)
                attempt.ended()
        except Exception as error:
            self.recorder.fault(error)
        return response

    def close(self) -> None:
        # The connections are the client's that the bound one is a copy of.
        if self.turn is None:
            self.inner.close()

    def attempt(self, turn: Turn, request: Any) -> Attempt | None:
        headers = [(_text(name), _text(value)) for name, value in request.headers.items()]
        body = b"" if request.body is None else request.body
        body = body.encode() if isinstance(body, str) else body
        # What is read from a file as it is sent is not read twice.
        body = bytes(body) if isinstance(body, (bytes, bytearray)) else None
        attempt = turn.begin(request.method, request.url, headers, body)
        if attempt is not None and body is None:
            attempt.left_out.add("request")
        return attempt


class _Raw:
    """An answer as it is read: urllib3's, of which botocore uses these."""

    def __init__(self, inner: Any, attempt: Attempt) -> None:
        self._inner = inner
        self._attempt = attempt

    def __getattr__(self, name: str) -> Any:
        if "_inner" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._inner, name)

    def stream(self, *arguments: Any, **named: Any) -> Iterator[bytes]:
        try:
            for chunk in self._inner.stream(*arguments, **named):
                self._attempt.received(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._attempt.failed(error)
            raise
        self._attempt.ended()

    def read(self, amt: int | None = None, *arguments: Any, **named: Any) -> bytes:
        try:
            chunk: bytes = self._inner.read(amt, *arguments, **named)
        except BaseException as error:
            self._attempt.failed(error)
            raise
        if chunk:
            self._attempt.received(chunk)
        if amt is None or (not chunk and amt > 0):
            self._attempt.ended()
        return chunk

    def close(self) -> None:
        self._attempt.left()
        self._inner.close()


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
