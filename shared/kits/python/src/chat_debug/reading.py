"""The little that is read of what passed: who answered, whether all of it came, what it counted, and what went wrong.

This is no reader of answers: the service has one. What is not known here costs a turn nothing but its counts.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from chat_debug.breath import breath
from chat_debug.redaction import REDACTED
from chat_debug.usage import counts

# As shared/llm/src/provider.rs: hosts by their ends, then paths by a part of them.
_HOSTS = {
    "api.openai.com": "openai",
    ".openai.azure.com": "azure",
    ".services.ai.azure.com": "azure",
    ".cognitiveservices.azure.com": "azure",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google",
    "aiplatform.googleapis.com": "google",
    "openrouter.ai": "openrouter",
    "ai-gateway.vercel.sh": "vercel",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "xai",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.perplexity.ai": "perplexity",
    "api.cerebras.ai": "cerebras",
    "api.moonshot.ai": "moonshot",
    "api.moonshot.cn": "moonshot",
    "api.deepinfra.com": "deepinfra",
    "api.sambanova.ai": "sambanova",
    "api.minimax.io": "minimax",
    "api.z.ai": "zai",
    "open.bigmodel.cn": "zai",
    "dashscope.aliyuncs.com": "alibaba",
    "dashscope-intl.aliyuncs.com": "alibaba",
    "router.huggingface.co": "huggingface",
    "integrate.api.nvidia.com": "nvidia",
}
_PATHS = {
    "/chat/completions": "openai",
    "/responses": "openai",
    "/embeddings": "openai",
    "/v1/completions": "openai",
    "/v1/messages": "anthropic",
    ":generateContent": "google",
    ":streamGenerateContent": "google",
    ":embedContent": "google",
    "/converse": "bedrock",
    "/invoke": "bedrock",
    # Only by its port or by what it answers: many a product of its own has these.
    "/api/chat": "ollama",
    "/api/generate": "ollama",
    "/v1/realtime": "openai",
    "/v1/audio/": "openai",
    "/v1/images/": "openai",
}

_OLLAMA_PORT = 11434

# Members of events that hold counts, the whole answer of which may be one level down.
_USAGES = ("usage", "usageMetadata")
_LAST_EVENTS = frozenset(("message_stop", "response.completed", "response.incomplete", "response.failed"))
# A copy of a larger body would hold up the chat while it is checked, and the service reads the body itself.
MAX_COPY = 256 * 1024
_EDGE = 32 * 1024
_USAGE = re.compile(rb'"usage(?:Metadata)?"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})')
# A pause for others after so many events, since a large stream takes longer than a first token may wait.
_EVENTS_AT_ONCE = 50


@dataclass(slots=True)
class Answer:
    """What a body that came back says."""

    usage: dict[str, int] | None = None
    # Whether the answer ended by its own word; unknown for what nobody knows the end of.
    is_whole: bool | None = None
    is_stream: bool = False
    # The provider's words for what went wrong, as JSON text.
    error: str | None = None
    # Why what came is no answer.
    fault: str | None = None


def split(url: str) -> SplitResult:
    """A URL in its parts, without what stands for user info, which would be taken for an address in brackets."""
    return urlsplit(url.replace(f"{REDACTED}@", "", 1))


def provider(url: str, answer: bytes | None) -> str | None:
    """Who serves the model: a short name, or the host when it is unknown."""
    parts = split(url)
    host = (parts.hostname or "").lower()
    for end, name in _HOSTS.items():
        before = host.removesuffix(end)
        if before != host and (before == "" or end.startswith(".") or before.endswith((".", "-"))):
            return name
    named = next((name for piece, name in _PATHS.items() if piece in parts.path), None)
    if named == "ollama" and not (parts.netloc.endswith(f":{_OLLAMA_PORT}") or _is_ollama(answer or b"")):
        named = None
    return named or host or None


def _is_ollama(answer: bytes) -> bool:
    text = edges(answer)
    return re.search(rb'"model"\s*:', text) is not None and re.search(rb'"done"\s*:\s*(?:true|false)', text) is not None


def model(url: str, request: dict[str, Any] | None) -> str | None:
    """The model that was asked for: some APIs have it in the path."""
    parts = split(url).path.split("/")
    for before, name in zip(parts, parts[1:]):
        if before in ("models", "model", "deployments") and name:
            name = unquote(name)
            return re.sub(r":[a-zA-Z]*(?:ontent|redict)[a-zA-Z]*$", "", name)
    named = (request or {}).get("model")
    return named if isinstance(named, str) else None


def asks_for_stream(url: str, request: dict[str, Any] | None) -> bool:
    path = split(url).path
    return (request or {}).get("stream") is True or ":stream" in path or path.endswith("-stream")


def json_object(body: bytes | None) -> dict[str, Any] | None:
    """A body that is a JSON object which the service takes as one, and not too large for a copy."""
    if not body or len(body) > MAX_COPY or not body.lstrip()[:1] == b"{":
        return None
    try:
        value = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _depth_fits(value) else None


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _depth_fits(value: Any, left: int = 128) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return left > 0 and all(_depth_fits(one, left - 1) for one in inner)


def answer(body: bytes | None, content_type: str, asked_for_stream: bool) -> Answer:
    """What came back with a status that announces an answer."""
    if not body:
        return Answer(is_whole=False, is_stream=asked_for_stream, fault="The answer is empty.")
    if "eventstream" in content_type:
        return _read(_frames(body))
    start = body[:64].lstrip()
    if "text/event-stream" in content_type or start.startswith((b"data:", b"event:", b":")):
        return _read(_events(body))
    if "ndjson" in content_type or "jsonl" in content_type:
        return _read((None, line) for line in body.splitlines())
    if start.startswith(b"<"):
        return Answer(is_whole=True, error=json.dumps({"message": "A page came in the place of an answer."}))
    return _whole(body, asked_for_stream)


def _whole(body: bytes, asked_for_stream: bool) -> Answer:
    if len(body) > MAX_COPY and body.lstrip()[:1] == b"{":
        return _large(body, asked_for_stream)
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        # What begins as JSON and ends as none was cut; anything else may be a sound or a picture.
        is_json = body.lstrip()[:1] in (b"{", b"[")
        return Answer(is_whole=False if is_json else None, fault="The answer is cut or no JSON." if is_json else None)
    events = value if isinstance(value, list) else [value]
    usage: dict[str, Any] = {}
    found = Answer(is_whole=True, is_stream=asked_for_stream)
    for event in events:
        if isinstance(event, dict):
            _add_usage(usage, event)
            found.error = found.error or (_words(body) if _is_error(event) else None)
    found.usage = counts(usage)
    return found


def _large(body: bytes, asked_for_stream: bool) -> Answer:
    """A body that it would take too long to read: as much of it as stands at its edges."""
    is_whole = body.rstrip().endswith(b"}")
    found = Answer(is_whole=is_whole, is_stream=asked_for_stream)
    found.fault = None if is_whole else "The answer is cut or no JSON."
    if usage := _USAGE.search(edges(body)):
        try:
            found.usage = counts(json.loads(usage[1].decode()))
        except ValueError:
            pass
    return found


def edges(body: bytes) -> bytes:
    """The beginning and the end, where what is not content mostly stands."""
    return body if len(body) <= 2 * _EDGE else body[:_EDGE] + b"\n" + body[-_EDGE:]


def _read(events: Iterator[tuple[str | None, bytes]]) -> Answer:
    found = Answer(is_whole=None, is_stream=True)
    usage: dict[str, Any] = {}
    open_choices: dict[str, bool] = {}
    is_known = is_whole = False
    for number, (name, data) in enumerate(events, 1):
        if number % _EVENTS_AT_ONCE == 0:
            breath()
        if data.strip() == b"[DONE]":
            is_known = is_whole = True
            continue
        try:
            event = json.loads(data.decode())
        except (ValueError, RecursionError):
            continue
        if not isinstance(event, dict):
            continue
        name = name or str(event.get("type") or "")
        _add_usage(usage, event)
        found.error = found.error or (_words(data) if _is_error(event, name) else None)
        is_known |= (
            "choices" in event or name.startswith(("message", "content_block", "response.")) or "candidates" in event
        )
        for choice in event["choices"] if isinstance(event.get("choices"), list) else []:
            if isinstance(choice, dict):
                open_choices[str(choice.get("index"))] = not choice.get("finish_reason")
        is_whole |= name in _LAST_EVENTS or name == "messageStop" or event.get("done") is True
        is_whole |= b'"finishReason"' in data
    # Not every server says `[DONE]`, but each choice says why it ended.
    is_whole |= bool(open_choices) and not any(open_choices.values())
    found.usage = counts(usage)
    # Of a stream that nobody knows, nobody knows the last event.
    found.is_whole = is_whole if is_known or is_whole else None
    if found.is_whole is False:
        found.fault = "The stream ends without its last event."
    return found


def _events(body: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Server-sent events: their names and data. One that the stream's end cut is none."""
    name: str | None = None
    data: list[bytes] = []
    for line in body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if not line:
            if data:
                yield name, b"\n".join(data)
            name, data = None, []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"event:"):
            name = line[6:].strip().decode(errors="replace")


