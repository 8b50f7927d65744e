#!/usr/bin/env python3
"""A model's provider on loopback, for the tests of both kits: the same answers always, and a witness of what was sent.

It speaks the dialects of `dialects.py`, whole and streamed, as the request asks. An SDK is pointed at
`http://127.0.0.1:PORT/SESSION/SCENARIO`, where SESSION is any name that nobody else uses, and `GET /SESSION/traffic`
answers what passed, byte for byte, as a conversation that `chat-debug replay` reads.

It knows no model and checks no key. Started as a program, it prints its URL and ends with its standard input.

| scenario | what happens |
|---|---|
| `plain`, `stream` | an answer; whether it is streamed is for the request to say |
| `tools` | the model calls the tool `add` twice, then answers: a loop of three calls |
| `retry` | the first request of a session gets a 429, the others are answered |
| `cut` | the connection breaks within the answer |
| `gzip` | the answer is packed for who accepts that |
| `error` | a 400, in the provider's words |
| `slow` | a moment before the first byte, and before each event |
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dialects import ANSWER, TOOLS, Converse, dialect_of

SCENARIOS = ("plain", "stream", "tools", "retry", "cut", "gzip", "error", "slow")
PAUSE = 0.03
# Where the traffic says that it went: a port and a session are different each time.
ORIGIN = "http://provider.test"


class Witness:
    """What passed in each session."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls: dict[str, list[dict[str, Any]]] = {}

    def begin(self, session: str, call: dict[str, Any]) -> int:
        """Keeps a call and says how many came before it."""
        with self.lock:
            calls = self.calls.setdefault(session, [])
            calls.append(call)
            return len(calls) - 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Provider

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        session, _, rest = self.path.removeprefix("/").partition("/")
        if rest != "traffic":
            return self.whole(404, "application/json", b'{"error":{"message":"There is no such page."}}')
        calls = self.server.witness.calls.get(session, [])
        self.whole(200, "application/json", json.dumps({"source": session, "calls": calls}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        session, scenario, path = (self.path.split("/", 3)[1:] + ["", "", ""])[:3]
        self.call = {
            "method": "POST",
            "url": f"{ORIGIN}/{path}",
            "request_headers": dict(self.headers.items()),
            "request_body": packed(body),
            "response_headers": {},
        }
        before = self.server.witness.begin(session, self.call)
        dialect = dialect_of(path.partition("?")[0])
        if dialect is None or scenario not in SCENARIOS:
            return self.answer(404, b'{"error":{"message":"There is no such page."}}')
        request = json.loads(body)
        if scenario == "retry" and before == 0:
            return self.answer(429, json.dumps(dialect.too_many).encode(), {"retry-after-ms": "1"})
        if scenario == "error":
            return self.answer(400, json.dumps(dialect.wrong).encode(), {"x-amzn-errortype": "ValidationException"})
        answer = TOOLS[min(dialect.results(request), 2)] if scenario == "tools" else ANSWER
        if scenario == "slow":
            time.sleep(PAUSE)
        if request.get("stream") or "-stream" in path:
            kind = "application/vnd.amazon.eventstream" if dialect is Converse else "text/event-stream"
            return self.stream(kind, dialect.events(request, answer), scenario)
        whole = json.dumps(dialect.whole(request, answer)).encode()
        if scenario == "cut":
            return self.stream("application/json", iter([whole]), scenario)
        if scenario == "gzip" and "gzip" in self.headers.get("accept-encoding", ""):
            return self.answer(200, gzip.compress(whole, mtime=0), {"content-encoding": "gzip"})
        self.answer(200, whole)

    def answer(self, status: int, body: bytes, headers: dict[str, str] = {}) -> None:
        self.call.update(
            status=status, response_body=packed(body), response_headers={"content-type": "application/json"} | headers
        )
        self.whole(status, "application/json", body, headers)

    def whole(self, status: int, kind: str, body: bytes, headers: dict[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, kind: str, events: Iterable[bytes], scenario: str) -> None:
        headers = {"content-type": kind}
        if scenario == "gzip" and "gzip" in self.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            events = [gzip.compress(b"".join(events), mtime=0)]
        if scenario == "cut":
            whole = b"".join(events)
            events = [whole[: len(whole) // 2]]
            self.call["error"] = "The connection broke."
        self.send_response(200)
        for name, value in {**headers, "transfer-encoding": "chunked"}.items():
            self.send_header(name, value)
        self.end_headers()
        sent = b""
        self.call.update(status=200, response_headers=headers, response_body=packed(sent))
        try:
            for event in events:
                if scenario == "slow":
                    time.sleep(PAUSE)
                sent += event
                self.call["response_body"] = packed(sent)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            if scenario == "cut":
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            # The client left.
            self.close_connection = True


def packed(body: bytes) -> str | dict[str, str]:
    """A body as a conversation has it."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


class Provider(ThreadingHTTPServer):
    """The provider, at `url` once it is started."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.witness = Witness()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that leave are what is tested.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def start(self) -> Provider:
        threading.Thread(target=self.serve_forever, args=(0.01,), name="provider", daemon=True).start()
        return self

    def traffic(self, session: str) -> dict[str, Any]:
        return {"source": session, "calls": self.witness.calls.get(session, [])}


if __name__ == "__main__":
    provider = Provider().start()
    print(provider.url, flush=True)
    sys.stdin.read()
