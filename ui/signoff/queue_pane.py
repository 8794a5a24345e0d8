"""The left side of 签批: views with counts, the queue, and what may be signed together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.policy import Bands
from local_store.rows import SavedView
from ui.forms.card_list import CARD_ROLE, CardList
from ui.signoff.queue import QueueCard, QueueDelegate
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.buttons import LinkButton, PlainButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import Ground, IconLabel, Label
from ui.widgets.tabs import SegmentedTabs
from ui.widgets.values import TabItem

VIEWS = {
    SavedView.TO_SIGN: "待签",
    SavedView.SIGNED: "已签",
    SavedView.RETURNED: "退回",
}
_EMPTY = {
    SavedView.TO_SIGN: "没有等您签的单。",
    SavedView.SIGNED: "在办的单里还没有签过的。",
    SavedView.RETURNED: "没有退回后待重拟的单。",
}


class QueueList(CardList):
    """Space or a click on the box ticks the card for 批签."""

    tick_requested = Signal(str)

    def __init__(
        self, theme: Theme, delegate: QueueDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, delegate, parent)
        self._boxes = delegate

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if self.current_key() and not event.isAutoRepeat():
                self.tick_requested.emit(self.current_key())
            event.accept()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self._at(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and event.position().x() <= self._boxes.box_width():
            self.tick_requested.emit(index.data(CARD_ROLE).key)

    def _at(self, point: QPoint) -> QModelIndex:
        return self.indexAt(point)


class QueuePane(Ground):
    """Tabs, queue, and the foot with 批签."""

    view_changed = Signal(str)
    current_changed = Signal(str)
    opened = Signal(str)
    tick_requested = Signal(str)
    batch_requested = Signal()
    deputies_requested = Signal()

    def __init__(self, theme: Theme, bands: Bands, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "r", parent)
        self.delegate = QueueDelegate(theme, bands)
        self.list = QueueList(theme, self.delegate)
        self.list.setObjectName("signoffQueue")
        self.list.setAccessibleName("签批件")
        self.tabs = SegmentedTabs(theme, tuple(TabItem(v, t, 0) for v, t in VIEWS.items()))
        self.tabs.setObjectName("signoffTabs")
        self.deputies = LinkButton(theme, "代签", icon="user-check")
        self.deputies.setObjectName("deputyButton")
        self._empty = EmptyState(theme, "rubber-stamp", _EMPTY[SavedView.TO_SIGN])
        self.batch = PlainButton(
            theme, "批签", icon="rubber-stamp", shortcut="Ctrl+Shift+Enter", big=True
        )
        self.batch.setObjectName("batchButton")
        self._ticked = IconLabel(theme, "square-check", "", Role.TEXT2)
        self._locked = IconLabel(theme, "lock", "须逐件签", Role.TEXT2)
        self._why = Label(theme, "", Role.TEXT2, wrap=True)
        self._foot = Ground(theme, Role.ALT, "t")
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.list)
        self._restyle()

    def _lay_out(self) -> None:
        self._line = Ground(self._theme, Role.SURFACE, "b")
        self._head = QHBoxLayout(self._line)
        self._head.addWidget(self.tabs, 1)
        self._head.addWidget(self.deputies)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        words = QHBoxLayout()
        words.addWidget(self._ticked)
        words.addWidget(self._locked)
        words.addStretch(1)
        self._foot_column = QVBoxLayout(self._foot)
        self._foot_column.addLayout(words)
        self._foot_column.addWidget(self._why)
        self._foot_column.addWidget(self.batch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addLayout(self._stack, 1)
        column.addWidget(self._foot)

    def _connect(self) -> None:
        self.tabs.tab_changed.connect(self._on_tab_changed)
        self.list.current_changed.connect(self.current_changed)
        self.list.opened.connect(self.opened)
        self.list.tick_requested.connect(self.tick_requested)
        self.batch.clicked.connect(self.batch_requested)
        self.deputies.clicked.connect(self.deputies_requested)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(14), px(9), px(12), px(9))
        self._head.setSpacing(px(4))
        self._foot_column.setContentsMargins(px(14), px(10), px(14), px(12))
        self._foot_column.setSpacing(px(8))

    def view(self) -> SavedView:
        """The chosen view."""
        return SavedView(self.tabs.current())

    def set_counts(self, counts: dict[SavedView, int]) -> None:
        """Numbers on the tabs."""
        for view in VIEWS:
            self.tabs.set_count(view, counts.get(view, 0))

    def set_cards(self, cards: Sequence[QueueCard]) -> None:
        """Show the cards; a sentence where there is none."""
        self.list.set_cards(cards)
        self._empty.set_content("rubber-stamp", _EMPTY[self.view()])
        self._stack.setCurrentIndex(0 if cards else 1)
        self._foot.setVisible(self.view() is SavedView.TO_SIGN and bool(cards))

    def set_batch(self, ticked: int, opinion: str, why_not: str) -> None:
        """How many are ticked, with which words they are signed, or why nobody may sign here."""
        self._ticked.set_content("square-check", f"已选 {ticked} 件普通件", Role.TEXT2)
        self._why.setText(f"批示统一写“{opinion}”" if ticked else "")
        self._why.setVisible(bool(ticked))
        self.batch.set_text(f"批签 {ticked} 件" if ticked else "批签")
        if why_not:
            self.batch.refuse(why_not)
        elif ticked:
            self.batch.allow()
        else:
            self.batch.refuse("先按空格选件")

    @Slot(str)
    def _on_tab_changed(self, key: str) -> None:
        self.view_changed.emit(key)
