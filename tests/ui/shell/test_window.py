"""The shell with pages of its own making: rail, banner, notices, keys, remembering."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import OrderId
from desktop_app.domain.roles import Role
from desktop_app.settings import DemoSeat, SettingsFile
from local_store.changes import ChangeSet
from ui.shell import nav
from ui.shell.help import ALL_KEYS
from ui.shell.status import Desk, Link
from ui.shell.window import LOGIN, SEATS, Shell
from ui.theme.theme import Theme
from ui.widgets.key_bar import KeyBar
from ui.widgets.kinds import LinkState
from ui.widgets.nav_rail import NavButton
from ui.widgets.values import KeyHint

NOW = datetime(2026, 11, 20, 1, 42, tzinfo=UTC)


class Plain(QWidget):
    """A page that remembers what it was told."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.told: list[ChangeSet] = []
        self.ticks = 0
        self.opened = ""

    def keys(self) -> list[tuple[str, str]]:
        return [("F9", "拟办")]

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        self.told.append(changes)

    def tick(self, now: datetime) -> None:
        self.ticks += 1

    def primary(self) -> None: ...

    def open_order(self, order_id: str) -> None:
        self.opened = order_id


@pytest.fixture
def keeper(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path)


@pytest.fixture
def shell(theme: Theme, keeper: SettingsFile, qtbot: QtBot) -> Shell:
    made = Shell(theme, keeper)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    return made


def furnish(shell: Shell, role: Role | None = Role.DISPATCHER) -> None:
    keys = nav.plan_for(role).pages if role is not None else (LOGIN,)
    shell.furnish(dict.fromkeys((*keys, LOGIN), Plain), role, lambda: (NOW, ClockQuality.GOOD))


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.DISPATCHER, nav.ORDERS),
        (Role.SECRETARY, nav.SIGNOFF),
        (Role.LEADER, nav.MINE),
        (Role.VILLAGE, nav.MINE),
        (Role.STATION, nav.MINE),
        (Role.INSPECTOR, nav.ORDERS),
    ],
)
def test_each_role_starts_where_its_work_is(shell: Shell, role: Role, first: str) -> None:
    furnish(shell, role)
    assert shell.stack.current_key() == first
    assert shell.rail.isVisible()


def test_before_anybody_signed_in_there_is_only_the_login(shell: Shell) -> None:
    furnish(shell, None)
    assert shell.stack.current_key() == LOGIN
    assert not shell.rail.isVisible()


def test_a_hidden_page_gets_what_it_missed_when_it_is_shown(shell: Shell) -> None:
    furnish(shell)
    signoff = shell.stack.page(nav.SIGNOFF)
    assert isinstance(signoff, Plain)
    shell.data_changed(ChangeSet.of([OrderId("a")]))
    shell.data_changed(ChangeSet.of([OrderId("b")]))
    assert signoff.told == []
    shell.show_page(nav.SIGNOFF)
    assert signoff.told == [ChangeSet.of([OrderId("a"), OrderId("b")])]


def test_only_the_page_in_front_ticks(shell: Shell) -> None:
    furnish(shell)
    front, behind = shell.stack.page(nav.ORDERS), shell.stack.page(nav.SIGNOFF)
    shell._on_tick()
    assert isinstance(front, Plain)
    assert isinstance(behind, Plain)
    assert front.ticks > 0
    assert behind.ticks == 0


def test_an_order_opens_where_the_role_works_on_orders(shell: Shell) -> None:
    furnish(shell, Role.VILLAGE)
    shell.show_page(nav.OUTBOX)
    shell.open_order("order-1")
    page = shell.stack.page(nav.MINE)
    assert isinstance(page, Plain)
    assert (shell.stack.current_key(), page.opened) == (nav.MINE, "order-1")


def test_offline_shows_the_banner_and_back_again_one_line(shell: Shell) -> None:
    furnish(shell)
    shell.set_link(Link(LinkState.ONLINE, NOW, NOW))
    shell.set_desk(Desk("周女士", 0, 0))
    shell.set_link(Link(LinkState.OFFLINE, NOW - timedelta(minutes=16)))
    shell.set_desk(Desk("周女士", 3, 0))
    assert shell.banner.isVisible()
    assert "离线 已 16 分" in shell.banner.accessibleName()
    shell.set_desk(Desk("周女士", 0, 0))
    shell.set_link(Link(LinkState.ONLINE, NOW, NOW))
    assert shell.banner.accessibleName() == "已连上，3 条已上传"


def test_what_goes_out_after_the_connection_came_back_is_counted(shell: Shell) -> None:
    furnish(shell)
    shell.set_link(Link(LinkState.OFFLINE, NOW - timedelta(minutes=16)))
    shell.set_desk(Desk("周女士", 3, 0))
    shell.set_link(Link(LinkState.ONLINE, NOW, NOW))
    assert shell.banner.accessibleName() == "已连上，还有 3 条待上传"
    shell.set_desk(Desk("周女士", 1, 0))
    assert shell.banner.accessibleName() == "已连上，2 条已上传，还有 1 条待上传"
    shell.set_desk(Desk("周女士", 0, 0))
    assert shell.banner.accessibleName() == "已连上，3 条已上传"


def test_the_first_connection_is_no_news(shell: Shell) -> None:
    shell.set_link(Link(LinkState.SYNCING))
    furnish(shell)
    shell.set_link(Link(LinkState.ONLINE, NOW, NOW))
    assert not shell.banner.isVisible()


