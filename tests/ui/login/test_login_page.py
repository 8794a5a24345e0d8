"""Signing in against a real platform, and against what is not one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import DeviceId
from desktop_app.settings import SettingsFile
from local_store.errors import StoreError, StoreProblem
from sync.client.identity import Credentials
from sync.platform.server import Certificate
from tests.support.canned import CannedServer
from tests.support.certificates import make_certificate
from tests.support.pages import button, click, part
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from ui.login.authority import AuthorityRow
from ui.login.page import LoginPage
from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

WAIT = 20_000
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>hotel</html>\r\n"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path_factory.mktemp("platform"), SystemClock()) as running:
        yield running


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, tmp_path: Path) -> LoginPage:
    made = LoginPage(theme, SettingsFile(tmp_path), DeviceId("device-1"))
    qtbot.addWidget(made)
    made.resize(1360, 760)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def edit(page: LoginPage, name: str) -> QLineEdit:
    return part(page, QLineEdit, f"{name}Edit")


def fill(
    page: LoginPage, address: str, password: str = PASSWORD, account: str = "dispatcher"
) -> None:
    for name, text in (("address", address), ("account", account), ("password", password)):
        edit(page, name).clear()
        QTest.keyClicks(edit(page, name), text)


def said(page: LoginPage) -> str:
    return part(page, Notice, "loginProblem").accessibleName()


def refused(page: LoginPage, qtbot: QtBot) -> str:
    """Press the button and wait for the reason."""
    click(page, "signInButton")
    qtbot.waitUntil(button(page, "signInButton").isEnabled, timeout=WAIT)
    return said(page)


def signed_in(page: LoginPage, qtbot: QtBot) -> Credentials:
    with qtbot.waitSignal(page.signed_in, timeout=WAIT) as signal:
        click(page, "signInButton")
    (credentials,) = signal.args
    assert isinstance(credentials, Credentials)
    return credentials


def test_success_carries_the_session_and_keeps_no_password(
    page: LoginPage, qtbot: QtBot, platform: RunningPlatform, tmp_path: Path
) -> None:
    fill(page, platform.url)
    credentials = signed_in(page, qtbot)
    assert credentials.person_id == "dispatcher"
    assert credentials.address == platform.url
    assert edit(page, "password").text() == ""
    assert PASSWORD not in repr(credentials)
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [f for f in kept if f.suffix == ".json" and PASSWORD in f.read_text("utf-8")]
    assert not edit(page, "password").isUndoAvailable() or _undone(page) == ""


def _undone(page: LoginPage) -> str:
    edit(page, "password").undo()
    return edit(page, "password").text()


def test_a_wrong_password_is_said_and_can_be_typed_over(
    page: LoginPage, qtbot: QtBot, platform: RunningPlatform
) -> None:
    fill(page, platform.url, "wrong")
    assert "账号或密码不对" in refused(page, qtbot)
    password = edit(page, "password")
    assert password.hasFocus()
    assert password.selectedText()
    QTest.keyClicks(password, PASSWORD)
    assert signed_in(page, qtbot).person_id == "dispatcher"


def test_who_types_at_once_types_into_the_first_empty_field(page: LoginPage) -> None:
    empty = [edit for edit in page.findChildren(QLineEdit) if not edit.text()]
    assert page.focusProxy() is empty[0]


def test_nobody_at_the_address(page: LoginPage, qtbot: QtBot) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        fill(page, f"127.0.0.1:{taken.getsockname()[1]}")
        assert "平台没有应答" in refused(page, qtbot)


def test_a_web_page_in_place_of_the_platform_gets_no_password(
    page: LoginPage, qtbot: QtBot
) -> None:
    server = CannedServer(lambda _request, _socket: PORTAL)
    try:
        fill(page, server.url)
        assert "连到的不是平台" in refused(page, qtbot)
    finally:
        server.close()
    assert server.requests
    assert not [request for request in server.requests if PASSWORD.encode() in request]


def test_what_is_no_address(page: LoginPage, qtbot: QtBot) -> None:
    fill(page, "no address at all")
    assert "平台地址不对" in refused(page, qtbot)


@pytest.mark.parametrize(
    ("left", "title"), [("address", "平台地址"), ("account", "账号"), ("password", "密码")]
)
def test_what_is_missing_is_named_and_takes_the_focus(
    page: LoginPage, left: str, title: str
) -> None:
    fill(page, "127.0.0.1:1")
    edit(page, left).clear()
    click(page, "signInButton")
    assert said(page) == f"少填一项：{title}。"
    assert edit(page, left).hasFocus()
    assert button(page, "signInButton").isEnabled()


def test_the_button_rests_while_it_asks(page: LoginPage, qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        fill(page, f"127.0.0.1:{silent.getsockname()[1]}")
        click(page, "signInButton")
        assert not button(page, "signInButton").isEnabled()
        assert "正在连平台" in said(page)
    qtbot.waitUntil(button(page, "signInButton").isEnabled, timeout=WAIT)


def test_ctrl_enter_signs_in_from_any_field(
    page: LoginPage, qtbot: QtBot, platform: RunningPlatform
) -> None:
    fill(page, platform.url)
    edit(page, "account").setFocus()
    with qtbot.waitSignal(page.signed_in, timeout=WAIT):
        QTest.keyClick(
            edit(page, "account"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        )


def test_the_password_is_hidden_until_asked_for(page: LoginPage) -> None:
    password = edit(page, "password")
    assert password.echoMode() is QLineEdit.EchoMode.Password
    click(page, "showPasswordButton")
    assert password.echoMode() is QLineEdit.EchoMode.Normal
    click(page, "showPasswordButton")
    assert password.echoMode() is QLineEdit.EchoMode.Password


def test_an_ended_session_is_asked_for_again(page: LoginPage) -> None:
    fill(page, "127.0.0.1:1")
    page.ask("需要重新登录。")
    assert said(page) == "需要重新登录。 本机记录都在，登录后自动接着传。"
    assert edit(page, "password").text() == ""
    assert edit(page, "password").hasFocus()
    assert edit(page, "account").text() == "dispatcher"


def test_an_unencrypted_address_of_another_machine_is_refused(
    page: LoginPage, qtbot: QtBot
) -> None:
    fill(page, "http://10.1.2.3:8440")
    assert "没有加密" in refused(page, qtbot)
    assert not page.findChildren(QCheckBox)


def test_the_certificate_is_asked_for_where_it_does_not_hold(
    page: LoginPage, qtbot: QtBot, tmp_path: Path
) -> None:
    own = make_certificate(tmp_path, "127.0.0.1")
    row = page.findChild(AuthorityRow)
    assert row is not None
    assert not row.isVisible()
    with running_platform(tmp_path, SystemClock(), certificate=Certificate(own)) as platform:
        fill(page, platform.url)
        assert "加密连接没有建立" in refused(page, qtbot)
        assert row.isVisible()
        row.take(tmp_path / "nothing.pem")
        assert "证书文件读不了" in said(page)
        row.take(own)
        assert "只认 test platform" in part(page, Label, "authorityWords").text()
        fill(page, platform.url)
        credentials = signed_in(page, qtbot)
    assert "BEGIN CERTIFICATE" in credentials.authority
    assert "PRIVATE KEY" not in credentials.authority
    click(page, "authorityOffButton")
    assert "按系统信任" in part(page, Label, "authorityWords").text()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_long_reason_squeezes_no_field(
    page: LoginPage, qtbot: QtBot, theme: Theme, scale: float
) -> None:
    theme.set_scale(scale)
    fill(page, "http://10.1.2.3:8440")
    refused(page, qtbot)
    fields = [edit(page, name) for name in ("address", "account", "password")]
    qtbot.waitUntil(lambda: all(f.height() >= theme.px(40) for f in fields))
    tops = [field.mapTo(page, field.rect().topLeft()).y() for field in fields]
    assert all(b - a >= theme.px(40 + 12) for a, b in pairwise(tops))
    notice = part(page, Notice, "loginProblem")
    assert notice.mapTo(page, notice.rect().bottomLeft()).y() < tops[0]


def test_a_store_that_cannot_be_written_is_said_and_it_can_be_tried_again(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    """The seat's key is made in the thread that signs in."""

    def no_room() -> str:
        raise StoreError(StoreProblem.FULL, "磁盘满了，这一条没有存下。", "请清出一些空间再存。")

    page = LoginPage(theme, SettingsFile(tmp_path), DeviceId("device-1"), device_key=no_room)
    qtbot.addWidget(page)
    page.show()
    fill(page, "127.0.0.1:1")
    assert "磁盘满了" in refused(page, qtbot)
