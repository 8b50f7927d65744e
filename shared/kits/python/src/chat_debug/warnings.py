"""Says what goes wrong in the log of the program, each kind at most once a minute. It never says what was recorded."""

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
        # By their kind: when it is said again, and how often it was not said since it was.
        self._kinds: dict[str, tuple[float, int]] = {}

    def say(self, kind: str, why: object = "") -> None:
        """Says what goes wrong, and why; what is said alike is of one kind, whyever it is."""
        with self._lock:
            now = time.monotonic()
            then, unsaid = self._kinds.get(kind, (now, 0))
            self._kinds[kind] = (then, unsaid + 1) if now < then else (now + PAUSE, 0)
        if now < then:
            return
        more = f" ({unsaid} more since the last warning)" if unsaid else ""
        try:
            LOG.warning("chat-debug: %s%s", f"{kind}: {why}" if why else kind, more)
        except Exception:
            # Where a log goes is the program's, and may fail; the chat does not.
            pass
