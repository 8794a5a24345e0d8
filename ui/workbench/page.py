"""工单: the list and the chosen order side by side, and the proposal page in their place when asked for."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.roles import Role
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import SavedView
from ui.forms.page import Page
from ui.order.pane import OrderPane
from ui.propose.page import ProposePage
from ui.theme.theme import Theme
from ui.widgets.keys import bind
from ui.workbench.list_pane import ListPane

WIDE, NARROW = 1200, 800
"""Widths of the page, in px of the drawings: six columns; a list beside the detail; one at a time."""
_DETAIL, _SLIM_DETAIL = 528, 408


class WorkbenchPage(Page):
    """The dispatcher's desk; for the secretary, the inspector and the admin the same to read."""

    page_requested = Signal(str, str)
    """(page key, order id): this step has a page of its own."""
    counted = Signal(dict)

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self.setObjectName("ordersPage")
        self._single = self._opened = False
        self._just_taken: ChangeSet | None = None
        self._propose: ProposePage | None = None
        self.list = ListPane(seat, theme)
        self.pane = OrderPane(seat, theme, self.carry_out)
        self._desk = QWidget()
        row = QHBoxLayout(self._desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list, 1)
        row.addWidget(self.pane)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        # The arrangement follows the width: what is side by side now must not keep the window broad.
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setFocusProxy(self.list.table)
        self._connect()
        self.list.show_view(SavedView.SHIFT.value)
        self.list.table.choose_first()

    def _connect(self) -> None:
        self.list.order_chosen.connect(self._on_chosen)
        self.list.order_entered.connect(self._on_entered)
        self.list.counted.connect(self.counted)
        self.pane.propose_requested.connect(self.open_proposal)
        self.pane.sign_requested.connect(self._on_sign_requested)
        self.pane.field_requested.connect(self._on_field_requested)
        self.pane.files_wanted.connect(self.files_missing)
        self.pane.left.connect(self._on_left)
        bind(self._desk, "F6").activated.connect(self._on_next_pane)
        bind(self._desk, "Ctrl+P").activated.connect(self._on_print)

    # --- room ---------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self._theme.px(360))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _restyle(self) -> None:
        super()._restyle()
        self._arrange()

    def _arrange(self) -> None:
        width = self.width() / self._theme.scale
        self._single = width < NARROW
        narrow = width < WIDE
        self.list.set_narrow(narrow)
        self.pane.set_narrow(narrow)
        if self._single:
            self.pane.setMinimumWidth(0)
            self.pane.setMaximumWidth(16777215)
        else:
            self.pane.setFixedWidth(self._theme.px(_SLIM_DETAIL if narrow else _DETAIL))
        self.list.setVisible(not self._single or not self._opened)
        self.pane.setVisible(not self._single or self._opened)

    # --- shell --------------------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        """Keys of the desk, or of the proposal in front of it."""
        if self._propose is not None and self._stack.currentWidget() is self._propose:
            return self._propose.keys()
        keys = [("F5", "同步"), ("↑ ↓", "选单"), ("Enter", "打开"), ("Ctrl+Enter", "下一步")]
        if self._seat.person.role is Role.DISPATCHER:
            keys += [("F8", "核实电话"), ("F9", "拟办")]
        return [
            *keys,
            ("F4", "筛选"),
            ("Ctrl+P", "打印工单"),
            ("T", "全部经过"),
            ("F1", "全部快捷键"),
        ]

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Something was stored. An own act comes twice: from the verb and round the shell."""
        if changes is self._just_taken:
            self._just_taken = None
            return
        self._just_taken = changes
        self.list.take(changes)
        self.pane.take(changes)
        if self._propose is not None:
            self._propose.data_changed(changes)

    def tick(self, now: datetime) -> None:
        """A second."""
        if self._propose is not None and self._stack.currentWidget() is self._propose:
            self._propose.tick(now)
            return
        if self.list.isVisible():
            self.list.tick(now)
        if self.pane.isVisible():
            self.pane.tick(now)

    def primary(self) -> None:
        """Ctrl+Enter."""
        if self._stack.currentWidget() is self._desk:
            self.pane.primary()

    def flush(self) -> None:
        """Keep drafts."""
        self.pane.flush()
        if self._propose is not None:
            self._propose.flush()

    def refused(self, title: str, advice: str) -> None:
        self.pane.say(title, advice)

    # --- orders -------------------------------------------------------------------------------

    @Slot(str)
    def open_order(self, order_id: str) -> None:
        """Show an order from elsewhere (an alert, the outbox)."""
        self.close_proposal()
        self.list.choose(OrderId(order_id))
        self.pane.show_order(OrderId(order_id))
        self._on_entered(order_id)

    def open_call(self, order_id: OrderId) -> None:
        """Open the form for a phone call on an order that was just taken."""
        self.open_order(order_id)
        self.pane.start(ActKind.CALL)

    @Slot(str)
    def _on_chosen(self, order_id: str) -> None:
        self.pane.show_order(OrderId(order_id))

    @Slot(str)
    def _on_entered(self, order_id: str) -> None:
        if self.pane.order_id != order_id:
            self.pane.show_order(OrderId(order_id))
        self._opened = True
        self._arrange()
        self.pane.focus_action()

    @Slot()
    def _on_left(self) -> None:
        self._opened = False
        self._arrange()
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_next_pane(self) -> None:
        """F6: search, list, detail, and round again."""
        if self.list.search.field().hasFocus():
            self.list.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.list.table.hasFocus():
            self.pane.history.timeline.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.list.search.field().setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_print(self) -> None:
        """The order's sheet, as it stands, onto paper or into a PDF."""
        from ui.signoff.printing import print_or_save
        from ui.signoff.sheet_facts import sheet_data

        order_id = self.pane.order_id
        if order_id is None:
            return
        order = self._seat.order(order_id)
        sheet = sheet_data(order, self._seat.center)
        done = print_or_save(self, sheet, self._theme, order.number)
        if done:
            self.notice.emit(done, "")

    @Slot(str)
    def _on_other(self, order_id: str) -> None:
        self.open_order(order_id)

    # --- proposal -----------------------------------------------------------------------------

    def propose_page(self) -> ProposePage:
        """The proposal page, made when it is first wanted."""
        if self._propose is None:
            page = self._propose = ProposePage(self._seat, self._theme)
            self._stack.addWidget(page)
            page.acted.connect(self.acted)
            page.done.connect(self.close_proposal)
            page.opened_other.connect(self._on_other)
            page.keys_changed.connect(self.keys_changed)
        return self._propose

    @Slot(str)
    def open_proposal(self, order_id: str) -> None:
        """拟办 in place of list and detail; Esc comes back with the draft kept."""
        page = self.propose_page()
        page.open(OrderId(order_id))
        self._stack.setCurrentWidget(page)
        self.own_primary_key(own=False)
        page.focus_note()
        self.keys_changed.emit()

    @Slot()
    def close_proposal(self) -> None:
        """Back to list and detail."""
        if self._propose is None or self._stack.currentWidget() is not self._propose:
            return
        self._propose.flush()
        self._stack.setCurrentWidget(self._desk)
        self.own_primary_key(own=True)
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.keys_changed.emit()

    @Slot(str)
    def _on_sign_requested(self, order_id: str) -> None:
        self.page_requested.emit("signoff", order_id)

    @Slot(str)
    def _on_field_requested(self, order_id: str) -> None:
        self.page_requested.emit("mine", order_id)
