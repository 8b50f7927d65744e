"""What recording costs the chat: `make kits-cost`.

The same calls are made with a client that is not wrapped and with wrapped ones, in turns, while the service is healthy,
dead and hung. They follow at once, so that each meets the delivery of the turn before. Provider and service are
processes of their own. Times are of the whole call and of a stream's first event, in milliseconds; memory is what the
process has more after 10,000 turns; turns a second are those that a service takes that is near or far, while more wait.
"""

from __future__ import annotations

import gc
import json
import logging
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import httpx

import chat_debug

KITS = Path(__file__).parents[2]
# Calls are made in blocks, in turns, so that a busy moment of the machine is everybody's.
CALLS, BLOCK, TURNS = 1000, 50, 10_000
# How long a service takes to answer, in milliseconds; and for how many seconds so many turns wait for it.
DELAYS, SECONDS, WAITING = (0, 50, 150), 5.0, 64
CHAT = "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e"
# Of a chat with some history.
REQUEST = {
    "model": "gpt-test",
    "messages": [
        {"role": role, "content": "All happy families are alike; each is happy in a way of its own. " * 20}
        for role in ("system", "user", "assistant", "user")
    ],
}
ANSWER = {"choices": [{"index": 0, "finish_reason": "stop", "message": REQUEST["messages"][2]}]}


class Program:
    """A program of `shared/kits`, until its standard input ends."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(KITS / name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def behave(self, **how: object) -> None:
        request = urllib.request.Request(f"{self.url}/_behave", json.dumps(how).encode(), method="PUT")
        urllib.request.urlopen(request).read()


def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def resident() -> int:
    """The bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def call(client: httpx.Client, url: str) -> float:
    began = time.perf_counter()
    client.post(url, json=REQUEST)
    return time.perf_counter() - began


def first_event(client: httpx.Client, url: str) -> float:
    began = time.perf_counter()
    with client.stream("POST", url, json=REQUEST | {"stream": True}) as response:
        chunks = response.iter_raw()
        next(chunks)
        took = time.perf_counter() - began
        for _ in chunks:
            pass
    return took


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)] * 1000


def timed(
    debug: chat_debug.Recorder | None, client: httpx.Client, provider: str, what: Callable[[httpx.Client, str], float]
) -> float:
    url = f"{provider}/cost/plain/v1/chat/completions"
    if debug is None:
        return what(client, url)
    with debug.turn(CHAT, "user-1") as turn:
        return what(turn.bind(client), url)


def measure(
    recorders: dict[str, chat_debug.Recorder | None], provider: str, what: Callable[[httpx.Client, str], float]
) -> None:
    clients = {name: debug.wrap(httpx.Client()) if debug else httpx.Client() for name, debug in recorders.items()}
    times: dict[str, list[float]] = {name: [] for name in recorders}
    for block in range(-1, CALLS // BLOCK):
        for name, debug in recorders.items():
            taken = [timed(debug, clients[name], provider, what) for _ in range(BLOCK)]
            times[name] += taken if block >= 0 else []
            # What the worker still has to do is not the next one's.
            if debug is not None and name == "healthy":
                debug.flush(5)
    plain = times["without"]
    for name, taken in times.items():
        median, last = statistics.median(taken) * 1000, percentile(taken, 0.99)
        ratios = f"{median / statistics.median(plain) / 1000:5.2f} {last / percentile(plain, 0.99):5.2f}"
        later = last - percentile(plain, 0.99)
        print(f"{what.__name__:12} {name:10} {median:8.2f} {last:8.2f}   {ratios}   {later:+6.2f}")


def memory(name: str, debug: chat_debug.Recorder, provider: str) -> None:
    client = debug.wrap(httpx.Client())
    url = f"{provider}/memory/plain/v1/chat/completions"
    with debug.turn(CHAT, "user-1"):
        client.post(url, json=REQUEST)
    gc.collect()
    before = resident()
    for number in range(TURNS):
        with debug.turn(CHAT, "user-1"):
            client.post(url, json=REQUEST)
        if name == "healthy" and number % 100 == 0:
            debug.flush(10)
    gc.collect()
    counters = {counter: number for counter, number in debug.counters.items() if number}
    more, kept = (resident() - before) / 1e6, debug.budget.taken / 1e6
    print(f"{name:10} {more:6.1f} MB more, {kept:5.1f} MB of it recordings; {counters}")


def through(debug: chat_debug.Recorder) -> float:
    """The turns that get through in a second, each with one call of a model that answers at once."""
    client = debug.wrap(httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=ANSWER))))
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        if made - sum(debug.counters.values()) < WAITING:
            made += 1
            with debug.turn(CHAT, "user-1"):
                client.post("http://h/v1/chat/completions", json=REQUEST)
        else:
            time.sleep(0.001)
    return debug.counters["recorded"] / SECONDS


def main() -> None:
    logging.disable()
    provider, healthy, hung = Program("provider.py"), Program("service.py"), Program("service.py")
    hung.behave(hung=True)
    urls = {"healthy": healthy.url, "dead": closed_port(), "hung": hung.url}

    def recorders() -> dict[str, chat_debug.Recorder]:
        return {name: chat_debug.Recorder(url, "k") for name, url in urls.items()}

    print(f"{CALLS} calls each, in milliseconds; ratios to `without`\n")
    print(f"{'':12} {'service':10} {'median':>8} {'p99':>8}   {'ratios':>11}   p99 later")
    for what in (call, first_event):
        measure({"without": None, **recorders()}, provider.url, what)
    print(f"\nMemory after {TURNS} turns")
    for name, debug in recorders().items():
        memory(name, debug, provider.url)
    print("\nTurns a second that get through")
    for delay in DELAYS:
        healthy.behave(delay=delay / 1000)
        rate = through(chat_debug.Recorder(healthy.url, "k"))
        print(f"{delay:4} ms an answer {rate:8.0f}")


if __name__ == "__main__":
    main()
