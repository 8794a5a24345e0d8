"""The table itself: keeps focus, selection and the place on the screen through sync."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QElapsedTimer, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import ListQuery, OrderRow, SortKey
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT
from ui.workbench import model as m
from ui.workbench.cells import clock_moved
from ui.workbench.delegate import NARROW_ROW, RowDelegate

REST_MS = 5000
_WIDTHS = {m.TIER: 90, m.PLACE: 82, m.STEP: 150, m.CLOCK: 142, m.NODES: 142}
_NARROW_CLOCK = 142
_CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class OrdersTable(QTableView):
    """Rows are sorted again only when nobody works in the list, or after five seconds of rest."""

    order_chosen = Signal(str)
    order_entered = Signal(str)
    sort_chosen = Signal(object, bool)
    reloaded = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seat, self._theme = seat, theme
        self._narrow = False
        self._quiet = self._late = False
        self._wanted = OrderId("")
        self._last_line = -1
        self.orders = m.OrdersModel(seat, self)
        self._painter = RowDelegate(theme, seat.now(), seat.center.policy.bands, self)
        self._used = QElapsedTimer()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._set_up()
        theme.changed.connect(self._restyle)
        self._restyle()

    def _set_up(self) -> None:
        self.setObjectName("ordersTable")
        self.setAccessibleName("工单")
        self.setModel(self.orders)
        self.setItemDelegate(self._painter)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAutoScroll(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.sectionClicked.connect(self._on_section_clicked)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.doubleClicked.connect(self._on_double_clicked)

    # --- look ---------------------------------------------------------------------------------

    def set_narrow(self, narrow: bool) -> None:
        """Two-line rows with two columns instead of six."""
        if narrow != self._narrow:
            self._narrow = self._painter.narrow = narrow
            for column in (m.TIER, m.PLACE, m.STEP, m.NODES):
                self.setColumnHidden(column, narrow)
            self.horizontalHeader().setVisible(not narrow)
            self._restyle()

    @Slot()
    def _restyle(self) -> None:
        px = self._theme.px
        header = self.verticalHeader()
        # A minimum above the present size would make the sections deaf to the default below.
        header.setMinimumSectionSize(1)
        header.setDefaultSectionSize(px(NARROW_ROW if self._narrow else HEIGHT.row))
        self.horizontalHeader().setFixedHeight(px(36))
        self._spread()
        self.viewport().update()

    def _spread(self) -> None:
        px, used = self._theme.px, 0
        widths = {m.CLOCK: _NARROW_CLOCK} if self._narrow else _WIDTHS
        for column, width in widths.items():
            self.setColumnWidth(column, px(width))
            used += px(width)
        self.setColumnWidth(m.MATTER, max(px(160), self.viewport().width() - used))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    # --- content ------------------------------------------------------------------------------

    def show_query(self, query: ListQuery) -> None:
        """A person asked for another list: show it from the top, with the chosen order if it is there."""
        self._rest.stop()
        self.orders.show(query)
        self._find_again(None)
        if not self.currentIndex().isValid():
            self.choose_first()
        self._spread()
        self.reloaded.emit()

    def take(self, changes: ChangeSet) -> None:
        """Something was stored: show new values at once, a new order of rows when nobody is disturbed."""
        self.orders.forget(changes)
        self.settle()

    def settle(self) -> None:
        """Sort again now, or as soon as the list has rested."""
        left = REST_MS - self._used.elapsed() if self._used.isValid() else 0
        if self.hasFocus() and left > 0:
            self._rest.start(int(left) + 1)
        else:
            self._reload()

    @Slot()
    def _on_rested(self) -> None:
        if self.isVisible():
            self.settle()
        else:  # there may be no store behind it any more
            self._late = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._late:
            self.settle()

    def _reload(self) -> None:
        self._rest.stop()
        self._late = False
        top = self.verticalScrollBar().value()
        height = max(0, self._last_line - top) if self._last_line >= 0 else 0
        if self.orders.reload():
            self._find_again(height)
        self.reloaded.emit()

    def _find_again(self, height: int | None) -> None:
        """Give the chosen order its selection back without telling anybody, ``height`` lines below
        the top of the view so that it does not move; None only scrolls it into view.
        """
        line = self.orders.line_of(self._wanted) if self._wanted else -1
        self._quiet = True
        if line < 0:
            self.selectionModel().clear()
        else:
            self.selectionModel().setCurrentIndex(self.orders.index(line, 0), _CHOOSE)
            if height is None:
                self.scrollTo(self.orders.index(line, 0))
            else:
                self.verticalScrollBar().setValue(max(0, line - height))
        self._quiet = False

    def tick(self, now: datetime) -> None:
        """A second: repaint the countdowns that show another time; now and then the rest too."""
        before, self._painter.now = self._painter.now, now
        if now.minute != before.minute:
            self.viewport().update()  # a node may have fallen due
            return
        for line in self._lines_in_sight():
            row = self.orders.row_at(line)
            if row is not None and clock_moved(row, before, now, self._painter.bands):
                self.viewport().update(self.visualRect(self.orders.index(line, m.CLOCK)))

    def _lines_in_sight(self) -> range:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        count = self.orders.rowCount()
        return range(max(first, 0), count if last < 0 else last + 1)

    # --- choosing -----------------------------------------------------------------------------

    def current_row(self) -> OrderRow | None:
        """The chosen row."""
        return self.orders.row_at(self.currentIndex().row())

    def choose(self, order_id: OrderId) -> bool:
        """Choose an order as a click would. False when it is not in the list."""
        line = self.orders.line_of(order_id)
        if line < 0:
            self._wanted = order_id
            self._quiet = True
            self.selectionModel().clear()
            self._quiet = False
            return False
        self.setCurrentIndex(self.orders.index(line, 0))
        self.scrollTo(self.orders.index(line, 0))
        return True

    def choose_first(self) -> None:
        """Choose the first row, if there is one."""
        if self.orders.rowCount():
            self.setCurrentIndex(self.orders.index(0, 0))

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self.orders.row_at(current.row())
        if row is None:
            return
        self._last_line = current.row()
        if not self._quiet:
            self._wanted = row.order_id
            self.scrollTo(current)
            self.order_chosen.emit(row.order_id)

    @Slot(QModelIndex)
    def _on_double_clicked(self, _index: QModelIndex) -> None:
        self._enter()

    def _enter(self) -> None:
        row = self.current_row()
        if row is not None:
            self.order_entered.emit(row.order_id)

    @Slot(int)
    def _on_section_clicked(self, section: int) -> None:
        key = m.COLUMNS[section][1]
        query = self.orders.query
        # The other way round on a second click; numbers first as people look for them, newest on top.
        descending = not query.descending if query.sort is key else key is SortKey.NUMBER
        self.sort_chosen.emit(key, descending)

    # --- use ----------------------------------------------------------------------------------

    def _touch(self) -> None:
        self._used.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._touch()
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._enter()
            return
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.orders.rowCount():
            line = 0 if key == Qt.Key.Key_Home else self.orders.rowCount() - 1
            self.setCurrentIndex(self.orders.index(line, 0))
            return
        if key == Qt.Key.Key_Down and not self.currentIndex().isValid():
            self.choose_first()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys here (T), not a search."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._touch()
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._touch()
        super().wheelEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row current when none is: the detail must not change by that."""
        self._touch()
        had_one = self.currentIndex().isValid()
        self._quiet = True
        super().focusInEvent(event)
        if not had_one:
            self.selectionModel().clear()
        self._quiet = False
