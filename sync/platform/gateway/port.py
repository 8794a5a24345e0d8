"""The port: what the city's 12345 system has to be able to do for us, and the values that cross it.

An implementation talks to one foreign system and decides nothing: what is sent when, what is asked
before it is sent again and what a person has to decide is the courier's (``courier.py``). What an
implementation has to promise is told in docs/gateway.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from desktop_app.domain.intake import Intake
from desktop_app.domain.masking import mask_text
from sync.platform.order_files import OrderFile
from sync.platform.order_lines import Line

OrderReader = Callable[[Iterable[Line]], OrderFile]
"""Turns rows with named cells into intakes by the center's villages and policy; names the bad ones."""


class PortError(Exception):
    """The foreign system could not be asked. ``str`` is Chinese: what is wrong and what to do."""


class AnswerError(PortError):
    """The foreign system answered, and not as it should: it may be about this one question only."""


def shown(text: str, length: int = 200) -> str:
    """Return what comes from outside as lists and terminals may show it: masked, one line, bounded."""
    return mask_text("".join(c if c.isprintable() else " " for c in text))[:length]


class RecordKind(StrEnum):
    """What a foreign record says; the value is the wire value."""

    ORDER = "order"  # 派单
    URGE = "urge"  # 催办
    WITHDRAW = "withdraw"  # 撤单
    CALL_BACK = "call_back"  # 回访结果
    SECOND_ROUND = "second_round"  # 重办
    STOP_CLOCK = "stop_clock"  # 挂起
    RESUME_CLOCK = "resume_clock"  # 恢复


RECORD_TITLES = {
    RecordKind.ORDER: "派单", RecordKind.URGE: "催办", RecordKind.WITHDRAW: "撤单",
    RecordKind.CALL_BACK: "回访结果", RecordKind.SECOND_ROUND: "重办",
    RecordKind.STOP_CLOCK: "挂起", RecordKind.RESUME_CLOCK: "恢复计时",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """One record of the foreign system. ``id`` is its own, the same however often it is handed out.

    ``intake`` for an order; else ``payload``, the plain payload of the act that it becomes.
    ``own_id``: the foreign system gave the id, so that a number under another id is dispatched again;
    False: the id is made of what the record says. ``place``: where it stood, for people (第 3 行).
    """

    id: str
    kind: RecordKind
    number: str
    intake: Intake | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    own_id: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that could not be read. ``id`` names it, or is made from what it said."""

    id: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    """What came since a mark. ``mark`` is the next one; ``source`` is the port's own (a file, a page)."""

    records: tuple[ForeignRecord, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()
    mark: str = ""
    more: bool = False
    source: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record here: ``done``, ``known`` or why not yet."""

    record: ForeignRecord
    done: bool
    known: bool = False
    reason: str = ""


class ResultKind(StrEnum):
    """What goes back; the value is the wire value."""

    RESULT = "result"  # 反馈
    ACCEPTED = "accepted"  # 签收
    STOPPED = "stopped"  # 挂起，由本乡镇
    RESUMED = "resumed"  # 恢复计时，由本乡镇


RESULT_TITLES = {
    ResultKind.RESULT: "反馈", ResultKind.ACCEPTED: "签收", ResultKind.STOPPED: "挂起",
    ResultKind.RESUMED: "恢复计时",
}  # fmt: skip
ONLY_RESULTS = frozenset({ResultKind.RESULT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What goes back: one act of reporting back (反馈), one correction of it, or an earlier step that the
    foreign system wants to hear of. No petitioner in it.

    ``reference`` is ours and unique; the foreign system keeps it, so that it can be asked by it.
    ``version`` counts from 1 within the round and kind; ``reissue`` from 0, set by a person (补发). Of
    an earlier step only ``text`` and ``reported_at`` say something.
    """

    reference: str
    kind: ResultKind = ResultKind.RESULT
    number: str
    round: int
    version: int
    reissue: int = 0
    text: str
    contacted: bool | None = None
    resolved: bool | None = None
    satisfied: bool | None = None
    truthful: bool | None = None
    nature: str = ""
    measures: str = ""
    handlers: tuple[str, ...] = ()
    concluded_at: datetime | None = None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """Results that go out together. ``name`` is the number of a batch, "" where there are none.

    ``may_begin``: asked right before the first byte leaves; False: too late, somebody else may have
    taken over.
    """

    results: tuple[Result, ...]
    name: str = ""
    may_begin: Callable[[], bool] = lambda: True


class Verdict(StrEnum):
    """How sending ended, as far as anybody can know."""

    TAKEN = "taken"  # the foreign system said yes
    REFUSED = "refused"  # it said no, and why
    NOT_SENT = "not_sent"  # nothing can have arrived
    UNKNOWN = "unknown"  # it may have arrived


@dataclass(frozen=True, slots=True)
class Sent:
    """The end of one delivery. ``receipt`` is the foreign system's, ``reason`` Chinese."""

    verdict: Verdict
    receipt: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the foreign system holds under a reference: how often, and its receipt."""

    copies: int
    receipt: str = ""
    delivery: str = ""


class GatewayPort(Protocol):
    """One foreign system. Calls come from one thread, one at a time; each has its own bounds."""

    title: str
    """For people: which system, and where."""
    can_find: bool
    """Whether it can be asked what it holds. If not, a person decides what is in doubt."""
    batch: int
    """How many results go out in one delivery."""
    confirms: bool
    """Whether arrival takes one more word from a person (a batch that was uploaded by hand)."""

    def receive(self, mark: str) -> Received:
        """Return records since ``mark`` ("" is the beginning). Raises ``PortError``."""
        ...

    def received(self, page: Received, taken: Sequence[Taken]) -> None:
        """All of ``page`` is durable here. May come twice, or never after a crash: the page comes again.

        Raises ``PortError``.
        """
        ...

    def find(self, result: Result) -> Finding:
        """Return what the foreign system holds under ``result.reference``. Raises ``PortError``."""
        ...

    def send(self, delivery: Delivery) -> Sent:
        """Hand the results over, all or none, trying exactly once. Raises nothing that it expects."""
        ...

    def next_delivery(self, highest: int) -> str:
        """Return the name of the next delivery; ``highest`` is the highest number in the ledger."""
        ...

    def confirmed(self) -> frozenset[str]:
        """Return the names of deliveries that a person has confirmed at the port itself."""
        ...

    def confirm(self, delivery: str) -> None:
        """A person says that ``delivery`` was uploaded. Raises ``PortError``."""
        ...
