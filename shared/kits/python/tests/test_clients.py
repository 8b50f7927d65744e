"""Each kind of client, bound: it is the same client, but for the turn that its calls belong to."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import inspect
from typing import Any

import httpx
import httpx2
import pydantic
import pytest
from conftest import QUESTION, Recorded, Session, attempts_of
from sdks import KEY, bedrock_client

from chat_debug import hooks


@pytest.mark.parametrize("deployment", [None, "gpt-4o"])
def test_azure_is_bound_with_its_deployment(deployment: str | None, recorded: Recorded, session: Session) -> None:
    import openai

    client = recorded.debug.wrap(
        openai.AzureOpenAI(
            azure_endpoint=session.url("plain"), azure_deployment=deployment, api_version="2024-10-21", api_key=KEY
        )
    )
    messages: Any = [{"role": "user", "content": QUESTION}]

    def calls(one: Any) -> None:
        one.chat.completions.create(model="gpt-4o", messages=messages)
        one.responses.create(model="gpt-4o", input=QUESTION)

    with recorded.turn() as turn:
        calls(client)
        calls(turn.bind(client))
    run = recorded.run()
    assert run["model"] == "gpt-4o"
    paths = [each["path"] for each in attempts_of(run)]
    assert paths[:2] == paths[2:] and paths[0].endswith("/openai/deployments/gpt-4o/chat/completions")
    assert attempts_of(run)[2]["request_headers"]["api-key"] == "[REDACTED]"


@pytest.mark.parametrize("module", [httpx, httpx2])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_transport_of_ones_own_is_begun_and_ended_by_its_own_client(
    is_async: bool, module: Any, recorded: Recorded
) -> None:
    class Own(module.MockTransport):  # type: ignore[misc, name-defined]
        def __enter__(self) -> Any:
            seen.append("begun")
            return self

        def __exit__(self, *error: Any) -> None:
            seen.append("ended")

        async def __aenter__(self) -> Any:
            return self.__enter__()

        async def __aexit__(self, *error: Any) -> None:
            self.__exit__()

    async def enters(client: Any) -> None:
        async with client, recorded.turn() as turn, turn.bind(client):
            seen.append("within")

    seen: list[str] = []
    kind = module.AsyncClient if is_async else module.Client
    client = recorded.debug.wrap(kind(transport=Own(lambda request: module.Response(200))))
    if is_async:
        asyncio.run(enters(client))
    else:
        with client, recorded.turn() as turn, turn.bind(client):
            seen.append("within")
    assert seen == ["begun", "within", "ended"]


def test_a_chat_model_that_makes_its_clients_late_is_wrapped_and_bound(recorded: Recorded, session: Session) -> None:
    import anthropic

    class ChatModel(pydantic.BaseModel):
        """As `langchain_anthropic.ChatAnthropic` is made."""

        @functools.cached_property
        def _client(self) -> Any:
            return anthropic.Anthropic(base_url=session.url("plain"), api_key=KEY)

        @functools.cached_property
        def _async_client(self) -> Any:
            return anthropic.AsyncAnthropic(base_url=session.url("plain"), api_key=KEY)

        def invoke(self, user: str) -> None:
            self._client.messages.create(**self.asks(user))

        async def ainvoke(self, user: str) -> None:
            await self._async_client.messages.create(**self.asks(user))

        @staticmethod
        def asks(user: str) -> Any:
            return {"model": user, "max_tokens": 9, "messages": [{"role": "user", "content": QUESTION}]}

    model = ChatModel()
    assert recorded.debug.wrap(model) is model and hooks.is_wrapped(model)
    turn = recorded.turn()
    with recorded.turn():
        model.invoke("block")
        asyncio.run(model.ainvoke("async block"))
        turn.bind(model).invoke("bound")
        asyncio.run(turn.bind(model).ainvoke("async bound"))
    turn.end()
    bound, block = recorded.runs()
    for run, models in ((block, ["block", "async block"]), (bound, ["bound", "async bound"])):
        assert [step["normalized_request"]["model"] for step in run["steps"]] == models


def test_every_client_of_the_sdks_is_bound(recorded: Recorded) -> None:
    import anthropic
    import openai

    called: list[str] = []

    def handler(request: Any) -> Any:
        called.append(str(request.url))
        return httpx2.Response(200, json={"content": [], "choices": [], "output": []}, request=request)

    def made(module: Any, name: str, **named: Any) -> Any:
        return getattr(module, name)(http_client=httpx2.Client(transport=httpx2.MockTransport(handler)), **named)

    keys = {"aws_access_key": "a", "aws_secret_key": KEY, "aws_region": "us-east-1"}
    clients = [
        made(openai, "OpenAI", api_key=KEY),
        made(openai, "BedrockOpenAI", api_key=KEY, aws_region="us-east-1"),
        made(anthropic, "Anthropic", api_key=KEY),
        made(anthropic, "AnthropicBedrock", **keys),
        made(anthropic, "AnthropicBedrockMantle", **keys),
        made(anthropic, "AnthropicVertex", region="us-east1", project_id="p", access_token=KEY),
        made(anthropic, "AnthropicFoundry", resource="r", api_key=KEY),
        made(anthropic, "AnthropicAWS", workspace_id="w", **keys),
    ]
    bound: list[str] = []
    with recorded.turn() as turn:
        for client in clients:
            # Its resources were used before.
            for one in (client, turn.bind(client)):
                if isinstance(client, openai.OpenAI):
                    one.responses.create(model="m", input=QUESTION)
                    one.with_raw_response.responses.create(model="m", input=QUESTION)
                else:
                    one.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": QUESTION}])
            # None was wrapped, so that what is bound is recorded alone.
            half = len(called) // 2
            assert called[:half] == called[half:]
            bound += called[half:]
            called.clear()
    assert [each["url"] for each in attempts_of(recorded.run())] == bound and len(bound) == 2 * 2 + 6


def test_what_another_library_has_put_into_a_client_stays(recorded: Recorded, session: Session) -> None:
    import openai

    class Own(openai.OpenAI):
        def __init__(self, tenant: str) -> None:
            super().__init__(base_url=session.url("plain", "/v1"), api_key=KEY, _strict_response_validation=True)
            self.tenant = tenant

    seen: list[str] = []

    def traced(name: str, function: Any) -> Any:
        def calls(*arguments: Any, **named: Any) -> Any:
            seen.append(name)
            return function(*arguments, **named)

        return calls

    def ask_with(one: Any) -> None:
        one.chat.completions.create(model="gpt-test", messages=[{"role": "user", "content": QUESTION}])

    client = Own("mine")
    client.chat.completions.create = traced("create", client.chat.completions.create)  # type: ignore[method-assign]
    client.request = traced("request", client.request)  # type: ignore[method-assign]
    with recorded.turn() as turn:
        bound = turn.bind(client)
        assert (bound.tenant, bound._strict_response_validation) == ("mine", True)
        # Where there is no context of ours.
        contextvars.Context().run(ask_with, bound)
        ask_with(turn.bind(bound))
    assert seen == ["create", "request"] * 2
    assert len(attempts_of(recorded.run())) == 2


@pytest.mark.parametrize("is_async", [False, True])
def test_a_bound_stream_outlives_the_client_that_it_was_bound_from(
    is_async: bool, recorded: Recorded, session: Session
) -> None:
    import openai

    request: Any = {"model": "gpt-test", "messages": [{"role": "user", "content": QUESTION}], "stream": True}

    def made(kind: Any) -> Any:
        return recorded.debug.wrap(kind(base_url=session.url("slow", "/v1"), api_key=KEY))

    async def reads(turn: Any) -> int:
        client = made(openai.AsyncOpenAI)
        stream = await turn.bind(client).chat.completions.create(**request)
        del client
        gc.collect()
        return len([chunk async for chunk in stream])

    with recorded.turn() as turn:
        if is_async:
            assert asyncio.run(reads(turn)) > 5
        else:
            client = made(openai.OpenAI)
            stream = turn.bind(client).chat.completions.create(**request)
            del client
            gc.collect()
            assert len(list(stream)) > 5
    assert recorded.run()["status"] == "completed"


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


def test_a_bound_litellm_has_the_settings_and_the_kinds_of_the_module(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    monkeypatch.setattr(litellm, "drop_params", False)
    bound = recorded.turn().bind(litellm)
    bound.drop_params = True
    assert litellm.drop_params and bound.drop_params
    assert inspect.iscoroutinefunction(bound.acompletion) and not inspect.iscoroutinefunction(bound.completion)


def test_an_answer_of_bedrock_may_be_read_in_pieces(recorded: Recorded, session: Session) -> None:
    client = recorded.debug.wrap(bedrock_client(session, "stream"))
    with recorded.turn():
        messages = [{"role": "user", "content": [{"text": QUESTION}]}]
        answer = client.converse_stream(modelId="claude-test", messages=messages)["stream"]
        while answer._raw_stream.read(amt=100):
            pass
    assert recorded.run()["status"] == "completed"


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
