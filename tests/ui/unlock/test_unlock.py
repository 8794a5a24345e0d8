"""The passphrase is asked for and set by keys and clicks; what is wrong is said; nothing typed stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from local_store.errors import StoreError, StoreProblem
from local_store.keys import KeyPlace
from tests.support.pages import Ctrl, button, click, part
from ui.theme.theme import Theme
from ui.unlock.change import PassphrasePanel
from ui.unlock.forgotten import GiveUpPage
from ui.unlock.page import UnlockPage
from ui.unlock.recovered import RecoveredPage, Told
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

GOOD = "槐树下乘凉 2026"


def shown(qtbot: QtBot, page: QWidget) -> None:
    qtbot.addWidget(page)
    page.resize(1100, 720)
    page.show()
    page.activateWindow()
    page.setFocus()
    qtbot.waitUntil(page.isActiveWindow)


def edit(page: QWidget, name: str) -> QLineEdit:
    return part(page, QLineEdit, name)


def said(page: QWidget, name: str = "unlockProblem") -> str:
    return part(page, Notice, name).accessibleName()


def words(page: QWidget) -> str:
    return "\n".join(label.full_text() for label in page.findChildren(Label))


def test_what_is_typed_is_handed_on_by_enter(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=False)
    shown(qtbot, page)
    assert edit(page, "passphraseEdit").hasFocus()
    assert edit(page, "passphraseEdit").echoMode() == QLineEdit.EchoMode.Password
    edit(page, "passphraseEdit").setText(GOOD)
    with qtbot.waitSignal(page.given) as given:
        QTest.keyClick(edit(page, "passphraseEdit"), Qt.Key.Key_Return)
    assert given.args == [GOOD]
    assert "正在核对" in said(page)


def test_nothing_typed_is_no_try(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=False)
    shown(qtbot, page)
    with qtbot.assertNotEmitted(page.given):
        QTest.keyClick(page, Qt.Key.Key_Return, Ctrl)
        click(page, "unlockButton")
    assert "请先输入" in said(page)


def test_after_a_wrong_one_the_wait_counts_down(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=False)
    shown(qtbot, page)
    edit(page, "passphraseEdit").setText("x")
    page.refuse("口令不对。", "请等 2 秒再试。", timedelta(seconds=2))
    assert not button(page, "unlockButton").isEnabled()
    with qtbot.assertNotEmitted(page.given):
        page.primary()
    assert "口令不对" in said(page)
    page._on_second()
    assert "1 秒" in said(page)
    page._on_second()
    assert button(page, "unlockButton").isEnabled()
    assert "现在可以再试" in said(page)


def test_a_wrong_one_without_a_wait_can_be_followed_at_once(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=False)
    shown(qtbot, page)
    page.refuse("口令不对。", "请再试。")
    assert button(page, "unlockButton").isEnabled()
    assert edit(page, "passphraseEdit").hasFocus()


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [("1234", "1234", "太短"), (GOOD, GOOD + "x", "两遍不一样"), ("zhoulili", "zhoulili", "账号")],
)
def test_a_new_one_is_looked_at_before_it_is_taken(
    qtbot: QtBot, theme: Theme, first: str, second: str, problem: str
) -> None:
    page = UnlockPage(theme, new=True, account="zhoulili")
    shown(qtbot, page)
    edit(page, "passphraseEdit").setText(first)
    edit(page, "againEdit").setText(second)
    with qtbot.assertNotEmitted(page.given):
        page.primary()
    assert problem in said(page)


def test_a_new_one_says_why_and_what_forgetting_means(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=True)
    shown(qtbot, page)
    assert "没有系统密钥环" in words(page)
    assert "忘了没人能找回" in words(page)
    assert page.findChild(QWidget, "forgottenButton") is None
    edit(page, "passphraseEdit").setText(GOOD)
    edit(page, "againEdit").setText(GOOD)
    with qtbot.waitSignal(page.given) as given:
        QTest.keyClick(edit(page, "againEdit"), Qt.Key.Key_Return)
    assert given.args == [GOOD]


def test_the_eye_shows_and_hides(qtbot: QtBot, theme: Theme) -> None:
    page = UnlockPage(theme, new=True)
    shown(qtbot, page)
    for mode in (QLineEdit.EchoMode.Normal, QLineEdit.EchoMode.Password):
        click(page, "showPassphraseButton")
        assert {edit(page, n).echoMode() for n in ("passphraseEdit", "againEdit")} == {mode}


def test_the_way_out_says_what_is_lost_and_wants_to_be_sure(qtbot: QtBot, theme: Theme) -> None:
    page = GiveUpPage(theme)
    shown(qtbot, page)
    assert "还没上传的记录和照片" in words(page)
    assert "旧数据不删" in words(page)
    assert not button(page, "giveUpButton").isEnabled()
    part(page, QCheckBox, "sureBox").setChecked(True)
    with qtbot.waitSignal(page.given_up):
        click(page, "giveUpButton")
    with qtbot.waitSignal(page.back):
        QTest.keyClick(page, Qt.Key.Key_Escape)


def test_what_was_saved_is_said_calmly(qtbot: QtBot, theme: Theme) -> None:
    lines = (("没上传的记录", "12 条都在"),)
    page = RecoveredPage(theme, Told("重建好了", "数据文件坏了。", lines, "您不用做什么。"))
    shown(qtbot, page)
    for text in ("数据文件坏了。", "12 条都在", "您不用做什么。"):
        assert text in words(page)
    with qtbot.waitSignal(page.continued):
        QTest.keyClick(page, Qt.Key.Key_Return, Ctrl)


class Keeping:
    """A keeper that knows one passphrase."""

    def __init__(self, place: KeyPlace, known: str = "") -> None:
        self.place, self.known = place, known

    def change_passphrase(self, old: str, new: str) -> None:
        if old != self.known:
            raise StoreError(StoreProblem.PASSPHRASE, "口令不对。", "请再试。")
        self.place, self.known = KeyPlace.PASSPHRASE, new


def fill(panel: QWidget, **texts: str) -> None:
    for name, text in texts.items():
        edit(panel, name).setText(text)


def test_the_settings_set_a_first_one_and_change_it(qtbot: QtBot, theme: Theme) -> None:
    keeper = Keeping(KeyPlace.FILE)
    panel = PassphrasePanel(theme, keeper)
    shown(qtbot, panel)
    assert "明放" in words(panel)
    click(panel, "changePassphraseButton")
    assert panel.findChild(QLineEdit, "oldPassphraseEdit") is None
    fill(panel, passphraseEdit=GOOD, againEdit=GOOD)
    with qtbot.waitSignal(panel.changed):
        click(panel, "savePassphraseButton")
    assert keeper.known == GOOD
    assert "每次打开程序要输" in words(panel)
    qtbot.waitUntil(lambda: panel.findChild(QLineEdit, "passphraseEdit") is None)
    click(panel, "changePassphraseButton")
    fill(panel, oldPassphraseEdit="wrong", passphraseEdit=GOOD + "7", againEdit=GOOD + "7")
    click(panel, "savePassphraseButton")
    qtbot.waitUntil(lambda: "口令不对" in said(panel, "passphraseProblem"))
    fill(panel, oldPassphraseEdit=GOOD)
    with qtbot.waitSignal(panel.changed):
        click(panel, "savePassphraseButton")
    assert keeper.known == GOOD + "7"


def test_with_a_keyring_there_is_nothing_to_set(qtbot: QtBot, theme: Theme) -> None:
    panel = PassphrasePanel(theme, Keeping(KeyPlace.KEYRING))
    shown(qtbot, panel)
    change = panel.findChild(QWidget, "changePassphraseButton")
    assert change is not None
    assert not change.isVisible()
