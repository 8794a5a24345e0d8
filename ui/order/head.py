"""The head of the detail: tier, number, what is special, how it stands with the platform, the matter."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.orders import Order
from local_store.rows import OrderRow
from ui.order.facts import sync_face, tags
from ui.present.clocks import tier_face
from ui.present.people import matter_title
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import SyncBadge, Tag, TierBadge
from ui.widgets.kinds import SyncMark, TierKind
from ui.widgets.labels import Ground, Label
from ui.widgets.values import SyncFace, TierFace


class OrderHead(Ground):
    """Two or three lines; further tags get a line of their own."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "b", parent)
        self._tier = TierBadge(theme, TierFace("", TierKind.OTHER))
        self._number = Label(theme, "", Role.TEXT2)
        self._number.setObjectName("orderNumber")
        self._sync = SyncBadge(theme, SyncFace(SyncMark.SYNCED))
        self._sync.setObjectName("orderSync")
        self._title = Label(theme, "", token=FontToken.TITLE2, wrap=True)
        self._title.setObjectName("orderTitle")
        self._tags: list[Tag] = []
        self._narrow = False
        self._shown: tuple[Order, OrderRow | None] | None = None
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        self._first.addWidget(self._tier)
        self._first.addWidget(self._number)
        self._first.addStretch(1)
        self._first.addWidget(self._sync)
        self._second.addStretch(1)
        self._column = QVBoxLayout(self)
        for row in (self._first, self._second):
            self._column.addLayout(row)
        self._column.addWidget(self._title)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(12), px(16), px(10))
        self._column.setSpacing(px(6))
        for row in (self._first, self._second):
            row.setSpacing(px(8))

    def set_narrow(self, narrow: bool) -> None:
        """Without the tier badge, which the row beside already shows."""
        self._tier.setVisible(not narrow)
        if narrow != self._narrow:
            self._narrow = narrow
            if self._shown is not None:
                self._show_tags(*self._shown)

    def set_order(self, order: Order, row: OrderRow | None) -> None:
        """Show an order."""
        self._tier.set_face(tier_face(order.tier_title, order.tier_style))
        self._number.setText(order.number)
        self._sync.set_face(sync_face(row))
        self._title.setText(matter_title(order))
        self._shown = (order, row)
        self._show_tags(order, row)

    def _show_tags(self, order: Order, row: OrderRow | None) -> None:
        for tag in self._tags:
            tag.hide()
            tag.deleteLater()
        self._tags = [Tag(self._theme, face) for face in tags(order, row, wide=not self._narrow)]
        for number, tag in enumerate(self._tags):
            if number == 0:
                self._first.insertWidget(2, tag)
            else:
                self._second.insertWidget(number - 1, tag)
