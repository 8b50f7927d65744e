"""The clients of `openai` and `anthropic`, and whatever is made like them: an httpx client is in `_client`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_debug.hooks import httpx

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn


def is_one(client: Any) -> bool:
    return httpx.is_one(getattr(client, "_client", None)) and hasattr(client, "copy")


def wrap(recorder: Recorder, client: Any) -> None:
    httpx.wrap(recorder, client._client)


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    return client.copy(http_client=httpx.bind(recorder, turn, client._client))


def is_wrapped(client: Any) -> bool:
    return httpx.is_wrapped(client._client)
