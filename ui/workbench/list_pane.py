"""Views, search, filter, table and foot: everything on the left of the workbench."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import VIEW_TITLES, ListQuery, SavedView, SortKey
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.ime import ImeLineEdit
from ui.widgets.labels import Ground, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.tabs import SegmentedTabs
from ui.workbench import views
from ui.workbench.filter_bar import FilterBar
from ui.workbench.table import OrdersTable

_COUNT_AGAIN = timedelta(seconds=30)


class ListPane(Ground):
    """One list at a time. Its query is remembered by the page."""

    order_chosen = Signal(str)
    order_entered = Signal(str)
    view_changed = Signal(str)
    counted = Signal(dict)

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "r", parent)
        self._seat = seat
        self._own = views.load_own(seat.store)
        self._query = ListQuery()
        self._counted_at: datetime | None = None
        self.table = OrdersTable(seat, theme)
        self._make_head()
        self._make_body()
        self._lay_out()
        self._connect()
        self._restyle()
        self.filters.set_center(seat.center)
        self.count()

    # --- parts --------------------------------------------------------------------------------

    def _make_head(self) -> None:
        theme = self._theme
        self.tabs = SegmentedTabs(theme)
        self.tabs.setObjectName("viewTabs")
        self.search = SearchBox(theme, "编号、村名、事项、拼音首字母（如 wjw）")
        self.search.setObjectName("searchBox")
        self.search.field().setObjectName("searchEdit")
        self._filter = PlainButton(theme, "筛选", icon="filter", shortcut="F4")
        self._filter.setObjectName("filterButton")
        self._keep = PlainButton(theme, "存为视图", icon="star")
        self._keep.setObjectName("saveViewButton")
        self.filters = FilterBar(theme)
        self._name_row = Ground(theme, Role.ALT, "t")
        self._name = ImeLineEdit()
        self._name.setObjectName("viewNameEdit")
        self._name.setPlaceholderText("给这个视图起个名（八字以内）")
        self._name_ok = PlainButton(theme, "保存视图")
        self._name_ok.setObjectName("saveViewNameButton")
        self._name_row.hide()

    def _make_body(self) -> None:
        theme = self._theme
        self._empty = EmptyState(theme, "inbox", "")
        self._empty.setObjectName("emptyState")
        self._body = QStackedWidget()
        self._body.addWidget(self.table)
        self._body.addWidget(self._empty)
        self._foot = Ground(theme, Role.SURFACE, "t")
        self._foot_text = Label(theme, "", Role.TEXT2)
        self._foot_text.setObjectName("listFoot")

    def _lay_out(self) -> None:
        self._find = QHBoxLayout()
        self._find.addWidget(self.search, 1)
        self._find.addWidget(self._filter)
        self._find.addWidget(self._keep)
        self._head = QVBoxLayout()
        self._head.addWidget(self.tabs)
        self._head.addLayout(self._find)
        name = QHBoxLayout(self._name_row)
        name.addWidget(self._name, 1)
        name.addWidget(self._name_ok)
        foot = QHBoxLayout(self._foot)
        foot.addWidget(self._foot_text)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        for widget in (self.filters, self._name_row):
            column.addWidget(widget)
        column.addWidget(self._body, 1)
        column.addWidget(self._foot)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(12), px(8), px(12), px(8))
        self._head.setSpacing(px(8))
        self._find.setSpacing(px(8))
        for row in (self._name_row, self._foot):
            layout = row.layout()
            if layout is not None:
                layout.setContentsMargins(px(12), px(5), px(12), px(5))

    def _connect(self) -> None:
        self.tabs.tab_changed.connect(self._on_tab_changed)
        self.search.search_requested.connect(self._on_search)
        self.search.left.connect(self._on_search_left)
        self.search.entered.connect(self._on_search_entered)
        self._filter.clicked.connect(self._on_filter)
        self._keep.clicked.connect(self._on_keep)
        self._name_ok.clicked.connect(self._on_name_given)
        self._name.returnPressed.connect(self._on_name_given)
        self.filters.query_changed.connect(self._on_filtered)
        self._empty.action_requested.connect(self.show_everything)
        self.table.order_chosen.connect(self.order_chosen)
        self.table.order_entered.connect(self.order_entered)
        self.table.sort_chosen.connect(self._on_sort_chosen)
        self.table.reloaded.connect(self._on_reloaded)

    def set_narrow(self, narrow: bool) -> None:
        """Two-line rows, short captions."""
        self.table.set_narrow(narrow)
        self._filter.setVisible(not narrow)
        self._keep.setVisible(not narrow)

    # --- query --------------------------------------------------------------------------------

    @property
    def query(self) -> ListQuery:
        return self._query

    def show_view(self, key: str) -> None:
        """Show a saved view by its key."""
        self.tabs.set_current(key)
        self._on_tab_changed(key)

    def _show(self, query: ListQuery) -> None:
        self._query = query
        self.search.set_text(query.text)
        self.filters.set_query(query)
        self._say_filtered()
        self.table.show_query(query)

    def _say_filtered(self) -> None:
        self._filter.set_text("筛选中" if self.filters.is_narrowing() else "筛选")

    @Slot(str)
    def _on_tab_changed(self, key: str) -> None:
        self._show(views.query_of(key, self._own, self._query))
        self.view_changed.emit(key)

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._show(replace(self._query, text=text))

    @Slot()
    def _on_search_left(self) -> None:
        if self._query.text:
            self._on_search("")
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_search_entered(self) -> None:
        if self.search.text() != self._query.text:
            self._on_search(self.search.text())
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.table.currentIndex().isValid():
            self.table.choose_first()

    @Slot(object)
    def _on_filtered(self, query: ListQuery) -> None:
        self._show(query)

    @Slot(object, bool)
    def _on_sort_chosen(self, key: SortKey, descending: bool) -> None:
        self._show(replace(self._query, sort=key, descending=descending))

    @Slot()
    def _on_filter(self) -> None:
        self.filters.setVisible(not self.filters.isVisible())
        if self.filters.isVisible():
            self.filters.first_box().setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def show_everything(self) -> None:
        """Take search and filters away."""
        self._show(ListQuery(view=self._query.view))

    @Slot()
    def _on_keep(self) -> None:
        self._name_row.setVisible(not self._name_row.isVisible())
        if self._name_row.isVisible():
            self._name.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_name_given(self) -> None:
        view = views.named(self._name.text(), self._query)
        kept = [v for v in self._own if v.title != view.title]
        self._own = [*kept, view][-views.MOST :]
        views.save_own(self._seat.store, self._own)
        self._name.clear()
        self._name_row.hide()
        self.count()
        self.tabs.set_current(view.key)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what changes -------------------------------------------------------------------------

    def take(self, changes: ChangeSet) -> None:
        """Something was stored."""
        if changes.center:
            self.filters.set_center(self._seat.center)
        self.table.take(changes)
        self.count()

    def tick(self, now: datetime) -> None:
        """A second: countdowns; every half minute also counts and order, which time alone changes."""
        self.table.tick(now)
        if self._counted_at is None or abs(now - self._counted_at) >= _COUNT_AGAIN:
            self.count()
            self.table.settle()

    def count(self) -> None:
        """Count all views again."""
        now = self._seat.now()
        self._counted_at = now
        counts = self._seat.store.counts(views.STANDARD, now, self._seat.person)
        self.tabs.set_items(views.tabs(counts, self._own))
        self.counted.emit(counts)

    @Slot()
    def _on_reloaded(self) -> None:
        number = self.table.orders.rowCount()
        self._body.setCurrentWidget(self.table if number else self._empty)
        title = self._title()
        if number:
            tail = " · 每秒按平台时间更新"
            self._foot_text.setText(f"{title} {number} 件已全部显示{tail}")
            return
        self._foot_text.setText(f"{title} 0 件")
        if self._query.text or self.filters.is_narrowing():
            self._empty.set_content("search", "没有符合条件的单。", "清除筛选")
        else:
            self._empty.set_content("inbox", _empty_words(self._query.view))

    def _title(self) -> str:
        key = self.tabs.current()
        own = next((v.title for v in self._own if v.key == key), "")
        return own or VIEW_TITLES[self._query.view]

    def choose(self, order_id: OrderId) -> bool:
        """Choose an order; look for it in all orders when this view does not hold it."""
        if self.table.choose(order_id):
            return True
        if self._seat.store.row(order_id) is None:
            return False
        self.show_view(SavedView.ALL.value)
        self.show_everything()
        return self.table.choose(order_id)


def _empty_words(view: SavedView) -> str:
    words = {
        SavedView.NEAR: "本班没有临期件。",
        SavedView.OVERDUE: "没有超时件。",
        SavedView.TO_ACCEPT: "没有待签收的单。",
        SavedView.SHIFT: "本班没有在办的单。",
    }
    return words.get(view, f"“{VIEW_TITLES[view]}”里没有单。")
