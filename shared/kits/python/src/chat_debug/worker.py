"""The threads that talk to the service.

A turn is watched from its beginning: the service is asked whether it may be kept, a long or a large one is opened
before it ends, and what has ended is sent. Nothing of a turn is sent before the service said yes to it. A turn that
cannot be sent is tried again with the same id, until it is too old; while the service does not answer, nobody asks it
often.

Several turns are in hand at once, each in a thread of its own with a connection of its own, so that a service that is
far away holds up none but the turn that waits for it. A turn is in one hand only, and its requests go in order. Bodies
are made one at a time: of what is packed no more than one is in memory, and the chat shares the interpreter with one.

The threads are daemons, and the first is started when there is something to do: so it is in a process that was forked,
too. It starts the next when it has its hands full.
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
from dataclasses import dataclass, field, replace

from chat_debug import packing
from chat_debug.attempt import End
from chat_debug.connection import Answer, Connection, Unreachable
from chat_debug.packing import IMAGES, LESS_AND_LESS, Packed, StepText
from chat_debug.turn import Step, Turn

# A turn is opened when it lasts so long, or holds so much before it ends; then it is heard of as often.
OPEN_AFTER = HEARTBEAT = 60.0
OPEN_ABOVE = 4 * 1024 * 1024
# A turn in which nothing happens for so long is ended by nobody any more.
FORGOTTEN = 1800.0
# A chat that is not recorded is not asked about again for so long. A yes is not kept for another turn, and is asked for
# again before anything is sent when it is older than this.
KEEP_NO, KEEP_YES = 30.0, 10.0
MOST_NOS = 10_000
# When a turn that ended is given up.
GIVE_UP = 300.0
# Waits between tries are random, up to a limit that doubles.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# A thread ends when there was nothing to do for so long.
IDLE = 30.0
# So many turns are in hand at once, but one while the service does not answer.
AT_ONCE = 8
# After so many calls in a row without an answer, none is made for a while.
FAILURES, REST = 3, 15.0


class TryAgain(Exception):
    """The service may take it later."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Refused(Exception):
    """The service will not take it, however often it is sent."""


class NotRecorded(Exception):
    """The policy says no."""


class Dropped(Exception):
    """The turn was dropped meanwhile."""


