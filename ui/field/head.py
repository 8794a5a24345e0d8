"""The head of an order in the field: what it is, how it stands, which steps there are."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Bands
from local_store.rows import OrderRow, SyncState
from ui.field.steps import StepBar
from ui.present.clocks import order_countdown
from ui.present.marks import SYNC_MARKS
from ui.present.people import matter_title, petitioner_text, place_text
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import CountdownView, SyncBadge
from ui.widgets.kinds import Band, SyncMark
from ui.widgets.labels import Ground, Label
from ui.widgets.values import CountdownFace, SyncFace


class WorkHead(Ground):
    """Two lines of words and the step bar."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "b", parent)
        self._title = Label(theme, "", token=FontToken.TITLE2, elide=True)
        self._facts = Label(theme, "", Role.TEXT2, wrap=True)
        self._clock = CountdownView(theme, CountdownFace("", Band.OK, 0))
        self._sync = SyncBadge(theme, SyncFace(SyncMark.SYNCED))
        self.steps = StepBar(theme)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._facts)
        self._line = QHBoxLayout()
        self._line.addLayout(words, 1)
        self._line.addWidget(self._clock)
        self._line.addWidget(self._sync)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._line)
        self._column.addWidget(self.steps)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(10), px(20), px(12))
        self._column.setSpacing(px(10))
        self._line.setSpacing(px(16))

    def show_order(self, order: Order, row: OrderRow | None, now: datetime, bands: Bands) -> None:
        """Show the order."""
        self._title.setText(matter_title(order))
        parts = (short_number(order.number), petitioner_text(order), place_text(order))
        self._facts.setText(" · ".join(part for part in parts if part))
        mark = SYNC_MARKS[row.sync if row is not None else SyncState.SYNCED]
        waiting = row.pending if row is not None else 0
        text = f"待上传 {waiting} 条" if mark is SyncMark.PENDING and waiting else ""
        self._sync.set_face(SyncFace(mark, text))
        self.tick(order, now, bands)

    def tick(self, order: Order, now: datetime, bands: Bands) -> None:
        """A second later."""
        face = order_countdown(order, now, bands)
        self._clock.setVisible(bool(face.text))
        self._clock.set_face(face)
