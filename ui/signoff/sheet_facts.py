"""From an order to the texts of its 签批单."""

from __future__ import annotations

import re

from desktop_app.domain.center import Center
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import DUTY_TITLES, Handler, Order, Signature
from ui.present.people import matter_title, petitioner_text, place_text
from ui.present.times import clock_time, day_time, full_time, spoken_time
from ui.present.words import VERIFIED
from ui.sheet.data import SheetData, SheetState

NOT_ARRIVED = "未上传，平台收到后才派单"


def sheet_state(order: Order, *, writable: bool, pending: bool) -> SheetState:
    """How the sheet of ``order`` stands. ``pending``: its signature is not on the platform yet."""
    if writable:
        return SheetState.WRITING
    if order.returned:
        return SheetState.RETURNED
    if order.signature is None:
        return SheetState.READING
    return SheetState.PENDING if pending else SheetState.SIGNED


def sheet_data(
    order: Order, center: Center, *, opinion: str = "", signer: str = "", pending: bool = False
) -> SheetData:
    """The sheet's texts, masked. ``opinion`` and ``signer`` stand until there is a signature."""
    signature = order.signature
    return SheetData(
        office=center.name,
        number=sheet_number(order, center),
        dispatched=full_time(order.dispatched_at),
        matter=matter_title(order),
        petitioner=petitioner_text(order),
        place=place_text(order),
        category="—".join(order.matter.category),
        limit=limit_text(order),
        verified=verified_text(order),
        related=related_text(order),
        handlers=handler_groups(shown_handlers(order)),
        proposal=mask_text(order.proposal.note) if order.proposal else "",
        instruction=mask_text(signature.opinion) if signature else opinion,
        proposed_by=_proposed_by(order),
        signed_by=signed_by(signature, center) if signature else signer,
        signed_at=day_time(signature.at) if signature else "签后自动填",
        stamp=stamp(order, signature, pending=pending) if signature else (),
        return_reason=mask_text(order.returned),
    )


def sheet_number(order: Order, center: Center) -> str:
    """``熊诉签〔2026〕11200009 号``."""
    digits = re.sub(r"\D", "", order.number)
    year = digits[:4] if digits[:2] == "20" else str(order.dispatched_at.year)
    rest = digits.removeprefix(year) or digits
    return f"{center.township[:1]}诉签〔{year}〕{rest} 号"


def limit_text(order: Order) -> str:
    """``7 天（11 月 27 日 08:15）``: the longest limit of this round."""
    clocks = [c for c in order.clocks if c.round == order.round]
    if not clocks:
        return ""
    last = max(clocks, key=lambda c: c.due_at)
    hours = round((last.due_at - last.started_at).total_seconds() / 3600)
    length = f"{hours // 24} 天" if hours > 24 and hours % 24 == 0 else f"{hours} 小时"
    return f"{length}（{spoken_time(last.due_at)}）"


def verified_text(order: Order) -> str:
    """What the dispatcher found out by telephone, corrections included."""
    found = order.verification
    if found is None:
        return "未核实"
    changed = "；".join(
        f"{name}：{before} 更正为 {after}" for name, before, after in found.corrections
    )
    said = "，".join(part for part in (VERIFIED.get(found.result, ""), changed) if part)
    text = found.text.strip()
    return mask_text(f"{said}。{text}" if text else f"{said}。")


def related_text(order: Order) -> str:
    """Earlier orders with their outcome."""
    lines = (f"{link.number} {link.title}，{link.outcome}".rstrip("，") for link in order.links)
    return mask_text("；".join(lines)) or "无"


def shown_handlers(order: Order) -> tuple[Handler, ...]:
    """Whom the sheet names: as signed, else as proposed, else as the emergency record has it."""
    if order.signature is None and order.proposal is not None:
        return order.proposal.handlers
    return tuple(a.handler for a in order.assignments)


def handler_groups(handlers: tuple[Handler, ...]) -> tuple[tuple[str, str], ...]:
    """(duty, names) in the order of the duties."""
    groups = (
        (title, [h.title for h in handlers if h.duty is duty])
        for duty, title in DUTY_TITLES.items()
    )
    return tuple((title, "、".join(names)) for title, names in groups if names)


def signed_by(signature: Signature, center: Center) -> str:
    """Who signed, and for whom."""
    if signature.on_behalf_of is None:
        return signature.by.title
    principal = center.person(signature.on_behalf_of)
    return f"{signature.by.title}（代 {principal.title if principal else '书记'}）"


def stamp(order: Order, signature: Signature, *, pending: bool) -> tuple[str, ...]:
    """Both times: when it was signed, and when the platform had it."""
    entry = order.entry(signature.act_id)
    signed = f"签 {spoken_time(entry.occurred_at if entry else signature.at)}"
    if pending or entry is None:
        return (signed, NOT_ARRIVED)
    return (signed, f"平台收到 {spoken_time(entry.received_at)}")


def _proposed_by(order: Order) -> str:
    proposal = order.proposal
    return f"{proposal.by.title} {proposal.by.name} {clock_time(proposal.at)}" if proposal else ""
