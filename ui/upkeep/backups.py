"""The settings' panel on backups: what there is, making one now, and going back to one."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.faults import words_of
from local_store.backups import KEPT, Backup, Content
from ui.job import Job
from ui.present.times import day_time, spoken_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.upkeep.going_back import GoingBack
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.notice import Notice
from ui.widgets.panel import Panel

MB = 1 << 20
Listed = list[tuple[Backup, Content | None]]
_MAKE, _BUSY = "立即备份", "正在备份……"
_NONE = "还没有备份。程序开着时每天自动做一份。"


class BackupKeeper(Protocol):
    """Who has the backups. The first two take their time and are called in a thread."""

    def listed(self) -> Listed: ...

    def make(self) -> Backup:
        """Make one of this moment. Raises ``StoreError``."""

    def go_back(self, backup: Backup) -> None:
        """Leave the store as it is now for ``backup``."""


def content_words(content: Content | None) -> str:
    """What is in it."""
    if content is None:
        return "读不出来，不能退回"
    parts = [f"工单 {content.orders:,} 件"]
    if content.waiting:
        parts.append(f"当时没上传 {content.waiting} 条")
    if content.drafts:
        parts.append(f"草稿 {content.drafts} 篇")
    return "，".join(parts)


class BackupLine(Themed):
    """One backup. ``chosen`` when somebody wants to go back to it."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, backup: Backup, content: Content | None, number: int) -> None:
        super().__init__(theme)
        self.setObjectName(f"backupLine_{number}")
        self.backup = backup
        self._row = QHBoxLayout(self)
        when = Label(theme, day_time(backup.made_at), token=FontToken.STRONG)
        self._size = Label(theme, f"{backup.size / MB:,.1f} MB", Role.TEXT2)
        self._button = PlainButton(theme, "退回这份", icon="history")
        self._button.setObjectName(f"backupBack_{number}")
        self._button.clicked.connect(self._on_clicked)
        self.setFocusProxy(self._button)
        if content is None:
            self._button.refuse("有损坏")
        self._row.addWidget(when)
        self._row.addWidget(self._size)
        self._row.addWidget(Label(theme, content_words(content), Role.TEXT2, wrap=True), 1)
        self._row.addWidget(self._button)
        self._restyle()

    def _restyle(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(self._theme.px(12))
        self._size.setMinimumWidth(self._theme.px(80))

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(self.backup)


class BackupsPanel(Panel):
    """Lists when it is first shown, and after each that was made."""

    def __init__(self, theme: Theme, keeper: BackupKeeper, parent: QWidget | None = None) -> None:
        hint = f"每天自动做一份，留 {KEPT} 份"
        super().__init__(theme, "本机备份", hint, "archive", parent=parent)
        self.setObjectName("backupsPanel")
        self._keeper = keeper
        self._lines: list[BackupLine] = []
        self._list = QVBoxLayout()
        self._empty = Label(theme, "正在看有哪些备份……", Role.TEXT2, wrap=True)
        self._told = Notice(theme)
        self._told.setObjectName("backupsNotice")
        self._ask = GoingBack(theme)
        self._ask.agreed.connect(self._on_agreed)
        self._ask.stayed.connect(self._on_stayed)
        self._make = PlainButton(theme, _MAKE, icon="device-floppy")
        self._make.setObjectName("backupNow")
        self._make.clicked.connect(self._on_make)
        self._looking, self._making = Job(self), Job(self)
        self._looking.succeeded.connect(self._on_listed)
        self._looking.failed.connect(self._on_failed)
        self._making.succeeded.connect(self._on_made)
        self._making.failed.connect(self._on_failed)
        self._fill()
        self.look()

    def _fill(self) -> None:
        words = "和本机数据一样加密，放在数据目录的 backups 里。"
        self.body.addWidget(Label(self._theme, words, Role.TEXT2, wrap=True))
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)
        self.body.addWidget(self._ask)
        self.body.addWidget(self._told)
        line = QHBoxLayout()
        line.addWidget(self._make)
        line.addStretch(1)
        self.body.addLayout(line)

    def look(self) -> None:
        """Look, in a thread, what there is."""
        keeper = self._keeper
        self._looking.start(lambda _told: keeper.listed())

    @Slot()
    def _on_make(self) -> None:
        keeper = self._keeper
        if self._making.running:
            return
        self._make.set_text(_BUSY)  # not disabled: the focus stays where it is
        self._told.show_notice(NoticeKind.INFO, "正在备份……", "可以接着办单。")
        self._making.start(lambda _told: keeper.make())

    @Slot(object)
    def _on_made(self, backup: Backup) -> None:
        self._make.set_text(_MAKE)
        self._told.show_notice(
            NoticeKind.INFO, f"{spoken_time(backup.made_at)} 的备份做好了，核对无误。"
        )
        self.look()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._make.set_text(_MAKE)
        self._told.show_notice(NoticeKind.ERROR, *words_of(error))

    @Slot(object)
    def _on_listed(self, found: Listed) -> None:
        for line in self._lines:
            self._list.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [BackupLine(self._theme, *each, n) for n, each in enumerate(found)]
        for line in self._lines:
            line.chosen.connect(self._on_chosen)
            self._list.addWidget(line)
        self._empty.setText(_NONE)
        self._empty.setVisible(not found)
        self._ask.put_away()

    @Slot(object)
    def _on_chosen(self, backup: Backup) -> None:
        self._told.clear()
        self._ask.ask(backup)

    @Slot(object)
    def _on_stayed(self, backup: Backup) -> None:
        line = next((each for each in self._lines if each.backup == backup), None)
        if line is not None:
            line.setFocus()

    @Slot(object)
    def _on_agreed(self, backup: Backup) -> None:
        self._keeper.go_back(backup)
