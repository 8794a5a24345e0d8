"""The list itself and the heads of its columns."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QElapsedTimer, QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy, QWidget

from desktop_app.domain.policy import Bands
from ui.countdown.delegate import TITLES, WIDE, Columns, CountdownDelegate
from ui.countdown.lines import Entry, Head, Line
from ui.countdown.model import CountdownModel
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.paint_base import paint_text

REST_MS = 5000


class ColumnHeads(Themed):
    """The words above the columns; nothing in the two-line form."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.row_width = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self._theme.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color(Role.ALT))
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, theme.color(Role.LINE))
        columns = Columns(theme, self.row_width or self.width()).all()
        for title, (left, wide) in zip(TITLES, columns, strict=True):
            paint_text(painter, QRect(left, 0, wide, self.height()), theme, title, Role.TEXT2)


class CountdownView(QListView):
    """Keeps the chosen clock and its place through every new sorting."""

    entered_order = Signal(str)

    def __init__(
        self, theme: Theme, now: datetime, bands: Bands, heads: ColumnHeads, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._heads = theme, heads
        self.lines = CountdownModel(self)
        self.painter_ = CountdownDelegate(theme, now, bands, self)
        self._used = QElapsedTimer()
        self.setObjectName("countdownList")
        self.setAccessibleName("正在走的时限")
        self.setModel(self.lines)
        self.setItemDelegate(self.painter_)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self._restyle)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self.verticalScrollBar().setSingleStep(self._theme.px(28))
        self._choose_form()
        self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_form()

    def _choose_form(self) -> None:
        narrow = self.viewport().width() / self._theme.scale < WIDE
        self._heads.row_width = self.viewport().width()
        self._heads.setVisible(not narrow)
        self._heads.update()
        if narrow != self.painter_.narrow:
            self.painter_.narrow = narrow
            self.scheduleDelayedItemsLayout()

    # content
    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these lines; what was chosen stays chosen and where it was on the screen."""
        key, top = self.chosen_key(), self.visualRect(self.currentIndex()).top()
        before = self.currentIndex().row()
        self.lines.set_entries(entries)
        row = self.lines.row_of(key) if key else -1
        if row < 0:
            row = self.lines.first_line(before if key else 0)
        if row < 0:
            row = self.lines.first_line()
        if row < 0:
            return
        index = self.lines.index(row)
        self.setCurrentIndex(index)
        if key and before >= 0:
            self.doItemsLayout()
            moved = self.visualRect(index).top() - top
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + moved)
        else:
            self.scrollToTop()

    def chosen(self) -> Line | None:
        """The chosen clock."""
        entry = self.lines.entry(self.currentIndex().row())
        return entry if isinstance(entry, Line) else None

    def chosen_key(self) -> str:
        line = self.chosen()
        return line.key if line else ""

    def tick(self, now: datetime) -> None:
        """Another second: only what can be seen is painted again."""
        self.painter_.now = now
        self.viewport().update()

    def rested(self) -> bool:
        """Whether nobody is working in the list just now."""
        idle = not self._used.isValid() or self._used.elapsed() > REST_MS
        return idle or not self.hasFocus()

    def forget_use(self) -> None:
        """The person asked for another list: sort it at once."""
        self._used.invalidate()

    # keys
    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._used.restart()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.open_chosen()
            return
        super().keyPressEvent(event)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and the page keys may land on the head of a band: the line below it is meant."""
        index = super().moveCursor(action, modifiers)
        if isinstance(self.lines.entry(index.row()), Head):
            return self.lines.index(self.lines.first_line(index.row()))
        return index

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._used.restart()
        super().mousePressEvent(event)

    def open_chosen(self) -> None:
        """Open the order of the chosen clock."""
        line = self.chosen()
        if line is not None:
            self.entered_order.emit(line.watch.order_id)

    @Slot(QModelIndex)
    def _on_double_clicked(self, _index: QModelIndex) -> None:
        self.open_chosen()
