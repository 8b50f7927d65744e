"""The SDKs that the golden turns are made with. Each makes the calls of a scenario with a client that a turn is bound
to.

What both kits send alike is written in `QUESTION`, `SUM` and the tools; the rest is each SDK's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from conftest import QUESTION, Session

SUM = "Add 1, 2 and 3."
SCENARIOS = ("plain", "stream", "tools", "retry", "cut", "gzip", "error")
PARAMETERS = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    "required": ["a", "b"],
}
DESCRIPTION = "Adds two numbers."
KEY = "sk-test-0123456789abcdef0123456789abcdef"

# Makes a client, then the calls of a scenario with it.
Sdk = tuple[Callable[[Session, str], Any], Callable[[Any, str], None]]


def asks(scenario: str) -> str:
    return SUM if scenario == "tools" else QUESTION


def is_streamed(scenario: str) -> bool:
    return scenario in ("stream", "cut")


def result(arguments: dict[str, int]) -> str:
    return str(arguments["a"] + arguments["b"])


# ---- OpenAI ------------------------------------------------------------------------------------

TOOL = {"type": "function", "function": {"name": "add", "description": DESCRIPTION, "parameters": PARAMETERS}}


def openai_request(scenario: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    request: dict[str, Any] = {"model": "gpt-test", "messages": messages}
    if is_streamed(scenario):
        request |= {"stream": True, "stream_options": {"include_usage": True}}
    if scenario == "tools":
        request["tools"] = [TOOL]
    return request


def openai_answered(messages: list[dict[str, Any]], calls: list[Any]) -> None:
    messages.append(
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": call.id, "type": "function", "function": {"name": "add", "arguments": call.function.arguments}}
                for call in calls
            ],
        }
    )
    for call in calls:
        content = result(json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


def openai_client(session: Session, scenario: str) -> Any:
    import openai

    return openai.OpenAI(base_url=session.url(scenario, "/v1"), api_key=KEY)


def openai_calls(client: Any, scenario: str) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": asks(scenario)}]
    while True:
        answer = client.chat.completions.create(**openai_request(scenario, messages))
        if is_streamed(scenario):
            list(answer)
            return
        calls = answer.choices[0].message.tool_calls
        if not calls:
            return
        openai_answered(messages, calls)


def openai_async_client(session: Session, scenario: str) -> Any:
    import openai

    return openai.AsyncOpenAI(base_url=session.url(scenario, "/v1"), api_key=KEY)


def openai_async_calls(client: Any, scenario: str) -> None:
    async def calls() -> None:
        messages: list[dict[str, Any]] = [{"role": "user", "content": asks(scenario)}]
        while True:
            answer = await client.chat.completions.create(**openai_request(scenario, messages))
            if is_streamed(scenario):
                async for _ in answer:
                    pass
                return
            if not answer.choices[0].message.tool_calls:
                return
            openai_answered(messages, answer.choices[0].message.tool_calls)

    asyncio.run(calls())


# ---- Anthropic ---------------------------------------------------------------------------------


def anthropic_client(session: Session, scenario: str) -> Any:
    import anthropic

    return anthropic.Anthropic(base_url=session.url(scenario), api_key=KEY)


def anthropic_calls(client: Any, scenario: str) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": asks(scenario)}]
    request: dict[str, Any] = {"model": "claude-test", "max_tokens": 100, "messages": messages}
    if is_streamed(scenario):
        list(client.messages.create(stream=True, **request))
        return
    if scenario == "tools":
        request["tools"] = [{"name": "add", "description": DESCRIPTION, "input_schema": PARAMETERS}]
    while (answer := client.messages.create(**request)).stop_reason == "tool_use":
        call = answer.content[0]
        messages += [
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": call.id, "content": result(call.input)}],
            },
        ]


# ---- LangChain ---------------------------------------------------------------------------------


def langchain_client(session: Session, scenario: str) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="gpt-test", base_url=session.url(scenario, "/v1"), api_key=KEY, stream_usage=True)


def langchain_calls(client: Any, scenario: str) -> None:
    from langchain_core.messages import HumanMessage, ToolMessage

    messages: list[Any] = [HumanMessage(asks(scenario))]
    if is_streamed(scenario):
        list(client.stream(messages))
        return
    model = client.bind_tools([TOOL]) if scenario == "tools" else client
    while (answer := model.invoke(messages)).tool_calls:
        messages.append(answer)
        messages += [ToolMessage(result(call["args"]), tool_call_id=call["id"]) for call in answer.tool_calls]


# ---- LiteLLM -----------------------------------------------------------------------------------


def litellm_client(session: Session, scenario: str) -> Any:
    import litellm

    litellm.telemetry = False
    litellm.api_base = None
    litellm.test_base = session.url(scenario, "/v1")
    return litellm


def litellm_anthropic_client(session: Session, scenario: str) -> Any:
    import litellm

    litellm.test_base = session.url(scenario)
    return litellm


def litellm_calls(model: str) -> Callable[[Any, str], None]:
    def calls(client: Any, scenario: str) -> None:
        messages: list[dict[str, Any]] = [{"role": "user", "content": asks(scenario)}]
        request = {
            "model": model,
            "messages": messages,
            "api_key": KEY,
            "api_base": client.test_base,
            "num_retries": 2 if scenario == "retry" else 0,
        }
        if is_streamed(scenario):
            list(client.completion(stream=True, stream_options={"include_usage": True}, **request))
            return
        if scenario == "tools":
            request["tools"] = [TOOL]
        while tools := client.completion(**request).choices[0].message.tool_calls:
            openai_answered(messages, tools)

    return calls


# ---- Bedrock -----------------------------------------------------------------------------------


def bedrock_client(session: Session, scenario: str) -> Any:
    import boto3

    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=session.url(scenario),
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key=KEY,
        aws_session_token=KEY,
    )


def bedrock_calls(client: Any, scenario: str) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": [{"text": asks(scenario)}]}]
    request: dict[str, Any] = {"modelId": "claude-test", "messages": messages}
    if is_streamed(scenario):
        list(client.converse_stream(**request)["stream"])
        return
    if scenario == "tools":
        request["toolConfig"] = {
            "tools": [{"toolSpec": {"name": "add", "description": DESCRIPTION, "inputSchema": {"json": PARAMETERS}}}]
        }
    while (answer := client.converse(**request))["stopReason"] == "tool_use":
        call = answer["output"]["message"]["content"][0]["toolUse"]
        messages += [
            answer["output"]["message"],
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": result(call["input"])}]}}
                ],
            },
        ]


# By the name of their golden turns; those of one name have to agree.
SDKS: dict[str, Sdk] = {
    "openai": (openai_client, openai_calls),
    "openai async": (openai_async_client, openai_async_calls),
    "anthropic": (anthropic_client, anthropic_calls),
    "langchain": (langchain_client, langchain_calls),
    "litellm": (litellm_client, litellm_calls("openai/gpt-test")),
    "litellm-anthropic": (litellm_anthropic_client, litellm_calls("anthropic/claude-test")),
    "bedrock": (bedrock_client, bedrock_calls),
}