@dataclass(eq=False, slots=True)
class Delivery:
    """What has become of a turn so far."""

    turn: Turn
    # When it is looked at again.
    due: float = 0.0
    allowed_until: float = 0.0
    # Whether the service may have a part of it that has no end yet, and whether it surely has.
    may_be_open: bool = False
    is_open: bool = False
    # Whether nothing more of it is sent but its end.
    is_left: bool = False
    tries: int = 0
    put: dict[int, StepText] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.is_left or self.turn.finished is not None


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
        # Held by who makes a body.
        self._making = threading.Lock()
        self._deliveries: dict[Turn, Delivery] = {}
        self._in_hand: set[Delivery] = set()
        # By when they are due. An entry whose time is not its delivery's any more counts for nothing.
        self._due: list[tuple[float, int, Delivery]] = []
        self._entries = itertools.count()
        self._nos: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._threads: set[threading.Thread] = set()
        self._failures = 0
        self._rests_until = 0.0
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
            self._deliveries[turn] = delivery = Delivery(turn)
            self._schedule(delivery)

    def hurry(self, turn: Turn) -> None:
        """A turn ended, or has become large."""
        if sys.is_finalizing():
            # What is forgotten until then ends in vain: a thread that stopped may hold the lock for ever.
            return
        with self._changed:
            if delivery := self._deliveries.get(turn):
                self._schedule(delivery)

    def drop(self, turn: Turn) -> None:
        with self._changed:
            if delivery := self._deliveries.get(turn):
                self._leave(delivery)

    def flush(self, timeout: float) -> bool:
        """Waits until what has ended is sent; returns whether it was."""
        until = time.monotonic() + timeout
        with self._changed:
            self._rests_until = 0.0
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
            self._gone.notify_all()

    def _schedule(self, delivery: Delivery, wait: float = 0.0) -> None:
        """Says when a turn is looked at again: then, or once it is let go."""
        with self._changed:
            delivery.due = time.monotonic() + wait
            if delivery not in self._in_hand:
                self._line_up(delivery)

    def _line_up(self, delivery: Delivery) -> None:
        heapq.heappush(self._due, (delivery.due, next(self._entries), delivery))
        if not self._threads:
            self._start()
        elif time.monotonic() >= self._rests_until:
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
        while changed is self._changed:
            try:
                with changed:
                    if not self._deliveries and not changed.wait_for(lambda: self._deliveries, IDLE):
                        self._threads.discard(threading.current_thread())
                        break
                    delivery = self._next()
                if delivery is not None:
                    self._advance(delivery)
            except Exception as error:
                # Of a fault of ours nothing is told but its kind.
                self._warn("a turn could not be recorded", type(error).__name__)
        self._connection.close()

    def _next(self) -> Delivery | None:
        """Takes the delivery that is due in hand; waits for it."""
        now = time.monotonic()
        while self._due and not self._is_current(*self._due[0]):
            heapq.heappop(self._due)
        due = max(self._due[0][0], self._rests_until) if self._due else now + IDLE
        # One asks whether the service answers again.
        is_free = not (self._failures and self._in_hand)
        if due > now or not is_free:
            self._changed.wait(due - now if is_free else IDLE)
            return None
        delivery = heapq.heappop(self._due)[2]
        self._in_hand.add(delivery)
        delivery.due = math.inf
        # What is due next is another's.
        if len(self._in_hand) == len(self._threads) < AT_ONCE and not self._failures:
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
                self._end_left(delivery)
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
        finally:
            self._let_go(delivery)

    def _bring(self, delivery: Delivery) -> None:
        turn = delivery.turn
        is_settled = turn.is_settled
        if time.monotonic() >= delivery.allowed_until:
            self._ask(delivery)
        if is_settled:
            self._send(delivery)
            self._done(delivery, "recorded")
            return
        self._schedule(delivery, self._keep_up(delivery))
        # It may have ended meanwhile, or been dropped.
        if turn.is_settled or delivery.is_left:
            self._schedule(delivery)

    def _later(self, delivery: Delivery, again: TryAgain) -> None:
        ended = delivery.turn.finished
        if ended is not None and time.perf_counter() - ended > GIVE_UP:
            self._warn("a turn is given up", again)
            return self._done(delivery, "failed")
        self._warn("the service does not take a turn yet", again)
        delivery.tries += 1
        wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**delivery.tries))
        self._schedule(delivery, max(wait, min(again.after or 0, LONGEST_WAIT)))

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

    # ---- What is said to the service ----------------------------------------------------------

    def _ask(self, delivery: Delivery) -> None:
        turn = delivery.turn
        answer = self._call("GET", packing.decision_path(turn.chat_id, turn.owner_id, turn.external_id))
        if answer.status != 200:
            raise Refused(answer.detail)
        if answer.body.get("effective") is not True:
            raise NotRecorded
        delivery.allowed_until = time.monotonic() + KEEP_YES

    def _keep_up(self, delivery: Delivery) -> float:
        """A turn that lasts: opens it, puts what is over, or says that it goes on. Returns when to do so again."""
        turn = delivery.turn
        if time.perf_counter() - turn.touched > FORGOTTEN:
            turn.end("interrupted")
        if not delivery.is_open:
            left = OPEN_AFTER - turn.clock.age()
            if left > 0 and turn.size < OPEN_ABOVE:
                return left
            self._open(delivery)
        if not self._put_settled(delivery):
            self._taken(self._post("PATCH", self._run_path(turn), packing.heartbeat(turn)))
        return HEARTBEAT

    def _send(self, delivery: Delivery) -> None:
        turn = delivery.turn
        # An opening whose answer was lost may have been taken, and no other content is taken then.
        if not delivery.may_be_open and self._send_whole(turn):
            return
        if not delivery.is_open:
            self._open(delivery)
        self._put_settled(delivery)
        steps = [delivery.put[number] for number in sorted(delivery.put)]
        self._taken(self._post("PATCH", self._run_path(turn), packing.end(turn, steps)))
        delivery.may_be_open = False

    def _send_whole(self, turn: Turn) -> bool:
        """Sends a turn in one post; returns whether it was not too large for that."""
        with self._making:
            for step in turn.steps:
                _unpack(step)
            packed = packing.whole(turn)
        if packed is None:
            return False
        answer = self._post("POST", f"/{turn.chat_id}/debug/runs", packed)
        if answer.status == 413:
            return False
        self._taken(answer)
        return True

    def _end_left(self, delivery: Delivery) -> None:
        """Ends what the service has of a turn that is left, if it has anything; it may also say no to that."""
        self._post("PATCH", self._run_path(delivery.turn), packing.interruption(delivery.turn))
        self._forget(delivery)

    def _open(self, delivery: Delivery) -> None:
        turn = delivery.turn
        with self._changed:
            # Who drops the turn from now on sees that it needs an end.
            if delivery.is_left:
                raise Dropped
            delivery.may_be_open = True
        self._taken(self._post("POST", f"/{turn.chat_id}/debug/runs", packing.opening(turn)))
        delivery.is_open = True

    def _put_settled(self, delivery: Delivery) -> bool:
        """Puts the steps that are over and not put yet; returns whether there were any."""
        turn = delivery.turn
        has_put, last = False, time.monotonic()
        for live in list(turn.steps):
            # An attempt that begins meanwhile is put once it is over as well.
            step = live.as_it_is()
            if step.is_put or not step.is_settled:
                continue
            delivery.put[step.number] = self._put(turn, step)
            live.put, has_put = len(step.attempts), True
            # What was answered is not tried again, so that nobody needs its bodies any more.
            if step.attempts[-1].is_success and step.attempts[-1].end is End.READ:
                turn.free(step)
            if time.monotonic() - last > HEARTBEAT:
                last = time.monotonic()
                self._post("PATCH", self._run_path(turn), packing.heartbeat(turn))
        return has_put

    def _put(self, turn: Turn, step: Step) -> StepText:
        """Puts a step with as much of it as the service takes."""
        for without in LESS_AND_LESS:
            with self._making:
                _unpack(step)
                if IMAGES not in without and not packing.may_fit(step):
                    continue
                text, packed = packing.one_step(turn, step, without)
            if packed.fits:
                answer = self._post("PUT", f"{self._run_path(turn)}/steps/{step.number}", packed)
                if answer.status != 413:
                    self._taken(answer)
                    # The end of the turn asks for all of it but the text, which may be large.
                    return replace(text, text="")
        raise Refused(f"step {step.number} is too large, whatever is left out of it")

    @staticmethod
    def _run_path(turn: Turn) -> str:
        return f"/{turn.chat_id}/debug/runs/{turn.id}"

    def _post(self, method: str, path: str, packed: Packed) -> Answer:
        return self._call(method, path, packed.body, is_packed=packed.is_packed)

    def _taken(self, answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            raise Refused(answer.detail)
        if answer.body.get("recorded") is False:
            raise NotRecorded

    def _call(self, method: str, path: str, body: bytes | None = None, *, is_packed: bool = False) -> Answer:
        try:
            answer = self._connection.call(method, path, body, is_packed=is_packed)
        except Unreachable as error:
            with self._changed:
                self._failures += 1
                if self._failures >= FAILURES:
                    self._rests_until = time.monotonic() + random.uniform(REST / 2, REST)
            raise TryAgain(str(error)) from None
        self._failures = 0
        if answer.status == 429 or answer.status >= 500:
            raise TryAgain(answer.detail, answer.retry_after)
        return answer


def _unpack(step: Step) -> None:
    for attempt in step.attempts:
        attempt.unpack()
