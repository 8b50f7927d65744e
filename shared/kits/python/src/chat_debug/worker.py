"""The threads that talk to the service.

A turn is watched from its beginning: the service is asked whether it may be kept, a long or a large one is opened
before it ends, and what has ended is sent. Nothing of a turn is sent before the service said yes to it. A turn that
cannot be sent is tried again with the same id, until it is too old; while the service does not answer, nobody asks it
often.

Several turns are in hand at once, each in a thread of its own with a connection of its own, so that a service that is
far away holds up none but the turn that waits for it. A turn is in one hand only, and its requests go in order.

The threads are daemons, and the first is started when there is something to do: so it is in a process that was forked,
too. It starts the next when it has its hands full. One that is ended from outside leaves its turn to the others, or to
one that takes its place.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from chat_debug.connection import Connection
from chat_debug.delivery import Delivery, Dropped, NotRecorded, Refused
from chat_debug.service import Service, TryAgain
from chat_debug.turn import Turn

# A chat that is not recorded is not asked about again for so long.
KEEP_NO = 30.0
MOST_NOS = 10_000
# When a turn that ended is given up.
GIVE_UP = 300.0
# Waits between tries are random, up to a limit that doubles.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# A thread ends when there was nothing to do for so long.
IDLE = 30.0
# So many turns are in hand at once, but one while the service does not take what it is sent.
AT_ONCE = 8


class Worker:
    def __init__(
        self, connection: Connection, count: Callable[[str], None], warn: Callable[[str, object], None]
    ) -> None:
        self._connection = connection
        self._count = count
        self._warn = warn
        self.reset()

    def reset(self) -> None:
        """Begins anew: after a fork, what was there is the parent's to send."""
        lock = threading.RLock()
        # What the threads wait for, and what those wait for who flush.
        self._changed, self._gone = threading.Condition(lock), threading.Condition(lock)
        self._service = Service(self._connection, self._changed)
        self._deliveries: dict[Turn, Delivery] = {}
        self._in_hand: set[Delivery] = set()
        # By when they are due. An entry whose time is not its delivery's any more counts for nothing.
        self._due: list[tuple[float, int, Delivery]] = []
        self._entries = itertools.count()
        self._nos: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._threads: set[threading.Thread] = set()
        self._connection.forget()

    # ---- From the program's threads ----------------------------------------------------------

    def is_refused(self, chat: str, owner: str) -> bool:
        """Whether the service said no to this chat a moment ago."""
        with self._changed:
            until = self._nos.get((chat, owner))
            return until is not None and time.monotonic() < until

    def watch(self, turn: Turn) -> None:
        """A turn begins: the service is asked beside the call of the model."""
        with self._changed:
            self._deliveries[turn] = delivery = Delivery(turn, self._service)
            self._schedule(delivery)

    def hurry(self, turn: Turn) -> None:
        """A turn ended, or has become large."""
        self._change(turn, self._schedule)

    def drop(self, turn: Turn) -> None:
        self._change(turn, self._leave)

    def _change(self, turn: Turn, how: Callable[[Delivery], None]) -> None:
        if sys.is_finalizing():
            # What is forgotten until then ends in vain: a thread that stopped may hold the lock for ever.
            return
        with self._changed:
            if delivery := self._deliveries.get(turn):
                how(delivery)

    def flush(self, timeout: float) -> bool:
        """Waits until what has ended is sent; returns whether it was."""
        until = time.monotonic() + timeout
        with self._changed:
            self._service.rests_until = 0.0
            for delivery in list(self._ended()):
                self._schedule(delivery)
            self._changed.notify_all()
            while any(self._ended()):
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._gone.wait(left)
            return True

    def unsent(self) -> int:
        """How many turns are not sent, whether or not they have ended."""
        with self._changed:
            return sum(not delivery.is_left for delivery in self._deliveries.values())

    def _ended(self) -> Iterator[Delivery]:
        return (delivery for delivery in self._deliveries.values() if delivery.has_ended)

    def _leave(self, delivery: Delivery) -> None:
        """Sends nothing more of a turn but, if the service has a part of it, that it is over; which is not tried again
        after a fault."""
        with self._changed:
            if delivery.may_be_open and not delivery.is_left:
                self._schedule(delivery)
            else:
                self._forget(delivery)
            delivery.is_left = True

    def _forget(self, delivery: Delivery) -> None:
        with self._changed:
            self._deliveries.pop(delivery.turn, None)
            self._prune()
            self._gone.notify_all()

    def _schedule(self, delivery: Delivery, due: float | None = None) -> None:
        """Says when a turn is looked at again, now or later: then, or once it is let go."""
        with self._changed:
            delivery.due = time.monotonic() if due is None else due
            if delivery not in self._in_hand:
                self._line_up(delivery)

    def _line_up(self, delivery: Delivery) -> None:
        heapq.heappush(self._due, (delivery.due, next(self._entries), delivery))
        self._prune()
        self._wake()

    def _prune(self) -> None:
        """Lets go of entries that count for nothing, which may stand behind one that does."""
        if len(self._due) > 2 * len(self._deliveries) + 64:
            self._due = [entry for entry in self._due if self._is_current(*entry)]
            heapq.heapify(self._due)

    def _wake(self) -> None:
        if not self._threads:
            self._start()
        elif time.monotonic() >= self._service.rests_until:
            self._changed.notify()

    def _start(self) -> None:
        if sys.is_finalizing():
            # No thread starts any more, and who starts one waits for ever.
            return
        thread = threading.Thread(target=self._run, name="chat-debug", daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:
            self._threads.discard(thread)
            if not self._threads:
                # What waits is sent by the thread that a later turn starts.
                self._warn("nothing is sent yet", error)

    # ---- The threads --------------------------------------------------------------------------

    def _run(self) -> None:
        changed = self._changed
        try:
            while changed is self._changed:
                try:
                    with changed:
                        if not self._deliveries and not changed.wait_for(lambda: self._deliveries, IDLE):
                            break
                        delivery = self._next()
                    if delivery is not None:
                        self._advance(delivery)
                except Exception as error:
                    # Of a fault of ours nothing is told but its kind.
                    self._warn("a turn could not be recorded", type(error).__name__)
        except BaseException as error:
            self._warn("a thread that sends was ended", type(error).__name__)
        finally:
            with changed:
                if changed is self._changed:
                    self._threads.discard(threading.current_thread())
                    if self._deliveries:
                        self._wake()
            self._connection.close()

    def _next(self) -> Delivery | None:
        """Takes the delivery that is due in hand; waits for it."""
        now = time.monotonic()
        while self._due and not self._is_current(*self._due[0]):
            heapq.heappop(self._due)
        due = max(self._due[0][0], self._service.rests_until) if self._due else now + IDLE
        # One asks whether the service answers again.
        is_free = not (self._service.failures and self._in_hand)
        if due > now or not is_free:
            self._changed.wait(due - now if is_free else IDLE)
            return None
        delivery = heapq.heappop(self._due)[2]
        self._in_hand.add(delivery)
        delivery.due = math.inf
        # What is due next is another's.
        if len(self._in_hand) == len(self._threads) < AT_ONCE and not self._service.failures:
            self._start()
        elif self._due and self._due[0][0] <= now:
            self._changed.notify()
        return delivery

    def _is_current(self, due: float, _: int, delivery: Delivery) -> bool:
        return delivery.due == due and delivery.turn in self._deliveries

    def _let_go(self, delivery: Delivery) -> None:
        with self._changed:
            self._in_hand.discard(delivery)
            if delivery.turn in self._deliveries and delivery.due < math.inf:
                self._line_up(delivery)

    def _advance(self, delivery: Delivery) -> None:
        """Takes a turn a step further; whatever happens, it is either done or has a time when it goes on."""
        try:
            if delivery.is_left:
                delivery.end_left()
                self._forget(delivery)
            else:
                self._bring(delivery)
            delivery.tries = 0
        except Dropped:
            pass
        except NotRecorded:
            self._remember_no(delivery.turn)
            self._done(delivery, "not_recorded")
        except Refused as refused:
            self._warn("the service refuses a turn", refused)
            self._done(delivery, "refused")
        except TryAgain as again:
            self._later(delivery, again)
        except Exception as error:
            self._warn("a turn could not be recorded", type(error).__name__)
            self._done(delivery, "failed")
        except BaseException as error:
            # It ends this thread, and the turn is another's.
            self._later(delivery, TryAgain(type(error).__name__))
            raise
        finally:
            self._let_go(delivery)

    def _bring(self, delivery: Delivery) -> None:
        is_settled = delivery.turn.is_settled
        delivery.ask()
        if is_settled:
            delivery.send()
            self._done(delivery, "recorded")
            return
        wait = delivery.keep_up()
        with self._changed:
            # It may have grown meanwhile, ended or been dropped.
            self._schedule(delivery, min(delivery.due, time.monotonic() + wait))

    def _later(self, delivery: Delivery, again: TryAgain) -> None:
        ended = delivery.turn.finished
        if ended is not None and time.perf_counter() - ended > GIVE_UP:
            self._warn("a turn is given up", again)
            return self._done(delivery, "failed")
        self._warn("the service does not take a turn yet", again)
        delivery.tries += 1
        wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**delivery.tries))
        self._schedule(delivery, time.monotonic() + max(wait, min(again.after or 0, LONGEST_WAIT)))

    def _done(self, delivery: Delivery, counter: str) -> None:
        delivery.turn.forget()
        with self._changed:
            # A turn that was dropped meanwhile is counted as that.
            if not delivery.is_left:
                self._count(counter)
            self._leave(delivery)

    def _remember_no(self, turn: Turn) -> None:
        with self._changed:
            self._nos[(turn.chat_id, turn.owner_id)] = time.monotonic() + KEEP_NO
            while len(self._nos) > MOST_NOS:
                self._nos.popitem(last=False)
