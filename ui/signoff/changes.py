"""What became different between the proposal that was shown and the one that stands now."""

from __future__ import annotations

from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import DUTY_TITLES, Order, Proposal, Stage


def proposal_differences(before: Proposal | None, after: Proposal | None) -> tuple[str, ...]:
    """Each difference in words; empty when a signature on the one also holds for the other."""
    if before is None or after is None:
        return () if before is after else ("拟办已撤回",) if after is None else ("有了拟办",)
    if before.hash == after.hash:
        return ()
    found = [*_handler_differences(before, after), *_note_difference(before, after)]
    return tuple(found) or (f"重新拟办（第 {after.version} 次），内容相同",)


def moved_on(order: Order) -> str:
    """Why an order that was on the desk cannot be signed any more, in words."""
    if order.stage is Stage.WITHDRAWN:
        return "平台已撤回这件单。"
    if order.returned:
        return f"拟办已退回：{mask_text(order.returned)}"
    if order.signature is not None and not order.signature_pending:
        return f"{order.signature.by.title}已签。"
    return "派单员已撤回拟办，正在重拟。"


def _handler_differences(before: Proposal, after: Proposal) -> list[str]:
    found = []
    for duty, title in DUTY_TITLES.items():
        was = [h.title for h in before.handlers if h.duty is duty]
        now = [h.title for h in after.handlers if h.duty is duty]
        if was != now:
            found.append(f"{title}：{'、'.join(was) or '无'} → {'、'.join(now) or '无'}")
    return found


def _note_difference(before: Proposal, after: Proposal) -> list[str]:
    if before.note == after.note:
        return []
    was, now = mask_text(before.note), mask_text(after.note)
    return [f"拟办意见：{was or '无'} → {now or '无'}"]
