"""Before going back to a backup: what stays, what comes again by itself, and what it takes."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from local_store.backups import Backup
from ui.present.times import spoken_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.focus import reveal
from ui.widgets.labels import Ground, Label

_STAYS = (
    "· 那以后在本机记的、没上传的：都留着，照常上传。",
    "· 已经上传的：平台上都有，联网后自动补齐。",
    "· 现在的数据：不删，整个放到数据目录的 aside 里。",
    "要几秒到几分钟，这段时间不能办单。一般用不着退回：单子显示不对时，先请管理员看一下。",
)


class GoingBack(Ground):
    """Hidden until ``ask``. ``agreed(object)`` or ``stayed(object)`` with the backup."""

    agreed = Signal(object)
    stayed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.ALT, "tb", parent)
        self.setObjectName("goingBack")
        self._backup: Backup | None = None
        self._title = Label(theme, "", token=FontToken.STRONG, wrap=True)
        self._go = PlainButton(theme, "", icon="history")
        self._go.setObjectName("backupGo")
        self._go.clicked.connect(self._on_go)
        self._stay = PlainButton(theme, "不退回", icon="arrow-left")
        self._stay.setObjectName("backupStay")
        self._stay.clicked.connect(self._on_stay)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._title)
        for words in _STAYS:
            self._column.addWidget(Label(theme, words, wrap=True))
        line = QHBoxLayout()
        line.addWidget(self._stay)
        line.addStretch(1)
        line.addWidget(self._go)
        self._column.addLayout(line)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(10), px(16), px(10))
        self._column.setSpacing(px(8))

    def ask(self, backup: Backup) -> None:
        """Show what it means to go back to ``backup``."""
        self._backup, when = backup, spoken_time(backup.made_at)
        self._title.setText(f"退回 {when} 的备份，会这样：")
        self._go.set_text(f"退回 {when}")
        self.show()
        self._stay.setFocus()
        QTimer.singleShot(0, self, self._reveal)

    @Slot()
    def _on_stay(self) -> None:
        backup = self._backup
        self.put_away()
        self.stayed.emit(backup)

    def put_away(self) -> None:
        """Nobody wants to go back any more."""
        self._backup = None
        self.hide()

    @Slot()
    def _on_go(self) -> None:
        if self._backup is not None:
            self._go.refuse("正在退回")
            self.agreed.emit(self._backup)

    @Slot()
    def _reveal(self) -> None:
        """The panel stands at the end of a page that scrolls: show all of it."""
        reveal(self._go)
