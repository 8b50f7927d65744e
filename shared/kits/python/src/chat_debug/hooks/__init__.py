"""How a client's calls become known: each kind of client has a seam of its own that is wrapped.

A client is told by what it is made of, so that nothing is imported that the program does not use. Each module has the
same functions: `wrap` changes a client in place, `bind` makes one that belongs to a turn and shares the connections.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from chat_debug.hooks import botocore, httpx, langchain, litellm, sdk
from chat_debug.streams import within

if TYPE_CHECKING:
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn

_KINDS = (httpx, sdk, langchain, botocore, litellm)


def wrap(recorder: Recorder, client: Any) -> None:
    """Makes a client's calls known from now on."""
    for kind in _KINDS:
        if kind.is_one(client):
            kind.wrap(recorder, client)
            return
    raise TypeError(f"{_named(client)} is of no kind that is known; give the httpx client that it calls with")


def bind(recorder: Recorder, turn: Turn, client: Any) -> Any:
    """A client whose calls belong to a turn. One that was not wrapped is recorded all the same."""
    for kind in _KINDS:
        if kind.is_one(client):
            return kind.bind(recorder, turn, client)
    if isinstance(client, (FunctionType, MethodType)):
        return within(turn, client)
    raise TypeError(f"{_named(client)} is of no kind that is known")


def is_wrapped(client: Any) -> bool:
    """Whether its calls are known."""
    for kind in _KINDS:
        if kind.is_one(client):
            wrapped: bool = kind.is_wrapped(client)
            return wrapped
    raise TypeError(f"{_named(client)} is of no kind that is known")


def _named(client: Any) -> str:
    return f"{type(client).__module__}.{type(client).__qualname__}"
