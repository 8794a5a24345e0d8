"""A seat that was left alone: the window asks for the passphrase, and everything goes on behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.app import SeatProgram
from desktop_app.idle_lock import IdleLock
from desktop_app.services import notes
from desktop_app.settings import SettingsFile
from local_store import passphrase
from local_store.keys import KeyPlace
from resources.sample import sample_lives
from tests.desktop_app.test_app import WAIT, platform, program, signed_in
from tests.desktop_app.test_door import page_of
from tests.support.clock import ManualClock
from tests.support.pages import click
from tests.support.platform import RunningPlatform
from tests.ui.unlock.test_unlock import Keeping
from ui.shell import nav
from ui.theme.theme import Theme
from ui.unlock.change import PassphrasePanel
from ui.unlock.cover import Cover
from ui.widgets.photo_view import PhotoView

__all__ = ["platform", "program"]

pytestmark = pytest.mark.fault("security.left_alone")

WORDS = "梨花开满山坡 2026"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "COST", 1 << 10)


@pytest.fixture
def lock(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot, clock: ManualClock
) -> Iterator[IdleLock]:
    """A signed-in seat with a passphrase, watched over by the test's clock."""
    live = signed_in(program, qtbot)
    live._door.change_passphrase("", WORDS)
    made = IdleLock(program.shell, program.theme, live.store.profile, program.settings, clock)
    made.start()
    yield made
    made.stop()


def leave(lock: IdleLock, clock: ManualClock, minutes: float) -> Cover | None:
    clock.advance(timedelta(minutes=minutes))
    lock.look()
    return lock.cover


def covered(lock: IdleLock) -> bool:
    return lock.cover is not None


def type_in(cover: Cover, words: str) -> None:
    edit = cover.findChild(QLineEdit, "passphraseEdit")
    assert edit is not None
    edit.setText(words)
    cover.page.primary()


