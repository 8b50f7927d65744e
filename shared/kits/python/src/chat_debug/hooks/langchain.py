"""Chat models of `langchain-openai`, `langchain-anthropic` and those like them, which hold clients of an SDK, and some
hold resources of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_debug.hooks import sdk

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn

# Where a model has its SDK's client, and where the resource of it that it calls, if it has that by itself.
_CLIENTS = (
    ("root_client", "client"),
    ("root_async_client", "async_client"),
    ("_client", None),
    ("_async_client", None),
)


def is_one(client: Any) -> bool:
    return bool(_clients(client))


def wrap(recorder: Recorder, client: Any) -> None:
    for name, _ in _clients(client):
        sdk.wrap(recorder, getattr(client, name))


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    update = {}
    for name, resource in _clients(client):
        update[name] = bound = sdk.bind(recorder, turn, getattr(client, name))
        if resource is not None:
            # As a model's `client` is `root_client.chat.completions`.
            update[resource] = sdk.bound_resource(turn, getattr(client, resource), bound)
    return client.model_copy(update=update)


def is_wrapped(client: Any) -> bool:
    return all(sdk.is_wrapped(getattr(client, name)) for name, _ in _clients(client))


def _clients(client: Any) -> list[tuple[str, str | None]]:
    return [
        (name, resource)
        for name, resource in _CLIENTS
        if hasattr(type(client), "model_copy") and sdk.is_one(getattr(client, name, None))
    ]
