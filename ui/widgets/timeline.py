"""History of an order: a list view, one act per row."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from ui.theme.theme import Theme
from ui.widgets.text import SYNC_WORDS
from ui.widgets.timeline_delegate import ITEM_ROLE, TimelineDelegate
from ui.widgets.values import TimelineItem

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class TimelineModel(QAbstractListModel):
    """The acts in the order given by the caller: newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[TimelineItem, ...] = ()

    def set_items(self, items: tuple[TimelineItem, ...]) -> None:
        """Replace all acts."""
        self.beginResetModel()
        self._items = items
        self.endResetModel()

    def item(self, row: int) -> TimelineItem:
        """The act in a row."""
        return self._items[row]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _spoken(item)
        return None


def _spoken(item: TimelineItem) -> str:
    parts = [item.time, item.title, item.who, item.text, item.late_note]
    if item.sync is not None:
        parts.append(SYNC_WORDS[item.sync])
    if item.struck:
        parts.append("未采用")
    return "，".join(part for part in parts if part)


class Timeline(QListView):
    """Enter or a double click opens the current act. Scrolls by pixel, since the rows differ in height."""

    act_opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = TimelineModel(self)
        self.setModel(self._acts)
        self.setItemDelegate(TimelineDelegate(theme, self))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("办理经过")
        self.activated.connect(self._on_activated)
        theme.changed.connect(self._on_theme_changed)

    def set_items(self, items: tuple[TimelineItem, ...]) -> None:
        """Show the acts; the current one stays current if it is still there."""
        row = self.currentIndex().row()
        key = self._acts.item(row).key if row >= 0 else ""
        self._acts.set_items(items)
        for number, item in enumerate(items):
            if key and item.key == key:
                self.setCurrentIndex(self._acts.index(number, 0))

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.act_opened.emit(self._acts.item(index.row()).key)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A narrower pane breaks results into more lines: the heights must be asked for again.
        self.scheduleDelayedItemsLayout()
