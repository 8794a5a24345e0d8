"""The timeline of an order: its acts newest first, with what waits on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.orders import ConflictKind, HistoryEntry, Order, Outcome
from ui.present.times import clock_time, day_time
from ui.present.words import fields, joined, summary
from ui.widgets.kinds import SyncMark, Tone
from ui.widgets.values import TimelineItem

K = ActKind
LATE_AFTER = timedelta(minutes=10)  # ours: an arrival later than this is told as 补传

ACT_ICONS: dict[ActKind, str] = {
    K.DISPATCH: "inbox", K.ACCEPT: "check", K.VERIFY: "phone", K.CLASSIFY: "list-details",
    K.PROPOSE: "clipboard-text", K.WITHDRAW_PROPOSAL: "arrow-back-up", K.SIGN: "rubber-stamp",
    K.RETURN_PROPOSAL: "arrow-back-up", K.EMERGENCY: "bolt", K.HANDLER_ACCEPT: "check",
    K.MEET: "users", K.PLAN: "clipboard-text", K.PROGRESS: "arrow-right", K.EXPLAIN: "ear",
    K.PHOTO: "photo", K.DETERMINE: "gavel", K.CONCLUDE: "flag", K.REVIEW: "phone",
    K.REPORT_BACK: "arrow-forward-up", K.CALL_BACK: "phone", K.SECOND_ROUND: "repeat",
    K.WITHDRAW: "circle-x", K.ARCHIVE: "archive", K.NOTE: "note", K.CORRECT: "pencil",
    K.URGE: "bell-ringing", K.CALL: "phone", K.UNMASK: "eye", K.ACKNOWLEDGE: "bell",
    K.SNOOZE: "clock", K.STOP_CLOCK: "player-pause", K.RESUME_CLOCK: "player-play",
    K.RESOLVE_CONFLICT: "git-merge", K.SET_ASIDE: "check",
    K.AUTHORISE_DEPUTY: "user-check", K.REVOKE_DEPUTY: "user-x",
}  # fmt: skip
_TONES = {
    K.SIGN: Tone.SEAL,
    K.MEET: Tone.OK,
    K.DETERMINE: Tone.OK,
    K.CONCLUDE: Tone.OK,
    K.REVIEW: Tone.OK,
    K.EXPLAIN: Tone.OK,
    K.URGE: Tone.OVER,
    K.EMERGENCY: Tone.OVER,
    K.RETURN_PROPOSAL: Tone.NEAR,
    K.RESOLVE_CONFLICT: Tone.PRIMARY,
}
_QUIET = frozenset({K.ACKNOWLEDGE, K.SNOOZE, K.SET_ASIDE})


def timeline(order: Order, pending: Mapping[str, SyncMark]) -> tuple[TimelineItem, ...]:
    """Newest first. ``pending``: act ids that are not on the platform yet, and how they stand."""
    struck = not_adopted(order)
    shown = [e for e in order.history if e.kind not in _QUIET]
    shown.sort(key=lambda e: (e.occurred_at, e.rev), reverse=True)
    return tuple(_item(e, pending.get(e.act_id), struck=e.act_id in struck) for e in shown)


def not_adopted(order: Order) -> frozenset[str]:
    """Ids of the records a decided conflict left aside, and of signatures that came too late."""
    aside: set[str] = set()
    for conflict in order.conflicts:
        if conflict.kind is ConflictKind.STALE_SIGNATURE or conflict.choice == "first":
            aside.add(conflict.second)
        elif conflict.choice == "second":
            aside.add(conflict.first)
    return frozenset(aside)


def _item(entry: HistoryEntry, mark: SyncMark | None, *, struck: bool) -> TimelineItem:
    if mark is None and entry.outcome is Outcome.CONFLICT and not struck:
        mark = SyncMark.CONFLICT
    return TimelineItem(
        key=entry.act_id,
        time=day_time(entry.occurred_at),
        icon=ACT_ICONS[entry.kind],
        tone=_TONES.get(entry.kind, Tone.PLAIN),
        title=title_of(entry),
        who=entry.actor.title,
        text=summary_of(entry),
        late_note="" if mark else late_note(entry),
        sync=mark,
        struck=struck,
    )


def title_of(entry: HistoryEntry) -> str:
    """The act's name, and for a signature what it set going."""
    if entry.kind is K.SIGN:
        return "修改后签批 · 双派单" if entry.payload.get("handlers") else "同意签批 · 双派单"
    if entry.outcome is Outcome.ALREADY:
        return f"{ACT_TITLES[entry.kind]} · 已有人办过"
    return ACT_TITLES[entry.kind]


def summary_of(entry: HistoryEntry) -> str:
    """One line of what came of it, and how many photos hang on it."""
    said = summary(entry.kind, entry.payload)
    photos = f"照片 {len(entry.files)} 张" if entry.files else ""
    return joined([part for part in (said, photos) if part])


def late_note(entry: HistoryEntry) -> str:
    """``18:02 补传`` for a record that reached the platform well after it was made."""
    if entry.received_at - entry.occurred_at < LATE_AFTER:
        return ""
    same_day = day_time(entry.received_at)[:5] == day_time(entry.occurred_at)[:5]
    at = clock_time(entry.received_at) if same_day else day_time(entry.received_at)
    return f"{at} 补传"


def labelled(entry: HistoryEntry) -> tuple[tuple[str, str], ...]:
    """(label, value) of an entry's fields."""
    return fields(entry.kind, entry.payload)
