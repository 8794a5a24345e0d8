"""What the foot of the detail says: the step that comes next, or whom the order waits for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.deadlines import current_clock
from desktop_app.domain.lifecycle import holder
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import Order, Stage
from desktop_app.services.seat import Seat
from ui.present.clocks import seconds_left
from ui.widgets.text import countdown_text

_ICONS: dict[ActKind, str] = {
    ActKind.ACCEPT: "check",
    ActKind.VERIFY: "phone",
    ActKind.PROPOSE: "clipboard-text",
    ActKind.SIGN: "rubber-stamp",
    ActKind.REVIEW: "message-report",
    ActKind.REPORT_BACK: "arrow-forward-up",
    ActKind.ARCHIVE: "archive",
}
_CLOSED = {
    Stage.ARCHIVED: "已归档，可以备注。",
    Stage.WITHDRAWN: "平台已撤回，记录都留着。",
}


@dataclass(frozen=True, slots=True)
class NextWords:
    """``kind`` None: nothing for this person to do; the button then says whom it waits for."""

    kind: ActKind | None
    button: str
    sentence: str
    icon: str = "flag"
    reason: str = ""


def next_words(seat: Seat, order: Order) -> NextWords:
    """The next step of this person on this order, in words."""
    step = seat.next_step(order)
    if step is not None:
        label = step.label or ACT_TITLES[step.kind]
        return NextWords(step.kind, label, _by_when(seat, order), _ICONS.get(step.kind, "flag"))
    closed = _CLOSED.get(order.stage)
    if closed is not None:
        return NextWords(None, "没有下一步", closed, "archive", closed.rstrip("。"))
    who = holder(order) or "平台"
    urge = "" if seat.why_not(order, ActKind.URGE) else "可以催办"
    return NextWords(None, f"等{who}", _by_when(seat, order), "hourglass", urge or "不用您办")


def at_this_second(words: NextWords, seat: Seat, order: Order) -> NextWords:
    """The same words with the countdown of now: only time has passed."""
    return words if order.stage in _CLOSED else replace(words, sentence=_by_when(seat, order))


def _by_when(seat: Seat, order: Order) -> str:
    if order.paused is not None:
        return f"停表：{mask_text(order.paused.reason)}"
    clock = current_clock(order)
    if clock is None:
        return ""
    return f"{clock.label} {countdown_text(seconds_left(clock, seat.now()))}"
