"""What is said to the service of one turn, in order: the question whether it may be kept, before anything else; its
opening, steps and end if it is long or large, or all in one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from chat_debug import packing
from chat_debug.attempt import End
from chat_debug.connection import Answer
from chat_debug.packing import IMAGES, LESS_AND_LESS, Packed, StepText
from chat_debug.service import Service
from chat_debug.turn import Step, Turn

# A turn is opened when it lasts so long, or holds so much before it ends; then it is heard of as often.
OPEN_AFTER = HEARTBEAT = 60.0
OPEN_ABOVE = 4 * 1024 * 1024
# A turn in which nothing happens for so long is ended by nobody any more.
FORGOTTEN = 1800.0
# A yes is not kept for another turn, and is asked for again before anything is sent when it is older than this.
KEEP_YES = 10.0


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
    service: Service
    # When it is looked at again, and how often it was in vain.
    due: float = 0.0
    tries: int = 0
    # Whether nothing more of it is sent but its end.
    is_left: bool = False
    allowed_until: float = 0.0
    # Whether the service may have a part of it that has no end yet, and whether it surely has.
    may_be_open: bool = False
    is_open: bool = False
    put: dict[int, StepText] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.is_left or self.turn.finished is not None

    def ask(self) -> None:
        """Asks whether the turn may be kept, unless that is known."""
        if time.monotonic() < self.allowed_until:
            return
        turn = self.turn
        answer = self.service.call("GET", packing.decision_path(turn.chat_id, turn.owner_id, turn.external_id))
        if answer.status != 200:
            raise Refused(answer.detail)
        if answer.body.get("effective") is not True:
            raise NotRecorded
        self.allowed_until = time.monotonic() + KEEP_YES

    def keep_up(self) -> float:
        """A turn that lasts: opens it, puts what is over, or says that it goes on. Returns when to do so again."""
        turn = self.turn
        if time.perf_counter() - turn.touched > FORGOTTEN:
            turn.end("interrupted")
        if not self.is_open:
            left = OPEN_AFTER - turn.clock.age()
            if left > 0 and turn.size < OPEN_ABOVE:
                return left
            self._open()
        if not self._put_settled():
            _taken(self._post("PATCH", self._run_path, packing.heartbeat(turn)))
        return HEARTBEAT

    def send(self) -> None:
        """Sends what ended."""
        # An opening whose answer was lost may have been taken, and no other content is taken then.
        if not self.may_be_open and self._send_whole():
            return
        if not self.is_open:
            self._open()
        self._put_settled()
        steps = [self.put[number] for number in sorted(self.put)]
        _taken(self._post("PATCH", self._run_path, packing.end(self.turn, steps)))
        self.may_be_open = False

    def end_left(self) -> None:
        """Ends what the service has of a turn that is left, if it has anything; it may also say no to that."""
        packed = packing.interruption(self.turn)
        self.service.call("PATCH", self._run_path, packed.body, is_packed=packed.is_packed)

    def _send_whole(self) -> bool:
        """Sends a turn in one post; returns whether it was not too large for that."""

        def make() -> Packed | None:
            for step in self.turn.steps:
                _unpack(step)
            return packing.whole(self.turn)

        with self.service.made(make) as packed:
            if packed is None:
                return False
            answer = self._post("POST", self._runs_path, packed)
        if answer.status == 413:
            return False
        _taken(answer)
        return True

    def _open(self) -> None:
        with self.service.changed:
            # Who drops the turn from now on sees that it needs an end.
            if self.is_left:
                raise Dropped
            self.may_be_open = True
        _taken(self._post("POST", self._runs_path, packing.opening(self.turn)))
        self.is_open = True

    def _put_settled(self) -> bool:
        """Puts the steps that are over and not put yet; returns whether there were any."""
        turn = self.turn
        has_put, last = False, time.monotonic()
        for live in list(turn.steps):
            # An attempt that begins meanwhile is put once it is over as well.
            step = live.as_it_is()
            if step.is_put or not step.is_settled:
                continue
            self.put[step.number] = self._put(step)
            live.put, has_put = len(step.attempts), True
            # What was answered is not tried again, so that nobody needs its bodies any more.
            if step.attempts[-1].is_success and step.attempts[-1].end is End.READ:
                turn.free(step)
            if time.monotonic() - last > HEARTBEAT:
                last = time.monotonic()
                self._post("PATCH", self._run_path, packing.heartbeat(turn))
        return has_put

    def _put(self, step: Step) -> StepText:
        """Puts a step with as much of it as the service takes."""
        for without in LESS_AND_LESS:
            texts: list[StepText] = []

            def make(without: frozenset[str] = without, texts: list[StepText] = texts) -> Packed | None:
                _unpack(step)
                if IMAGES not in without and not packing.may_fit(step):
                    return None
                text, packed = packing.one_step(self.turn, step, without)
                # The end of the turn asks for all of it but the text, which may be large.
                texts.append(replace(text, text=""))
                return packed if packed.fits else None

            with self.service.made(make) as packed:
                if packed is None:
                    continue
                answer = self._post("PUT", f"{self._run_path}/steps/{step.number}", packed)
            if answer.status != 413:
                _taken(answer)
                return texts[0]
        raise Refused(f"step {step.number} is too large, whatever is left out of it")

    @property
    def _runs_path(self) -> str:
        return f"/{self.turn.chat_id}/debug/runs"

    @property
    def _run_path(self) -> str:
        return f"{self._runs_path}/{self.turn.id}"

    def _post(self, method: str, path: str, packed: Packed) -> Answer:
        # It may have taken long to come here.
        self.ask()
        return self.service.call(method, path, packed.body, is_packed=packed.is_packed)


def _taken(answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        raise Refused(answer.detail)
    if answer.body.get("recorded") is False:
        raise NotRecorded


def _unpack(step: Step) -> None:
    for attempt in step.attempts:
        attempt.unpack()
