"""What stands in the place of a part of an SDK, and is that part but for what it records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_debug.turn import current

if TYPE_CHECKING:
    from chat_debug.attempt import Attempt
    from chat_debug.recorder import Recorder
    from chat_debug.turn import Turn


class Seam:
    def __init__(self, inner: Any, recorder: Recorder, turn: Turn | None) -> None:
        self.inner = inner
        self.recorder = recorder
        self.turn = turn

    def __getattr__(self, name: str) -> Any:
        if "inner" not in self.__dict__:
            # One that is being copied has nothing yet.
            raise AttributeError(name)
        return getattr(self.inner, name)

    def begin(self, request: Any) -> Attempt | None:
        """The attempt that a request is; nothing outside of a turn that is recorded, or when it cannot be told."""
        try:
            turn = self.turn or current()
            return self.attempt(turn, request) if turn is not None and turn.is_recording else None
        except Exception as error:
            self.recorder.fault(error)
            return None

    def attempt(self, turn: Turn, request: Any) -> Attempt | None:
        raise NotImplementedError
