"""Asking for the passphrase of this machine's data, or having one set where there is no keyring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from local_store.passphrase import LEAST, why_weak, words_of
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.unlock.card import CardPage, SecretFields
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

_WHY_NEW = "单子里有群众的姓名、电话和住址，存在本机时要加密。这台电脑没有系统密钥环，请设一个口令来锁住它。"
_WHY_KEEP = (
    f"至少 {LEAST} 个字符，每次打开程序输一次。只在本机用，不是登录密码，也不上传。"
    "忘了没人能找回：没上传的记录就打不开了，请记牢。"
)


class UnlockPage(CardPage):
    """``given(str)`` carries what was typed; whoever listens answers with ``refuse`` or takes the page away.

    ``new``: a passphrase is set, typed twice. ``forgotten`` when the person asks for the way out.
    """

    given = Signal(str)
    forgotten = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        new: bool,
        account: str = "",
        title: str = "",
        parent: QWidget | None = None,
    ) -> None:
        named, hint = ("设本机口令", "只需这一次") if new else ("请输入本机口令", "本机数据锁着")
        if title:
            named, hint = title, "请输入本机口令"
        super().__init__(theme, named, hint, "lock", parent)
        self.setObjectName("unlockPage")
        self._new, self._account = new, account
        self._problem = Notice(theme)
        self._problem.setObjectName("unlockProblem")
        names = [("passphraseEdit", "口令"), ("againEdit", "再输一遍")]
        self._fields = SecretFields(theme, names if new else names[:1])
        self._fields.returned.connect(self.primary)
        self._button = PrimaryButton(
            theme,
            "设好，打开" if new else "打开",
            icon="lock-open",
            shortcut="Ctrl+Enter",
            big=True,
        )
        self._button.setObjectName("unlockButton")
        self._button.clicked.connect(self.primary)
        self._wait = QTimer(self, interval=1000, timerType=Qt.TimerType.CoarseTimer)
        self._wait.timeout.connect(self._on_second)
        self._left = 0
        self._lay_out()
        self.setFocusProxy(self._fields)

    def _lay_out(self) -> None:
        if self._new:
            self.say(_WHY_NEW)
        self.card.body.addWidget(self._problem)
        self.card.body.addWidget(self._fields)
        self.card.body.addWidget(self._button)
        if self._new:
            self.card.body.addWidget(Label(self._theme, _WHY_KEEP, Role.TEXT2, wrap=True))
            return
        line = QHBoxLayout()
        line.addWidget(Label(self._theme, "是本机的口令，不是登录密码。", Role.TEXT2, wrap=True), 1)
        way_out = PlainButton(self._theme, "忘了口令……", icon="help-circle")
        way_out.setObjectName("forgottenButton")
        way_out.clicked.connect(self.forgotten)
        line.addWidget(way_out)
        self.card.body.addLayout(line)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Ctrl+Enter", "设好" if self._new else "打开"))

    @Slot()
    def primary(self) -> None:
        """Hand on what was typed, unless it cannot be the passphrase."""
        if not self._button.isEnabled():
            return
        typed = self._fields.text("passphraseEdit")
        problem = self._why_not(typed)
        if problem:
            self._problem.show_notice(NoticeKind.WARN, problem)
            return
        self._button.setEnabled(False)
        self._problem.show_notice(NoticeKind.INFO, "正在核对……")
        # Deriving the key takes a moment: the words above are on the screen first.
        self.repaint()
        self.given.emit(typed)

    def _why_not(self, typed: str) -> str:
        if not typed.strip():
            return "请先输入口令。"
        if not self._new:
            return ""
        weak = why_weak(typed, self._account)
        if weak:
            return weak
        return "" if typed == self._fields.text("againEdit") else "两遍不一样，请再输一遍。"

    def refuse(self, title: str, advice: str, wait: timedelta = timedelta()) -> None:
        """Say why it did not open; for ``wait`` nothing can be tried."""
        self._problem.show_notice(NoticeKind.ERROR, title, advice)
        self._left = math.ceil(wait.total_seconds())
        self._button.setEnabled(self._left == 0)
        if self._left:
            self._wait.start()
        edit = self._fields.edits["passphraseEdit"]
        edit.setFocus()
        edit.selectAll()

    @Slot()
    def _on_second(self) -> None:
        self._left -= 1
        if self._left > 0:
            advice = f"请等 {words_of(timedelta(seconds=self._left))}再试。"
            self._problem.show_notice(NoticeKind.ERROR, "口令不对。", advice)
            return
        self._wait.stop()
        self._button.setEnabled(True)
        self._problem.show_notice(NoticeKind.INFO, "现在可以再试。")
