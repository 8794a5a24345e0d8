"""Times as people say them, in Asia/Shanghai; every function takes aware times."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop_app.domain.calendars import SHANGHAI

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def local(moment: datetime) -> datetime:
    """The same moment on the center's wall clock."""
    return moment.astimezone(SHANGHAI)


def clock_time(moment: datetime) -> str:
    """``16:58``."""
    return f"{local(moment):%H:%M}"


def day_time(moment: datetime) -> str:
    """``11-18 16:58``: the one date form of lists and timelines."""
    return f"{local(moment):%m-%d %H:%M}"


def near_time(moment: datetime, now: datetime) -> str:
    """``今天 16:58``, ``昨天 …``, ``明天 …``, else ``11-18 16:58``."""
    days = (local(moment).date() - local(now).date()).days
    word = {0: "今天", -1: "昨天", 1: "明天"}.get(days)
    return f"{word} {clock_time(moment)}" if word else day_time(moment)


def spoken_time(moment: datetime) -> str:
    """``11 月 20 日 08:15``, as a form writes it."""
    at = local(moment)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}"


def full_time(moment: datetime) -> str:
    """``2026 年 11 月 20 日 08:15``."""
    return f"{local(moment).year} 年 {spoken_time(moment)}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: ``1 天 4 时``, ``15 时 20 分``, ``16 分``."""
    minutes = int(abs(length.total_seconds()) // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} 天 {hours} 时"
    if hours:
        return f"{hours} 时 {rest:02d} 分"
    return f"{rest} 分"
