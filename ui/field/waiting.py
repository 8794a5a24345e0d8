"""等网络的记录: what is only on this machine so far, at the foot of the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.acts import ACT_TITLES
from desktop_app.domain.masking import mask_text
from local_store.rows import OutboxItem
from local_store.store import Store
from ui.present.times import clock_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.labels import Ground, IconLabel, Label

_MOST = 4


class WaitingPanel(Ground):
    """Hidden while nothing waits."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.ALT, "t", parent)
        self.setObjectName("waitingPanel")
        self._head = IconLabel(theme, "cloud-up", "", Role.TEXT, FontToken.STRONG)
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._head)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(12), px(16), px(12))
        self._column.setSpacing(px(4))

    def show_items(self, items: Sequence[OutboxItem], files: tuple[int, int]) -> None:
        """``files``: how many photos wait and their bytes."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(_words(i), clock_time(i.recorded_at)) for i in items[-_MOST:][::-1]]
        if files[0]:
            self._rows.insert(0, self._row(f"照片 {files[0]} 张 · {megabytes(files[1])}", ""))
        if len(items) > _MOST:
            self._rows.append(self._row(f"另有 {len(items) - _MOST} 条", ""))
        for row in self._rows:
            self._column.addWidget(row)
        self._head.set_content("cloud-up", f"等网络的记录 {len(items)} 条", Role.TEXT)
        self.setVisible(bool(items) or bool(files[0]))

    def _row(self, words: str, when: str) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Label(self._theme, words, Role.TEXT2, elide=True), 1)
        line.addWidget(Label(self._theme, when, Role.TEXT2))
        return row


def _words(item: OutboxItem) -> str:
    return (
        f"{ACT_TITLES[item.act.kind]} · {mask_text(item.title)}"
        if item.title
        else ACT_TITLES[item.act.kind]
    )


def megabytes(size: int) -> str:
    """``4.6 MB`` or ``320 KB``."""
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, size // 1024)} KB"


def waiting_files(store: Store, items: Sequence[OutboxItem]) -> tuple[int, int]:
    """(number, bytes) of the photos of these acts that the platform does not hold."""
    found = {sha: store.file_status(sha) for item in items for sha in item.act.needs_files}
    waiting = [f for f in found.values() if f is not None and not f.uploaded]
    return len(waiting), sum(f.size - f.sent for f in waiting)
