"""The tasks on the left: what it is about, what kind of question, how long it may wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from desktop_app.domain.acts import ACT_TITLES
from desktop_app.domain.orders import ConflictKind
from local_store.rows import Decision, DecisionKind
from ui.forms.card_delegate import CardDelegate
from ui.forms.card_list import Card
from ui.present.times import near_time, span
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.widgets.kinds import SyncMark
from ui.widgets.painters import RIGHT, paint_sync, paint_text, sync_width
from ui.widgets.values import SyncFace

NEAR = 0.2
"""From this share of the time on it is pressing, as with any clock (policy ``[bands]``)."""


def decision_key(decision: Decision) -> str:
    """A key that stays the same while the question is open."""
    if decision.conflict is not None:
        return f"conflict:{decision.order_id}:{decision.conflict.id}"
    return f"rejection:{decision.act.id if decision.act else decision.order_id}"


def is_stale_signature(decision: Decision) -> bool:
    """Whether it is a signature on, or a return of, a proposal that had changed."""
    conflict = decision.conflict
    return conflict is not None and conflict.kind is ConflictKind.STALE_SIGNATURE


def question(decision: Decision) -> str:
    """What kind of question it is, in a few words."""
    if decision.kind is DecisionKind.REJECTION:
        kind = ACT_TITLES[decision.act.kind] if decision.act else "记录"
        return f"{kind}没被采用"
    kind = ACT_TITLES[decision.conflict.step] if decision.conflict else "记录"
    if is_stale_signature(decision):
        return f"{kind}时拟办已改"
    return f"{kind}两条对不上"


def until_words(decision: Decision, now: datetime) -> str:
    """Until when it should be settled: ``今天 17:00 前选定``."""
    if decision.due_at is None:
        return ""
    verb = "处理" if decision.kind is DecisionKind.REJECTION else "选定"
    return f"{near_time(decision.due_at, now)} 前{verb}"


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """One task."""

    decision: Decision

    @property
    def key(self) -> str:
        return decision_key(self.decision)

    @property
    def spoken(self) -> str:
        found = self.decision
        return f"{found.title}，{question(found)}，{found.number}，{found.village}"

    @property
    def mark(self) -> SyncFace:
        """The badge."""
        if self.decision.kind is DecisionKind.REJECTION:
            return SyncFace(SyncMark.REJECTED, "未采用")
        put_off = self.decision.conflict is not None and self.decision.conflict.put_off
        return SyncFace(SyncMark.CONFLICT, "待核实" if put_off else "")

    def wait(self, now: datetime) -> tuple[str, Role]:
        """How long it may still wait."""
        due = self.decision.due_at
        if due is None:
            return "", Role.TEXT2
        if due < now:
            return f"超 {span(now - due)}", Role.OVER
        left = due - now
        near = left <= (due - self.decision.opened_at) * NEAR
        return f"剩 {span(left)}", Role.NEAR if near else Role.TEXT2


class DecisionDelegate(CardDelegate):
    """Three lines: what it is about and the badge; the question; number and how long it may wait."""

    def draw(self, painter: QPainter, rect: QRect, lines: tuple[QRect, ...], card: Card) -> None:
        assert isinstance(card, DecisionCard)
        theme, title = self._theme, card.decision.title
        paint_sync(painter, lines[0], theme, card.mark, RIGHT)
        room = lines[0].adjusted(0, 0, -sync_width(theme, card.mark) - theme.px(8), 0)
        paint_text(painter, room, theme, title, Role.TEXT, FontToken.STRONG, elide=True)
        paint_text(painter, lines[1], theme, question(card.decision), Role.TEXT2, elide=True)
        number = short_number(card.decision.number)
        paint_text(painter, lines[2], theme, number, Role.TEXT2)
        if self.now is not None:
            words, role = card.wait(self.now)
            paint_text(painter, lines[2], theme, words, role, FontToken.NUM, RIGHT)
