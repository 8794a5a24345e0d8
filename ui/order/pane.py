"""The detail of one order, with its forms. A page hosts it and carries the verbs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.deadlines import current_clock
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from desktop_app.services import intake
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.field.thumbs import Thumbs
from ui.order.body import FittingScroll, OrderBody
from ui.order.foot import OrderFoot
from ui.order.form_panel import FormPanel
from ui.order.forms.book import FORMS
from ui.order.head import OrderHead
from ui.order.history import HistoryPart, marks
from ui.order.next_words import NextWords, at_this_second, next_words
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.empty_state import EmptyState
from ui.widgets.keys import bind
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Ground
from ui.widgets.notice import Notice
from ui.widgets.text import clock_tick

CarryOut = Callable[[Callable[[], ChangeSet]], ChangeSet | None]


_ROOMY = 1000


class OrderPane(Ground):
    """Shows an order, opens its forms, asks the page for what it cannot do itself."""

    propose_requested = Signal(str)
    sign_requested = Signal(str)
    field_requested = Signal(str)
    files_wanted = Signal(str)
    """Order id: it names photos that are not on this machine."""
    left = Signal()
    """Esc with nothing open: back to the list."""

    def __init__(
        self, seat: Seat, theme: Theme, carry_out: CarryOut, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, Role.SURFACE, "", parent)
        self.setObjectName("orderPane")
        self._seat, self._carry_out = seat, carry_out
        self._order: Order | None = None
        self._next: NextWords | None = None
        self._words: NextWords | None = None
        self._full = self._full_for_act = False
        self._ticked: tuple[Order, int, int, bool] | None = None
        self._thumbs = Thumbs(seat.store)
        self._build()
        self._connect()
        self._show_nothing()

    def _build(self) -> None:
        theme = self._theme
        self._nothing = EmptyState(theme, "inbox", "从左边选一件单。")
        self._head = OrderHead(theme)
        self._body = OrderBody(theme)
        self._scroll = FittingScroll(self._body)
        self._notice = Notice(theme)
        self._notice.setObjectName("orderNotice")
        self.history = HistoryPart(theme, self._thumbs)
        self.forms = FormPanel(self._seat, theme)
        self.foot = OrderFoot(self._seat, theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._nothing, 1)
        column.addWidget(self._head)
        column.addWidget(self._scroll)
        column.addWidget(self.history, 1)
        column.addWidget(self.forms, 1)
        column.addWidget(self._notice)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        self._body.unmask_requested.connect(self._on_unmask)
        self.history.full_toggled.connect(self._on_full)
        self.history.act_toggled.connect(self._on_act_toggled)
        self.forms.changed.connect(self._on_form_changed)
        self.forms.failed.connect(self.say)
        self.foot.primary_clicked.connect(self.primary)
        self.foot.step_chosen.connect(self._on_step_chosen)
        self.foot.back_clicked.connect(self.leave_form)
        self._notice.action_requested.connect(self._notice.clear)
        bind(self, "F8").activated.connect(self._on_call)
        bind(self, "F9").activated.connect(self._on_propose)

    # --- what is shown ------------------------------------------------------------------------

    @property
    def order_id(self) -> OrderId | None:
        """The order in view."""
        return self._order.id if self._order is not None else None

    def show_order(self, order_id: OrderId) -> None:
        """Show an order; a form of another order is kept as a draft."""
        if self._order is not None and self._order.id != order_id:
            self.forms.close_form()
            self._full = self._full_for_act = False
            self._notice.clear()
        self._read(order_id)

    def _read(self, order_id: OrderId) -> None:
        order = self._seat.store.view(order_id)
        if order is None:
            self._show_nothing()
            return
        self._order = order
        row = self._seat.store.row(order_id, self._seat.person_id)
        self._head.set_order(order, row)
        self._body.set_order(order)
        outbox = self._seat.store.outbox() if row is None or row.pending else []
        self.history.set_order(order, marks(outbox))
        self._next = next_words(self._seat, order)
        self._arrange()
        self.tick(self._seat.now())
        if self._thumbs.wants(order_id):
            self.files_wanted.emit(order_id)

    def _show_nothing(self) -> None:
        self._order = None
        self.forms.close_form()
        for part in (self._head, self._scroll, self.history, self.forms, self.foot, self._notice):
            part.hide()
        self._nothing.show()

    def _arrange(self) -> None:
        """Reading, a form, or the full timeline."""
        form = self.forms.form
        self._nothing.hide()
        self._head.show()
        self.foot.show()
        self._scroll.setVisible(not self._full)
        self._body.show_track(form is None)
        # What is being filled in comes before what is known already; that scrolls.
        self.forms.setMinimumHeight(self._theme.px(224) if form is not None else 0)
        self.history.setVisible(form is None)
        self.history.set_full(self._full)
        if form is not None:
            self.foot.show_form(form)
        elif self._order is not None and self._next is not None:
            self.foot.show_next(self._order, self._next)
        self._scroll.updateGeometry()

    def set_narrow(self, narrow: bool) -> None:
        """The 408 px class."""
        self._head.set_narrow(narrow)
        self._body.set_wide(not narrow)
        self.forms.set_narrow(narrow)
        self.foot.set_narrow(narrow)
        if self._order is not None:
            self._arrange()

    def take(self, changes: ChangeSet) -> None:
        """Something was stored: read the order again when it is this one."""
        if self._order is not None and (changes.touches(self._order.id) or changes.center):
            self._read(self._order.id)

    def tick(self, now: datetime) -> None:
        """A second. What is shown changes with it in the last hour, and each minute before that."""
        if self._order is None:
            return
        clock = current_clock(self._order)
        step = clock_tick((clock.safe_due_at - now).total_seconds()) if clock else 0
        ticked = (self._order, step, now.minute, self.forms.form is None)
        before, self._ticked = self._ticked, ticked
        if ticked == before:
            return
        same_minute = before is not None and before[0] is self._order and before[2] == now.minute
        self._body.tick(self._order, now, self._seat.center.policy.bands)
        if self.forms.form is None:
            words = self._words if same_minute else None
            if words is None:  # who may do what can change with time too
                words = next_words(self._seat, self._order)
            self._words = at_this_second(words, self._seat, self._order)
            self.foot.say_time(self._words)

    @Slot(str, str)
    def say(self, title: str, advice: str = "") -> None:
        """Say why something was not done, right above the button."""
        self._notice.show_notice(NoticeKind.WARN, title, advice, "知道了")

    # --- steps --------------------------------------------------------------------------------

    @Slot()
    def primary(self) -> None:
        """Ctrl+Enter: record the open form, or take the next step."""
        if self._order is None:
            return
        if self.forms.form is not None:
            self._submit()
        elif self._next is not None and self._next.kind is not None:
            self.start(self._next.kind)

    def start(self, kind: ActKind) -> None:
        """Begin a step: at once, with a form, or on a page of its own."""
        order = self._order
        if order is None:
            return
        why = self._seat.why_not(order, kind)
        if why:
            self.say(f"现在不能{ACT_TITLES[kind]}", why)
        elif kind is ActKind.ACCEPT:
            self._record(lambda: intake.accept(self._seat, order.id))
        elif kind is ActKind.PROPOSE:
            self.propose_requested.emit(order.id)
        elif kind is ActKind.SIGN:
            self.sign_requested.emit(order.id)
        elif kind in FORMS:
            self.open_form(kind)
        else:
            self.field_requested.emit(order.id)

    def open_form(self, kind: ActKind) -> None:
        """Open the inline form of a step."""
        if self._order is None:
            return
        self._full = self._full_for_act = False
        self._notice.clear()
        self.forms.open(FORMS[kind], self._order)
        self._arrange()

    def _submit(self) -> None:
        form = self.forms.form
        if form is None:
            return
        if form.missing():
            self.say(f"少填一项：{form.missing()}。")
            return
        self._notice.clear()
        if self._carry_out(lambda: form.submit(form.name)) is None:
            return
        if getattr(form, "stays_open", False):
            self.foot.show_form(form)
            return
        self.forms.close_form(recorded=True)
        self._arrange()
        self.focus_action()

    def _record(self, verb: Callable[[], ChangeSet]) -> None:
        self._notice.clear()
        self._carry_out(verb)

    @Slot()
    def leave_form(self) -> None:
        """Put the form away; its draft stays."""
        self.forms.close_form()
        self._notice.clear()
        self._arrange()
        self.focus_action()

    def focus_action(self) -> None:
        """Focus the next step, or the history when the order waits for others."""
        primary = self.foot.primary
        target = primary if primary.isEnabled() else self.history.timeline
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Esc: close what is open, one thing at a time, then go back to the list."""
        if self.forms.form is not None:
            self.leave_form()
        elif self.history.close_act():
            self.history.timeline.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._full:
            self._on_full()
        else:
            self.left.emit()

    def flush(self) -> None:
        """Keep drafts now."""
        self.forms.flush()

    @Slot(str)
    def _on_step_chosen(self, kind: str) -> None:
        self.start(ActKind(kind))

    @Slot()
    def _on_form_changed(self) -> None:
        if self.forms.form is not None:
            self.foot.show_form(self.forms.form)

    @Slot()
    def _on_unmask(self) -> None:
        self.start(ActKind.UNMASK)

    @Slot()
    def _on_call(self) -> None:
        self.start(ActKind.CALL)

    @Slot()
    def _on_propose(self) -> None:
        self.start(ActKind.PROPOSE)

    @Slot()
    def _on_full(self) -> None:
        self._full = not self._full
        self._full_for_act = False
        self._arrange()
        if self._full:
            self.history.timeline.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(bool)
    def _on_act_toggled(self, opened: bool) -> None:
        """An opened act has the room of the facts above it, where there is not enough for both."""
        if opened and not self._full and self.height() < self._theme.px(_ROOMY):
            self._full = self._full_for_act = True
            self._arrange()
        elif not opened and self._full_for_act:
            self._full = self._full_for_act = False
            self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)
