"""The clients of `openai` and `anthropic`, and whatever is made like them: an httpx client is in `_client`.

A bound one is made without the class's own `copy`, which calls the constructor again and forgets what that does not
take: the deployment of Azure, what a subclass was made with, what another library has put in the place of a method.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from chat_debug.hooks import httpx
from chat_debug.hooks.copies import shallow_copy
from chat_debug.streams import within

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn

# Resources of older versions that do not say whose they are.
_VIEWS = ("with_raw_response", "with_streaming_response")


def is_one(client: Any) -> bool:
    return httpx.is_one(getattr(client, "_client", None)) and hasattr(client, "copy")


def wrap(recorder: Recorder, client: Any) -> None:
    httpx.wrap(recorder, client._client)


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    copy = shallow_copy(client)
    copy._client = httpx.bind(recorder, turn, client._client)
    views = {name: value for name, value in vars(client).items() if name in _VIEWS}
    # Some are made with the client, some when they are first asked for.
    for name, resource in (_resources(client, client) | views).items():
        copy.__dict__[name] = type(resource)(copy)
    if _is_patched(client, client):
        # What stands in the place of a method calls the client that it was made for.
        recorder.wrap(client)
        _patch(turn, client, copy, client)
    return copy


def is_wrapped(client: Any) -> bool:
    return httpx.is_wrapped(client._client)


def bound_resource(turn: Turn, resource: Any, client: Any) -> Any:
    """The same resource of a bound client."""
    bound = type(resource)(client)
    _patch(turn, resource, bound, resource._client)
    return bound


def _is_patched(place: Any, client: Any) -> bool:
    return bool(_patches(place)) or any(_is_patched(each, client) for each in _resources(place, client).values())


def _patch(turn: Turn, place: Any, bound: Any, client: Any) -> None:
    """Puts what stands in the place of methods there in a bound client too, to run within its turn."""
    for name, function in _patches(place).items():
        setattr(bound, name, within(turn, function))
    for name, resource in _resources(place, client).items():
        if _is_patched(resource, client):
            _patch(turn, resource, getattr(bound, name), client)


def _patches(place: Any) -> dict[str, Any]:
    kind = type(place)
    return {name: value for name, value in vars(place).items() if isinstance(getattr(kind, name, None), FunctionType)}


def _resources(place: Any, client: Any) -> dict[str, Any]:
    """Those of a client that were used, and those within them."""
    return {name: value for name, value in vars(place).items() if getattr(value, "_client", None) is client}
