"""Reading a pushed batch: each act for itself, so that one that cannot be read stops no other."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from desktop_app.domain.orders import Outcome
from sync.platform.judging import Submitted
from sync.platform.platform import submit
from sync.protocol.codec import decode, decode_act
from sync.protocol.messages import ActResult, Message

DEEPEST = 8
"""Levels of a payload: the contract's own have four."""


class RawSyncRequest(Message, frozen=True, kw_only=True):
    """``SyncRequest`` with its acts still as bytes."""

    device_id: str
    cursor: str = ""
    ack: int = 0
    limit: int = 500
    folds: bool = False
    brief: bool = False
    packs: bool = False
    acts: tuple[msgspec.Raw, ...] = ()


class _Named(Message, frozen=True, kw_only=True):
    id: str = ""


@dataclass(frozen=True, slots=True)
class Inbox:
    """The readable acts in their order, and a result for each of the others."""

    acts: list[Submitted]
    unreadable: list[ActResult]

    @property
    def subjects(self) -> list[str]:
        """What the readable acts are about, one by one."""
        return [submitted.act.subject for submitted in self.acts]


def open_inbox(raw_acts: tuple[msgspec.Raw, ...]) -> Inbox:
    """Decode each act. What cannot be decoded is rejected under the id it names."""
    inbox = Inbox([], [])
    for raw in raw_acts:
        try:
            act = decode_act(raw)
            readable = submit(act) if _shallow(act.payload, DEEPEST) else None
        except (msgspec.DecodeError, RecursionError, UnicodeError, OverflowError):
            readable = None
        if readable is None:
            inbox.unreadable.append(_unreadable(raw))
        else:
            inbox.acts.append(readable)
    return inbox


def _shallow(value: object, levels: int) -> bool:
    """Whether ``value`` nests at most so deep; looks no deeper itself."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_shallow(part, levels - 1) for part in inner)


def _unreadable(raw: msgspec.Raw) -> ActResult:
    try:
        act_id = decode(raw, _Named).id
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        act_id = ""
    return ActResult(
        act_id=act_id[:64],
        outcome=Outcome.REJECTED,
        code="unreadable",
        reason="这条记录的格式平台读不懂。请升级程序后重记，或用备注说明。",
    )
