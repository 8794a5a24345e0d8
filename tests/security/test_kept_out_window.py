"""A computer that an administrator keeps out, as its window shows it: nothing personal, and the way back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import SeatProgram
from desktop_app.domain.roles import Role
from desktop_app.live import LiveSeat
from desktop_app.services import notes
from desktop_app.single_instance import SingleInstance
from resources.sample import sample_accounts
from sync.client import identity, kept_out
from sync.client.failures import TABLE, FailureKind, Problem
from sync.client.kept_out import KeptOut
from sync.platform.oversight import Oversight
from tests.desktop_app.test_app import WAIT, live_of, platform, program, signed_in
from tests.support.platform import PASSWORD, RunningPlatform
from ui.shell import nav
from ui.shell.window import LOGIN, TITLE
from ui.theme.theme import Theme
from ui.unlock.kept_out import KeptOutPage
from ui.widgets.kinds import LinkState
from ui.widgets.photo_view import PhotoView

__all__ = ["platform", "program"]

pytestmark = pytest.mark.fault("security.lost_computer")


def shown(program: SeatProgram) -> Iterator[str]:
    """Everything that any window says."""
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        yield window.windowTitle()
        for each in window.findChildren(QWidget):
            if each.isVisible():
                yield from (each.toolTip(), each.accessibleName(), each.accessibleDescription())
            if isinstance(each, QLabel | QLineEdit) and each.isVisible():
                yield each.text()


def revoked(program: SeatProgram, running: RunningPlatform, qtbot: QtBot) -> tuple[LiveSeat, str]:
    """Sign in, record something that cannot go out any more, and be kept out."""
    live = signed_in(program, qtbot)
    device = str(live.store.device_id)
    page = program.shell.stack.page(nav.ORDERS)
    qtbot.waitUntil(lambda: page.list.table.orders.rowCount() > 0, timeout=WAIT)  # type: ignore[attr-defined]
    row = page.list.table.orders.row_at(0)  # type: ignore[attr-defined]
    page.open_order(row.order_id)  # type: ignore[attr-defined]
    QGuiApplication.clipboard().setText("13812345678")
    assert Oversight(running.platform).revoke_device(device) is not None
    assert live.seat is not None
    notes.note(live.seat, row.order_id, "丢失前记的一笔")
    live.sync.worker.sync_now()
    qtbot.waitUntil(lambda: isinstance(at_the_door(program), KeptOutPage), timeout=WAIT)
    return live, device


def at_the_door(program: SeatProgram) -> QWidget | None:
    stack = program.shell.stack
    return stack.page(LOGIN) if stack.current_key() == LOGIN else None


def sign_in(program: SeatProgram, password: str = PASSWORD) -> KeptOutPage:
    page = at_the_door(program)
    assert isinstance(page, KeptOutPage)
    for name, text in (("account", "zhou"), ("password", password)):
        edit = page.findChild(QLineEdit, f"{name}Edit")
        assert edit is not None
        edit.setText(text)
    page.primary()
    return page


def said(page: KeptOutPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_it_says_why_shows_nothing_and_lets_in_only_after_the_administrator_did(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    live, device = revoked(program, platform, qtbot)
    everything = " ".join(shown(program))
    assert "停用" in everything
    assert "打电话" in everything
    assert device in everything
    who = platform.platform.center().person(live.store.get_meta("seat.person") or "")
    assert who is not None
    for telling in (who.name, who.title, "zhou", "13812345678", "已有的单都能看"):
        assert telling not in everything, telling
    assert program.shell.windowTitle() == TITLE
    assert not program.shell.rail.isVisible()
    assert [
        key for key in (nav.ORDERS, nav.COUNTDOWN, nav.OUTBOX) if program.shell.stack.has(key)
    ] == []
    assert live.alerts is None
    assert QGuiApplication.clipboard().text() == ""
    assert identity.load_credentials(live.store) is None
    if folder := os.environ.get("JIBAN_PICTURES"):
        program.shell.resize(1280, 800)
        qtbot.wait(50)
        program.shell.grab().save(str(Path(folder) / "kept_out.png"))

    page = sign_in(program)
    qtbot.waitUntil(lambda: "还没有恢复" in said(page), timeout=WAIT)
    assert live.store.pending_count() == 1, "what was recorded is still here"

    assert Oversight(platform.platform).allow_device(device)
    sign_in(program, "wrong")
    qtbot.waitUntil(lambda: "不对" in said(page), timeout=WAIT)
    sign_in(program)
    qtbot.waitUntil(lambda: live.seat is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: live.store.pending_count() == 0, timeout=WAIT)
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    assert program.shell.stack.current_key() == nav.ORDERS
    assert kept_out.load(live.store) is None


def test_whoever_is_let_in_is_told_what_he_waits_for(theme: Theme, qtbot: QtBot) -> None:
    page = KeptOutPage(theme, "computer-1", 1, lambda _account, _password: "credentials")
    qtbot.addWidget(page)
    for name in ("accountEdit", "passwordEdit"):
        edit = page.findChild(QLineEdit, name)
        assert edit is not None
        edit.setText("x")
    with qtbot.waitSignal(page.signed_in, timeout=WAIT):
        page.primary()
    assert "正在取数据" in said(page)


def test_a_photo_that_lies_over_the_window_goes_too(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    live = signed_in(program, qtbot)
    photo = QImage(40, 30, QImage.Format.Format_RGB32)
    PhotoView(program.theme, photo, "村口", program.shell)
    assert "村口" in " ".join(shown(program))
    live._shut()
    assert isinstance(at_the_door(program), KeptOutPage)
    assert "村口" not in " ".join(shown(program))


def test_a_new_start_without_a_line_shows_no_more(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot, qapp: QApplication
) -> None:
    live, device = revoked(program, platform, qtbot)
    profile = live.store.profile
    program.stop()
    instance = SingleInstance(profile)
    assert instance.take()
    again = SeatProgram(qapp, profile, instance)
    try:
        second = live_of(again, qtbot)
        assert isinstance(at_the_door(again), KeptOutPage)
        assert second.seat is None
        assert second.alerts is None
    finally:
        again.stop()
        qapp.aboutToQuit.disconnect(again.stop)
        again.shell.close()
        again.shell.deleteLater()
    Oversight(platform.platform).allow_device(device)


def test_another_platform_does_not_let_it_in(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    """Whoever holds the computer may type another address and bring a platform of his own."""
    live, device = revoked(program, platform, qtbot)
    program.settings.change(address="http://127.0.0.1:1", authority="")
    page = sign_in(program)
    qtbot.waitUntil(lambda: "还没有恢复" in said(page), timeout=WAIT)
    Oversight(platform.platform).allow_device(device)
    before = kept_out.load(live.store)
    assert before is not None
    kept_out.remember(live.store, KeptOut(before.address, before.authority, "another-platform"))
    page = sign_in(program)
    qtbot.waitUntil(lambda: "另一个平台" in said(page), timeout=WAIT)
    assert live.seat is None


def test_who_signed_out_before_is_shut_out_at_the_next_sign_in(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    live = signed_in(program, qtbot)
    device = str(live.store.device_id)
    live._on_sign_out()
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.SIGNED_OUT, timeout=WAIT)
    assert Oversight(platform.platform).revoke_device(device) is not None
    program.shell.show_page(LOGIN)
    page = program.shell.stack.page(LOGIN)
    page.sign_in_with(PASSWORD)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: isinstance(at_the_door(program), KeptOutPage), timeout=WAIT)
    assert not program.shell.stack.has(nav.ORDERS)
    Oversight(platform.platform).allow_device(device)


@pytest.mark.fault("security.rewritten_chain")
@pytest.mark.parametrize(("role", "told"), [(Role.DISPATCHER, True), (Role.VILLAGE, False)])
def test_whoever_answers_for_the_platform_is_told_that_its_chain_changed(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot, role: Role, *, told: bool
) -> None:
    center = platform.platform.center()
    people = {p.id for p in center.people if p.role is role}
    account = next(a.account for a in sample_accounts() if a.person_id in people)
    program.settings.change(account=account)
    live = signed_in(program, qtbot)
    words = TABLE[FailureKind.CHAIN]
    live._on_noticed(Problem(FailureKind.CHAIN, words.title, words.advice))
    shown_now = " ".join(label.text() for label in program.shell.notice.findChildren(QLabel))
    assert (words.title in shown_now) is told
