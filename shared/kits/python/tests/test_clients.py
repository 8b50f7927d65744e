"""Each kind of client, bound: it is the same client, but for the turn that its calls belong to."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import pytest
from conftest import QUESTION, Recorded, Session, attempts_of
from sdks import KEY


def test_azure_is_bound_with_its_deployment(recorded: Recorded, session: Session) -> None:
    import openai

    client = recorded.debug.wrap(
        openai.AzureOpenAI(azure_endpoint=session.url("plain"), api_version="2024-10-21", api_key=KEY)
    )
    with recorded.turn() as turn:
        turn.bind(client).chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": QUESTION}])
    run = recorded.run()
    assert run["model"] == "gpt-4o"
    (each,) = attempts_of(run)
    assert each["path"].endswith("/openai/deployments/gpt-4o/chat/completions")
    assert each["request_headers"]["api-key"] == "[REDACTED]"


def test_responses_and_async_anthropic_and_langchain_are_recorded_too(recorded: Recorded, session: Session) -> None:
    import anthropic
    import openai
    from langchain_openai import ChatOpenAI

    async def main() -> None:
        client = openai.AsyncOpenAI(base_url=session.url("stream", "/v1"), api_key=KEY)
        claude = anthropic.AsyncAnthropic(base_url=session.url("stream"), api_key=KEY)
        chat = ChatOpenAI(model="gpt-test", base_url=session.url("stream", "/v1"), api_key=KEY)
        async with recorded.turn() as turn:
            async for _ in await turn.bind(client).responses.create(model="gpt-test", input=QUESTION, stream=True):
                pass
            async with turn.bind(claude).messages.stream(
                model="claude-test", max_tokens=9, messages=[{"role": "user", "content": QUESTION}]
            ) as stream:
                assert await stream.get_final_text()
            async for _ in turn.bind(chat).astream(QUESTION):
                pass

    asyncio.run(main())
    steps = recorded.run()["steps"]
    assert [(step["operation"], step["status"]) for step in steps] == [("stream", "completed")] * 3
    assert [step["usage"]["input_tokens"] for step in steps[:2]] == [14, 14]


def test_litellm_is_recorded_when_it_is_async_as_well(recorded: Recorded, session: Session) -> None:
    import litellm

    async def main() -> None:
        with recorded.turn() as turn:
            bound = turn.bind(litellm)
            for model, base in (
                ("openai/gpt-test", session.url("plain", "/v1")),
                ("anthropic/claude-test", session.url("plain")),
            ):
                answer = await bound.acompletion(
                    model=model, api_base=base, api_key=KEY, messages=[{"role": "user", "content": QUESTION}]
                )
                assert "Paris" in answer.choices[0].message.content

    recorded.debug.wrap(litellm)
    asyncio.run(main())
    run = recorded.run()
    assert [each["path"].partition("/plain")[2] for each in attempts_of(run)] == [
        "/v1/chat/completions",
        "/v1/messages",
    ]
    assert all(step["status"] == "completed" for step in run["steps"])


def test_litellm_makes_new_clients_once_and_not_for_each_turn(recorded: Recorded, session: Session) -> None:
    import litellm
    from litellm.llms.custom_httpx.http_handler import HTTPHandler, _get_httpx_client

    recorded.debug.wrap(litellm)
    made = _get_httpx_client()
    with recorded.turn() as turn:
        turn.bind(litellm)
    assert _get_httpx_client() is made
    # One that it has when it is wrapped knows nothing of us.
    delattr(HTTPHandler.create_client, "chat_debug")
    recorded.debug.wrap(litellm)
    assert _get_httpx_client() is not made


@pytest.mark.parametrize("way", ["sync", "async"])
def test_litellms_stream_that_calls_when_it_is_read_calls_within_its_turn(
    way: str, recorded: Recorded, session: Session
) -> None:
    import litellm

    request = {
        "model": "gemini/gemini-test",
        "api_base": session.url("plain", "/v1beta/models/gemini-test"),
        "api_key": KEY,
        "messages": [{"role": "user", "content": QUESTION}],
        "stream": True,
    }

    async def reads(bound: Any) -> None:
        stream = await bound.acompletion(**request)
        async for _ in stream:
            pass

    with recorded.turn() as turn:
        bound = turn.bind(litellm)
        stream = bound.completion(**request) if way == "sync" else None
        with pytest.raises(litellm.exceptions.NotFoundError):
            # Where there is no context of ours.
            contextvars.Context().run(lambda: list(stream) if way == "sync" else asyncio.run(reads(bound)))
    (each,) = attempts_of(recorded.run())
    assert each["path"].endswith("/gemini-test:streamGenerateContent")
