"""What the detail says about an order, as faces. Everything from outside is masked here."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import KIND_TITLES, Duty, Order
from local_store.rows import OrderRow, SyncState
from ui.present.people import is_secret, petitioner_text, place_text
from ui.widgets.kinds import SyncMark, Tone
from ui.widgets.values import Fact, SyncFace, TagFace

UNMASK = "unmask"
_SHORT = {Duty.LEAD: "领", Duty.ASSIST: "协", Duty.HELP: "帮", Duty.JOINT: "联"}
_MARKS = {
    SyncState.SYNCED: SyncMark.SYNCED,
    SyncState.PENDING: SyncMark.PENDING,
    SyncState.CONFLICT: SyncMark.CONFLICT,
    SyncState.REJECTED: SyncMark.REJECTED,
}


def facts(order: Order, *, wide: bool) -> tuple[Fact, ...]:
    """The facts list; where room is short the category is left to the full timeline."""
    found = [
        Fact("诉求人", petitioner_text(order), key=UNMASK, action=_unmask_words(order, wide=wide)),
        Fact("地点", place_text(order)),
    ]
    if wide:
        kind = KIND_TITLES[order.matter.kind]
        found.append(Fact("分类", category_text(order.matter.category) or f"{kind} · 未分类"))
    found.append(Fact("承办", handlers_text(order) or "还没有派到人"))
    return tuple(found)


def _unmask_words(order: Order, *, wide: bool) -> str:
    if is_secret(order) or not order.petitioner.phone:
        return ""
    return "查看号码（留痕）" if wide else "查看号码"


def handlers_text(order: Order) -> str:
    """``分管农业领导(领) 村书记(协) 农办(帮)``; a proposal that is not signed yet is called that."""
    if order.assignments:
        return " ".join(f"{a.handler.title}({_SHORT[a.handler.duty]})" for a in order.assignments)
    if order.proposal is None or order.returned:
        return ""
    named = "、".join(h.title for h in order.proposal.handlers)
    return f"拟 {named}"


def tags(order: Order, row: OrderRow | None, *, wide: bool = True) -> tuple[TagFace, ...]:
    """What is special about the order, heaviest first."""
    found = []
    if order.signature_pending:
        found.append(TagFace("紧急处置中，待补签", Tone.OVER, "bolt"))
    if order.open_conflicts:
        found.append(TagFace("两条记录对不上", Tone.OVER, "git-merge"))
    if order.returned:
        found.append(TagFace("拟办退回", Tone.NEAR, "arrow-back-up"))
    if row is not None and row.repeat > 1:
        words = "重复诉求 · " if wide else ""
        found.append(TagFace(f"{words}第 {row.repeat} 次", Tone.HALF, "repeat"))
    if order.round > 1:
        found.append(TagFace(f"第 {order.round} 次办理", Tone.NEAR, "rotate-clockwise"))
    if order.paused is not None:
        found.append(
            TagFace(f"停表 · {mask_text(order.paused.reason)}", Tone.PLAIN, "player-pause")
        )
    found += [TagFace(tag) for tag in order.tags]
    return tuple(found)


def sync_face(row: OrderRow | None) -> SyncFace:
    """The badge of the order: the worst of its acts."""
    if row is None:
        return SyncFace(SyncMark.SYNCED)
    if row.sync is SyncState.PENDING and row.pending > 1:
        return SyncFace(SyncMark.PENDING, f"待上传 {row.pending} 条")
    return SyncFace(_MARKS[row.sync])


def track_title(order: Order, now: datetime) -> tuple[str, str]:
    """Heading of the node track: ``一三五七`` and ``第 2 天 · 共 7 天``."""
    nodes = "".join(c.node for c in order.clocks if c.node and c.round == order.round)
    heading = "一三五七" if nodes == "1357" else f"{order.tier_title} · 时限"
    clocks = [c for c in order.clocks if c.round == order.round]
    if not clocks:
        return heading, ""
    start, last = clocks[0].started_at, max(c.due_at for c in clocks)
    days = round((last - start).total_seconds() / 86400)
    if days < 2:
        return heading, f"{last.astimezone(SHANGHAI):%m-%d %H:%M} 前办结"
    today = int((now - start).total_seconds() // 86400) + 1
    return heading, f"第 {max(1, today)} 天 · 共 {days} 天"


def category_text(category: tuple[str, ...]) -> str:
    """``农村管理—农村基础设施建设—道路``."""
    return "—".join(category)


def source_line(order: Order) -> str:
    """``12345 来电 · 08:11``."""
    return f"{order.channel} · {order.called_at.astimezone(SHANGHAI):%m-%d %H:%M}"