def test_f5_syncs_and_signed_out_it_leads_to_the_login(shell: Shell, qtbot: QtBot) -> None:
    furnish(shell)
    shell.set_link(Link(LinkState.ONLINE, NOW, NOW))
    with qtbot.waitSignal(shell.sync_requested):
        QTest.keyClick(shell, Qt.Key.Key_F5)
    shell.set_link(Link(LinkState.SIGNED_OUT))
    with qtbot.waitSignal(shell.sign_in_requested):
        QTest.keyClick(shell, Qt.Key.Key_F5)
    assert shell.stack.current_key() == LOGIN


def test_f1_shows_all_keys_and_any_key_puts_them_away(shell: Shell, qtbot: QtBot) -> None:
    furnish(shell)
    QTest.keyClick(shell, Qt.Key.Key_F1)
    assert shell._help.isVisible()
    QTest.keyClick(shell._help, Qt.Key.Key_A)
    assert not shell._help.isVisible()


def test_a_notice_takes_no_focus_and_a_problem_stays(shell: Shell) -> None:
    furnish(shell)
    before = shell.focusWidget()
    shell.show_notice("平台恢复了备份", "已自动补传。")
    assert shell.notice.isVisible()
    assert shell.focusWidget() is before
    shell.show_problem("没有写进磁盘", "请腾出空间。")
    assert not shell._notice_timer.isActive()


def test_keys_of_the_page_then_those_that_always_work(shell: Shell) -> None:
    furnish(shell)
    assert [hint.text for hint in shell.key_bar._hints] == ["拟办", "同步", "全部快捷键"]


def test_size_look_and_page_are_remembered(
    theme: Theme, keeper: SettingsFile, tmp_path: Path, shell: Shell
) -> None:
    furnish(shell)
    shell.show_page(nav.SIGNOFF)
    theme.zoom_in()
    shell.close()
    again = SettingsFile(tmp_path).now
    assert again.page == nav.SIGNOFF
    assert again.scale == pytest.approx(1.1)
    assert again.window[2:] == (1280, 800)


def test_seats_are_offered_only_in_a_demonstration(
    theme: Theme, keeper: SettingsFile, qtbot: QtBot
) -> None:
    keeper.change(demo_seats=(DemoSeat("村书记", "/p", ("true",)),), role="dispatcher")
    made = Shell(theme, keeper)
    qtbot.addWidget(made)
    names = {b.objectName() for b in made.rail.findChildren(NavButton) if b.item.key}
    assert f"nav_{SEATS}" in names
    assert [a.text() for a in made.seats_menu().actions()] == ["村书记"]


def test_signing_is_in_the_rail_of_a_deputy_while_that_holds(shell: Shell) -> None:
    keys = (*nav.plan_for(Role.LEADER, deputy=True).pages, LOGIN)
    shell.furnish(dict.fromkeys(keys, Plain), Role.LEADER, lambda: (NOW, ClockQuality.GOOD))
    assert shell.rail.findChild(NavButton, "nav_signoff") is None
    shell.set_deputy(on=True)
    shell.set_count(nav.SIGNOFF, 3)
    button = shell.rail.findChild(NavButton, "nav_signoff")
    assert button is not None
    assert button.item.count == 3
    assert shell.rail.current() == nav.MINE
    shell.show_page(nav.SIGNOFF)
    shell.set_deputy(on=False)
    assert shell.stack.current_key() == nav.MINE
    assert shell.rail.current() == nav.MINE
    assert [b.item.key for b in shell.rail.findChildren(NavButton) if b.isVisible()].count(
        nav.SIGNOFF
    ) == 0


def test_every_key_is_on_some_page_of_the_help_in_large_type(
    shell: Shell, theme: Theme, qtbot: QtBot
) -> None:
    shell.show()
    shell.resize(1366, 738)
    theme.set_scale(2.0)
    shell._help.toggle()
    seen = list(shell._help.shown_keys())
    for _ in range(shell._help.pages() - 1):
        QTest.keyClick(shell._help, Qt.Key.Key_Down)
        seen += shell._help.shown_keys()
    assert shell._help.pages() > 1
    assert tuple(seen) == ALL_KEYS
    shell._help.toggle()
    assert not shell._help.isVisible()


def test_f1_stays_in_the_key_bar_however_little_room_there_is(theme: Theme) -> None:
    bar = KeyBar(theme, tuple(KeyHint((f"F{n}",), "一个词") for n in (5, 8, 9, 4, 1)))
    keys = [hint.keys[0] for hint in bar._fitting(theme.px(260))]
    assert keys[0] == "F5"
    assert keys[-1] == "F1"
    assert len(keys) < 5
    assert len(bar._fitting(theme.px(2000))) == 5


def test_a_lone_page_stands_under_no_stale_counts_and_no_clock_that_stands_still(
    shell: Shell, qtbot: QtBot
) -> None:
    furnish(shell)
    shell.set_desk(Desk("派单员 周女士", 3, 1))
    before = shell.strip._facts
    assert before.waiting == 3
    assert before.time
    shell.show_only(LOGIN, Plain)
    after = shell.strip._facts
    assert (after.waiting, after.person, after.time) == (0, "", "")
    assert not shell.strip.isVisible()
    assert not [hint for hint in shell.key_bar._hints if "F5" in hint.keys], "nothing would happen"
    furnish(shell)
    assert shell.strip.isVisible()
