"""Streams and generators, whose steps run later and elsewhere: within their turn, and as long as it is open."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from conftest import OWNER, Recorded, Session, ask, asked_by
from sdks import KEY
from starlette.background import BackgroundTask

import chat_debug


def test_a_stream_takes_what_a_generator_takes(recorded: Recorded) -> None:
    def chunks() -> Iterator[Any]:
        answer = yield "begun"
        with contextlib.suppress(KeyError):
            yield answer
        yield "survived"

    async def is_async() -> AsyncIterator[Any]:
        answer = yield "begun"
        with contextlib.suppress(KeyError):
            yield answer
        yield "survived"

    async def main() -> None:
        async with recorded.turn() as turn:
            stream = turn.stream(is_async())
        assert [await anext(stream), await stream.asend("sent"), await stream.athrow(KeyError())] == GIVEN
        with pytest.raises(ZeroDivisionError):
            await stream.athrow(ZeroDivisionError())

    GIVEN = ["begun", "sent", "survived"]
    with recorded.turn() as turn:
        stream = turn.stream(chunks())
    assert [next(stream), stream.send("sent"), stream.throw(KeyError())] == GIVEN
    with pytest.raises(ZeroDivisionError):
        stream.throw(ZeroDivisionError())
    asyncio.run(main())
    assert [run["status"] for run in recorded.runs()] == ["error", "error"]


def test_a_stream_that_is_forgotten_ends_its_turn(recorded: Recorded) -> None:
    with recorded.turn() as turn:
        chunks = turn.stream(iter([1, 2]))
    assert turn.is_open
    del chunks
    assert recorded.run()["status"] == "interrupted"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_stream_of_an_sdk_that_is_closed_closes_its_answer(
    is_async: bool, recorded: Recorded, session: Session
) -> None:
    import anthropic
    import openai

    request: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}

    async def leaves(client: Any, create: Callable[[Any], Any]) -> None:
        with recorded.turn() as turn:
            answer = create(turn.bind(client))
            answer = await answer if is_async else answer
            stream: Any = turn.stream(answer)
            if is_async:
                await anext(stream)
                await stream.aclose()
            else:
                next(stream)
                stream.close()
            assert answer.response.is_closed

    async def main() -> None:
        openais, anthropics = (
            (openai.AsyncOpenAI, anthropic.AsyncAnthropic) if is_async else (openai.OpenAI, anthropic.Anthropic)
        )
        client = openais(base_url=session.url("slow", "/v1"), api_key=KEY)
        await leaves(client, lambda bound: bound.chat.completions.create(**request))
        claude = anthropics(base_url=session.url("slow"), api_key=KEY)
        await leaves(claude, lambda bound: bound.messages.create(**request))

    asyncio.run(main())


def test_a_bound_function_is_of_the_same_kind_and_goes_by_the_same_name(recorded: Recorded) -> None:
    def function(number: int) -> int:
        """Says what it gets."""
        return number

    async def coroutine() -> None: ...

    def generator() -> Iterator[int]:
        yield 1

    async def async_generator() -> AsyncIterator[int]:
        yield 1

    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    for each in (function, coroutine, generator, async_generator):
        bound = recorded.turn().bind(each)
        assert [is_one(bound) for is_one in kinds] == [is_one(each) for is_one in kinds]
        assert (bound.__name__, bound.__doc__, inspect.signature(bound)) == (
            each.__name__,
            each.__doc__,
            inspect.signature(each),
        )


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_web_framework_runs_a_bound_coroutine_function(is_enabled: bool, recorded: Recorded) -> None:
    ran: list[str] = []

    async def titles(name: str) -> None:
        ran.append(name)

    turn = recorded.turn() if is_enabled else chat_debug.Recorder().turn("c", OWNER)
    asyncio.run(BackgroundTask(turn.bind(titles), "in the background")())
    assert ran == ["in the background"]


def in_a_thread(function: Callable[[], Any]) -> Any:
    """What a function returns where there is no context of ours."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_what_a_bound_function_makes_runs_in_its_turn_wherever_it_is_read(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    # Each loop has its own connections.
    is_async = recorded.debug.wrap(httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0)))

    def chunks() -> Iterator[int]:
        for number in range(2):
            yield ask(client, session, user=f"generator {number}").status_code

    async def async_chunks() -> AsyncIterator[int]:
        yield (await ask(is_async, session, user="async generator")).status_code

    async def once() -> int:
        status: int = (await ask(is_async, session, user="coroutine")).status_code
        return status

    async def makes() -> AsyncIterator[int]:
        return async_chunks()

    async def reads(generator: Any) -> list[int]:
        return [status async for status in generator]

    async def both() -> list[int]:
        return [await once_of(), *await reads(await makes_of())]

    with recorded.turn() as turn:
        generator, async_generator = turn.bind(chunks)(), turn.bind(async_chunks)()
        once_of, makes_of = turn.bind(once), turn.bind(makes)
        assert in_a_thread(lambda: list(generator)) == [200, 200]
        assert in_a_thread(lambda: asyncio.run(reads(async_generator))) == [200]
        assert in_a_thread(lambda: asyncio.run(both())) == [200, 200]
    names = ["generator 0", "generator 1", "async generator", "coroutine", "async generator"]
    assert asked_by(recorded.run()) == names


def test_a_bound_generator_is_one_and_does_not_hold_its_turn_open(recorded: Recorded) -> None:
    def lends() -> Iterator[str]:
        try:
            yield "lent"
        except KeyError:
            closed.append("caught")
        finally:
            closed.append("given back")

    async def is_async() -> AsyncIterator[str]:
        with contextlib.contextmanager(lends)() as lent:
            yield lent

    async def borrows(turn: chat_debug.Turn) -> None:
        async with contextlib.asynccontextmanager(turn.bind(is_async))() as lent:
            assert lent == "lent"
        async with contextlib.asynccontextmanager(turn.bind(is_async))():
            raise KeyError
        left = turn.bind(is_async)()
        assert await anext(left) == "lent"
        await left.aclose()  # type: ignore[attr-defined]

    closed: list[str] = []
    with recorded.turn() as turn:
        with contextlib.contextmanager(turn.bind(lends))() as lent:
            assert lent == "lent"
        with contextlib.contextmanager(turn.bind(lends))():
            raise KeyError
        left = turn.bind(lends)()
        assert next(left) == "lent"
        left.close()
        unread = turn.bind(lends)()
        asyncio.run(borrows(turn))
    assert closed == ["given back", "caught", "given back", "given back"] * 2
    assert not turn.is_open
    del unread
    assert recorded.run()["status"] == "completed"


@pytest.mark.parametrize("way", ["to its end", "and left", "and it fails"])
def test_a_stream_that_is_read_within_its_block_does_not_end_the_turn(
    way: str, recorded: Recorded, session: Session
) -> None:
    client = recorded.debug.wrap(httpx.Client())

    def chunks() -> Iterator[int]:
        yield ask(client, session, user="in the stream").status_code
        if way == "and it fails":
            raise ValueError

    with recorded.turn() as turn:
        with contextlib.suppress(ValueError):
            for status in turn.stream(chunks()):
                assert status == 200
                if way == "and left":
                    break
        assert turn.is_open
        ask(client, session, user="after it")
    assert not turn.is_open
    run = recorded.run()
    assert asked_by(run) == ["in the stream", "after it"] and run["status"] == "completed"
