"""The central 12345 platform as the sender of orders: dispatches, calls back, withdraws; repeats what
a restored platform lost.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from desktop_app.domain.acts import ActKind
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import OrderKind, Stage
from sync.platform.platform import Platform
from tests.simulation.trace import Trace
from tests.support.center import sample_intake

K = ActKind
_NEXT = {
    Stage.REPORTED: (K.CALL_BACK, K.CALL_BACK, K.CALL_BACK, K.WITHDRAW),
    Stage.CALLED_BACK: (K.SECOND_ROUND,),
}
_ANYWHERE = (K.STOP_CLOCK, K.RESUME_CLOCK, K.WITHDRAW, K.CALL_BACK, K.SECOND_ROUND)


class Sender:
    """Writes through the platform's own methods, as the command line beside the server does."""

    def __init__(self, dice: random.Random, trace: Trace, committed: Callable[[], None]) -> None:
        self._dice, self._trace, self._committed = dice, trace, committed
        self._sent: list[Intake] = []

    def dispatch(self, platform: Platform, count: int) -> None:
        """Send so many new orders; now and then one of the old ones again."""
        for _ in range(count):
            self._sent.append(self._intake(len(self._sent) + 1))
        again = self._dice.sample(self._sent, min(len(self._sent), self._dice.randrange(2)))
        platform.dispatch([*self._sent[len(self._sent) - count :], *again])
        self._committed()
        self._trace.note("sender", f"{count} orders dispatched, {len(self._sent)} in all")

    def repeat(self, platform: Platform) -> None:
        """Send everything once more: a restored platform may not have it."""
        platform.dispatch(self._sent)
        self._committed()

    def _intake(self, n: int) -> Intake:
        tier = self._dice.choice(("general", "general", "complex", "livelihood", "emergency"))
        intake = sample_intake(n, tier, self._dice.choice(("wjw", "dg")))
        if self._dice.random() < 0.15:
            intake = replace(intake, petitioner=replace(intake.petitioner, confidential=True))
        if self._dice.random() < 0.1:
            intake = replace(intake, matter=replace(intake.matter, kind=OrderKind.REPORT))
        return intake

    def act(self, platform: Platform) -> None:
        """Do something to one order, sensible or not."""
        if not self._sent:
            return
        number = self._dice.choice(self._sent).number
        order = platform.order(number)
        if order is None:
            return
        kinds = _NEXT.get(order.stage, _ANYWHERE if self._dice.random() < 0.25 else ())
        if not kinds:
            return
        kind = self._dice.choice(kinds)
        payload: dict[str, object] = {"reason": "平台"}
        if kind is K.CALL_BACK:
            payload = {"resolved": self._dice.random() < 0.6}
        result = platform.act_as_platform(kind, number, payload)
        self._committed()
        self._trace.note("sender", f"{kind} {number}: {result.outcome}")
