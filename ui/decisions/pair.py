"""甲 and 乙 of a question, field by field."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.ids import DeviceId
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import DUTY_TITLES, HistoryEntry, Order
from desktop_app.domain.payloads import Propose
from desktop_app.domain.plain import NotPlain, from_plain
from local_store.rows import Decision
from ui.field.thumbs import Thumbs
from ui.present.history import labelled
from ui.present.people import place_text
from ui.present.times import clock_time, day_time, near_time, span
from ui.present.words import NOTHING
from ui.signoff.sheet_facts import handler_groups
from ui.widgets.values import PairField, PairSide

_LATE = timedelta(minutes=10)
Values = dict[str, str]
_ORDER = {"领办": 0, "协办": 1, "帮办": 2, "联办": 3, "拟办意见": 4, "书记批示": 5, "退回理由": 5}
"""The lines of a proposal, which may be missing on one side."""


def two_sides(
    decision: Decision, order: Order, thumbs: Thumbs, device: DeviceId, now: datetime
) -> tuple[PairSide, PairSide]:
    """Both records of a conflict."""
    first, second = decision.first, decision.second
    assert first is not None
    assert second is not None
    one, other = _values(first, second, order), _values(second, first, order)
    return (
        _side("甲", first, order, (one, other), thumbs, device, now),
        _side("乙", second, order, (other, one), thumbs, device, now),
    )


def stale_sides(
    decision: Decision, order: Order, device: DeviceId, now: datetime
) -> tuple[PairSide, PairSide]:
    """甲: the proposal that stands. 乙: the one that was signed or returned, with the words."""
    second = decision.second
    assert second is not None
    present = _present_proposal(order)
    signed = _signed_proposal(order, second)
    did = ACT_TITLES[second.kind]
    if second.kind is ActKind.SIGN:
        opinion = mask_text(str(second.payload.get("opinion") or NOTHING))
        present["书记批示"], signed["书记批示"] = "还没签", opinion
    else:
        present["退回理由"], signed["退回理由"] = (
            NOTHING,
            mask_text(str(second.payload.get("reason") or NOTHING)),
        )
    by = order.proposal.by.title if order.proposal else "派单员"
    at = order.proposal.at if order.proposal else second.occurred_at
    left = PairSide(
        "甲", "现在的拟办", by, f"{day_time(at)} 拟", "平台上的版本",
        _fields(present, signed), note="" if order.proposal else "派单员已撤回，正在重拟。",
    )  # fmt: skip
    right = PairSide(
        "乙", f"您{did}时的拟办" if second.actor.device_id == device else f"{did}时的拟办",
        second.actor.title, f"{day_time(second.occurred_at)} {did[0]}", _arrived(second, now),
        _fields(signed, present), note=f"{did}留在经过里，没有生效。", origin_icon=_icon(second),
    )  # fmt: skip
    return left, right


def _values(entry: HistoryEntry, other: HistoryEntry, order: Order) -> Values:
    values: Values = {}
    if entry.kind is not other.kind:
        values["做了什么"] = ACT_TITLES[entry.kind]
    values |= dict(labelled(entry))
    values["附件"] = f"照片 {len(entry.files)} 张" if entry.files else NOTHING
    values["事发地"] = place_text(order)
    return values


def _fields(values: Values, other: Values) -> tuple[PairField, ...]:
    labels = [*values, *(label for label in other if label not in values)]
    labels.sort(key=lambda label: (label == "事发地", _ORDER.get(label, -1)))
    return tuple(
        PairField(
            label,
            values.get(label, NOTHING),
            values.get(label, NOTHING) != other.get(label, NOTHING),
        )
        for label in labels
    )


def _side(
    letter: str,
    entry: HistoryEntry,
    order: Order,
    values: tuple[Values, Values],
    thumbs: Thumbs,
    device: DeviceId,
    now: datetime,
) -> PairSide:
    mine = bool(device) and entry.actor.device_id == device
    title = (
        "我这台机器的版本" if mine else ("先到平台的版本" if letter == "甲" else "后到平台的版本")
    )
    photos = tuple(thumbs.photo(sha, clock_time(entry.occurred_at)) for sha in entry.files)
    return PairSide(
        letter, title, _who(entry, order), f"{day_time(entry.occurred_at)} 记",
        _arrived(entry, now), _fields(*values), photos, "", _icon(entry),
    )  # fmt: skip


def _who(entry: HistoryEntry, order: Order) -> str:
    assignment = order.assignment_of(entry.actor.person_id)
    duty = f"（{DUTY_TITLES[assignment.handler.duty]}）" if assignment else ""
    return f"{entry.actor.title}{duty}"


def _late(entry: HistoryEntry) -> timedelta | None:
    delay = entry.received_at - entry.occurred_at
    return delay if delay >= _LATE else None


def _arrived(entry: HistoryEntry, now: datetime) -> str:
    arrived = f"{near_time(entry.received_at, now)} 到平台"
    late = _late(entry)
    return f"离线 {span(late)}，{arrived}" if late else arrived


def _icon(entry: HistoryEntry) -> str:
    return "device-desktop" if _late(entry) else "cloud-check"


def _present_proposal(order: Order) -> Values:
    if order.proposal is None:
        return {}
    return _proposal_values(handler_groups(order.proposal.handlers), order.proposal.note)


def _signed_proposal(order: Order, signature: HistoryEntry) -> Values:
    """The newest proposal the signer's seat could have had on the screen."""
    seen = [e for e in order.history if e.kind is ActKind.PROPOSE and e.rev <= signature.base_rev]
    if not seen:
        return {}
    try:
        payload = from_plain(Propose, seen[-1].payload)
    except NotPlain:
        return {}
    return _proposal_values(handler_groups(payload.handlers), payload.note)


def _proposal_values(groups: tuple[tuple[str, str], ...], note: str) -> Values:
    return {**dict(groups), "拟办意见": mask_text(note) or NOTHING}
