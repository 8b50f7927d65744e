#!/usr/bin/env python3
"""The recording routes of the service on loopback, for the tests of both kits: it keeps every byte that it is sent, and
can be as bad as a service can be.

It stores nothing and checks no key. What it takes is held to `infra/openapi.json`, so that a kit which sends what the
service would refuse fails here too. Started as a program, it prints its URL and ends with its standard input.

`PUT /_behave` sets how it behaves from then on, `GET /_sent` answers what came, in order, and `GET /_methods` its
methods alone, for who waits for one.

| behaviour | what |
|---|---|
| `recorded` | whether chats are recorded; true at first |
| `by` | who decided: `gate`, `user` or `chat` |
| `asked` | what a decision says, when that is something else than `recorded` |
| `status` | every answer has this status: 403 refuses, 429 and 503 ask to come later |
| `times` | after so many answers of that `status`, all is well again |
| `hung` | a request is read and never answered |
| `delay` | so many seconds pass before each answer, as on a way that is long |
| `limit` | a longer body, as it is sent, is a 413 |
| `bound` | the key is one of a user's: a request that does not name its chat by `external_id` is a 404 |
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SCHEMAS = json.loads((Path(__file__).parents[2] / "infra" / "openapi.json").read_text())["components"]["schemas"]
NAMESPACE = uuid.UUID("c00be217-abf9-5bac-820f-9055c0b9a170")
REFUSALS = {403: "recorder-only", 413: "body-too-large", 429: "too-many-requests", 503: "unavailable", 500: "internal"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def violation(value: Any, schema: dict[str, Any], at: str = "") -> str | None:
    """What is wrong with a value, by as much of JSON Schema as the document's recorded bodies use."""
    if "$ref" in schema:
        return violation(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], at)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            wrong = [violation(value, one, at) for one in schema[choice]]
            return wrong[0] if all(wrong) else None
    for one in schema.get("allOf", []):
        if wrong := violation(value, one, at):
            return wrong
    if "enum" in schema and value not in schema["enum"]:
        return f"{at} is {value!r}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES.get(kind, type(None))) for kind in kinds):
        return f"{at} is no {kinds}"
    if isinstance(value, list):
        every = (violation(one, schema.get("items", {}), f"{at}/{number}") for number, one in enumerate(value))
        return next(filter(None, every), None)
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        if missing := set(schema.get("required", [])) - value.keys():
            return f"{at} lacks {missing}"
        if others is False and (unknown := value.keys() - known.keys()):
            return f"{at} has unknown {unknown}"
        rest = others if isinstance(others, dict) else {}
        every = (violation(one, known.get(name, rest), f"{at}/{name}") for name, one in value.items())
        return next(filter(None, every), None)
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Service

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/_sent":
            return self.answer(200, self.server.sent)
        if self.path == "/_methods":
            return self.answer(200, [sent["method"] for sent in self.server.sent])
        self.record()

    def do_PUT(self) -> None:
        if self.path == "/_behave":
            self.server.behave(**json.loads(self.body()))
            return self.answer(200, {})
        self.record()

    def do_POST(self) -> None:
        self.record()

    def do_PATCH(self) -> None:
        self.record()

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def record(self) -> None:
        body, behaviour = self.body(), self.server.behaviour
        unpacked = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
        self.server.sent.append(
            {
                "method": self.command,
                "path": self.path,
                "headers": dict(self.headers.items()),
                "body": base64.b64encode(body).decode(),
                "json": json.loads(unpacked) if unpacked else None,
            }
        )
        if behaviour["hung"]:
            self.server.over.wait()
            self.close_connection = True
            return
        time.sleep(behaviour["delay"])
        if behaviour["status"] and behaviour["times"] != 0:
            behaviour["times"] -= 1
            return self.refuse(behaviour["status"], "as it was told")
        if behaviour["limit"] and len(body) > behaviour["limit"]:
            return self.refuse(413, "as it was told")
        sent = json.loads(unpacked) if unpacked else None
        if behaviour["bound"] and not self.is_named(sent):
            return self.refuse(404, "There is no such chat.")
        self.decide(sent)

    def is_named(self, sent: dict[str, str] | None) -> bool:
        url = urlsplit(self.path)
        by = dict(parse_qsl(url.query)) if sent is None else sent
        name = f"{by.get('owner_id')}\0{by.get('external_id')}"
        return str(uuid.uuid5(NAMESPACE, name)) in url.path.split("/")

    def decide(self, sent: Any) -> None:
        behaviour, path = self.server.behaviour, self.path.partition("?")[0]
        *_, last = path.split("/")
        recorded, decision = behaviour["recorded"], {"enabled": behaviour["recorded"], "decided_by": behaviour["by"]}
        if self.command == "GET" and path.endswith("/debug/decision"):
            asked = recorded if behaviour["asked"] is None else behaviour["asked"]
            return self.answer(200, {"override": "inherit", "effective": asked, "decided_by": behaviour["by"]})
        schema = {"POST": "CreateRun", "PUT": "StepInput", "PATCH": "UpdateRun"}.get(self.command)
        if schema is None:
            return self.refuse(404, "There is no such page.")
        if wrong := violation(sent, SCHEMAS[schema]):
            return self.refuse(400, wrong)
        if self.command == "PATCH":
            return self.answer(200, {"id": last, "status": sent.get("status", "in_progress"), "updated_at": "…"})
        if not recorded:
            return self.answer(200, {"recorded": False, "decision": decision})
        if self.command == "PUT":
            return self.answer(201, {"recorded": True})
        self.answer(201, {"recorded": True, "run": {"id": sent.get("id"), "status": sent["status"]}})

    def refuse(self, status: int, detail: str) -> None:
        name = REFUSALS.get(status, "invalid-body")
        message = f"This is the {name} of a test."
        headers = {"retry-after": "1"} if status == 503 else {}
        self.answer(
            status,
            {
                "type": f"urn:chat-debug:problem:{name}",
                "title": message,
                "status": status,
                "message": message,
                "detail": detail,
            },
            headers,
        )

    def answer(self, status: int, value: Any, headers: dict[str, str] = {}) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


class Service(ThreadingHTTPServer):
    """The service, at `url` once it is started. `sent` is what came: method, path, headers, the body as it came in
    base64, and as JSON."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.over = threading.Event()
        self.sent: list[dict[str, Any]] = []
        self.behave()

    def behave(
        self,
        *,
        recorded: bool = True,
        asked: bool | None = None,
        by: str = "user",
        status: int | None = None,
        times: int = -1,
        hung: bool = False,
        delay: float = 0.0,
        limit: int | None = None,
        bound: bool = False,
    ) -> None:
        self.behaviour = {
            "recorded": recorded,
            "asked": asked,
            "by": by,
            "status": status,
            "times": times,
            "hung": hung,
            "delay": delay,
            "limit": limit,
            "bound": bound,
        }

    def start(self) -> Service:
        threading.Thread(target=self.serve_forever, args=(0.01,), name="service", daemon=True).start()
        return self

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that leave are what is tested.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    service = Service().start()
    print(service.url, flush=True)
    sys.stdin.read()
