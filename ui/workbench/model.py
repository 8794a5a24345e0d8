"""The table's model: the ids of the whole result, and rows read page by page when they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import ListQuery, OrderRow, SortKey
from ui.present.words import short_number
from ui.workbench.cells import clock_face, spoken, step_text

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
PAGE = 32
_ROWS_KEPT = 4096

TIER, MATTER, PLACE, STEP, CLOCK, NODES = range(6)
COLUMNS: tuple[tuple[str, SortKey], ...] = (
    ("等级", SortKey.TIER),
    ("事项 / 编号", SortKey.NUMBER),
    ("地点", SortKey.VILLAGE),
    ("环节 / 承办", SortKey.STAGE),
    ("剩余", SortKey.URGENCY),
    ("节点", SortKey.DUE),
)
_ARROWS = {
    SortKey.URGENCY: ("（急→缓）", "（缓→急）"),
    SortKey.DUE: ("（先→后）", "（后→先）"),
    SortKey.NUMBER: ("（旧→新）", "（新→旧）"),
}


class OrdersModel(QAbstractTableModel):
    """``show`` runs a query; ``forget`` drops what changed. The store sorts, this only remembers."""

    def __init__(self, seat: Seat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._ids: list[int] = []
        self._rows: OrderedDict[int, OrderRow] = OrderedDict()
        self._query = ListQuery()

    @property
    def query(self) -> ListQuery:
        """What is shown."""
        return self._query

    def show(self, query: ListQuery) -> None:
        """Run ``query`` and show its result from the top."""
        ids = self._seat.store.order_ids(query, self._seat.now(), self._seat.person)
        self.beginResetModel()
        self._query, self._ids = query, ids
        self.endResetModel()

    def reload(self) -> bool:
        """Run the query again. False when it gives the very same rows: then nothing was reset."""
        ids = self._seat.store.order_ids(self._query, self._seat.now(), self._seat.person)
        if ids == self._ids:
            return False
        self.beginResetModel()
        self._ids = ids
        self.endResetModel()
        return True

    def forget(self, changes: ChangeSet) -> None:
        """Read the changed orders again when they are next looked at."""
        if changes.everything or changes.center:
            self._rows.clear()
        else:
            for rowid in [i for i, row in self._rows.items() if row.order_id in changes.orders]:
                del self._rows[rowid]
        if self._ids:
            last = self.index(len(self._ids) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row_at(self, number: int) -> OrderRow | None:
        """The row in a line, None when its order has gone meanwhile."""
        if not 0 <= number < len(self._ids):
            return None
        rowid = self._ids[number]
        row = self._rows.get(rowid)
        if row is None:
            self._read_page(number)
            row = self._rows.get(rowid)
        return row

    def _read_page(self, number: int) -> None:
        start = number - number % PAGE
        wanted = [i for i in self._ids[start : start + PAGE] if i not in self._rows]
        for row in self._seat.store.rows(wanted, self._seat.person_id):
            self._rows[row.rowid] = row
        while len(self._rows) > _ROWS_KEPT:
            self._rows.popitem(last=False)

    def line_of(self, order_id: OrderId) -> int:
        """The line an order stands in, -1 when it is not in the result."""
        row = self._seat.store.row(order_id, self._seat.person_id)
        try:
            return self._ids.index(row.rowid) if row is not None else -1
        except ValueError:
            return -1

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == ROW_ROLE:
            return self.row_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            row = self.row_at(index.row())
            return self._text(row, index.column()) if row is not None else ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.row_at(index.row())
            bands = self._seat.center.policy.bands
            return spoken(row, self._seat.now(), bands) if row is not None else ""
        return None

    def _text(self, row: OrderRow, column: int) -> str:
        if column == CLOCK:
            return clock_face(row, self._seat.now(), self._seat.center.policy.bands).text
        texts = {
            TIER: row.tier_title,
            MATTER: f"{row.title} {short_number(row.number)}",
            PLACE: row.village,
            STEP: f"{step_text(row)} {row.holder}".strip(),
            NODES: " ".join(n.node for n in row.nodes),
        }
        return texts[column]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            title, key = COLUMNS[section]
            if key is not self._query.sort:
                return title
            return title + _ARROWS.get(key, (" 顺", " 倒"))[self._query.descending]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None