def visible_texts(window: QWidget) -> str:
    """Return what can be seen in a window: what lies below the cover cannot."""
    seen = []
    for each in window.findChildren(QWidget):
        middle = each.mapTo(window, QPoint(each.width() // 2, each.height() // 2))
        on_top = window.childAt(middle)
        if (
            each.isVisible()
            and on_top is not None
            and (on_top is each or each.isAncestorOf(on_top))
        ):
            seen.append(each.accessibleName())
            if isinstance(each, QLabel | QLineEdit | QPushButton):
                seen.append(each.text())
    return " ".join(seen)


def test_after_a_quarter_of_an_hour_the_window_asks_for_the_passphrase(
    lock: IdleLock, program: SeatProgram, clock: ManualClock
) -> None:
    shell = program.shell
    page = shell.stack.page(nav.ORDERS)
    who = shell.desk.person
    assert who in visible_texts(shell)
    assert leave(lock, clock, 14.9) is None
    cover = leave(lock, clock, 0.1)
    assert cover is not None
    QApplication.processEvents()
    assert not page.isVisible()
    said = visible_texts(shell)
    assert "已锁上" in said
    assert who not in said
    assert not shell.rail.isEnabled()
    if folder := os.environ.get("JIBAN_PICTURES"):
        shell.resize(1280, 800)
        QApplication.processEvents()
        shell.grab().save(str(Path(folder) / "idle.png"))
    type_in(cover, "不是这个口令")
    assert lock.cover is cover
    assert "口令不对" in visible_texts(shell)
    shell.resize(1000, 700)
    assert cover.size() == shell.size()
    type_in(cover, WORDS)
    assert not covered(lock)
    assert page.isVisible()
    assert shell.rail.isEnabled()
    assert leave(lock, clock, 14) is None, "it counts anew"


def test_whoever_works_is_not_locked_out(
    lock: IdleLock, program: SeatProgram, clock: ManualClock
) -> None:
    window = program.shell.windowHandle()
    touches: tuple[Callable[[], None], ...] = (
        lambda: QTest.keyClick(window, Qt.Key.Key_Shift),
        lambda: QTest.keyRelease(window, Qt.Key.Key_A),  # all that an input method lets through
        lambda: QTest.mouseMove(window, QPoint(30, 30)),
        lambda: QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(3, 3)),
    )
    for touch in touches:
        assert leave(lock, clock, 14) is None
        touch()
        QApplication.processEvents()
    assert leave(lock, clock, 14) is None


def test_acts_and_sync_go_on_behind_it(
    lock: IdleLock, program: SeatProgram, clock: ManualClock, qtbot: QtBot
) -> None:
    live = program.live
    assert live is not None
    assert live.seat is not None
    page = program.shell.stack.page(nav.ORDERS)
    qtbot.waitUntil(lambda: page.list.table.orders.rowCount() > 0, timeout=WAIT)  # type: ignore[attr-defined]
    row = page.list.table.orders.row_at(0)  # type: ignore[attr-defined]
    cover = leave(lock, clock, 20)
    assert cover is not None
    live._on_acted(notes.note(live.seat, row.order_id, "记一笔"))
    qtbot.waitUntil(lambda: live.store.pending_count() == 0, timeout=WAIT)
    assert lock.cover is cover


def test_an_alarm_still_comes_and_opens_nothing(
    lock: IdleLock,
    program: SeatProgram,
    platform: RunningPlatform,
    clock: ManualClock,
    qtbot: QtBot,
) -> None:
    live = program.live
    assert live is not None
    assert live.alerts is not None
    assert leave(lock, clock, 20) is not None
    central = platform.platform
    first = next(iter(sample_lives(central.center(), central.now(), 24))).intake
    urgent = replace(first, number="idle-lock-1", tier="emergency", called_at=central.now())
    central.dispatch([urgent], central.now())
    alarm = live.alerts.alarm
    qtbot.waitUntil(alarm.isVisible, timeout=WAIT)
    live._on_alert_open(alarm.shown_order())
    assert lock.cover is not None
    assert not program.shell.stack.isVisible()
    focus = program.shell.focusWidget()
    assert focus is not None
    assert lock.cover.isAncestorOf(focus), "the passphrase would be typed into a page"


def test_a_computer_that_slept_is_locked_when_it_wakes(lock: IdleLock, clock: ManualClock) -> None:
    clock.jump(timedelta(hours=3))
    lock.look()
    assert lock.cover is not None


def test_the_key_that_wakes_it_opens_nothing(
    lock: IdleLock, program: SeatProgram, clock: ManualClock
) -> None:
    clock.jump(timedelta(hours=3))
    QTest.keyClick(program.shell.windowHandle(), Qt.Key.Key_A)
    assert lock.cover is not None
    edit = lock.cover.findChild(QLineEdit, "passphraseEdit")
    assert edit is not None
    assert edit.text() == ""


def test_what_was_left_open_over_the_window_does_not_stay(
    lock: IdleLock, program: SeatProgram, clock: ManualClock
) -> None:
    shell = program.shell
    PhotoView(program.theme, QImage(40, 30, QImage.Format.Format_RGB32), "村口", shell)
    dialog = QDialog(shell)
    dialog.open()
    cover = leave(lock, clock, 20)
    assert cover is not None
    assert not dialog.isVisible(), "somebody else could go on with it"
    assert not [view for view in shell.findChildren(PhotoView) if view.isVisible()]


def test_damage_seen_while_it_is_locked_does_not_unlock_it(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    live = signed_in(program, qtbot)
    live._door.change_passphrase("", WORDS)
    before = program.idle
    assert before is not None
    before.lock()
    live.damaged.emit()
    click(page_of(program, qtbot, "recoveredPage"), "continueButton")
    qtbot.waitUntil(lambda: program.live not in (None, live), timeout=WAIT)
    assert program.idle is not None
    assert program.idle is not before
    assert program.idle.cover is not None
    assert not program.shell.stack.isVisible()


@pytest.mark.parametrize("how", ["never", "demo", "no passphrase"])
def test_it_is_left_open_where_nobody_could_or_would_unlock_it(
    lock: IdleLock, program: SeatProgram, clock: ManualClock, how: str
) -> None:
    if how == "never":
        program.settings.change(lock_minutes=0)
    elif how == "demo":
        program.settings.change(demo_password="x")
    else:
        (program.settings._path.parent / passphrase.SEALED_FILE).unlink()
    assert leave(lock, clock, 10_000) is None


def test_a_forgotten_passphrase_is_no_way_around_it(lock: IdleLock, clock: ManualClock) -> None:
    cover = leave(lock, clock, 20)
    assert cover is not None
    cover.page.forgotten.emit()
    assert lock.cover is cover
    assert "关掉程序" in visible_texts(cover.window())


def test_asking_for_the_way_out_does_not_end_the_wait(lock: IdleLock, clock: ManualClock) -> None:
    cover = leave(lock, clock, 20)
    assert cover is not None
    button = cover.findChild(QAbstractButton, "unlockButton")
    assert button is not None
    for _ in range(passphrase.FREE_TRIES + 1):
        type_in(cover, "不是这个口令")
    assert not button.isEnabled()
    cover.page.forgotten.emit()
    assert not button.isEnabled()


def test_the_minutes_are_chosen_where_the_passphrase_is(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    settings = SettingsFile(tmp_path)
    panel = PassphrasePanel(theme, Keeping(KeyPlace.PASSPHRASE), settings=settings)
    qtbot.addWidget(panel)
    assert panel._minutes.isVisibleTo(panel)
    panel._minutes.choice_changed.emit("30")
    assert settings.now.lock_minutes == 30
    for place in (KeyPlace.FILE, KeyPlace.KEYRING):
        other = PassphrasePanel(theme, Keeping(place), settings=settings)
        qtbot.addWidget(other)
        assert not other._minutes.isVisibleTo(other)
