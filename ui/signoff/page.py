"""The secretary's page: one queue, one sheet, one signature at a time or several ordinary ones at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QElapsedTimer, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.center import Center
from desktop_app.domain.ids import OrderId
from desktop_app.domain.lifecycle import waits_for_signature
from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Bands
from desktop_app.services import signoff
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import ListQuery, OrderRow, SavedView
from ui.forms.drafts import DraftKeeper
from ui.forms.page import Page
from ui.forms.split import ListAndDetail
from ui.present.words import short_number
from ui.signoff.batch import Batch, why_may_not_sign
from ui.signoff.deputies import DeputyPane
from ui.signoff.desk import Mode, SignDesk
from ui.signoff.opinion import AGREED, FORM, Opinion
from ui.signoff.paper import paper, signature_waits, why_not_return, why_not_sign
from ui.signoff.printing import print_or_save
from ui.signoff.queue_pane import VIEWS, QueuePane
from ui.signoff.sheet_facts import sheet_state
from ui.signoff.shown import Shown
from ui.theme.theme import Theme
from ui.widgets.keys import bind
from ui.widgets.kinds import NoticeKind

SIGNED = "已签，待上传。平台收到后才派单。"
_SORT_EVERY = timedelta(seconds=30)
_MOST = 400
UNSEEN_MS = 800
"""How long a sheet that came up by itself cannot be signed."""


class SignoffPage(Page):
    """签批. A signature is given on the proposal that is on the screen, never on one that slipped in."""

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self._shown: Shown | None = None
        self._batch = Batch(seat)
        self._changed_for = ""
        self._sorted_at: datetime | None = None
        center = seat.store.center()
        self.queue = QueuePane(theme, center.policy.bands if center else Bands())
        self.desk = SignDesk(seat, theme)
        self.deputies = DeputyPane(seat, theme)
        self._right = QStackedWidget()
        self._right.addWidget(self.desk)
        self._right.addWidget(self.deputies)
        self._split = ListAndDetail(
            theme, self.queue, self._right, broad=408, slim=364, needs=600, back="签批件"
        )
        self._opinion = Opinion(seat, self.desk.sheet, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._split)
        self.setFocusProxy(self.queue)
        self._since_next = QElapsedTimer()
        self._connect()
        self.data_changed(ChangeSet(everything=True))

    def _connect(self) -> None:
        queue, desk = self.queue, self.desk
        queue.view_changed.connect(self._on_view_changed)
        queue.current_changed.connect(self._on_current_changed)
        queue.opened.connect(self._on_opened)
        queue.list.clicked.connect(self._on_clicked)
        queue.tick_requested.connect(self._on_tick_requested)
        queue.batch_requested.connect(self._on_batch)
        queue.deputies_requested.connect(self._on_deputies)
        desk.sign_requested.connect(self._on_sign)
        desk.return_requested.connect(self._on_return)
        desk.print_requested.connect(self._on_print)
        desk.look_requested.connect(self._on_look)
        desk.mode_changed.connect(self._allow)
        desk.change_opened.connect(self._on_change_opened)
        self._opinion.changed.connect(self._allow)
        self._opinion.failed.connect(self.refused)
        desk.returning.drafts.failed.connect(self.refused)
        self.deputies.authorise_requested.connect(self._on_authorise)
        self.deputies.revoke_requested.connect(self._on_revoke)
        self.deputies.closed.connect(self._close_deputies)
        bind(self, "Ctrl+J").activated.connect(self._on_phrases)
        bind(self, "Ctrl+S").activated.connect(self.flush)

    # --- what the shell asks ------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        return [
            ("↑ ↓", "换件"), ("空格", "选入批签"), ("Ctrl+Enter", "同意签批"), ("Ctrl+M", "修改后签"),
            ("Ctrl+B", "退回"), ("Ctrl+J", "常用语"), ("Ctrl+P", "打印"),
        ]  # fmt: skip

    def primary(self) -> None:
        if self._right.currentWidget() is self.deputies:
            self._on_authorise()
        elif self.desk.mode is Mode.RETURN:
            self._on_return()
        else:
            self._on_sign()

    def tick(self, now: datetime) -> None:
        self.queue.delegate.now = now
        self.queue.list.viewport().update()
        if self._sorted_at is None or now - self._sorted_at > _SORT_EVERY:
            self._reload()
            self._allow()  # an authorisation may have begun or ended

    def flush(self) -> None:
        self._opinion.drafts.flush()
        self.desk.returning.drafts.flush()

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        if (changes.center or changes.everything) and self._center() is not None:
            self.deputies.refresh()
        if self._shown is not None and changes.touches(self._shown.order.id):
            self._meet(self._shown)
        self._reload()
        self._allow()

    def open_order(self, order_id: str) -> None:
        """Show this order, if it waits here."""
        self.queue.list.choose(order_id)
        self._split.open_detail()

    def refused(self, title: str, advice: str) -> None:
        self.desk.say(NoticeKind.WARN, title, advice)

    # --- the queue ----------------------------------------------------------------------------

    def _center(self) -> Center | None:
        return self._seat.store.center()

    def _reload(self) -> None:
        if self._center() is None:
            return
        seat, now = self._seat, self._seat.now()
        self._sorted_at = self.queue.delegate.now = now
        person = seat.person
        self.queue.set_counts(seat.store.counts(VIEWS, now, person))
        ids = seat.store.order_ids(ListQuery(view=self.queue.view()), now, person)[:_MOST]
        rows = self._with_shown(seat.store.rows(ids, person.id))
        view = self.queue.view()
        self.queue.set_cards([self._batch.card(row, view) for row in rows])
        self._show_batch()

    def _with_shown(self, rows: list[OrderRow]) -> list[OrderRow]:
        """An order that changed while it lies on the desk stays in the list until it was looked at."""
        shown = self._shown
        if shown is None or not shown.stale or any(r.order_id == shown.order.id for r in rows):
            return rows
        row = self._seat.store.row(shown.order.id, self._seat.person.id)
        return [*rows, row] if row is not None else rows

    def _show_batch(self) -> None:
        self.queue.set_batch(len(self._batch), AGREED, why_may_not_sign(self._seat))

    @Slot(str)
    def _on_view_changed(self, _view: str) -> None:
        self._reload()

    @Slot(str)
    def _on_opened(self, _key: str) -> None:
        self._split.open_detail()
        self.desk.sheet.focus_instruction()

    @Slot()
    def _on_clicked(self) -> None:
        if self._split.single:
            self._split.open_detail()

    @Slot(str)
    def _on_tick_requested(self, key: str) -> None:
        order = self._seat.store.view(OrderId(key))
        to_sign = self.queue.view() is SavedView.TO_SIGN
        if order is None or not to_sign or why_may_not_sign(self._seat):
            return
        lock = self._batch.toggle(order)
        if lock:
            self.refused(f"{short_number(order.number)} 须逐件签。", lock)
        self._reload()

    @Slot()
    def _on_batch(self) -> None:
        shown = self._batch.shown()
        before, self._shown = self._shown, None
        done: list[signoff.BatchResult] = []

        def verb() -> ChangeSet:
            done.append(signoff.sign_batch(self._seat, shown, AGREED))
            self._batch.clear()
            return done[0].changes

        if before is not None and before.order.id not in dict(shown):
            self._shown = before
        if self.carry_out(verb) is None:
            self._shown = before
            return
        refused = "；".join(reason for _id, reason in done[0].refused)
        kind = NoticeKind.WARN if refused else NoticeKind.INFO
        self.desk.say(kind, f"批签 {len(done[0].signed)} 件：{SIGNED}", refused)

    # --- the sheet ----------------------------------------------------------------------------

    @Slot(str)
    def _on_current_changed(self, key: str) -> None:
        if self._shown is not None and self._shown.order.id == key:
            return
        self.flush()
        order = self._seat.store.view(OrderId(key)) if key else None
        self.desk.notice.clear()
        self._put_down(order)

    def _put_down(self, order: Order | None) -> None:
        """Lay an order on the desk, or clear the desk."""
        self._close_deputies()
        if order is None:
            self._shown = None
            self._opinion.turn_to("")
            self.desk.show_nothing()
            return
        self._shown = Shown(order, waits_for_signature(order))
        opinion = self._opinion.turn_to(order.id)
        self.desk.returning.turn_to(order.id)
        self.desk.set_mode(Mode.SIGN)
        self._show_sheet(opinion)
        self._allow()

    def _show_sheet(self, opinion: str) -> None:
        assert self._shown is not None
        order = self._shown.order
        writable = self._shown.to_sign and not why_not_sign(self._seat, self._shown)
        data = paper(self._seat, order, opinion if writable else "")
        pending = signature_waits(self._seat, order)
        self.desk.show_sheet(data, sheet_state(order, writable=writable, pending=pending))

    def _meet(self, shown: Shown) -> None:
        """Something arrived for the order on the desk: follow it, or say what changed and wait for a look."""
        fresh = self._seat.store.view(shown.order.id)
        if fresh is None:
            return
        self._shown = shown.met(fresh)
        if self._shown.gone:
            self.desk.say(NoticeKind.WARN, "您看着的这件变了，没有签。", self._shown.gone, "知道了")
        elif self._shown.differences:
            text = "；".join(self._shown.differences)
            self.desk.say(NoticeKind.WARN, "您看着的时候拟办改了。看过新版才能签。", text, "看新版")
        elif self._shown.order != shown.order and not self.desk.sheet.composing():
            self._show_sheet(self.desk.sheet.instruction())

    @Slot()
    def _on_look(self) -> None:
        """The notice's button: lay the present version on the desk."""
        self.desk.notice.clear()
        shown = self._shown
        if shown is None or not shown.stale:
            return
        self.flush()
        gone, self._shown = bool(shown.gone), None
        self._reload()
        if not gone or self.queue.list.current_key() == shown.order.id:
            self._put_down(self._seat.store.view(shown.order.id))
        elif self._shown is None:
            self._put_down(self._seat.store.view(OrderId(self.queue.list.current_key())))

    @Slot()
    def _allow(self) -> None:
        """Say on each button whether it can be used, and why not."""
        if self._shown is None or self._center() is None:
            return
        sign = why_not_sign(self._seat, self._shown)
        back = why_not_return(self._seat, self._shown)
        if not sign and not self.desk.sheet.instruction().strip():
            sign = "先写批示"
        self.desk.refuse(sign, back)

    # --- what is written ----------------------------------------------------------------------

    @Slot()
    def _on_change_opened(self) -> None:
        """Start from what was proposed; what was chosen before for this order stays."""
        shown = self._shown
        if shown is None or self._changed_for == shown.hash:
            return
        handlers = shown.order.proposal.handlers if shown.order.proposal else ()
        self.desk.changing.set_handlers(self._seat.center, handlers)
        self._changed_for = shown.hash

    @Slot()
    def _on_phrases(self) -> None:
        if self.desk.mode is Mode.RETURN:
            self.desk.returning.phrase_menu()
        else:
            self._opinion.phrase_menu()

    # --- acts ---------------------------------------------------------------------------------

    @Slot()
    def _on_sign(self) -> None:
        if self._since_next.isValid() and self._since_next.elapsed() < UNSEEN_MS:
            return  # pressed twice: the next sheet has come up by itself and nobody has read it
        self._allow()
        if (
            self._shown is None
            or not self.desk.sign_button.isEnabled()
            or self.desk.sheet.composing()
        ):
            return
        opinion = self.desk.sheet.instruction().strip()
        order, seat = self._shown.order, self._seat
        if self.desk.mode is Mode.CHANGE:
            verb = partial(
                signoff.sign_changed, seat, order.id, self._shown.hash, opinion,
                self.desk.changing.handlers(), drops=FORM,
            )  # fmt: skip
        else:
            verb = partial(signoff.sign, seat, order.id, self._shown.hash, opinion, drops=FORM)
        if self._settle(verb, self._opinion.drafts):
            self.desk.say(NoticeKind.INFO, f"{short_number(order.number)} {SIGNED}")

    @Slot()
    def _on_return(self) -> None:
        panel = self.desk.returning
        if self._shown is None or not panel.reason() or panel.composing() or self._shown.stale:
            return
        order = self._shown.order
        verb = partial(
            signoff.return_proposal, self._seat, order.id, self._shown.hash, panel.reason(),
            drops="return_proposal",
        )  # fmt: skip
        if self._settle(verb, panel.drafts):
            self.desk.say(
                NoticeKind.INFO,
                f"{short_number(order.number)} 已退回，待上传。",
                "派单员收到后重拟。",
            )

    def _settle(self, verb: partial[ChangeSet], drafts: DraftKeeper) -> bool:
        """Carry out what ends this order's stay on the desk; the queue then goes on to the next."""
        before = self._shown
        assert before is not None

        def once() -> ChangeSet:
            changes = verb()
            drafts.forget()
            self._batch.drop(before.order.id)
            self._shown = None
            return changes

        self.desk.notice.clear()
        if self.carry_out(once) is None:
            return False
        if self._shown is None:
            self._put_down(self._seat.store.view(OrderId(self.queue.list.current_key())))
        self._since_next.start()
        if self._split.single:
            self._split.back()
        return True

    @Slot()
    def _on_print(self) -> None:
        if self._shown is None:
            return
        data = paper(self._seat, self._shown.order, self.desk.sheet.instruction())
        said = print_or_save(self, data, self._theme, self._shown.order.number)
        if said:
            self.desk.say(NoticeKind.INFO, said)

    # --- 代签 ---------------------------------------------------------------------------------

    @Slot()
    def _on_deputies(self) -> None:
        if self._center() is None:
            return
        self._right.setCurrentWidget(self.deputies)
        self._split.open_detail()
        self.deputies.open()

    @Slot()
    def _on_authorise(self) -> None:
        if self.deputies.authorise.isEnabled() and self.carry_out(self.deputies.authorise_now):
            self.deputies.open()

    @Slot(str)
    def _on_revoke(self, act_id: str) -> None:
        self.carry_out(partial(self.deputies.revoke_now, act_id))

    @Slot()
    def _close_deputies(self) -> None:
        self._right.setCurrentWidget(self.desk)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._escape():
            event.accept()
            return
        super().keyPressEvent(event)

    def _escape(self) -> bool:
        if self._right.currentWidget() is self.deputies:
            self._close_deputies()
        elif self.desk.mode is not Mode.SIGN:
            self.desk.close_panels()
        else:
            self._split.back()
        return True
