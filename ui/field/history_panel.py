"""经过: the node track and everything that was done, newest first; Enter opens one record."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.orders import HistoryEntry, Order
from desktop_app.domain.policy import Bands
from desktop_app.services.seat import Seat
from ui.field.records import RecordPanel, captions, pictures_of
from ui.field.thumbs import Thumbs
from ui.present.clocks import track
from ui.present.history import timeline
from ui.present.marks import act_marks
from ui.present.times import near_time
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.kinds import SyncMark
from ui.widgets.node_track import NodeTrack
from ui.widgets.panel import Panel
from ui.widgets.timeline import Timeline
from ui.widgets.values import Photo


class HistoryPanel(Themed):
    """Track above, the opened record, the timeline below."""

    def __init__(
        self, seat: Seat, thumbs: Thumbs, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._seat, self._thumbs = seat, thumbs
        self._order: Order | None = None
        self._opened: RecordPanel | None = None
        self._opened_act = ""
        self._pictures: tuple[Photo, ...] = ()
        self.track = NodeTrack(theme)
        self.timeline = Timeline(theme)
        self.timeline.setObjectName("fieldTimeline")
        self.timeline.act_opened.connect(self._on_opened)
        clocks = Panel(theme, "时限", icon="clock")
        clocks.body.addWidget(self.track)
        self._panel = Panel(theme, "办理经过", icon="history")
        self._panel.body.addWidget(self.timeline)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(clocks)
        self._column.addWidget(self._panel, 1)
        self._restyle()

    def _restyle(self) -> None:
        self._column.setSpacing(self._theme.px(12))
        self.timeline.setMinimumHeight(self._theme.px(330))

    def show_order(self, order: Order, now: datetime, bands: Bands) -> None:
        """Show the order as it stands."""
        if self._order is None or self._order.id != order.id:
            self._close()
        self._order = order
        items = timeline(order, act_marks(self._seat.store))
        self._panel.set_title("办理经过", f"{len(items)} 条")
        self.timeline.set_items(items)
        self._renew()
        self.tick(now, bands)

    def tick(self, now: datetime, bands: Bands) -> None:
        """A second later."""
        if self._order is not None:
            self.track.set_nodes(track(self._order, now, bands))

    @Slot(str)
    def _on_opened(self, act_id: str) -> None:
        order = self._order
        entry = order.entry(act_id) if order is not None else None
        if order is None or entry is None:
            return
        self._close()
        self._opened_act, self._pictures = act_id, self._pictures_of(order, entry)
        mark = act_marks(self._seat.store).get(act_id, SyncMark.SYNCED)
        when = near_time(entry.occurred_at, self._seat.now())
        self._opened = RecordPanel(self._theme, entry, mark, self._pictures, when)
        self._opened.photo_chosen.connect(self._on_photo)
        self._column.insertWidget(1, self._opened)

    def _pictures_of(self, order: Order, entry: HistoryEntry) -> tuple[Photo, ...]:
        return pictures_of(entry, self._thumbs, captions(order))

    def _renew(self) -> None:
        """Open the record again when one of its photos has come."""
        if self._order is None or self._opened is None:
            return
        entry = self._order.entry(self._opened_act)
        if entry is not None and self._pictures_of(self._order, entry) != self._pictures:
            self._on_opened(self._opened_act)

    @Slot(object)
    def _on_photo(self, photo: Photo) -> None:
        self._thumbs.show_large(self, self._theme, photo)

    def _close(self) -> None:
        if self._opened is not None:
            self._column.removeWidget(self._opened)
            self._opened.hide()
            self._opened.deleteLater()
            self._opened = None
