"""Words of strip and banner."""

from datetime import UTC, datetime, timedelta

from desktop_app.domain.clock import ClockQuality
from ui.shell.status import Desk, Link, back_words, banner_words, status_facts
from ui.widgets.kinds import LinkState

NOW = datetime(2026, 11, 20, 1, 42, 16, tzinfo=UTC)


def test_online_says_when_and_nothing_more() -> None:
    link = Link(LinkState.ONLINE, NOW, NOW - timedelta(seconds=6))
    facts = status_facts(link, Desk("周女士", 0, 0), NOW, ClockQuality.GOOD)
    assert (facts.last_sync, facts.time, facts.date) == ("09:42:10", "09:42:16", "11月20日 周五")
    assert facts.clock_label == "平台时间"
    assert banner_words(link, Desk(), NOW) is None


def test_offline_says_how_long_and_that_the_time_is_reckoned() -> None:
    link = Link(LinkState.OFFLINE, NOW - timedelta(hours=6, minutes=12))
    facts = status_facts(link, Desk(), NOW, ClockQuality.ESTIMATED)
    assert facts.link_note == "已 6 时 12 分"
    assert "推算" in facts.clock_label
    words = banner_words(link, Desk("", 3), NOW)
    assert words is not None
    assert "照常办" in words.text
    assert words.waiting == "待上传 3 条"
    assert words.button == "重试"


def test_signed_out_everything_stays_readable() -> None:
    words = banner_words(Link(LinkState.SIGNED_OUT), Desk(), NOW)
    assert words is not None
    assert words.button == "登录"
    assert "都能看" in words.text


def test_not_the_platform_says_what_to_do() -> None:
    link = Link(LinkState.UNREACHABLE, NOW, None, "连到的不是平台", "请先登录本地网络。")
    words = banner_words(link, Desk(), NOW)
    assert words is not None
    assert words.text == "连到的不是平台。请先登录本地网络。"


def test_back_again() -> None:
    assert back_words(3) == "已连上，3 条已上传"
    assert back_words(0) == "已连上"
