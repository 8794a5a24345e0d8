"""What strip and banner say, from the state of the connection and of the store. Words only, no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_app.domain.clock import ClockQuality
from ui.present.times import WEEKDAYS, local, span
from ui.widgets.kinds import LinkState
from ui.widgets.values import StatusFacts


@dataclass(frozen=True, slots=True)
class Link:
    """The connection as the shell knows it. ``since``: how long it has been so (platform time);
    ``title``/``advice``: what is wrong, empty when it simply is offline.
    """

    state: LinkState = LinkState.OFFLINE
    since: datetime | None = None
    last_sync: datetime | None = None
    title: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sits here and what waits. ``decisions``: conflicts and refused records to look at."""

    person: str = ""
    waiting: int = 0
    decisions: int = 0


def status_facts(link: Link, desk: Desk, now: datetime, quality: ClockQuality) -> StatusFacts:
    """The strip. The clock is called 推算 when it was not counted from the platform's word."""
    at = local(now)
    note = ""
    if link.state in (LinkState.OFFLINE, LinkState.UNREACHABLE) and link.since is not None:
        note = _how_long(link, now)
    good = quality is ClockQuality.GOOD
    return StatusFacts(
        link=link.state,
        link_note=note,
        waiting=desk.waiting,
        conflicts=desk.decisions,
        last_sync=f"{local(link.last_sync):%H:%M:%S}" if link.last_sync else "",
        person=desk.person,
        clock_label="平台时间" if good else "平台时间（推算）",
        date=f"{at.month}月{at.day}日 {WEEKDAYS[at.weekday()]}",
        time=f"{at:%H:%M:%S}",
    )


def _how_long(link: Link, now: datetime) -> str:
    """``已 16 分``; nothing in the first minute."""
    if link.since is None or now - link.since < timedelta(minutes=1):
        return ""
    return f"已 {span(now - link.since)}"


@dataclass(frozen=True, slots=True)
class BannerWords:
    """The line under the strip. ``button`` says what F5 does now."""

    title: str
    text: str
    waiting: str
    button: str


def banner_words(link: Link, desk: Desk, now: datetime) -> BannerWords | None:
    """What the banner says, or None when it has nothing to say."""
    waiting = f"待上传 {desk.waiting} 条" if desk.waiting else ""
    if link.state is LinkState.SIGNED_OUT:
        text = "已有的单都能看，新办的记在本机，登录后自动上传。"
        return BannerWords(
            "未登录", f"{link.title}。{text}" if link.title else text, waiting, "登录"
        )
    if link.state in (LinkState.ONLINE, LinkState.SYNCING):
        return None
    since = _how_long(link, now)
    title = "平台连不上" if link.state is LinkState.UNREACHABLE else f"离线 {since}".strip()
    text = "照常办，记录存本机；有网自动传。时限按记录时间算，不按上传时间算。"
    if link.title:
        text = f"{link.title}。{link.advice or text}"
    return BannerWords(title, text, waiting, "重试")


def back_words(sent: int, waiting: int = 0) -> str:
    """The one line after a connection came back; it counts up while what waited goes out."""
    words = ["已连上"]
    if sent:
        words.append(f"{sent} 条已上传")
    if waiting:
        words.append(f"还有 {waiting} 条待上传")
    return "，".join(words)
