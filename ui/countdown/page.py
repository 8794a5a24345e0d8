"""提醒: every running clock of this seat, worst first, with who holds it and what to do next."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.deadlines import BAND_TITLES, Band
from desktop_app.domain.refusals import Refusal
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.errors import StoreError
from ui.alerts.gathering import Gatherer
from ui.countdown.lines import ORDER, Lines, arrange
from ui.countdown.view import ColumnHeads, CountdownView
from ui.shell.page import Keys
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.kinds import Band as FaceBand
from ui.widgets.labels import Ground, Label
from ui.widgets.paint_clock import BAND_ICONS
from ui.widgets.tabs import SegmentedTabs
from ui.widgets.values import TabItem

ALL = "all"


class CountdownPage(Themed):
    """Filter by band, choose with the arrows, Enter opens the order."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._seat = seat
        self._gatherer = Gatherer(seat)
        self._lines = Lines()
        self._stale = True
        self.setObjectName("countdownPage")
        self._build()
        self._lay_out()
        self._connect()
        self._restyle()
        self.refresh(seat.now())

    def _build(self) -> None:
        theme = self._theme
        self.title = Label(theme, "提醒", Role.TEXT, FontToken.TITLE1)
        self.tabs = SegmentedTabs(theme, _tabs(Lines()))
        self.tabs.setObjectName("bandTabs")
        self.fold = PlainButton(theme, "每单一行", icon="filter", shortcut="F4")
        self.fold.setObjectName("oneEachButton")
        self.fold.setCheckable(True)
        self.heads = ColumnHeads(theme)
        now, bands = self._seat.now(), self._seat.center.policy.bands
        self.list = CountdownView(theme, now, bands, self.heads, self)
        self.empty = EmptyState(theme, "circle-check", "")
        self.foot = Label(theme, "", Role.TEXT2)
        self.open = PrimaryButton(theme, "打开这件单", shortcut="Enter", bind_key=False)
        self.open.setObjectName("openOrderButton")

    def _lay_out(self) -> None:
        self._top = Ground(self._theme, Role.SURFACE, "b")
        self._top_row = QHBoxLayout(self._top)
        self._top_row.addWidget(self.title)
        self._top_row.addWidget(self.tabs, 1)
        self._top_row.addWidget(self.fold)
        body = Ground(self._theme, Role.SURFACE)
        listed = QWidget(body)
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heads)
        column.addWidget(self.list, 1)
        self._stack = QStackedLayout(body)
        self._stack.addWidget(listed)
        self._stack.addWidget(self.empty)
        self._bottom = Ground(self._theme, Role.ALT, "t")
        self._bottom_row = QHBoxLayout(self._bottom)
        self._bottom_row.addWidget(self.foot)
        self._bottom_row.addStretch(1)
        self._bottom_row.addWidget(self.open)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._top)
        whole.addWidget(body, 1)
        whole.addWidget(self._bottom)

    def _restyle(self) -> None:
        px = self._theme.px
        self._top_row.setContentsMargins(px(16), px(8), px(12), px(8))
        self._top_row.setSpacing(px(16))
        self._bottom_row.setContentsMargins(px(16), px(8), px(12), px(8))

    def _connect(self) -> None:
        self.tabs.tab_changed.connect(self._on_filter_changed)
        self.fold.toggled.connect(self._on_fold_toggled)
        self.list.entered_order.connect(self.open_requested)
        self.open.clicked.connect(self.list.open_chosen)
        self.empty.action_requested.connect(self._on_show_all)
        self.setFocusProxy(self.list)

    # what the shell asks
    def keys(self) -> Keys:
        return (("↑ ↓", "选一条"), ("Enter", "打开"), ("← →", "换时限档"), ("F4", "每单一行"))

    def primary(self) -> None:
        """Ctrl+Enter opens the order of the chosen clock."""
        self.list.open_chosen()

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        self._gatherer.forget(changes)
        self._stale = True
        if self.isVisible():
            self.refresh(self._seat.now())

    def tick(self, now: datetime) -> None:
        due = self._lines.until is not None and now >= self._lines.until
        if self._stale or due:
            self.refresh(now)
        self.list.tick(now)

    def refresh(self, now: datetime) -> None:
        """Sort again, unless somebody is working in the list: then at a later second."""
        if not self.list.rested():
            self._stale = True
            return
        try:
            person, bands = self._seat.person, self._seat.center.policy.bands
            found = self._gatherer.watched()
        except Refusal as refusal:
            self.notice.emit(refusal.reason, refusal.advice)
            return
        except StoreError as error:
            self.notice.emit(error.title, error.advice)
            return
        self._stale = False
        only = None if self.tabs.current() in ("", ALL) else Band(self.tabs.current())
        self._lines = arrange(found, person, bands, now, only=only, one_each=self.fold.isChecked())
        self.list.painter_.now, self.list.painter_.bands = now, bands
        self._show(only)

    def _show(self, only: Band | None) -> None:
        self.tabs.set_items(_tabs(self._lines))
        self.list.set_entries(self._lines.entries)
        count = self._lines.count(only)
        self._stack.setCurrentIndex(0 if count else 1)
        if not count and only is not None:
            self.empty.set_content("filter", f"没有{BAND_TITLES[only]}的时限。", "看全部")
        elif not count:
            self.empty.set_content("circle-check", "没有正在走的时限。")
        words = f"{self._lines.orders} 件单，{self._lines.count(None)} 个时限 · 每秒按平台时间更新"
        self.foot.setText(words)
        if count:
            self.open.allow()
        else:
            self.open.refuse("没有可打开的")

    # answers
    @Slot(str)
    def _on_filter_changed(self, _key: str) -> None:
        self._refresh_now()

    @Slot(bool)
    def _on_fold_toggled(self, folded: bool) -> None:
        self.fold.set_text("全部节点" if folded else "每单一行")
        self._refresh_now()

    @Slot()
    def _on_show_all(self) -> None:
        self.tabs.set_current(ALL)
        self._refresh_now()

    def _refresh_now(self) -> None:
        self.list.forget_use()
        self.refresh(self._seat.now())


def _tabs(lines: Lines) -> tuple[TabItem, ...]:
    bands = tuple(
        TabItem(b.value, BAND_TITLES[b], lines.count(b), BAND_ICONS[FaceBand(b.value)])
        for b in ORDER
    )
    return (TabItem(ALL, "全部", lines.count(None)), *bands)
