"""What stands in the window of a computer that an administrator keeps out: why, what to do, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from sync.client.failures import FailureKind
from sync.client.login import LoginError
from ui.login.job import SignInJob
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.unlock.card import CardPage
from ui.widgets.buttons import PrimaryButton
from ui.widgets.facts_list import FactsList
from ui.widgets.ime import ImeLineEdit
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.notice import Notice
from ui.widgets.values import Fact

_HAPPENED = "中心的系统管理员停用了这台电脑，多半是因为报了丢失。本机的单子都锁着，在这里看不到。"
_TO_DO = (
    "是您本人在用：请给系统管理员打电话，报上下面的电脑编号。他核实恢复以后，您在这里用原来的密码登录，"
    "没上传的记录接着传，一条不少。"
)
SignIn = Callable[[str, str], object]
"""Signs an account in with a password; returns the credentials or raises ``LoginError``."""


class KeptOutPage(CardPage):
    """``signed_in(object)`` with what ``sign_in`` returned, which is called in a thread.

    ``waiting``: how many records are not uploaded yet. Nothing else of what is here is shown.
    """

    signed_in = Signal(object)

    def __init__(
        self,
        theme: Theme,
        device_id: str,
        waiting: int,
        sign_in: SignIn,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "这台电脑已停用", "由中心的系统管理员停用", "lock", parent)
        self.setObjectName("keptOutPage")
        self._sign_in = sign_in
        self._problem = Notice(theme)
        self._problem.setObjectName("keptOutProblem")
        self._edits: dict[str, QLineEdit] = {}
        self._grid = QGridLayout()
        self._button = PrimaryButton(
            theme, "已恢复，登录", icon="login", shortcut="Ctrl+Enter", big=True
        )
        self._button.setObjectName("keptOutButton")
        self._button.clicked.connect(self.primary)
        self._job = SignInJob(self)
        self._job.succeeded.connect(self._on_succeeded)
        self._job.failed.connect(self._on_failed)
        self._lay_out(device_id, waiting)
        self.setFocusProxy(self._edits["account"])
        self._restyle()

    def _lay_out(self, device_id: str, waiting: int) -> None:
        self.say(_HAPPENED)
        self.say(_TO_DO)
        facts = FactsList(self._theme)
        unsent = f"{waiting} 条都在本机" if waiting else "没有"
        facts.set_facts((Fact("电脑编号", device_id), Fact("没上传的", unsent)))
        self.card.body.addWidget(facts)
        self.card.body.addWidget(self._problem)
        for row, (name, title) in enumerate((("account", "账号"), ("password", "密码"))):
            self._add_field(row, name, title)
        self.card.body.addLayout(self._grid)
        self.card.body.addWidget(self._button)

    def _add_field(self, row: int, name: str, title: str) -> None:
        secret = name == "password"
        edit = QLineEdit() if secret else ImeLineEdit()
        edit.setObjectName(f"{name}Edit")
        edit.setAccessibleName(title)
        edit.setMaxLength(300)
        if secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
            edit.returnPressed.connect(self.primary)
        label = Label(self._theme, title, Role.TEXT2, FontToken.BODY)
        label.setBuddy(edit)
        self._edits[name] = edit
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(edit, row, 1)

    def _restyle(self) -> None:
        super()._restyle()
        px = self._theme.px
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        for edit in self._edits.values():
            edit.setMinimumHeight(px(40))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Ctrl+Enter", "登录"))

    @Slot()
    def primary(self) -> None:
        """Ask the platform whether it lets this computer in again."""
        account, password = (self._edits[name].text() for name in ("account", "password"))
        if not account.strip() or not password:
            self._problem.show_notice(NoticeKind.WARN, "请填账号和密码。")
            return
        if not self._button.isEnabled():
            return
        self._button.setEnabled(False)
        self._problem.show_notice(NoticeKind.INFO, "正在问平台……")
        self._job.start(lambda: self._sign_in(account, password))

    @Slot(object)
    def _on_succeeded(self, credentials: object) -> None:
        self._button.setEnabled(True)
        self._edits["password"].clear()
        self._problem.show_notice(NoticeKind.INFO, "已经恢复。", "正在取数据，请稍等。")
        self.signed_in.emit(credentials)

    @Slot(object)
    def _on_failed(self, error: LoginError) -> None:
        self._button.setEnabled(True)
        if error.kind is FailureKind.BLOCKED:
            self.refuse("管理员还没有恢复这台电脑。", "请先打电话，恢复后再登录。")
        else:
            self.refuse(error.title, error.advice)

    def refuse(self, title: str, advice: str) -> None:
        """Say why not."""
        self._problem.show_notice(NoticeKind.ERROR, title, advice)
        self._edits["password"].setFocus()
        self._edits["password"].selectAll()
