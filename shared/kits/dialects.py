"""What the provider's model says, as OpenAI's Chat Completions and Responses, Anthropic's Messages and Bedrock's Converse
say it, whole and streamed.
"""

from __future__ import annotations

import binascii
import json
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A call of the tool `add`."""

    id: str
    arguments: dict[str, int]


# What the model says after as many results of tools, in the scenario `tools`.
TOOLS: tuple[Call | str, ...] = (Call("call_1", {"a": 1, "b": 2}), Call("call_2", {"a": 3, "b": 3}), "The sum is 6.")
ANSWER = "The capital of France is Paris."


def words(text: str) -> Iterator[str]:
    """A text in the pieces that a stream brings."""
    for number, word in enumerate(text.split(" ")):
        yield word if number == 0 else " " + word


class Chat:
    """OpenAI's Chat Completions."""

    usage = {
        "prompt_tokens": 14,
        "completion_tokens": 5,
        "total_tokens": 19,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    too_many = {
        "error": {"message": "Rate limit reached.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
    wrong = {
        "error": {
            "message": "The model does not exist.",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }

    @staticmethod
    def results(request: dict[str, Any]) -> int:
        return sum(message["role"] == "tool" for message in request["messages"])

    @classmethod
    def whole(cls, request: dict[str, Any], answer: Call | str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": answer if isinstance(answer, str) else None}
        if isinstance(answer, Call):
            message["tool_calls"] = [cls.call(answer)]
        finish = "stop" if isinstance(answer, str) else "tool_calls"
        return cls.head(request, "chat.completion") | {
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": cls.usage,
        }

    @classmethod
    def events(cls, request: dict[str, Any], answer: Call | str) -> Iterator[bytes]:
        def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return data(cls.head(request, "chat.completion.chunk") | {"choices": [choice]})

        if isinstance(answer, Call):
            call = cls.call(answer)
            arguments = call["function"]["arguments"]
            start = call | {"index": 0, "function": call["function"] | {"arguments": ""}}
            yield chunk({"role": "assistant", "content": None, "tool_calls": [start]})
            for piece in (arguments[:5], arguments[5:]):
                yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
            yield chunk({}, "tool_calls")
        else:
            yield chunk({"role": "assistant", "content": ""})
            for word in words(answer):
                yield chunk({"content": word})
            yield chunk({}, "stop")
        if (request.get("stream_options") or {}).get("include_usage"):
            yield data(cls.head(request, "chat.completion.chunk") | {"choices": [], "usage": cls.usage})
        yield b"data: [DONE]\n\n"

    @staticmethod
    def head(request: dict[str, Any], kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1767323045, "model": request.get("model", "gpt-test")}

    @staticmethod
    def call(call: Call) -> dict[str, Any]:
        return {"id": call.id, "type": "function", "function": {"name": "add", "arguments": json.dumps(call.arguments)}}


class Responses:
    """OpenAI's Responses."""

    usage = {
        "input_tokens": 14,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 19,
    }
    too_many, wrong = Chat.too_many, Chat.wrong

    @staticmethod
    def results(request: dict[str, Any]) -> int:
        items = request["input"]
        return sum(item.get("type") == "function_call_output" for item in items) if isinstance(items, list) else 0

    @classmethod
    def whole(cls, request: dict[str, Any], answer: Call | str) -> dict[str, Any]:
        return cls.head(request, "completed") | {"output": [cls.item(answer)], "usage": cls.usage}

    @classmethod
    def events(cls, request: dict[str, Any], answer: Call | str) -> Iterator[bytes]:
        number = -1

        def event(kind: str, **members: Any) -> bytes:
            nonlocal number
            number += 1
            return data({"type": kind, "sequence_number": number} | members, kind)

        item = cls.item(answer)
        place = {"output_index": 0, "item_id": item["id"]}
        yield event("response.created", response=cls.head(request, "in_progress") | {"output": [], "usage": None})
        if isinstance(answer, Call):
            yield event(
                "response.output_item.added", output_index=0, item=item | {"arguments": "", "status": "in_progress"}
            )
            for piece in (item["arguments"][:5], item["arguments"][5:]):
                yield event("response.function_call_arguments.delta", **place, delta=piece)
            yield event("response.function_call_arguments.done", **place, arguments=item["arguments"])
        else:
            part, place = item["content"][0], place | {"content_index": 0}
            yield event(
                "response.output_item.added", output_index=0, item=item | {"content": [], "status": "in_progress"}
            )
            yield event("response.content_part.added", **place, part=part | {"text": ""})
            for word in words(answer):
                yield event("response.output_text.delta", **place, delta=word, logprobs=[])
            yield event("response.output_text.done", **place, text=answer, logprobs=[])
            yield event("response.content_part.done", **place, part=part)
        yield event("response.output_item.done", output_index=0, item=item)
        yield event("response.completed", response=cls.whole(request, answer))

    @staticmethod
    def head(request: dict[str, Any], status: str) -> dict[str, Any]:
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1767323045,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "model": request["model"],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }

    @staticmethod
    def item(answer: Call | str) -> dict[str, Any]:
        if isinstance(answer, Call):
            return {
                "id": f"fc_{answer.id}",
                "type": "function_call",
                "status": "completed",
                "call_id": answer.id,
                "name": "add",
                "arguments": json.dumps(answer.arguments),
            }
        return {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": answer, "annotations": [], "logprobs": []}],
        }


class Messages:
    """Anthropic's Messages."""

    usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4, "output_tokens": 5}
    too_many = {"type": "error", "error": {"type": "rate_limit_error", "message": "Rate limit reached."}}
    wrong = {"type": "error", "error": {"type": "not_found_error", "message": "The model does not exist."}}

    @staticmethod
    def results(request: dict[str, Any]) -> int:
        blocks = (
            block
            for message in request["messages"]
            if isinstance(message["content"], list)
            for block in message["content"]
        )
        return sum(block["type"] == "tool_result" for block in blocks)

    @classmethod
    def whole(cls, request: dict[str, Any], answer: Call | str) -> dict[str, Any]:
        return cls.head(request) | {"content": [cls.block(answer)], "stop_reason": cls.stop(answer), "usage": cls.usage}

    @classmethod
    def events(cls, request: dict[str, Any], answer: Call | str) -> Iterator[bytes]:
        def event(kind: str, **members: Any) -> bytes:
            return data({"type": kind} | members, kind)

        block = cls.block(answer)
        yield event(
            "message_start",
            message=cls.head(request) | {"content": [], "stop_reason": None, "usage": cls.usage | {"output_tokens": 1}},
        )
        if isinstance(answer, Call):
            arguments = json.dumps(answer.arguments)
            yield event("content_block_start", index=0, content_block=block | {"input": {}})
            for piece in (arguments[:5], arguments[5:]):
                yield event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece})
        else:
            yield event("content_block_start", index=0, content_block=block | {"text": ""})
            for word in words(answer):
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        yield event("content_block_stop", index=0)
        yield event(
            "message_delta", delta={"stop_reason": cls.stop(answer), "stop_sequence": None}, usage={"output_tokens": 5}
        )
        yield event("message_stop")

    @staticmethod
    def head(request: dict[str, Any]) -> dict[str, Any]:
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "stop_sequence": None}

    @staticmethod
    def block(answer: Call | str) -> dict[str, Any]:
        if isinstance(answer, Call):
            return {"type": "tool_use", "id": answer.id, "name": "add", "input": answer.arguments}
        return {"type": "text", "text": answer}

    @staticmethod
    def stop(answer: Call | str) -> str:
        return "end_turn" if isinstance(answer, str) else "tool_use"


