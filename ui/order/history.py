"""办理经过: the timeline with its heading, and one act opened with both of its times."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.orders import HistoryEntry, Order
from local_store.rows import OutboxItem, OutboxStatus
from ui.field.records import captions, pictures_of
from ui.field.thumbs import Thumbs
from ui.order.body import FittingScroll
from ui.present.history import labelled, timeline, title_of
from ui.present.times import day_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import LinkButton
from ui.widgets.facts_list import FactsList
from ui.widgets.kinds import SyncMark
from ui.widgets.labels import Ground, Label
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.timeline import Timeline
from ui.widgets.values import Fact, Photo

_ON_THE_WAY = frozenset({OutboxStatus.WAITING, OutboxStatus.BLOCKED, OutboxStatus.DEFERRED})


def marks(outbox: list[OutboxItem]) -> dict[str, SyncMark]:
    """Act ids that are not settled with the platform, and how they stand."""
    found: dict[str, SyncMark] = {}
    for item in outbox:
        if item.status in _ON_THE_WAY:
            found[item.act.id] = SyncMark.PENDING
        elif item.status is OutboxStatus.REJECTED:
            found[item.act.id] = SyncMark.REJECTED
    return found


class ActDetail(Ground):
    """One act: every field, when it happened and when the platform got it."""

    closed = Signal()
    photo_chosen = Signal(object)
    """A ``Photo``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.ALT, "tb", parent)
        self.act_id = ""
        self._title = Label(theme, "", token=FontToken.STRONG)
        self._close = LinkButton(theme, "收起")
        self._close.setObjectName("actDetailClose")
        self._close.clicked.connect(self.closed)
        self._facts = FactsList(theme)
        self._photos = PhotoStrip(theme, can_add=False)
        self._photos.setObjectName("actPhotos")
        self._photos.photo_chosen.connect(self.photo_chosen)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._close)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self._photos)
        self._column.addWidget(self._facts)
        self._column.addStretch(1)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(8), px(16), px(8))
        self._column.setSpacing(px(4))

    def show_entry(
        self, entry: HistoryEntry, photos: tuple[Photo, ...] = (), *, waiting: bool
    ) -> None:
        """Open an act."""
        self.act_id = entry.act_id
        self._title.setText(f"{title_of(entry)} · {entry.actor.title} {entry.actor.name}")
        got = "还没上传" if waiting else day_time(entry.received_at)
        times = (Fact("记录时间", day_time(entry.occurred_at)), Fact("平台收到", got))
        said = tuple(Fact(label, value) for label, value in labelled(entry))
        self._facts.set_facts((*times, *said))
        self._photos.set_photos(photos)
        self._photos.setVisible(bool(photos))


class HistoryPart(Themed):
    """Heading, timeline and the opened act. ``full_toggled``: T was pressed."""

    full_toggled = Signal()
    act_toggled = Signal(bool)
    """A person opened an act, or put it away."""

    def __init__(self, theme: Theme, thumbs: Thumbs, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._thumbs = thumbs
        self._order: Order | None = None
        self._marks: dict[str, SyncMark] = {}
        self._title = Label(theme, "办理经过", token=FontToken.TITLE3)
        self._count = Label(theme, "", Role.TEXT2)
        self._full = LinkButton(theme, "全部", shortcut="T")
        self._full.setObjectName("fullTimelineButton")
        self._full.clicked.connect(self.full_toggled)
        self.timeline = Timeline(theme)
        self.timeline.setObjectName("timeline")
        self.timeline.act_opened.connect(self._on_asked)
        self._detail = ActDetail(theme)
        self._opened = FittingScroll(self._detail)
        self._opened.setObjectName("openedAct")
        self._opened.hide()
        self._detail.setObjectName("actDetail")
        self._detail.closed.connect(self._on_closed)
        self._detail.photo_chosen.connect(self._on_photo)
        self._lay_out()
        self._restyle()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        for widget in (self._title, self._count):
            self._head.addWidget(widget)
        self._head.addStretch(1)
        self._head.addWidget(self._full)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self._opened)
        self._room = QHBoxLayout()
        self._room.addWidget(self.timeline)
        self._column.addLayout(self._room, 1)
        # The body above takes the room it needs; the timeline takes what is left and scrolls.
        self.timeline.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(16), px(8), px(16), px(2))
        self._head.setSpacing(px(8))
        self._room.setContentsMargins(px(12), 0, px(4), 0)
        self.timeline.setMinimumHeight(px(72))

    def set_full(self, full: bool) -> None:
        """Whether the timeline has all the room."""
        self._full.set_text("收起" if full else "全部")

    def set_order(self, order: Order, found: dict[str, SyncMark]) -> None:
        """Show the history of an order."""
        if self._order is None or self._order.id != order.id:
            self._opened.hide()
            self.timeline.scrollToTop()
        self._order, self._marks = order, found
        items = timeline(order, found)
        self.timeline.set_items(items)
        self._count.setText(f"{len(items)} 条")
        if not self._opened.isHidden():
            self._show_act(self._detail.act_id)

    @Slot(str)
    def _on_asked(self, act_id: str) -> None:
        self._show_act(act_id)
        self.act_toggled.emit(not self._opened.isHidden())

    def close_act(self) -> bool:
        """Put the opened act away. False when none is open."""
        if self._opened.isHidden():
            return False
        self._on_closed()
        return True

    @Slot()
    def _on_closed(self) -> None:
        self._opened.hide()
        self.act_toggled.emit(False)

    def _show_act(self, act_id: str) -> None:
        order = self._order
        entry = order.entry(act_id) if order is not None else None
        if order is None or entry is None:
            return
        photos = pictures_of(entry, self._thumbs, captions(order))
        self._detail.show_entry(entry, photos, waiting=act_id in self._marks)
        self._opened.show()
        self._opened.refit()

    @Slot(object)
    def _on_photo(self, photo: Photo) -> None:
        self._thumbs.show_large(self, self._theme, photo)
