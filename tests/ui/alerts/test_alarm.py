"""The new-order alarm in real windows with real keys: it rings until somebody takes the order."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Stage
from desktop_app.services import intake
from tests.support.center import sample_intake
from tests.support.township import Township
from tests.ui.alerts.conftest import Sit
from ui.alerts.alarm import NewOrderAlarm
from ui.alerts.center import AlertCenter
from ui.alerts.window import PopupWindow

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def water(town: Township, n: int = 1) -> OrderId:
    """A new order of a 15-minute tier."""
    return town.dispatch(sample_intake(n, "livelihood"))[0]


def arrive(town: Township, center: AlertCenter, person: str = "dispatcher") -> None:
    """What the sync thread brings, passed on as the bridge does."""
    center.data_changed(town.sync(person))


def focus(qtbot: QtBot, window: PopupWindow) -> None:
    window.take_focus()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(window.accepts_keys)


def stage(town: Township, order_id: OrderId, person: str = "dispatcher") -> Stage:
    return town.seat(person).order(order_id).stage


def test_beside_the_reminder_where_both_fit(town: Township, sit: Sit) -> None:
    alarm, wide, narrow = sit().alarm, QRect(0, 0, 1400, 860), QRect(0, 0, 800, 600)
    middle = alarm.place(wide).x()
    alarm.leave_free(500)
    assert alarm.place(wide).x() + alarm.width() <= wide.width() - 500
    assert alarm.place(narrow).x() == (narrow.center() - alarm.rect().center()).x()
    alarm.leave_free(0)
    assert alarm.place(wide).x() == middle


def test_it_rings_until_taken_by_a_key(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    assert not center.alarm.isVisible()
    order_id = water(town)
    arrive(town, center)
    alarm = center.alarm
    assert alarm.isVisible()
    assert not center.reminder.isVisible()
    assert center._sound.played == 1
    assert "已响 1 次" in alarm.told.text()
    assert "3 分钟后同时提醒 中心负责人、乡党委书记" in alarm.told.text()
    for _ in range(4):
        town.pass_time(seconds=5)
        center.recompute()
    assert center._sound.played == 2
    assert "已响 2 次" in alarm.told.text()
    focus(qtbot, alarm)
    with qtbot.waitSignal(center.acted):
        QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)
    assert stage(town, order_id) is Stage.ACCEPTED
    assert not alarm.isVisible()
    played = center._sound.played
    town.pass_time(minutes=2)
    center.recompute()
    assert center._sound.played == played


def test_two_dispatchers_one_takes_it_and_the_other_is_told(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    first, second = sit("dispatcher"), sit("dispatcher2")
    water(town)
    arrive(town, first, "dispatcher")
    arrive(town, second, "dispatcher2")
    assert first.alarm.isVisible()
    assert second.alarm.isVisible()
    first.alarm.take.click()
    assert not first.alarm.isVisible()
    second.alarm._taken.setInterval(30)
    town.sync("dispatcher")
    arrive(town, second, "dispatcher2")
    assert second.alarm.told.text() == "派单员 周女士 已签收。"
    assert not second.alarm.take.isVisible()
    qtbot.waitUntil(lambda: not second.alarm.isVisible())


def test_two_dispatchers_offline_take_the_same_order(town: Township, sit: Sit) -> None:
    """Both take it before either hears of the other: nothing is lost, nobody is stuck."""
    first, second = sit("dispatcher"), sit("dispatcher2")
    order_id = water(town)
    arrive(town, first, "dispatcher")
    arrive(town, second, "dispatcher2")
    first.alarm.take.click()
    second.alarm.take.click()
    arrive(town, first, "dispatcher")
    arrive(town, second, "dispatcher2")
    assert not second.alarm.isVisible()
    assert stage(town, order_id, "dispatcher2") is Stage.ACCEPTED


def test_keys_typed_elsewhere_are_not_stolen(town: Township, sit: Sit, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.isActiveWindow)
    center = sit()
    order_id = water(town)
    arrive(town, center)
    assert center.alarm.isVisible()
    assert center.alarm.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    # The offscreen platform activates every new window all the same; a screen does not.
    qtbot.waitUntil(center.alarm.accepts_keys)
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    QTest.keyClicks(field, "12")
    QTest.keyClick(field, Qt.Key.Key_Return, CTRL)
    assert field.text() == "12"
    assert stage(town, order_id) is Stage.DISPATCHED
    QTest.keyClick(field, Qt.Key.Key_P, ALT)
    qtbot.waitUntil(center.alarm.isActiveWindow)
    assert center.alarm.take.hasFocus()


def test_it_is_deaf_for_its_first_half_second(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    order_id = water(town)
    arrive(town, center)
    alarm = center.alarm
    alarm.take_focus()
    qtbot.waitUntil(alarm.isActiveWindow)
    alarm.listen_later()
    QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)
    QTest.keyClick(alarm.take, Qt.Key.Key_Space)
    QTest.keyClick(alarm.take, Qt.Key.Key_Return)
    assert stage(town, order_id) is Stage.DISPATCHED
    qtbot.waitUntil(alarm.accepts_keys)
    QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)
    assert stage(town, order_id) is Stage.ACCEPTED


def test_take_and_call_opens_the_order(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    order_id = water(town)
    arrive(town, center)
    focus(qtbot, center.alarm)
    with qtbot.waitSignals([center.open_requested, center.call_requested]):
        QTest.keyClick(center.alarm, Qt.Key.Key_F8)
    assert stage(town, order_id) is Stage.ACCEPTED


def test_urgent_orders_queue_and_the_next_one_needs_its_own_key(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    center = sit()
    older = water(town, 1)
    town.pass_time(minutes=1)
    newer = water(town, 2)
    arrive(town, center)
    alarm = center.alarm
    assert alarm.shown_order() == older
    assert alarm.behind.text() == "后面还有 1 件急件待签收"
    focus(qtbot, alarm)
    QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)
    QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)  # a second press in haste
    assert stage(town, older) is Stage.ACCEPTED
    assert alarm.shown_order() == newer
    assert stage(town, newer) is Stage.DISPATCHED
    assert not alarm.behind.isVisible()


def test_what_is_shown_is_not_replaced_by_a_more_urgent_one(town: Township, sit: Sit) -> None:
    center = sit()
    shown = town.dispatch(sample_intake(1, "livelihood"))[0]
    arrive(town, center)
    town.dispatch(sample_intake(2, "emergency"))
    town.pass_time(seconds=5)
    arrive(town, center)
    assert center.alarm.shown_order() == shown


def test_the_secretary_is_rung_later_and_cannot_take_it(
    town: Township, sit: Sit, qtbot: QtBot
) -> None:
    center = sit("secretary")
    water(town)
    arrive(town, center, "secretary")
    assert not center.alarm.isVisible()
    town.pass_time(minutes=3)
    center.recompute()
    alarm = center.alarm
    assert alarm.isVisible()
    assert not alarm.take.isEnabled()
    assert alarm.take.shown_text() == "签收 · 由派单员来办"
    focus(qtbot, alarm)
    QTest.keyClick(alarm, Qt.Key.Key_Return, CTRL)
    assert not alarm.isVisible()
    waiting = town.seat("secretary").store.outbox()
    assert [item.act.kind.value for item in waiting] == ["acknowledge"]


def test_closing_it_does_not_get_rid_of_it(town: Township, sit: Sit, qtbot: QtBot) -> None:
    center = sit()
    water(town)
    arrive(town, center)
    QTest.keyClick(center.alarm, Qt.Key.Key_Escape)
    assert center.alarm.isVisible()
    center.alarm.close()
    qtbot.waitUntil(center.alarm.isVisible)
    center.stop()
    assert not center.alarm.isVisible()


def test_withdrawn_by_the_platform_is_said(town: Township, sit: Sit) -> None:
    from desktop_app.domain.acts import ActKind

    center = sit()
    water(town)
    arrive(town, center)
    number = sample_intake(1).number
    town.from_platform(ActKind.WITHDRAW, number, {"reason": "重复派单"})
    arrive(town, center)
    assert center.alarm.told.text() == "平台已撤回这件单。"


def test_it_survives_sleep_and_a_clock_set_back(town: Township, sit: Sit) -> None:
    from datetime import timedelta

    center = sit()
    water(town)
    arrive(town, center)
    town.clock.jump(timedelta(hours=-3))
    town.pass_time(seconds=21)
    center.recompute()
    assert "已响 2 次" in center.alarm.told.text()
    town.pass_time(minutes=30)
    center.recompute()
    assert center.alarm.isVisible()
    assert "超时" in center.alarm.band.accessibleName()


def test_phone_numbers_are_masked(town: Township, sit: Sit) -> None:
    center = sit()
    water(town)
    arrive(town, center)
    words = center.alarm.phone_line.text() + center.alarm.text.toPlainText()
    assert "13800001234" not in words
    assert "138****1234" in words


def test_taken_in_another_window_of_this_seat(town: Township, sit: Sit) -> None:
    center = sit()
    order_id = water(town)
    arrive(town, center)
    intake.accept(town.seat("dispatcher"), order_id)
    center.alarm.take.click()  # before the news came round
    assert not center.alarm.isVisible()
    kinds = [item.act.kind.value for item in town.seat("dispatcher").store.outbox()]
    assert kinds == ["accept"]


def test_alarm_type(town: Township, sit: Sit) -> None:
    alarm = sit().alarm
    assert isinstance(alarm, NewOrderAlarm)
    assert alarm.objectName() == "alarmPopup"
    assert alarm.take.objectName() == "takeButton"
    assert alarm.call.objectName() == "takeAndCallButton"
