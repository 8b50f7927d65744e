"""The module `litellm`, which makes its httpx clients itself, at four places and for each provider's path: these are
wrapped as they are made, and those that it has made are forgotten.

A bound one is the module whose functions run within the turn.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

from chat_debug.hooks import httpx
from chat_debug.streams import within

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn

_HANDLERS = "litellm.llms.custom_httpx.http_handler"
# Where clients are made: module, class, method.
_PLACES = (
    (_HANDLERS, "HTTPHandler", "create_client"),
    (_HANDLERS, "AsyncHTTPHandler", "create_client"),
    ("litellm.llms.openai.common_utils", "BaseOpenAILLM", "_get_sync_http_client"),
    ("litellm.llms.openai.common_utils", "BaseOpenAILLM", "_get_async_http_client"),
)


def is_one(client: Any) -> bool:
    return isinstance(client, ModuleType) and client.__name__ == "litellm" or isinstance(client, _Bound)


def wrap(recorder: Recorder, client: Any) -> None:
    if is_wrapped(client):
        return
    for module, name, method in _PLACES:
        owner = getattr(importlib.import_module(module), name)
        if not hasattr(getattr(owner, method), "chat_debug"):
            setattr(owner, method, _recording(recorder, owner.__dict__[method]))
    # What uses one of these keeps it until it is done; a new one is made then.
    client.in_memory_llm_clients_cache.flush_cache()
    for name in ("module_level_client", "module_level_aclient"):
        httpx.wrap(recorder, getattr(client, name).client)


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    module = client._module if isinstance(client, _Bound) else client
    recorder.wrap(module)
    return _Bound(turn, module)


def is_wrapped(client: Any) -> bool:
    owners = ((getattr(importlib.import_module(module), name), method) for module, name, method in _PLACES)
    return all(hasattr(getattr(owner, method), "chat_debug") for owner, method in owners)


def _recording(recorder: Recorder, method: Any) -> Any:
    """A method that makes a client, static or not, made to make one that is wrapped."""
    is_static = isinstance(method, staticmethod)
    function = method.__func__ if is_static else method

    @functools.wraps(function)
    def recording(*arguments: Any, **named: Any) -> Any:
        client = function(*arguments, **named)
        return recorder.wrap(client) if httpx.is_one(client) else client

    recording.chat_debug = True  # type: ignore[attr-defined]
    return staticmethod(recording) if is_static else recording


class _Bound:
    """The module within a turn. Its settings are the module's."""

    _turn: Turn
    _module: ModuleType

    def __init__(self, turn: Turn, module: ModuleType) -> None:
        vars(self).update(_turn=turn, _module=module)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if not callable(value) or isinstance(value, type):
            return value
        return within(self._turn, value, self._finish)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module, name, value)

    def _finish(self, result: Any) -> Any:
        """A stream that makes its call when it is first read makes it within the turn."""
        if callable(make_call := getattr(result, "make_call", None)):
            result.make_call = within(self._turn, make_call)
        return result
