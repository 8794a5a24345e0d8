"""The first page of a new seat: where the platform is, and who sits here."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.ids import DeviceId
from sync.client.failures import FailureKind
from sync.client.login import LoginError, sign_in
from ui.login.authority import AuthorityRow
from ui.login.job import SignInJob
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.ime import ImeLineEdit
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Ground, Label
from ui.widgets.notice import Notice
from ui.widgets.panel import Panel

if TYPE_CHECKING:
    from desktop_app.settings import SettingsKeeper

WIDTH = 560
_OF_CERTIFICATES = (FailureKind.TLS, FailureKind.AUTHORITY)
_FIELDS = (
    ("address", "平台地址", "如 https://12345.example.cn，本机演示如 127.0.0.1:8765"),
    ("account", "账号", "管理员给您的账号"),
    ("password", "密码", ""),
)


class LoginPage(Themed):
    """``signed_in(object)`` carries the ``Credentials``. ``device_key`` is asked for in a thread."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)
    signed_in = Signal(object)
    kept_out = Signal()
    """The platform this seat belongs to says that an administrator keeps the computer out."""

    def __init__(
        self,
        theme: Theme,
        settings: SettingsKeeper,
        device_id: DeviceId,
        address: str = "",
        account: str = "",
        parent: QWidget | None = None,
        *,
        device_key: Callable[[], str] = str,
    ) -> None:
        super().__init__(theme, parent)
        self.setObjectName("loginPage")
        self._settings, self._device_id, self._device_key = settings, device_id, device_key
        self._edits: dict[str, QLineEdit] = {}
        self._asked = ""
        self._problem = Notice(theme)
        self._problem.setObjectName("loginProblem")
        self._button = PrimaryButton(
            theme, "登录", icon="login", shortcut="Ctrl+Enter", big=True, parent=self
        )
        self._button.setObjectName("signInButton")
        self._button.clicked.connect(self.primary)
        self._eye = PlainButton(theme, "显示密码", icon="eye")
        self._eye.setObjectName("showPasswordButton")
        self._eye.clicked.connect(self._on_eye)
        self._authority = AuthorityRow(theme, settings)
        self._authority.setVisible(bool(settings.now.authority))
        self._authority.changed.connect(self._problem.clear)
        self._authority.failed.connect(self._on_no_authority)
        self._job = SignInJob(self)
        self._job.succeeded.connect(self._on_succeeded)
        self._job.failed.connect(self._on_failed)
        self._lay_out()
        self._edits["address"].setText(address)
        self._edits["account"].setText(account)
        empty = (edit for edit in self._edits.values() if not edit.text())
        self.setFocusProxy(next(empty, self._edits["password"]))
        self._restyle()

    # --- what the shell asks of a page --------------------------------------------------------

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Ctrl+Enter", "登录"), ("F1", "全部快捷键"))

    def data_changed(self, _changes: object) -> None:
        """Nothing here comes from the store."""

    def tick(self, _now: datetime) -> None:
        """Nothing here runs with the clock."""

    @Slot()
    def primary(self) -> None:
        """Sign in with what is in the fields; says what is missing."""
        for name, title, _hint in _FIELDS:
            if not self._edits[name].text().strip():
                self._problem.show_notice(NoticeKind.WARN, f"少填一项：{title}。")
                self._edits[name].setFocus()
                return
        self.sign_in_with(self._edits["password"].text())

    def sign_in_with(self, password: str) -> None:
        """Sign in with this password and the address and account in the fields."""
        address = self._edits["address"].text().strip()
        account = self._edits["account"].text().strip()
        device_id, key, name = self._device_id, self._device_key, platform.node()[:60]
        authority = self._settings.now.authority
        self._button.setEnabled(False)
        self._asked = address
        self._problem.show_notice(NoticeKind.INFO, "正在连平台……", address)
        self._job.start(
            lambda: sign_in(
                address, account, password, device_id, name, device_key=key(), authority=authority
            )
        )

    def ask(self, reason: str) -> None:
        """Ask for the password again; what was recorded stays on this machine meanwhile."""
        self._problem.show_notice(
            NoticeKind.WARN, reason or "请重新登录。", "本机记录都在，登录后自动接着传。"
        )
        self._edits["password"].clear()
        self._edits["password"].setFocus()

    # --- inside -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        self._card = Panel(theme, "登录本席", "只需这一次，以后打开直接办", "building-community")
        self._card.body.addWidget(self._problem)
        self._grid = QGridLayout()
        for row, (name, title, hint) in enumerate(_FIELDS):
            self._add_field(row, name, title, hint)
        self._card.body.addLayout(self._grid)
        self._card.body.addWidget(self._authority)
        self._card.body.addWidget(self._button)
        self._card.body.addWidget(
            Label(theme, "没有账号或忘了密码，请找中心的系统管理员。", Role.TEXT2, wrap=True)
        )
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._ground())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _ground(self) -> Ground:
        """The card in the middle, a little above it."""
        # Stretches, not an alignment: an aligned card would not grow with a notice that wraps.
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self._card)
        line.addStretch(1)
        ground = Ground(self._theme, Role.BG)
        column = QVBoxLayout(ground)
        column.addStretch(2)
        column.addLayout(line)
        column.addStretch(3)
        return ground

    def _add_field(self, row: int, name: str, title: str, hint: str) -> None:
        edit = QLineEdit() if name == "password" else ImeLineEdit()
        edit.setObjectName(f"{name}Edit")
        edit.setAccessibleName(title)
        edit.setPlaceholderText(hint)
        edit.setMaxLength(300)
        self._edits[name] = edit
        label = Label(self._theme, title, Role.TEXT2, FontToken.BODY)
        label.setBuddy(edit)
        self._grid.addWidget(label, row, 0)
        if name != "password":
            self._grid.addWidget(edit, row, 1)
            return
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        line = QHBoxLayout()
        line.addWidget(edit, 1)
        line.addWidget(self._eye)
        self._grid.addLayout(line, row, 1)

    def _restyle(self) -> None:
        px = self._theme.px
        self._card.setFixedWidth(px(WIDTH))
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        self._grid.setContentsMargins(0, px(2), 0, px(6))
        for edit in self._edits.values():
            edit.setMinimumHeight(px(40))

    @Slot()
    def _on_eye(self) -> None:
        edit = self._edits["password"]
        hidden = edit.echoMode() == QLineEdit.EchoMode.Password
        edit.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._eye.set_text("藏起密码" if hidden else "显示密码")

    @Slot(object)
    def _on_succeeded(self, credentials: object) -> None:
        self._button.setEnabled(True)
        self._edits["password"].clear()
        self._problem.show_notice(NoticeKind.INFO, "已登录。", "正在取中心的工单……")
        self.signed_in.emit(credentials)

    @Slot(object)
    def _on_failed(self, error: LoginError) -> None:
        self._button.setEnabled(True)
        self._problem.show_notice(NoticeKind.ERROR, error.title, error.advice)
        if error.kind in _OF_CERTIFICATES:
            self._authority.show()
        if error.kind is FailureKind.BLOCKED and self._asked == self._settings.now.address:
            self.kept_out.emit()
            return
        self._edits["password"].setFocus()
        self._edits["password"].selectAll()

    @Slot(str, str)
    def _on_no_authority(self, title: str, advice: str) -> None:
        self._problem.show_notice(NoticeKind.ERROR, title, advice)
