"""What can be chosen for each kind of question, and the verb behind each choice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.ids import CENTER
from desktop_app.domain.orders import Order
from desktop_app.services import decisions, notes, signoff
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import Decision, DecisionKind
from ui.decisions.cards import is_stale_signature
from ui.decisions.redo import form_of
from ui.present.words import written_text
from ui.widgets.values import CardChoice


class Answer(StrEnum):
    """Every possible choice."""

    FIRST = "first"
    SECOND = "second"
    PUT_OFF = "put_off"
    SIGN_AGAIN = "sign_again"
    SEND_BACK = "send_back"
    AS_NOTE = "as_note"
    AGAIN = "again"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Offer:
    """The choices of a question; ``field``: what the text beside the button is, "" when none is needed."""

    cards: tuple[CardChoice, ...]
    fields: dict[str, str]


def offer(seat: Seat, decision: Decision, order: Order | None) -> Offer:
    """Return what may be chosen, each with its result, who is told and why it may not be chosen."""
    if decision.kind is DecisionKind.REJECTION:
        return _for_rejection(decision, order)
    if is_stale_signature(decision) and order is not None:
        return _for_stale(seat, decision, order)
    cards = tuple(
        CardChoice(
            c.key, c.label.replace(",", "，"), c.effect.replace(",", "，"),
            f"通知 {c.tells}" if c.tells else "", f"Alt+{n}", c.why_not,
        )
        for n, c in enumerate(decision.choices, 1)
    )  # fmt: skip
    return Offer(cards, dict.fromkeys((c.key for c in cards), "理由"))


def _for_stale(seat: Seat, decision: Decision, order: Order) -> Offer:
    sign = decision.why_not or seat.why_not(order, ActKind.SIGN)
    back = decision.why_not or seat.why_not(order, ActKind.RETURN_PROPOSAL)
    did = ACT_TITLES[decision.conflict.step] if decision.conflict else ""
    cards = (
        CardChoice(
            Answer.SIGN_AGAIN, "按新版签批", f"按甲签批，双派单；原来的{did}留在经过里。",
            "通知 派单员和承办人", "Alt+1", sign,
        ),
        CardChoice(
            Answer.SEND_BACK, "退回重拟", "甲也不同意：退回派单员，写明要改什么。",
            "通知 派单员", "Alt+2", back,
        ),
        CardChoice(
            Answer.FIRST, "按现在的走", f"现在的拟办照旧。原来的{did}留在经过里。",
            "通知 派单员", "Alt+3", decision.why_not,
        ),
    )  # fmt: skip
    fields = {Answer.SIGN_AGAIN: "批示", Answer.SEND_BACK: "理由", Answer.FIRST: "理由"}
    return Offer(cards, {k.value: v for k, v in fields.items()})


def _for_rejection(decision: Decision, order: Order | None) -> Offer:
    act = decision.act
    assert act is not None
    no_order = "" if order is not None and act.subject != CENTER else "这件单已不在本机"
    again = no_order or ("" if form_of(act) else "这一步不能照原样再办")
    cards = (
        CardChoice(
            Answer.AS_NOTE, "记成备注", "原文一字不改记进这件单的经过，所有承办人看得到。",
            "", "Alt+1", no_order or ("" if written_text(act.kind, act.payload) else "没有文字可记"),
        ),
        CardChoice(
            Answer.AGAIN, "存成草稿，再办一次", "原文放回这一步的表里，改好再存。", "", "Alt+2", again,
        ),
        CardChoice(
            Answer.ASIDE, "知道了", "从这里拿走；这条记录还在日志里，不会丢。", "", "Alt+3",
        ),
    )  # fmt: skip
    return Offer(cards, {})


def carry_out(
    seat: Seat, decision: Decision, order: Order | None, answer: str, text: str, drops: str
) -> ChangeSet:
    """Record the choice; ``drops`` is its draft. Raises ``Refusal`` or ``StoreError``."""
    if decision.kind is DecisionKind.REJECTION:
        return _settle_rejection(seat, decision, answer)
    order_id = decision.order_id
    digest = order.proposal.hash if order is not None and order.proposal else ""
    if answer == Answer.SIGN_AGAIN:
        return signoff.sign(seat, order_id, digest, text, drops=drops)
    if answer == Answer.SEND_BACK:
        return signoff.return_proposal(seat, order_id, digest, text, drops=drops)
    assert decision.conflict is not None
    return decisions.resolve(seat, order_id, decision.conflict.id, answer, text, drops=drops)


def _settle_rejection(seat: Seat, decision: Decision, answer: str) -> ChangeSet:
    act = decision.act
    assert act is not None
    changes = ChangeSet()
    if answer == Answer.AS_NOTE:
        changes |= notes.note(seat, act.subject, written_text(act.kind, act.payload))
    if answer == Answer.AGAIN:
        form = form_of(act)
        assert form is not None
        seat.store.save_draft(act.subject, form.name, form.values, seat.now())
    words = {Answer.AS_NOTE: "已记成备注", Answer.AGAIN: "存成草稿再办"}
    said = words.get(Answer(answer), "知道了")
    return changes | decisions.set_aside(seat, act.subject, act.id, said)
