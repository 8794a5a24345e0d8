"""The settings' panel on how this machine's data is locked, with setting or changing the passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from local_store.errors import StoreError
from local_store.keys import KeyPlace
from local_store.passphrase import why_weak
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.unlock.card import SecretFields
from ui.widgets.buttons import PlainButton
from ui.widgets.choices import ChoiceRow
from ui.widgets.focus import reveal
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.notice import Notice
from ui.widgets.panel import Panel
from ui.widgets.values import Choice

if TYPE_CHECKING:
    from desktop_app.settings import SettingsKeeper

_WORDS = {
    KeyPlace.KEYRING: "已加密，密钥在系统密钥环里，跟着系统账户走。不用另设口令。",
    KeyPlace.PASSPHRASE: "已加密，每次打开程序要输本机口令。",
    KeyPlace.FILE: "已加密，但密钥明放在数据目录里：硬盘失窃时挡不住。设个口令更稳妥。",
}

MINUTES = tuple(Choice(str(n), f"{n} 分钟" if n else "不自动锁") for n in (5, 15, 30, 60, 0))


class Keeper(Protocol):
    """Who holds the key."""

    @property
    def place(self) -> KeyPlace: ...

    def change_passphrase(self, old: str, new: str) -> None:
        """Raises ``StoreError`` with the reason; then nothing has changed."""


class PassphrasePanel(Panel):
    """``changed`` when another passphrase holds from now on. ``settings``: after how many minutes alone
    the window asks for it.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        keeper: Keeper,
        account: str = "",
        parent: QWidget | None = None,
        *,
        settings: SettingsKeeper | None = None,
    ) -> None:
        super().__init__(theme, "本机数据的锁", "", "lock", parent=parent)
        self.setObjectName("passphrasePanel")
        self._keeper, self._account, self._settings = keeper, account, settings
        self._minutes = ChoiceRow(theme, MINUTES)
        self._minutes.setObjectName("lockMinutesChoice")
        self._minutes.choice_changed.connect(self._on_minutes)
        self._idle = Label(theme, "离开多久自动锁上（提醒照响，记录照传）", Role.TEXT2, wrap=True)
        self._words = Label(theme, "", wrap=True)
        self._problem = Notice(theme)
        self._problem.setObjectName("passphraseProblem")
        self._fields: SecretFields | None = None
        self._start = PlainButton(theme, "", icon="lock")
        self._start.setObjectName("changePassphraseButton")
        self._start.clicked.connect(self._on_start)
        self._save = PlainButton(theme, "改好了，记下", icon="circle-check")
        self._save.setObjectName("savePassphraseButton")
        self._save.clicked.connect(self._on_save)
        self._line = QHBoxLayout()
        self._line.addWidget(self._start)
        self._line.addWidget(self._save)
        self._line.addStretch(1)
        for widget in (self._words, self._problem):
            self.body.addWidget(widget)
        self.body.addLayout(self._line)
        self.body.addWidget(self._idle)
        self.body.addWidget(self._minutes)
        self._show_state()

    def _show_state(self) -> None:
        place = self._keeper.place
        self._words.setText(_WORDS[place])
        self._words.set_role(Role.TEXT if place is not KeyPlace.FILE else Role.HALF)
        self._start.set_text("改口令" if place is KeyPlace.PASSPHRASE else "设口令")
        self._start.setVisible(self._fields is None and place is not KeyPlace.KEYRING)
        self._save.setVisible(self._fields is not None)
        locks = place is KeyPlace.PASSPHRASE and self._settings is not None
        self._idle.setVisible(locks)
        self._minutes.setVisible(locks)
        if self._settings is not None:
            self._minutes.set_current(str(self._settings.now.lock_minutes))

    @Slot(str)
    def _on_minutes(self, key: str) -> None:
        if self._settings is not None:
            self._settings.change(lock_minutes=int(key))

    @Slot()
    def _on_start(self) -> None:
        old = self._keeper.place is KeyPlace.PASSPHRASE
        names = [("oldPassphraseEdit", "现在的口令")] if old else []
        names += [("passphraseEdit", "新口令"), ("againEdit", "再输一遍")]
        self._fields = SecretFields(self._theme, names)
        self._fields.returned.connect(self._on_save)
        self.body.insertWidget(2, self._fields)
        self._show_state()
        self._fields.setFocus()
        QTimer.singleShot(0, self._reveal)

    @Slot()
    def _reveal(self) -> None:
        """The panel stands at the end of a page that scrolls: show all of it."""
        reveal(self._save)

    @Slot()
    def _on_save(self) -> None:
        if self._fields is None:
            return
        new = self._fields.text("passphraseEdit")
        problem = why_weak(new, self._account)
        if not problem and new != self._fields.text("againEdit"):
            problem = "两遍不一样，请再输一遍。"
        if problem:
            self._problem.show_notice(NoticeKind.WARN, problem)
            return
        self._problem.show_notice(NoticeKind.INFO, "正在换锁……")
        # Deriving a key takes a moment: the words are on the screen first.
        QTimer.singleShot(0, self._change)

    @Slot()
    def _change(self) -> None:
        fields = self._fields
        if fields is None:
            return
        old = fields.edits.get("oldPassphraseEdit")
        try:
            self._keeper.change_passphrase(
                old.text() if old is not None else "", fields.text("passphraseEdit")
            )
        except StoreError as error:
            self._problem.show_notice(NoticeKind.ERROR, error.title, error.advice)
            return
        fields.empty()
        self.body.removeWidget(fields)
        fields.hide()
        fields.deleteLater()
        self._fields = None
        self._problem.show_notice(
            NoticeKind.INFO, "口令已记下，下次打开时用。", "忘了没人能找回，请记牢。"
        )
        self._show_state()
        self._start.setFocus()
        self.changed.emit()