class Converse:
    """Bedrock's Converse, and its event stream."""

    usage = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 19, "cacheReadInputTokens": 4}
    too_many = {"message": "Too many requests, please wait before trying again."}
    wrong = {"message": "The provided model identifier is invalid."}

    @staticmethod
    def results(request: dict[str, Any]) -> int:
        return sum("toolResult" in block for message in request["messages"] for block in message["content"])

    @classmethod
    def whole(cls, request: dict[str, Any], answer: Call | str) -> dict[str, Any]:
        block = (
            {"text": answer}
            if isinstance(answer, str)
            else {"toolUse": {"toolUseId": answer.id, "name": "add", "input": answer.arguments}}
        )
        return {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": cls.stop(answer),
            "usage": cls.usage,
            "metrics": {"latencyMs": 1},
        }

    @classmethod
    def events(cls, request: dict[str, Any], answer: Call | str) -> Iterator[bytes]:
        yield frame("messageStart", {"role": "assistant"})
        if isinstance(answer, Call):
            arguments = json.dumps(answer.arguments)
            start = {"toolUse": {"toolUseId": answer.id, "name": "add"}}
            yield frame("contentBlockStart", {"contentBlockIndex": 0, "start": start})
            for piece in (arguments[:5], arguments[5:]):
                yield frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": piece}}})
        else:
            for word in words(answer):
                yield frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}})
        yield frame("contentBlockStop", {"contentBlockIndex": 0})
        yield frame("messageStop", {"stopReason": cls.stop(answer)})
        yield frame("metadata", {"usage": cls.usage, "metrics": {"latencyMs": 1}})

    @staticmethod
    def stop(answer: Call | str) -> str:
        return "end_turn" if isinstance(answer, str) else "tool_use"


Dialect = type[Chat] | type[Responses] | type[Messages] | type[Converse]


def dialect_of(path: str) -> Dialect | None:
    ends: dict[str, Dialect] = {
        "/chat/completions": Chat,
        "/responses": Responses,
        "/messages": Messages,
        "/converse": Converse,
        "/converse-stream": Converse,
    }
    return next((dialect for end, dialect in ends.items() if path.endswith(end)), None)


def data(value: Any, event: str | None = None) -> bytes:
    """A server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(value)}\n\n".encode()


def frame(event: str, value: Any) -> bytes:
    """A frame of `application/vnd.amazon.eventstream`."""

    def header(name: str, text: str) -> bytes:
        return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(text)) + text.encode()

    headers = (
        header(":event-type", event) + header(":content-type", "application/json") + header(":message-type", "event")
    )
    payload = json.dumps(value).encode()
    prelude = struct.pack("!II", 12 + len(headers) + len(payload) + 4, len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", binascii.crc32(message))
