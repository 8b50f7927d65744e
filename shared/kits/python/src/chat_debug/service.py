"""The service, as all threads see it together: whether it takes what it is sent, and how much is on its way there.

Bodies are made one at a time: the chat shares the interpreter with one. Nor is another made before there is room for
the last, so that of what is packed little is in memory, however long the way is.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chat_debug.connection import Answer, Connection, Unreachable
from chat_debug.packing import Packed

# After so many calls in a row that were not taken, none is made for a while.
FAILURES, REST = 3, 15.0
# So many bytes of bodies are on their way at once; what is larger goes alone.
MOST_UNDER_WAY = 4 * 1024 * 1024


class TryAgain(Exception):
    """The service may take it later."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Service:
    def __init__(self, connection: Connection, changed: threading.Condition) -> None:
        self._connection = connection
        # What is read by those who wait for their turn to ask is changed under their lock.
        self.changed = changed
        self.failures = 0
        self.rests_until = 0.0
        self._failed_at = -math.inf
        # Held by who makes a body.
        self._making = threading.Lock()
        self._has_room = threading.Condition(threading.Lock())
        self._under_way = 0

    def call(self, method: str, path: str, body: bytes | None = None, *, is_packed: bool = False) -> Answer:
        began = time.monotonic()
        try:
            answer = self._connection.call(method, path, body, is_packed=is_packed)
        except Unreachable as error:
            self._failed(began)
            raise TryAgain(str(error)) from None
        if answer.status == 429 or answer.status >= 500:
            self._failed(began)
            raise TryAgain(answer.detail, answer.retry_after)
        self._answered()
        return answer

    @contextmanager
    def made(self, make: Callable[[], Packed | None]) -> Iterator[Packed | None]:
        """A body, which counts as under way for as long as it is used."""
        with self._making:
            packed = make()
            size = len(packed.body) if packed else 0
            with self._has_room:
                self._has_room.wait_for(lambda: not self._under_way or self._under_way + size <= MOST_UNDER_WAY)
                self._under_way += size
        try:
            yield packed
        finally:
            with self._has_room:
                self._under_way -= size
                self._has_room.notify()

    def _failed(self, began: float) -> None:
        with self.changed:
            # Of those that were under way together, the first says it for all.
            if began < self._failed_at:
                return
            self._failed_at = time.monotonic()
            self.failures += 1
            if self.failures >= FAILURES:
                self.rests_until = self._failed_at + random.uniform(REST / 2, REST)

    def _answered(self) -> None:
        with self.changed:
            if self.failures:
                self.failures, self.rests_until = 0, 0.0
                self.changed.notify_all()
