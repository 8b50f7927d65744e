"""The normal form of a turn: what must be the same whoever recorded it, and whenever.

A turn is the body of `POST …/debug/runs`. Left out are ids, times, texts that are the recorder's own, headers other
than the content's type, and copies of bodies. Bodies are unpacked, so that it does not matter who unpacks them.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import urlsplit

COUNTS = ("input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_read_tokens")


def turn(run: dict[str, Any]) -> dict[str, Any]:
    return present(
        {
            "kind": run["kind"],
            "status": run["status"],
            "provider": run.get("provider"),
            "model": run.get("model"),
            "first_message": run.get("summary", {}).get("first_message"),
            "steps": [step(one) for one in run["steps"]],
        }
    )


def step(one: dict[str, Any]) -> dict[str, Any]:
    usage = {name: count for name in COUNTS if (count := one.get("usage", {}).get(name))}
    return present(
        {
            "step_number": one["step_number"],
            "operation": one["operation"],
            "status": one["status"],
            "usage": usage or None,
            # An interruption is told in words of the recorder's own.
            "error": one.get("error") if one["status"] == "error" else None,
            "attempts": [attempt(each) for each in one["attempts"]],
        }
    )


def attempt(each: dict[str, Any]) -> dict[str, Any]:
    return present(
        {
            "number": each["number"],
            "status": each["status"],
            "method": each.get("method"),
            "path": path(each["url"]),
            "request": body(each.get("request_body")),
            "response_status": each.get("response_status"),
            "response_type": header(each.get("response_headers") or {}, "content-type"),
            "response": body(each.get("response_body")),
        }
    )


def path(url: str) -> str:
    """Without the provider's session and scenario, and without the query."""
    parts = urlsplit(url)
    if parts.hostname == "127.0.0.1":
        return "/" + parts.path.split("/", 3)[3]
    return parts.path


def header(headers: dict[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def body(encoded: str | None) -> Any:
    """JSON as it is, other text as a text, and bytes in base64."""
    if not encoded:
        return None
    content = base64.b64decode(encoded)
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
    try:
        return json.loads(text)
    except ValueError:
        return text


def present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
