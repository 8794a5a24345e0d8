"""Wording of clocks and marks, by the rules for screen texts."""

from ui.widgets.kinds import NodeState, SyncMark

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

STOPPED = "停表"

SYNC_WORDS: dict[SyncMark, str] = {
    SyncMark.SYNCED: "已同步",
    SyncMark.PENDING: "待上传",
    SyncMark.CONFLICT: "冲突",
    SyncMark.REJECTED: "未采用",
}
SYNC_ICONS: dict[SyncMark, str] = {
    SyncMark.SYNCED: "cloud-check",
    SyncMark.PENDING: "cloud-up",
    SyncMark.CONFLICT: "git-merge",
    SyncMark.REJECTED: "circle-x",
}
NODE_WORDS: dict[NodeState, str] = {
    NodeState.MET: "已完成",
    NodeState.LATE: "已完成，超时",
    NodeState.CUR: "正在办",
    NodeState.DUE: "超时未完成",
    NodeState.FUT: "未到",
}


def duration_text(seconds: float) -> str:
    """The two largest units: 1天4时, 6时37分, and under one hour 22分44秒."""
    whole = int(abs(seconds))
    if whole >= _DAY:
        return f"{whole // _DAY}天{whole % _DAY // _HOUR}时"
    if whole >= _HOUR:
        return f"{whole // _HOUR}时{whole % _HOUR // _MINUTE:02d}分"
    return f"{whole // _MINUTE}分{whole % _MINUTE:02d}秒"


def clock_tick(seconds: float) -> int:
    """A number that is the same for as long as ``countdown_text`` is: the shown second, or minute."""
    whole = int(abs(seconds))
    shown = whole if whole < _HOUR else whole - whole % _MINUTE
    return -1 - shown if seconds < 0 else shown


def countdown_text(seconds: float, stopped: bool = False) -> str:
    """The text of a countdown cell for `seconds` left (negative: past due); a stopped clock says only that."""
    if stopped:
        return STOPPED
    return f"{'超' if seconds < 0 else '剩'} {duration_text(seconds)}"
