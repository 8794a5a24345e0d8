"""The reminder in real windows with real keys: gathered, worst first, nothing lost, nothing twice."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from tests.support.center import sample_intake
from tests.support.paints import Paints
from tests.support.township import KEY, Township
from tests.ui.alerts.conftest import Sit
from ui.alerts.center import AlertCenter
from ui.alerts.row import AlertRow
from ui.alerts.window import PopupWindow

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def focus(qtbot: QtBot, window: PopupWindow) -> None:
    window.take_focus()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(window.accepts_keys)


def shown(center: AlertCenter) -> list[str]:
    """The orders on the screen, as the rows have them."""
    rows = center.reminder.findChildren(AlertRow)
    return [row.order_id for row in rows if not row.isHidden() and row.order_id]


def kinds(town: Township, person: str) -> list[ActKind]:
    return [item.act.kind for item in town.seat(person).store.outbox()]


def at_noon_next_days(town: Township, center: AlertCenter, days: float) -> None:
    town.pass_time(days=days)
    center.recompute()


def test_a_new_ordinary_order_is_a_row_that_goes_when_it_is_taken(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    from desktop_app.services import intake

    center = sit()
    order_id = town.dispatch(sample_intake())[0]
    center.data_changed(town.sync("dispatcher"))
    assert center.reminder.isVisible()
    assert not center.alarm.isVisible()
    assert shown(center) == [order_id]
    assert center._sound.played == 1
    focus(qtbot, center.reminder)
    with qtbot.waitSignal(center.open_requested) as opened:
        QTest.keyClick(center.reminder, Qt.Key.Key_1)
    assert opened.args == [order_id]
    center.data_changed(intake.accept(town.seat("dispatcher"), order_id))
    assert not center.reminder.isVisible()


def test_a_week_asleep_is_told_once_and_acknowledged_with_one_act_per_order(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    ids = town.signed(sample_intake(1), sample_intake(2))
    town.seat("dispatcher")
    town.sync("dispatcher")
    center = sit()
    assert not center.reminder.isVisible()
    at_noon_next_days(town, center, 6)
    reminder = center.reminder
    assert reminder.isVisible()
    assert sorted(shown(center)) == sorted(ids)
    assert "离开期间到期的 2 件已并入本窗，只提醒一次。" in reminder.note.text()
    assert [a.watch.clock.id for a in center.gathered().orders[0].alerts] == [
        "day1", "day3", "day5",
    ]  # fmt: skip
    assert center._sound.played == 1
    focus(qtbot, reminder)
    with qtbot.waitSignal(center.acted):
        QTest.keyClick(reminder, Qt.Key.Key_Return, CTRL)
    assert not reminder.isVisible()
    assert kinds(town, "dispatcher") == [ActKind.ACKNOWLEDGE, ActKind.ACKNOWLEDGE]
    for _ in range(3):
        town.pass_time(seconds=5)
        center.recompute()
    assert not reminder.isVisible()


def test_rows_are_painted_again_only_when_their_clock_shows_another_time(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    town.signed(sample_intake(1), sample_intake(2))
    town.sync("dispatcher")
    center = sit()
    at_noon_next_days(town, center, 6)
    row = center.reminder.findChild(AlertRow, "reminderRow1")
    assert row is not None
    qtbot.waitUntil(row.isVisible)
    QApplication.processEvents()
    paints = Paints(row)
    face = row._face
    center._on_tick()
    center.recompute()
    QApplication.processEvents()
    assert (paints.count, row._face) == (0, face)
    town.pass_time(seconds=3600)
    center._on_tick()
    qtbot.waitUntil(lambda: paints.count > 0)
    assert row._face is not None
    assert face is not None
    assert row._face.clock != face.clock


def test_nothing_is_reckoned_anew_while_nothing_can_have_become_due(
    town: Township, sit: Sit
) -> None:
    order_id = town.signed(sample_intake(1))[0]
    town.sync("dispatcher")
    center = sit()
    before = center.gathered()
    town.pass_time(seconds=5)
    center.recompute()
    assert center.gathered() is before
    town.pass_time(seconds=60)
    center.recompute()
    assert center.gathered() is not before
    seen = center.gathered()
    center.data_changed(ChangeSet(frozenset({OrderId(order_id)})))
    assert center.gathered() is not seen


def test_after_a_restart_what_was_answered_stays_away_and_the_rest_comes_back(
    town: Township, sit: Sit
) -> None:
    town.signed(sample_intake(1))
    town.sync("dispatcher")
    first = sit()
    at_noon_next_days(town, first, 1.2)
    assert first.reminder.isVisible()
    first.stop()
    second = sit()
    assert second.reminder.isVisible()  # nobody had answered it
    assert second._sound.played == 0  # but it is no news
    second.reminder.ack.click()
    second.stop()
    third = sit()
    assert not third.reminder.isVisible()


def test_what_was_acknowledged_on_another_machine_is_known_here(town: Township, sit: Sit) -> None:
    town.signed(sample_intake(1))
    town.sync("dispatcher")
    center = sit()
    at_noon_next_days(town, center, 1.2)
    center.reminder.ack.click()
    town.sync("dispatcher")
    profile = town.folder / "new-machine"
    profile.mkdir()
    time = PlatformTime(town.clock)
    time.hear(town.clock.now())
    seat = Seat(Store.open(profile, KEY), time, PersonId("dispatcher"))
    town._sync(seat)
    other = sit(seat=seat)
    assert not other.reminder.isVisible()
    other.stop()
    seat.store.close()


def test_snooze_takes_what_may_wait_and_leaves_what_is_overdue(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    early = town.signed(sample_intake(1))[0]
    town.pass_time(hours=3)
    late = town.signed(sample_intake(2))[0]
    town.sync("dispatcher")
    center = sit()
    town.pass_time(hours=22)  # 09:xx next day: the first is overdue, the second near
    center.recompute()
    assert shown(center) == [early, late]
    focus(qtbot, center.reminder)
    QTest.keyClick(center.reminder, Qt.Key.Key_F12)
    assert shown(center) == [early]
    assert kinds(town, "dispatcher") == [ActKind.SNOOZE]
    assert not center.reminder.snooze.isEnabled()
    assert "都已超时" in center.reminder.snooze.shown_text()
    town.pass_time(minutes=9)
    center.recompute()
    assert shown(center) == [early]
    town.pass_time(minutes=1)
    center.recompute()
    assert shown(center) == [early, late]
    center.reminder.snooze.click()
    town.pass_time(minutes=10)
    center.recompute()
    assert shown(center) == [early, late]
    assert not center.reminder.snooze.isEnabled()  # twice, and no more
    assert kinds(town, "dispatcher") == [ActKind.SNOOZE, ActKind.SNOOZE]


def test_more_than_six_orders_end_in_a_row_that_leads_to_all(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    town.dispatch(*(sample_intake(n) for n in range(1, 10)))
    center = sit()
    assert len(shown(center)) == 5
    row = center.reminder.findChild(AlertRow, "reminderRow6")
    assert isinstance(row, AlertRow)
    assert row.accessibleName() == "另有 4 件"
    focus(qtbot, center.reminder)
    with qtbot.waitSignal(center.list_requested):
        QTest.keyClick(center.reminder, Qt.Key.Key_6)
    with qtbot.waitSignal(center.acted):
        QTest.keyClick(center.reminder, Qt.Key.Key_Return, CTRL)
    assert len(kinds(town, "dispatcher")) == 9


def test_quiet_hours_hold_and_give_back(town: Township, sit: Sit) -> None:
    town.pass_time(hours=4.75)  # 13:00: eight hours before the end of day 1 is 05:00
    order_id = town.signed(sample_intake(1))[0]
    town.seat("village")
    center = sit("village")
    town.pass_time(hours=16.5)
    center.recompute()
    assert center.gathered().held == 1
    assert not center.reminder.isVisible()
    town.pass_time(hours=1)
    center.recompute()
    assert shown(center) == [order_id]
    assert center._sound.played == 1


def test_at_night_an_overdue_ordinary_order_is_shown_without_sound(
    town: Township, sit: Sit
) -> None:
    town.pass_time(hours=14.5)  # 22:45
    town.signed(sample_intake(1))
    town.sync("dispatcher")
    center = sit()
    assert not center.reminder.isVisible()
    town.pass_time(hours=24.2)
    center.recompute()
    assert center.reminder.isVisible()
    assert center._sound.played == 0


def test_news_while_the_window_is_open_makes_it_deaf_again(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    town.dispatch(sample_intake(1))
    center = sit()
    focus(qtbot, center.reminder)
    town.dispatch(sample_intake(2))
    center.data_changed(town.sync("dispatcher"))
    QTest.keyClick(center.reminder, Qt.Key.Key_Return, CTRL)  # meant for what was there before
    assert kinds(town, "dispatcher") == []
    assert len(shown(center)) == 2


def test_it_is_raised_again_and_comes_back_when_closed(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    town.dispatch(sample_intake(1))
    center = sit()
    raised = center._raised
    assert raised is not None
    town.pass_time(seconds=21)
    center.recompute()
    assert center._raised == raised + timedelta(seconds=21)
    assert center._sound.played == 1
    center.reminder.close()
    qtbot.waitUntil(center.reminder.isVisible)


def test_alt_p_goes_to_the_alarm_first_then_to_the_reminder(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    town.dispatch(sample_intake(1), sample_intake(2, "livelihood"))
    center = sit()
    assert center.alarm.isVisible()
    assert center.reminder.isVisible()
    center._on_focus_asked()
    qtbot.waitUntil(center.alarm.isActiveWindow)
    center._on_focus_asked()
    qtbot.waitUntil(center.reminder.isActiveWindow)


def test_alt_p_works_with_both_windows_open(town: Township, sit: Sit, qtbot: QtBot) -> None:
    town.dispatch(sample_intake(1), sample_intake(2, "livelihood"))
    center = sit()
    center.reminder.activateWindow()
    qtbot.waitUntil(center.reminder.isActiveWindow)
    QTest.keyClick(center.reminder, Qt.Key.Key_P, ALT)
    qtbot.waitUntil(center.alarm.isActiveWindow)
    QTest.keyClick(center.alarm, Qt.Key.Key_P, ALT)
    qtbot.waitUntil(center.reminder.isActiveWindow)


def test_sound_can_be_switched_off(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    with qtbot.waitSignal(center.sound_changed):
        center.reminder.sound_toggled.emit()
    town.dispatch(sample_intake(1))
    center.data_changed(town.sync("dispatcher"))
    assert center.reminder.isVisible()
    assert center._sound.played == 0


def test_counts_for_the_rail_and_the_tray(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    counts: list[tuple[int, int]] = []
    center.counted.connect(lambda due, over: counts.append((due, over)))
    town.dispatch(sample_intake(1), sample_intake(2, "livelihood"))
    center.data_changed(town.sync("dispatcher"))
    assert counts[-1] == (2, 0)
