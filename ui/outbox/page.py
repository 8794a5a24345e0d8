"""待传: what is recorded here and not yet confirmed by the platform."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.ids import CENTER
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import OutboxItem, OutboxStatus
from ui.forms.card_list import CardList
from ui.forms.notice_bar import NoticeBar
from ui.forms.page import Page
from ui.outbox.cards import FACES, WAITING, OutboxCard, OutboxDelegate
from ui.outbox.files import FilesPanel, files_of
from ui.outbox.stick import StickDesk
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import Ground, Label


class OutboxPage(Page):
    """A list that empties itself. Nothing can be deleted here."""

    sync_requested = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self._delegate = OutboxDelegate(theme)
        self.list = CardList(theme, self._delegate)
        self.list.setObjectName("outboxList")
        self.list.setAccessibleName("待传的记录")
        self._title = Label(theme, "待传", token=FontToken.TITLE1)
        self._count = Label(theme, "", Role.TEXT2, wrap=True)
        self._retry = PlainButton(theme, "现在传", icon="refresh", shortcut="F5", bind_key=False)
        self._retry.setObjectName("outboxSync")
        self._told = NoticeBar(theme, "outboxNotice")
        self.stick = StickDesk(seat, theme, self._told.notice, self)
        self._files = FilesPanel(theme)
        self._empty = EmptyState(theme, "cloud-check", "全部传完了，平台都已收到。")
        self._lay_out()
        self._restyle()
        self.setFocusProxy(self.list)
        self.list.opened.connect(self._on_opened)
        self._retry.clicked.connect(self.sync_requested)
        self.stick.changed.connect(self._on_stick)
        self.stick.brought.connect(self.sync_requested)
        self.data_changed(ChangeSet(everything=True))

    def _lay_out(self) -> None:
        head = Ground(self._theme, Role.SURFACE, "b")
        self._head = QHBoxLayout(head)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._count)
        self._head.addLayout(words, 1)
        self._head.addWidget(self.stick.take)
        self._head.addWidget(self.stick.out)
        self._head.addWidget(self._retry)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        self._below = QVBoxLayout()
        self._below.addWidget(self._files)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._told)
        column.addLayout(self._stack, 1)
        column.addLayout(self._below)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(20), px(12), px(20), px(12))
        self._head.setSpacing(px(12))
        self._below.setContentsMargins(px(20), 0, px(20), px(12))

    # --- what the shell asks ------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        return [("↑ ↓", "换一条"), ("Enter", "打开工单")]

    def primary(self) -> None:
        self.sync_requested.emit()

    def tick(self, now: datetime) -> None:
        self._delegate.now = now

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        if not changes:
            return
        store = self._seat.store
        items = [item for item in store.outbox() if item.status in FACES]
        self._delegate.now = self._seat.now()
        self.list.set_cards([self._card(item) for item in items])
        self._stack.setCurrentIndex(0 if items else 1)
        files = files_of(store, items)
        self._files.show_files(files)
        self._count.setText(_count_words(items, sum(not f.uploaded for f in files)))
        self.stick.allow()

    def _card(self, item: OutboxItem) -> OutboxCard:
        files = files_of(self._seat.store, [item])
        return OutboxCard(item, (len(files), sum(f.uploaded for f in files)))

    @Slot(object)
    def _on_stick(self, changes: ChangeSet) -> None:
        self.data_changed(changes)
        if changes:
            self.acted.emit(changes)

    @Slot(str)
    def _on_opened(self, key: str) -> None:
        found = next((c for c in self.list.cards.cards if c.key == key), None)
        if isinstance(found, OutboxCard) and found.item.act.subject != CENTER:
            self.open_requested.emit(found.item.act.subject)


def _count_words(items: list[OutboxItem], photos: int) -> str:
    refused = sum(item.status is OutboxStatus.REJECTED for item in items)
    parts = [f"{len(items) - refused} 条等着传"]
    if photos:
        parts.append(f"照片 {photos} 张")
    exported = sum(item.exported_at is not None and item.status in WAITING for item in items)
    if exported:
        parts.append(f"已导出到 U 盘 {exported} 条")
    if refused:
        parts.append(f"未采用 {refused} 条")
    return "，".join(parts) + "。都存在本机，关机也不丢；有网自动传。"
