"""Settings apply at once, are kept, and fit at every size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.about import about
from desktop_app.settings import SettingsFile
from tests.support.certificates import make_authority
from tests.support.desk import Desk
from tests.support.pages import click, part
from ui.login.authority import AuthorityRow
from ui.settings.page import SettingsPage
from ui.theme.roles import ThemeName
from ui.theme.theme import Theme
from ui.theme.tokens import SCALES
from ui.widgets.choices import ChoiceRow
from ui.widgets.labels import Label


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "seat", 3)
    SettingsFile(tmp_path / "seat").change(address="https://12345.example.cn", account="zhou")
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, desk: Desk) -> SettingsPage:
    settings = SettingsFile(desk.store.profile)
    made = SettingsPage(theme, settings, about(desk.store, desk.seat()))
    qtbot.addWidget(made)
    made.resize(1360, 760)
    made.show()
    qtbot.waitExposed(made)
    return made


def row(page: SettingsPage, name: str) -> ChoiceRow:
    found = page.findChild(ChoiceRow, name)
    assert isinstance(found, ChoiceRow)
    return found


def choose(page: SettingsPage, name: str, words: str) -> None:
    for button in row(page, name).findChildren(QAbstractButton):
        if button.text() == words:
            return button.click()
    raise AssertionError(words)


def kept(desk: Desk) -> SettingsFile:
    """What the next start would read."""
    return SettingsFile(desk.store.profile)


def words(page: SettingsPage) -> str:
    return "\n".join(label.full_text() for label in page.findChildren(Label))


def test_the_size_applies_at_once_and_is_kept(page: SettingsPage, theme: Theme, desk: Desk) -> None:
    choose(page, "scaleChoice", "150%")
    assert theme.scale == 1.5
    assert kept(desk).now.scale == 1.5


@pytest.mark.parametrize(("name", "text"), [(ThemeName.DARK, "深色"), (ThemeName.HIGH, "高对比")])
def test_the_colours_apply_at_once_and_are_kept(
    page: SettingsPage, theme: Theme, desk: Desk, name: ThemeName, text: str
) -> None:
    choose(page, "themeChoice", text)
    assert theme.name is name
    assert kept(desk).now.theme == name.value


def test_the_sound_is_turned_off_and_on(page: SettingsPage, desk: Desk) -> None:
    assert row(page, "soundChoice").current() == "on"
    choose(page, "soundChoice", "不响")
    assert kept(desk).now.sound is False
    choose(page, "soundChoice", "响")
    assert kept(desk).now.sound is True


def test_a_size_changed_by_key_is_shown_here(page: SettingsPage, theme: Theme) -> None:
    theme.zoom_in()
    assert row(page, "scaleChoice").current() == f"{theme.scale:g}"


def test_it_tells_about_the_seat_and_no_password(page: SettingsPage, desk: Desk) -> None:
    told = words(page)
    for fact in ("https://12345.example.cn", "zhou", desk.center.name, str(desk.store.profile)):
        assert fact in told
    assert desk.center.policy.alerts.quiet_from in told


def test_leaving_is_asked_of_the_program(page: SettingsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.sign_out_requested):
        click(page, "signOutButton")
    assert "本机记录不会丢" in words(page)


def test_before_the_first_sign_in(qtbot: QtBot, theme: Theme, desk: Desk, tmp_path: Path) -> None:
    made = SettingsPage(theme, SettingsFile(tmp_path / "new"), about(desk.store, None))
    qtbot.addWidget(made)
    assert "未设" in words(made)
    assert "未登录" in words(made)
    assert "安静时段" not in words(made)


@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_wider_than_the_page_and_labels_line_up(
    page: SettingsPage, qtbot: QtBot, theme: Theme, scale: float
) -> None:
    page.resize(1280, 700)
    theme.set_scale(scale)
    area = page.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() == 0)
    lefts = {left(row(page, n), page) for n in ("scaleChoice", "themeChoice", "soundChoice")}
    assert len(lefts) == 1


def left(widget: QWidget, page: QWidget) -> int:
    return widget.mapTo(page, widget.rect().topLeft()).x()


def test_the_center_s_own_certificate_is_chosen_and_taken_off_again(
    page: SettingsPage, desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    row_of = page.findChild(AuthorityRow)
    assert row_of is not None
    own = make_authority(tmp_path, "192.0.2.1")
    row_of.take(own.root)
    assert "BEGIN CERTIFICATE" in kept(desk).now.authority
    assert "只认 某中心根证书" in part(page, Label, "authorityWords").text()
    with qtbot.waitSignal(page.notice) as told:
        row_of.take(own.served)
    assert "证书文件读不了" in told.args[0]
    click(page, "authorityOffButton")
    assert kept(desk).now.authority == ""
