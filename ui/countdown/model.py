"""The lines as a list model. Heads cannot be chosen; the rest is read by the delegate as it is."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.countdown.lines import Entry, Head, Line
from ui.present.words import short_number

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()


class CountdownModel(QAbstractListModel):
    """``set_entries`` replaces all lines; the clocks between two of them are the delegate's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: _Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(entry)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self.entry(index.row()), Line):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def entry(self, row: int) -> Entry | None:
        """The line or head in a row."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, key: str) -> int:
        """The row of a clock, -1 when it is not here."""
        rows = (n for n, e in enumerate(self._entries) if isinstance(e, Line) and e.key == key)
        return next(rows, -1)

    def first_line(self, start: int = 0) -> int:
        """The first row from ``start`` on that can be chosen, -1 when there is none."""
        rows = range(max(0, start), len(self._entries))
        return next((n for n in rows if isinstance(self._entries[n], Line)), -1)


def spoken(entry: Entry) -> str:
    """The line for a screen reader."""
    if isinstance(entry, Head):
        return f"{entry.title} {entry.count} 个"
    watch = entry.watch
    parts = (
        entry.node,
        watch.tier_title,
        watch.title,
        short_number(watch.number),
        watch.village,
        entry.step,
        watch.holder,
        entry.next,
    )
    return "，".join(part for part in parts if part)
