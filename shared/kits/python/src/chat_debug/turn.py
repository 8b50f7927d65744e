"""A turn of a chat: the calls of models that were made in it, until it ends.

A turn is current where it was begun, by a context variable. Threads, tasks that were begun before, and generators whose
steps run elsewhere have no such context, or another's: there a client that is bound to the turn is the way.
"""

from __future__ import annotations

import contextvars
import inspect
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from chat_debug import ids
from chat_debug.attempt import Attempt, Redact
from chat_debug.clock import Clock
from chat_debug.streams import AsyncStream, Status, Stream, status_of

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder

C = TypeVar("C")
T = TypeVar("T")

# What a turn, a step and an attempt take beside their bodies, about.
OVERHEAD = 4096

_current: contextvars.ContextVar[Turn | None] = contextvars.ContextVar("chat_debug_turn", default=None)


def current() -> Turn | None:
    """The turn that calls made here belong to."""
    turn = _current.get()
    return turn if turn is not None and turn.is_open else None


class Step:
    """A call of a model: one or several attempts with the same request, and where redirects have led them."""

    __slots__ = ("number", "attempts", "put")

    def __init__(self, number: int) -> None:
        self.number = number
        self.attempts: list[Attempt] = []
        # How many of its attempts the service has.
        self.put = 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing is missing of it, and nothing in it that `redact=` has not let pass."""
        return all(attempt.is_settled for attempt in self.attempts)

    @property
    def is_put(self) -> bool:
        return self.put == len(self.attempts)

    def as_it_is(self) -> Step:
        """The same step without the attempts that begin from now on."""
        step = Step(self.number)
        step.attempts, step.put = list(self.attempts), self.put
        return step


class Turn:
    """Use it as `with recorder.turn(…) as turn`, sync or async. Its `id` is the run's; keep it beside your message.

    It ends with its block. When the answer is streamed after the block, give the stream to `stream`: then the turn ends
    with that.
    """

    def __init__(
        self,
        recorder: Recorder,
        chat: str,
        owner: str,
        members: dict[str, Any],
        *,
        external_id: str | None = None,
        is_recording: bool,
    ) -> None:
        self._recorder = recorder
        self._generation = recorder.generation
        self._lock = threading.RLock()
        self._token: contextvars.Token[Turn | None] | None = None
        self._streams = 0
        self.clock = Clock()
        self.id = ids.uuid7(self.clock.millis)
        self.chat_id = chat
        self.owner_id = owner
        self.external_id = external_id
        self.members = members
        self.steps: list[Step] = []
        self.status: Status | None = None
        self.finished: float | None = None
        self.is_recording = is_recording
        self.has_called = False
        # When anything last happened in it.
        self.touched = self.clock.start
        self.size = 0

    # ---- For the product ---------------------------------------------------------------------

    def bind(self, client: C) -> C:
        """The client, or any function, made to belong to this turn wherever it is called."""
        return self._recorder.bound(self, client)

    @overload
    def stream(self, chunks: AsyncIterable[T]) -> AsyncIterator[T]: ...
    @overload
    def stream(self, chunks: Iterable[T]) -> Iterator[T]: ...
    def stream(self, chunks: Any) -> Any:
        """An iterator or async iterator, made to hold the turn open until it ends, is closed or is forgotten."""
        if not self.is_open:
            return chunks
        with self._lock:
            self._streams += 1
        return AsyncStream(self, chunks) if hasattr(chunks, "__aiter__") else Stream(self, chunks)

    @contextmanager
    def active(self) -> Iterator[Turn]:
        """Makes the turn current in a block, as in a thread's function."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _reset(token)

    def end(self, status: Status | None = None) -> None:
        """Ends the turn; for where no block can. Without a status it is that of the last step."""
        try:
            self._end(status)
        except Exception as error:
            self._recorder.fault(error)

    def __enter__(self) -> Turn:
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        token, self._token = self._token, None
        if token is not None:
            _reset(token)
        if kind is not None:
            self.end(status_of(kind))
        elif not self._streams:
            self.end()

    async def __aenter__(self) -> Turn:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    # ---- For the hooks, which never see an exception -------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.finished is None and self.is_this_process

    @property
    def is_this_process(self) -> bool:
        """Whether it was begun here: a fork leaves its parent's turns alone."""
        return self._generation == self._recorder.generation

    def begin(
        self, method: str, url: str, headers: list[tuple[str, str]], body: bytes | None, *, retries: int = 0
    ) -> Attempt | None:
        """A try begins; nothing is returned when it is not recorded."""
        self.has_called = True
        if not self.is_recording or not self.is_open:
            return None
        try:
            if not self.takes(OVERHEAD):
                return None
            attempt = Attempt(self, method, url, headers, body)
            # Once without the lock, which others wait for while bodies are hashed; the hashes are kept.
            self._begun_before(attempt, retries)
            with self._lock:
                if not self.is_recording or not self.is_open:
                    return None
                step = self._begun_before(attempt, retries)
                if step is None:
                    step = Step(len(self.steps) + 1)
                    self.steps.append(step)
                elif not attempt.follows(last := step.attempts[-1]):
                    last.retry_delay_ms = round((attempt.started - (last.finished or attempt.started)) * 1000)
                    status = last.response_status
                    last.retry_classification = f"status {status}" if status else "transport"
                step.attempts.append(attempt)
            return attempt
        except Exception as error:
            self._recorder.fault(error)
            return None

    def _begun_before(self, attempt: Attempt, retries: int) -> Step | None:
        """The step that failed with the same request, or that was sent on to this one. An SDK that says how often it
        has tried is believed, also where its request is not known or the answer that it could not read was none that
        failed."""
        steps = [step for step in list(self.steps) if not step.attempts[-1].is_open]
        for step in reversed(steps):
            if attempt.is_known and step.attempts[-1].has_failed and attempt.repeats(step.attempts[0]):
                return step
        for step in reversed(steps):
            if len(step.attempts) == retries and attempt.repeats(step.attempts[0]):
                return step
        # Of several that were sent on to the same place, the first goes there first.
        return next((step for step in steps if attempt.follows(step.attempts[-1])), None)

    def fault(self, error: Exception) -> None:
        self._recorder.fault(error)

    def takes(self, size: int, *, or_drop: bool = True) -> bool:
        """Whether there is room for so much more; without it the turn is dropped, if it is not told to go on."""
        with self._lock:
            if not self.is_recording:
                return False
            self.touched = time.perf_counter()
            if self._recorder.budget.take(size):
                self.size += size
                return True
        if not or_drop:
            return False
        self.forget()
        self._recorder.dropped(self)
        return False

    def gives(self, size: int) -> None:
        """So much is not kept any more."""
        with self._lock:
            if not self.is_recording:
                # All that it had was given.
                return
            self.size -= size
        self._recorder.budget.give(size)

    def closed(self, attempt: Attempt) -> None:
        """An attempt is over: nothing of it is kept that `redact=` does not let pass."""
        redact = self._recorder.redact
        try:
            if redact is not None:
                _let_pass(redact, attempt)
        except BaseException as error:
            if self.is_recording:
                self.forget()
                self._recorder.spoilt(self, error)
            if not isinstance(error, Exception):
                # It was thrown into whatever ran, and is the program's.
                raise
        attempt.is_settled = True
        if self.finished is None:
            self._recorder.grown(self)
        else:
            self._recorder.ended(self)

    # ---- For the worker ------------------------------------------------------------------------

    @property
    def is_settled(self) -> bool:
        """Whether it ended, and nothing in it is missing or has not been let pass by `redact=`."""
        with self._lock:
            return self.is_recording and self.finished is not None and all(step.is_settled for step in self.steps)

    def forget(self) -> None:
        """Frees what is kept, and keeps nothing more."""
        with self._lock:
            self.is_recording = False
            self.steps = []
            size, self.size = self.size, 0
        self._recorder.budget.give(size)

    def free(self, step: Step) -> None:
        """Frees the bodies of a step that the service has."""
        size = 0
        for attempt in step.attempts:
            size += len(attempt.request_body or b"") + len(attempt.response_body or b"")
            attempt.request_body = attempt.response_body = None
        self.gives(size)

    def _end(self, status: Status | None) -> None:
        # Another process's thread may hold the lock for ever.
        if not self.is_this_process:
            return
        with self._lock:
            if self.finished is not None:
                return
            self.finished = time.perf_counter()
            self.status = status
            attempts = [attempt for step in self.steps for attempt in step.attempts if attempt.is_open]
        for attempt in attempts:
            attempt.turn_ended()
        self._recorder.ended(self)

    def stream_ended(self, status: Status | None) -> None:
        if not self.is_this_process:
            return
        with self._lock:
            self._streams -= 1
            is_last = self._streams == 0
        # While its block is open, more calls may come, and the block has the last word.
        if self._token is None and (is_last or status is not None):
            self.end(status)


def _let_pass(redact: Redact, attempt: Attempt) -> None:
    attempt.digest()
    attempt.unpack(to_look_into=True)
    made = redact(attempt)
    if inspect.iscoroutine(made):
        made.close()
    if inspect.isawaitable(made):
        raise TypeError("Nobody can wait here for what redact= makes.")


def _reset(token: contextvars.Token[Turn | None]) -> None:
    try:
        _current.reset(token)
    except ValueError:
        # A generator may end in another context than it began in.
        pass
