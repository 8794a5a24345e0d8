"""Lists of cards: a model of plain values, and a view that never lets the chosen card jump away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QElapsedTimer,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QWidget

from ui.theme.theme import Theme

CARD_ROLE = Qt.ItemDataRole.UserRole + 1
REST_MS = 5000
"""So long after the last touch a list that has the focus may sort its cards anew."""

_Index = QModelIndex | QPersistentModelIndex


class Card(Protocol):
    """One card: a stable key, and all of it in words for assistive technology."""

    @property
    def key(self) -> str: ...
    @property
    def spoken(self) -> str: ...


class CardModel(QAbstractListModel):
    """The cards in the order they are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Any, ...]:
        """All cards, in order."""
        return self._cards

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show these. Where the keys stay as they are only the contents are told to have changed."""
        new = tuple(cards)
        same = [c.key for c in new] == [c.key for c in self._cards]
        if same:
            self._cards = new
            if new:
                self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, 0))
            return
        self.beginResetModel()
        self._cards = new
        self.endResetModel()

    def row_of(self, key: str) -> int:
        """Row of a card, -1 if it is not there."""
        return next((n for n, card in enumerate(self._cards) if card.key == key), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._cards):
            return None
        card = self._cards[index.row()]
        if role == CARD_ROLE:
            return card
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return card.spoken
        return None


class CardList(QListView):
    """Arrows choose, Enter opens. The chosen card stays chosen and in place through every change."""

    current_changed = Signal(str)
    opened = Signal(str)

    def __init__(
        self, theme: Theme, delegate: QStyledItemDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.cards = CardModel(self)
        self._touched = QElapsedTimer()
        self._quiet = False
        self._told = ""
        self.setModel(self.cards)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setProperty("ringInside", True)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    def current_key(self) -> str:
        """Key of the chosen card, empty if there is none."""
        card = self.currentIndex().data(CARD_ROLE)
        return str(card.key) if card is not None else ""

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show these, in this order unless the list is in use; the chosen card stays, else its neighbour."""
        key, row = self.current_key(), self.currentIndex().row()
        self._quiet = True
        self.cards.set_cards(self._settled(cards))
        found = self.cards.row_of(key) if key else -1
        if found < 0 and cards:
            found = min(max(row, 0), len(cards) - 1)
        if found != self.currentIndex().row() or found < 0:
            self.setCurrentIndex(self.cards.index(found, 0))
        self._quiet = False
        self._tell()

    def choose(self, key: str) -> None:
        """Make a card the current one, if it is there."""
        row = self.cards.row_of(key)
        if row >= 0:
            self.setCurrentIndex(self.cards.index(row, 0))
            self.scrollTo(self.cards.index(row, 0))

    def step(self, by: int) -> None:
        """Go to the next or previous card."""
        row = self.currentIndex().row() + by
        if 0 <= row < self.cards.rowCount():
            self.setCurrentIndex(self.cards.index(row, 0))

    def _settled(self, cards: Sequence[Card]) -> Sequence[Card]:
        """Keep the order that is on the screen while somebody is using the list."""
        in_use = self.hasFocus() and self._touched.isValid() and self._touched.elapsed() < REST_MS
        if not in_use:
            return cards
        place = {card.key: n for n, card in enumerate(self.cards.cards)}
        return sorted(cards, key=lambda card: place.get(card.key, len(place)))

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, _new: QModelIndex, _old: QModelIndex) -> None:
        self._touched.restart()
        if not self._quiet:
            self._tell()

    def _tell(self) -> None:
        key = self.current_key()
        if key != self._told:
            self._told = key
            self.current_changed.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            if self.current_key() and not event.isAutoRepeat():
                self.opened.emit(self.current_key())
            event.accept()
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # commands belong to the page
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
