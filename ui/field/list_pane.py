"""The left side of 我的单: my orders worst first, and what waits for the network."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.policy import Bands
from ui.field.cards import FieldCard, FieldDelegate
from ui.field.waiting import WaitingPanel
from ui.forms.card_list import CardList
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import Ground, Label


class FieldListPane(Ground):
    """Head, list, foot."""

    def __init__(self, theme: Theme, bands: Bands, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "r", parent)
        self.delegate = FieldDelegate(theme, bands)
        self.list = CardList(theme, self.delegate)
        self.list.setObjectName("fieldList")
        self.list.setAccessibleName("我的单")
        self.waiting = WaitingPanel(theme)
        self._title = Label(theme, "我的单", token=FontToken.TITLE3)
        self._count = Label(theme, "", Role.TEXT2, elide=True)
        self._empty = EmptyState(theme, "inbox", "现在没有派给您的单。")
        self._line = Ground(theme, Role.SURFACE, "b")
        self._head = QHBoxLayout(self._line)
        self._head.addWidget(self._title)
        self._head.addWidget(self._count, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addLayout(self._stack, 1)
        column.addWidget(self.waiting)
        self.setFocusProxy(self.list)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(16), px(10), px(16), px(10))
        self._head.setSpacing(px(8))

    def set_cards(self, cards: Sequence[FieldCard], who: str) -> None:
        """Show the cards; ``who``: the village, station or office of this seat."""
        self.list.set_cards(cards)
        self._count.setText(f"{who} {len(cards)} 件")
        self._stack.setCurrentIndex(0 if cards else 1)