def _frames(body: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Frames of `application/vnd.amazon.eventstream`: their event and payload."""
    at = 0
    while at + 16 <= len(body):
        length, headers = struct.unpack_from("!II", body, at)
        if not 16 <= length <= len(body) - at or headers > length - 16:
            return
        texts = _texts(body[at + 12 : at + 12 + headers])
        is_error = texts.get(":message-type") in ("exception", "error")
        yield "error" if is_error else texts.get(":event-type"), body[at + 12 + headers : at + length - 4]
        at += length


def _texts(headers: bytes) -> dict[str, str]:
    """The headers of a frame, up to the first that is no text: all that tell what it is are texts."""
    texts, at = {}, 0
    while at < len(headers):
        name_size = headers[at]
        value = at + 1 + name_size
        if headers[value : value + 1] != b"\x07" or value + 3 > len(headers):
            break
        (size,) = struct.unpack_from("!H", headers, value + 1)
        at = value + 3 + size
        texts[headers[value - name_size : value].decode(errors="replace")] = headers[value + 3 : at].decode(
            errors="replace"
        )
    return texts


def _is_error(event: dict[str, Any], name: str = "") -> bool:
    return bool(event.get("error")) or event.get("type") == "error" or name in ("error", "response.failed")


def _words(data: bytes) -> str:
    """The provider's own object, or one that holds what it says."""
    if json_object(data) is not None:
        return data.decode().strip()
    return json.dumps({"message": data[:1000].decode(errors="replace")})


def _add_usage(usage: dict[str, Any], event: dict[str, Any]) -> None:
    """Adds the counts of an event; later ones count. Some are a level down: of a start, or of the whole answer."""
    for place in (event.get("message"), event.get("response"), event):
        if isinstance(place, dict):
            for name in _USAGES:
                if isinstance(found := place.get(name), dict):
                    # What an event does not count, one before it may have.
                    usage.update({name: value for name, value in found.items() if value is not None})
    # Ollama's stand beside the answer.
    usage.update({name: event[name] for name in ("prompt_eval_count", "eval_count") if name in event})
