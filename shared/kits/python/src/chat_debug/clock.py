"""Time inside a turn: the wall's at its start, then a clock that nobody sets."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Says when something was, so that nothing ends before it began."""

    __slots__ = ("_start", "_wall")

    def __init__(self) -> None:
        self._wall = time.time()
        self._start = time.perf_counter()

    @property
    def millis(self) -> int:
        """The millisecond in which the clock was started."""
        return int(self._micros(self._start) // 1000)

    def age(self) -> float:
        return time.perf_counter() - self._start

    def text(self, moment: float) -> str:
        """A moment of `time.perf_counter()` as RFC 3339."""
        micros = self._micros(moment)
        return (
            datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{micros % 1_000_000:06}Z"
        )

    @property
    def start(self) -> float:
        return self._start

    def _micros(self, moment: float) -> int:
        return int((self._wall + (moment - self._start)) * 1_000_000)
