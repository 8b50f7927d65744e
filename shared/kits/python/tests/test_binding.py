"""A call belongs to its turn: in threads, in tasks, and in web frameworks."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest
from conftest import OWNER, Recorded, Session, ask, asked_by, attempts_of, question
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sdks import KEY, bedrock_calls, bedrock_client

import chat_debug


def test_a_bound_client_works_in_threads_where_a_context_does_not(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with ThreadPoolExecutor(4) as pool, recorded.turn() as turn:
        bound = turn.bind(client)
        futures = [pool.submit(ask, bound, session, user="bound") for _ in range(4)]
        futures.append(pool.submit(ask, client, session, user="unbound"))
        futures.append(pool.submit(turn.bind(lambda: ask(client, session, user="function"))))
        assert all(future.result().status_code == 200 for future in futures)
    assert sorted(asked_by(recorded.run())) == ["bound"] * 4 + ["function"]


def test_turns_at_once_do_not_meet(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.AsyncClient())

    async def turn(name: str) -> None:
        async with recorded.turn(first_message=name) as turn:
            await asyncio.gather(*(ask(client, session, "slow", user=name) for _ in range(2)))
            await ask(turn.bind(client), session, user=name)

    async def turns() -> None:
        await asyncio.gather(*(turn(f"user {number}") for number in range(10)))

    asyncio.run(turns())
    runs = recorded.runs()
    assert len(runs) == 10
    for run in runs:
        assert asked_by(run) == [run["summary"]["first_message"]] * 3


def test_a_task_that_began_before_is_bound(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.AsyncClient())

    async def main() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()

        async def works() -> None:
            await ask(await queue.get(), session, user="task")

        task = asyncio.create_task(works())
        await asyncio.sleep(0)
        with recorded.turn() as turn:
            await queue.put(turn.bind(client))
            await task

    asyncio.run(main())
    assert asked_by(recorded.run()) == ["task"]


def test_a_task_that_is_cancelled_is_interrupted(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.AsyncClient())

    async def main() -> None:
        async def chat() -> None:
            async with recorded.turn() as turn:
                turns.append(turn)
                await ask(client, session, "slow", stream=True)

        turns: list[Any] = []
        task = asyncio.create_task(chat())
        while not (turns and turns[0].steps and turns[0].steps[0].attempts[0].first_byte):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    run = recorded.run()
    assert (run["status"], run["steps"][0]["status"], attempts_of(run)[0]["status"]) == (
        "interrupted",
        "interrupted",
        "failed",
    )


def app(recorded: Recorded, session: Session) -> FastAPI:
    """Three ways to stream an answer, as products have them."""
    app = FastAPI()
    sync, is_async = recorded.debug.wrap(httpx.Client()), recorded.debug.wrap(httpx.AsyncClient())
    url = session.url("slow", "/v1/chat/completions")

    @app.get("/sync")
    def sync_generator() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            with recorded.turn(first_message="sync") as turn:
                client = turn.bind(sync)
                yield b"begin\n"
                # Each step of a sync generator runs in a context of its own, so that only a bound client is right.
                ask(client, session, user="first")
                yield b"\n"
                with client.stream("POST", url, json=question(stream=True, user="second")) as response:
                    yield from response.iter_raw()

        return StreamingResponse(chunks())

    @app.get("/async")
    async def async_generator() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            async with recorded.turn(first_message="async"):
                await ask(is_async, session, user="first")
                async with is_async.stream("POST", url, json=question(stream=True, user="second")) as response:
                    async for chunk in response.aiter_raw():
                        yield chunk

        return StreamingResponse(chunks())

    @app.get("/outlives")
    async def outlives() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            async with is_async.stream("POST", url, json=question(stream=True, user="second")) as response:
                async for chunk in response.aiter_raw():
                    yield chunk

        async with recorded.turn(first_message="outlives") as turn:
            await ask(is_async, session, user="first")
            return StreamingResponse(turn.stream(chunks()))

    @app.get("/outlives-sync")
    def outlives_sync() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            with sync.stream("POST", url, json=question(stream=True, user="second")) as response:
                yield from response.iter_raw()

        with recorded.turn(first_message="outlives-sync") as turn:
            ask(sync, session, user="first")
            return StreamingResponse(turn.stream(chunks()))

    return app


@pytest.fixture
def served(recorded: Recorded, session: Session) -> Iterator[str]:
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app(recorded, session), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("way", ["sync", "async", "outlives", "outlives-sync"])
def test_a_web_frameworks_streams_belong_to_their_turn(way: str, served: str, recorded: Recorded) -> None:
    assert httpx.get(f"{served}/{way}").text.endswith("data: [DONE]\n\n")
    run = recorded.run()
    assert (run["summary"]["first_message"], run["status"]) == (way, "completed")
    assert asked_by(run) == ["first", "second"]


@pytest.mark.parametrize("way", ["sync", "async", "outlives", "outlives-sync"])
def test_a_browser_that_leaves_interrupts(way: str, served: str, recorded: Recorded) -> None:
    with httpx.stream("GET", f"{served}/{way}") as response:
        read = b""
        for chunk in response.iter_raw():
            read += chunk
            if b"data: {" in read:
                break
    deadline = time.monotonic() + 5
    while not any(sent["method"] == "POST" for sent in recorded.service.sent) and time.monotonic() < deadline:
        # The framework closes no sync generator: Python does, when it collects what nobody has any more.
        gc.collect()
        time.sleep(0.02)
    run = recorded.run()
    assert run["status"] == "interrupted" and run["steps"][1]["status"] == "interrupted"


def test_what_is_called_after_its_turn_belongs_to_none(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(httpx.Client())
    with recorded.turn() as turn:
        bound = turn.bind(client)
        ask(bound, session, user="in")
    assert ask(bound, session, user="after").status_code == 200
    assert ask(client, session, user="after").status_code == 200
    assert asked_by(recorded.run()) == ["in"]


@pytest.mark.parametrize("module", [httpx, httpx2])
@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_bound_client_leaves_the_connections_open(
    is_enabled: bool, module: Any, recorded: Recorded, session: Session
) -> None:
    debug = recorded.debug if is_enabled else chat_debug.Recorder()
    client = debug.wrap(module.Client(headers={"x-mine": "yes"}))
    with debug.turn(recorded.chat, OWNER) as turn:
        for _ in range(2):
            with turn.bind(client) as bound:
                assert bound is not client and ask(bound, session).status_code == 200
            assert not client.is_closed and ask(client, session).status_code == 200
    if is_enabled:
        first, *others = attempts_of(recorded.run())
        assert first["request_headers"]["x-mine"] == "yes" and len(others) == 3


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_bound_client_of_an_sdk_leaves_the_connections_open(
    is_enabled: bool, recorded: Recorded, session: Session
) -> None:
    import litellm
    import openai

    debug = recorded.debug if is_enabled else chat_debug.Recorder()
    client, boto = openai.OpenAI(base_url=session.url("plain", "/v1"), api_key=KEY), bedrock_client(session, "plain")

    async def closes() -> bool:
        is_async = openai.AsyncOpenAI(base_url=session.url("plain", "/v1"), api_key=KEY)
        async with turn.bind(is_async) as bound:
            await bound.chat.completions.create(**question())
        return is_async.is_closed()

    with debug.turn(recorded.chat, OWNER) as turn:
        with turn.bind(client) as bound:
            bound.chat.completions.create(**question())
        assert not client.is_closed() and not asyncio.run(closes())
        bound = turn.bind(boto)
        bedrock_calls(bound, "plain")
        pools = boto._endpoint.http_session._manager.pools
        assert len(pools) == 1
        bound.close()
        assert len(pools) == 1
        assert turn.bind(litellm).completion is not litellm.completion
    if is_enabled:
        assert len(attempts_of(recorded.run())) == 3
