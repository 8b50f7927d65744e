"""Says what goes wrong in the log of the program, at most once a minute. It never says what was recorded."""

from __future__ import annotations

import logging
import threading
import time

LOG = logging.getLogger("chat_debug")
PAUSE = 60.0


class Warnings:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.RLock()
        self._next = 0.0
        self._unsaid = 0

    def say(self, text: str) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                self._unsaid += 1
                return
            self._next = now + PAUSE
            unsaid, self._unsaid = self._unsaid, 0
        more = f" ({unsaid} more since the last warning)" if unsaid else ""
        try:
            LOG.warning("chat-debug: %s%s", text, more)
        except Exception:
            # Where a log goes is the program's, and may fail; the chat does not.
            pass
