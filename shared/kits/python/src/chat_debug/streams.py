"""Iterators whose steps run within a turn, wherever they are read, and functions that do.

What a function makes runs later: its coroutine, its generator. That is within the turn as well.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
)
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any, Literal

from chat_debug.attempt import LEAVING

if TYPE_CHECKING:
    from chat_debug.turn import Turn

Status = Literal["completed", "error", "interrupted"]


def status_of(kind: type[BaseException]) -> Status:
    """What an exception makes of a turn: who leaves interrupts it."""
    return "interrupted" if issubclass(kind, LEAVING) else "error"


class _Steps:
    """May hold its turn open until it is over, which it is once."""

    def __init__(self, turn: Turn, *, holds: bool) -> None:
        self._turn = turn
        # One that holds nothing has nothing to say of its end.
        self._is_over = not holds

    def __del__(self) -> None:
        self._over("interrupted")

    def _over(self, status: Status | None) -> None:
        if not self._is_over:
            self._is_over = True
            self._turn.stream_ended(status)


class Stream(_Steps):
    """Its turn is current while the product makes the next chunk."""

    def __init__(self, turn: Turn, chunks: Iterable[Any], *, holds: bool = True) -> None:
        super().__init__(turn, holds=holds)
        self._chunks = chunks
        self._iterator: Iterator[Any] | None = None

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Any:
        return self._step(lambda iterator: next(iterator))

    def send(self, value: Any) -> Any:
        return self._step(lambda iterator: iterator.send(value))

    def throw(self, *error: Any) -> Any:
        return self._step(lambda iterator: iterator.throw(*error))

    def _step(self, step: Callable[[Any], Any]) -> Any:
        with self._turn.active():
            try:
                if self._iterator is None:
                    self._iterator = iter(self._chunks)
                return step(self._iterator)
            except StopIteration:
                self._over(None)
                raise
            except BaseException as error:
                self._over(status_of(type(error)))
                raise

    def close(self) -> None:
        try:
            with self._turn.active(), ExitStack() as closing:
                for part in _parts(self._chunks, self._iterator):
                    if hasattr(part, "close"):
                        closing.callback(part.close)
        finally:
            self._over("interrupted")


class AsyncStream(_Steps):
    """The same for an async iterator."""

    def __init__(self, turn: Turn, chunks: AsyncIterable[Any], *, holds: bool = True) -> None:
        super().__init__(turn, holds=holds)
        self._chunks = chunks
        self._iterator: AsyncIterator[Any] | None = None

    def __aiter__(self) -> AsyncStream:
        return self

    async def __anext__(self) -> Any:
        return await self._step(lambda iterator: anext(iterator))

    async def asend(self, value: Any) -> Any:
        return await self._step(lambda iterator: iterator.asend(value))

    async def athrow(self, *error: Any) -> Any:
        return await self._step(lambda iterator: iterator.athrow(*error))

    async def _step(self, step: Callable[[Any], Any]) -> Any:
        with self._turn.active():
            try:
                if self._iterator is None:
                    self._iterator = aiter(self._chunks)
                return await step(self._iterator)
            except StopAsyncIteration:
                self._over(None)
                raise
            except BaseException as error:
                self._over(status_of(type(error)))
                raise

    async def aclose(self) -> None:
        try:
            with self._turn.active():
                async with AsyncExitStack() as closing:
                    for part in _parts(self._chunks, self._iterator):
                        closing.push_async_callback(_aclose, part)
        finally:
            self._over("interrupted")


def _parts(chunks: Any, iterator: Any) -> list[Any]:
    """What is closed of a stream, the last first: an SDK's reads with a generator, which does not close its answer."""
    return [chunks] if iterator is None or iterator is chunks else [chunks, iterator]


async def _aclose(part: Any) -> None:
    # Some SDKs call it as sync ones do.
    close = getattr(part, "aclose", None) or getattr(part, "close", None)
    if close is not None and inspect.isawaitable(closing := close()):
        await closing


def within(
    turn: Turn, function: Callable[..., Any], finish: Callable[[Any], Any] = lambda result: result
) -> Callable[..., Any]:
    """A function that runs within a turn, wherever it is called; the coroutine or the generator that it makes too.
    `finish` gets what it returns in the end."""

    def bound(*arguments: Any, **named: Any) -> Any:
        with turn.active():
            return _made_within(turn, function(*arguments, **named), finish)

    return functools.wraps(function)(_alike(function, bound))


def _alike(function: Callable[..., Any], bound: Callable[..., Any]) -> Callable[..., Any]:
    """The bound function as one of the function's kind: frameworks ask for that before they call it."""

    async def coroutine(*arguments: Any, **named: Any) -> Any:
        return await bound(*arguments, **named)

    def generator(*arguments: Any, **named: Any) -> Any:
        return (yield from bound(*arguments, **named))

    async def async_generator(*arguments: Any, **named: Any) -> Any:
        steps = bound(*arguments, **named)
        try:
            chunk = await anext(steps)
            while True:
                try:
                    sent = yield chunk
                except GeneratorExit:
                    await steps.aclose()
                    raise
                except BaseException as error:
                    chunk = await steps.athrow(error)
                else:
                    chunk = await steps.asend(sent)
        except StopAsyncIteration:
            return

    if inspect.iscoroutinefunction(function):
        return coroutine
    if inspect.isgeneratorfunction(function):
        return generator
    return async_generator if inspect.isasyncgenfunction(function) else bound


def _made_within(turn: Turn, made: Any, finish: Callable[[Any], Any]) -> Any:
    if isinstance(made, Coroutine):
        return _awaited_within(turn, made, finish)
    if isinstance(made, Generator):
        return Stream(turn, made, holds=False)
    if isinstance(made, AsyncGenerator):
        return AsyncStream(turn, made, holds=False)
    return finish(made)


async def _awaited_within(turn: Turn, coroutine: Coroutine[Any, Any, Any], finish: Callable[[Any], Any]) -> Any:
    with turn.active():
        return _made_within(turn, await coroutine, finish)
