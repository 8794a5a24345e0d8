"""待传: what is recorded here and not yet confirmed by the platform."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.ids import CENTER
from desktop_app.services.outbox_export import (
    Exported,
    export,
    file_name,
    told_in_words,
    why_not_export,
)
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import OutboxItem, OutboxStatus
from ui.forms.card_list import CardList
from ui.forms.notice_bar import NoticeBar
from ui.forms.page import Page
from ui.outbox.cards import FACES, WAITING, OutboxCard, OutboxDelegate
from ui.outbox.files import FilesPanel, files_of
from ui.outbox.job import ExportJob
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.kinds import NoticeKind
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
        self._export = PlainButton(theme, "导出到 U 盘", icon="device-floppy")
        self._export.setObjectName("outboxExport")
        self._told = NoticeBar(theme, "outboxNotice")
        self._job = ExportJob(self)
        self._files = FilesPanel(theme)
        self._empty = EmptyState(theme, "cloud-check", "全部传完了，平台都已收到。")
        self._lay_out()
        self._restyle()
        self.setFocusProxy(self.list)
        self.list.opened.connect(self._on_opened)
        self._retry.clicked.connect(self.sync_requested)
        self._export.clicked.connect(self._on_export)
        self._told.notice.action_requested.connect(self._told.notice.clear)
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_exported)
        self._job.failed.connect(self._on_not_exported)
        self.data_changed(ChangeSet(everything=True))

    def _lay_out(self) -> None:
        head = Ground(self._theme, Role.SURFACE, "b")
        self._head = QHBoxLayout(head)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._count)
        self._head.addLayout(words, 1)
        self._head.addWidget(self._export)
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
        self._allow_export()

    def _card(self, item: OutboxItem) -> OutboxCard:
        files = files_of(self._seat.store, [item])
        return OutboxCard(item, (len(files), sum(f.uploaded for f in files)))

    # --- onto a stick -------------------------------------------------------------------------

    def _allow_export(self) -> None:
        if self._job.running:
            self._export.refuse("正在写 U 盘")
            return
        reason = why_not_export(self._seat) if self._seat.store.center() is not None else ""
        if reason:
            self._export.refuse(reason.split("。")[0])
        else:
            self._export.allow()

    @Slot()
    def _on_export(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, "导出到 U 盘", file_name(self._seat), "即办台待传记录 (*.jiban)"
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write what waits to ``path``; the page says when it is there, or why it is not."""
        self._told.notice.show_notice(NoticeKind.INFO, "正在写 U 盘，请不要拔。", path.name)
        self._job.start(partial(export, self._seat), path)
        self._allow_export()

    @Slot(int, int)
    def _on_progress(self, done: int, whole: int) -> None:
        if whole:
            text = f"照片 {done} / {whole} 张"
            self._told.notice.show_notice(NoticeKind.INFO, "正在写 U 盘，请不要拔。", text)

    @Slot(object)
    def _on_exported(self, done: Exported) -> None:
        title = f"{done.path.name} 写好了，可以拔 U 盘。"
        self._told.notice.show_notice(NoticeKind.INFO, title, told_in_words(done), "知道了")
        self._job.settle()
        self.data_changed(done.changes)
        self.acted.emit(done.changes)

    @Slot(str, str)
    def _on_not_exported(self, title: str, advice: str) -> None:
        self._told.notice.show_notice(NoticeKind.WARN, title, advice, "知道了")
        self._job.settle()
        self._allow_export()

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
