"""The recorder: what a chat backend makes one of, and keeps.

It never raises, never waits for the service, and does nothing without an address and a key.
"""

from __future__ import annotations

import atexit
import inspect
import os
import signal
import sys
import threading
import weakref
from typing import Any, TypeVar

from chat_debug import hooks, ids
from chat_debug.attempt import Redact
from chat_debug.budget import Budget
from chat_debug.connection import Connection
from chat_debug.delivery import OPEN_ABOVE
from chat_debug.turn import OVERHEAD, Turn
from chat_debug.warnings import Warnings
from chat_debug.worker import Worker

C = TypeVar("C")

COUNTERS = ("recorded", "not_recorded", "dropped", "refused", "failed")
# How long a program's end may take, whatever the service does.
FLUSH_AT_EXIT = 2.0
TIMEOUT = 5.0


class Recorder:
    """Records the turns of chats with a chat-debug service.

    `url` and `key` are those of the environment, `CHAT_DEBUG_URL` and `CHAT_DEBUG_KEY`, unless they are given. `redact`
    is called with each attempt that is over, before anything of it is queued, and may change it; if it fails, the turn
    is not recorded. `sigterm` sends what waits before the signal has its way; only the main thread may ask for it.
    `flush_at_exit` is how many seconds that may take, as may the program's end. `timeout` is how many a call of the
    service may take. Make one for a process.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        redact: Redact | None = None,
        sigterm: bool = False,
        flush_at_exit: float = FLUSH_AT_EXIT,
        timeout: float = TIMEOUT,
    ) -> None:
        self.redact = redact
        self.budget = Budget()
        # Counts forks: what a process got from its parent is the parent's to send.
        self.generation = 0
        self._warnings = Warnings()
        self._flush_at_exit = flush_at_exit
        self._counters = dict.fromkeys(COUNTERS, 0)
        self._lock = threading.RLock()
        self._worker = self._made(
            url or os.environ.get("CHAT_DEBUG_URL"), key or os.environ.get("CHAT_DEBUG_KEY"), timeout
        )
        if self._worker is None:
            return
        itself = weakref.ref(self)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: _reset(itself))
        atexit.register(_flush, itself)
        if sigterm:
            self._flush_at_sigterm()

    def _made(self, url: str | None, key: str | None, timeout: float) -> Worker | None:
        missing = [name for name, value in (("CHAT_DEBUG_URL", url), ("CHAT_DEBUG_KEY", key)) if not value]
        if missing or not url or not key:
            self._warnings.say("nothing is recorded", f"{' and '.join(missing)} not set")
            return None
        try:
            if inspect.iscoroutinefunction(self.redact):
                raise ValueError("redact= must not be async, as nobody can wait for it.")
            return Worker(Connection(url, key, timeout), self._count, self._warnings.say)
        except Exception as error:
            self._warnings.say("nothing is recorded", error)
            return None

    # ---- For the product ---------------------------------------------------------------------

    @property
    def is_enabled(self) -> bool:
        return self._worker is not None

    @property
    def counters(self) -> dict[str, int]:
        """What became of the turns so far: recorded; not_recorded, by the policy; dropped, for lack of room; refused,
        by the service; failed."""
        with self._lock:
            return dict(self._counters)

    def wrap(self, client: C) -> C:
        """Makes a client's calls known, and returns the same client. What is called outside of a turn is
        not touched."""
        if self._worker is None:
            return client
        try:
            hooks.wrap(self, client)
        except Exception as error:
            self._warnings.say("a client is not recorded", error)
        return client

    def turn(
        self,
        chat_id: object,
        owner_id: str,
        *,
        first_message: str | None = None,
        kind: str = "chat_turn",
        trigger_message_id: object = None,
        history_tip_message_id: object = None,
        root_chat_id: object = None,
        parent_chat_id: object = None,
        model_config_id: object = None,
    ) -> Turn:
        """A turn of a chat, which any string may name, as may the chats that it came from. The configuration's id is a
        UUID. Use it in a `with` or `async with`."""
        try:
            owner, named = str(owner_id), str(chat_id)
            related = {
                "trigger_message_id": (trigger_message_id, ids.message),
                "history_tip_message_id": (history_tip_message_id, ids.message),
                "root_chat_id": (root_chat_id, lambda value: ids.related_chat(value, owner)),
                "parent_chat_id": (parent_chat_id, lambda value: ids.related_chat(value, owner)),
                "model_config_id": (model_config_id, ids.exact),
            }
            members: dict[str, Any] = {"kind": kind}
            if first_message:
                members["summary"] = {"first_message": str(first_message)[:1000]}
            for name, (value, taken_as) in related.items():
                if value is None:
                    continue
                if (taken := taken_as(value)) is not None:
                    members[name] = taken
                else:
                    self._warnings.say(f"a turn is recorded without its {name}, which cannot be one")
            return self._turn(named, owner, members)
        except ValueError as error:
            self._count("refused")
            self._warnings.say("a turn is not recorded", error)
        except Exception as error:
            self._count("failed")
            self.fault(error)
        return Turn(self, "", "", {}, is_recording=False)

    def _turn(self, named: str, owner: str, members: dict[str, Any]) -> Turn:
        if not ids.is_owner(owner):
            raise ValueError("The owner's id must be 1 to 128 visible ASCII characters without #.")
        chat, external_id = ids.chat(named, owner)
        worker = self._worker
        if worker is not None and worker.is_refused(chat, owner):
            self._count("not_recorded")
            worker = None
        turn = Turn(self, chat, owner, members, external_id=external_id, is_recording=worker is not None)
        if worker is not None and turn.takes(OVERHEAD):
            worker.watch(turn)
        return turn

    def flush(self, timeout: float = 5.0) -> bool:
        """Waits until every turn that ended is sent, but no longer than `timeout` seconds; returns
        whether they were."""
        try:
            return self._worker is None or self._worker.flush(timeout)
        except Exception as error:
            self.fault(error)
            return False

    # ---- For turns and hooks ------------------------------------------------------------------

    def bound(self, turn: Turn, client: C) -> C:
        # Also where nothing is recorded: who closes a bound client must not close the one that it is of.
        try:
            bound: C = hooks.bind(self, turn, client)
            return bound
        except Exception as error:
            if self.is_enabled:
                self._warnings.say("a client is not bound to its turn", error)
            return client

    def ended(self, turn: Turn) -> None:
        if self._worker is None:
            return
        if turn.is_recording and turn.is_this_process:
            if not turn.has_called:
                self._warnings.say("a turn has called no model: is its client wrapped?")
            self._worker.hurry(turn)

    def grown(self, turn: Turn) -> None:
        if self._worker is not None and turn.size >= OPEN_ABOVE:
            self._worker.hurry(turn)

    def dropped(self, turn: Turn) -> None:
        """There is no room for a turn."""
        self._count("dropped")
        self._warnings.say("a turn is dropped", "too much waits for the service")
        if self._worker is not None:
            self._worker.drop(turn)

    def spoilt(self, turn: Turn, error: BaseException) -> None:
        """What `redact=` could not look at is not recorded."""
        self._count("failed")
        self._warnings.say("a turn is not recorded, as redact= failed", type(error).__name__)
        if self._worker is not None:
            self._worker.drop(turn)

    def fault(self, error: Exception) -> None:
        """Something went wrong in here, of which only the kind is told: what else an error holds may be anybody's."""
        self._warnings.say("something was not recorded", type(error).__name__)

    def _count(self, name: str) -> None:
        with self._lock:
            self._counters[name] += 1

    # ---- The process --------------------------------------------------------------------------

    def reset(self) -> None:
        """Begins anew in a process that was forked."""
        self.generation += 1
        self._lock = threading.RLock()
        self._warnings.reset()
        self.budget.reset()
        self._counters = dict.fromkeys(COUNTERS, 0)
        if self._worker is not None:
            self._worker.reset()

    def at_exit(self) -> None:
        """The program ends: sends what waits, and says what is lost."""
        self.flush(self._flush_at_exit)
        self._say_what_is_lost()

    def _say_what_is_lost(self) -> None:
        try:
            unsent = self._worker.unsent() if self._worker is not None else 0
        except Exception as error:
            return self.fault(error)
        if unsent:
            self._warnings.say("turns were not sent before the program ended", unsent)

    def _flush_at_sigterm(self) -> None:
        before = signal.getsignal(signal.SIGTERM)

        def flush(number: int, frame: Any) -> None:
            self.flush(self._flush_at_exit)
            if callable(before):
                before(number, frame)
            elif before != signal.SIG_IGN:
                self._say_what_is_lost()
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)

        try:
            signal.signal(signal.SIGTERM, flush)
        except ValueError:
            self._warnings.say("SIGTERM is not watched: only the main thread can ask for it")


def _reset(recorder: weakref.ref[Recorder]) -> None:
    if (itself := recorder()) is not None:
        itself.reset()


def _flush(recorder: weakref.ref[Recorder]) -> None:
    if (itself := recorder()) is not None and not sys.is_finalizing():
        itself.at_exit()
