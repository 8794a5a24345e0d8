"""The photos that wait, smallest first, each with how much of it the platform holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from local_store.rows import OutboxItem, StoredFile
from local_store.store import Store
from ui.field.waiting import megabytes
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.panel import Panel

_MOST = 40


def files_of(store: Store, items: Sequence[OutboxItem]) -> list[StoredFile]:
    """The files of these acts that this seat holds, the waiting ones first, small ones before large."""
    shas = dict.fromkeys(sha for item in items for sha in item.act.needs_files)
    found = [f for f in (store.file_status(sha) for sha in shas) if f is not None]
    return sorted(found, key=lambda f: (f.uploaded, f.size))


class FilesPanel(Panel):
    """Hidden where there are none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "照片和文件", "文字先传，照片后传", "photo", parent=parent)
        self.setObjectName("outboxFiles")
        self._shown: list[StoredFile] = []
        self._lines: list[QWidget] = []
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self._scroll = scroll
        self.body.addWidget(scroll)
        self._restyle()

    def _restyle(self) -> None:
        super()._restyle()
        scroll = getattr(self, "_scroll", None)
        if scroll is not None:
            scroll.setFixedHeight(self._theme.px(96))

    def show_files(self, files: list[StoredFile]) -> None:
        """Show these; nothing is rebuilt while nothing has changed."""
        self.setVisible(bool(files))
        if files == self._shown:
            return
        self._shown = files
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(each) for each in files[:_MOST]]
        if len(files) > _MOST:
            self._lines.append(Label(self._theme, f"另有 {len(files) - _MOST} 个", Role.TEXT2))
        for n, line in enumerate(self._lines):
            self._column.insertWidget(n, line)

    def _line(self, file: StoredFile) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(12))
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 100)
        bar.setValue(100 if file.uploaded else int(100 * file.sent / max(1, file.size)))
        bar.setFixedWidth(self._theme.px(160))
        state = "已传" if file.uploaded else f"已传 {megabytes(file.sent) if file.sent else '0'}"
        row.addWidget(Label(self._theme, file.name or "照片", elide=True), 1)
        row.addWidget(bar)
        row.addWidget(Label(self._theme, f"{state} / {megabytes(file.size)}", Role.TEXT2))
        return line
