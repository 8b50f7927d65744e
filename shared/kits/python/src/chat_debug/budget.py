"""The bytes that recordings may hold, those that pass by and those that wait together."""

from __future__ import annotations

import threading

LIMIT = 32 * 1024 * 1024


class Budget:
    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.reset()

    def reset(self) -> None:
        self._lock = threading.RLock()
        self._taken = 0

    def take(self, size: int) -> bool:
        with self._lock:
            if self._taken + size > self.limit:
                return False
            self._taken += size
            return True

    def give(self, size: int) -> None:
        with self._lock:
            self._taken -= size

    @property
    def taken(self) -> int:
        return self._taken
