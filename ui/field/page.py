"""我的单: the page of leaders, villages, stations and departments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.policy import Bands
from desktop_app.services.seat import Seat
from local_store.changes import NOTHING, ChangeSet
from local_store.rows import ListQuery, OrderRow, SavedView
from ui.field.cards import FieldCard
from ui.field.list_pane import FieldListPane
from ui.field.step_form import StepForm
from ui.field.steps import STEP_OF, STEPS, Step
from ui.field.waiting import waiting_files
from ui.field.work import FieldWork
from ui.forms import phrases
from ui.forms.page import Page
from ui.forms.split import ListAndDetail
from ui.present.words import short_number
from ui.theme.theme import Theme
from ui.widgets.keys import bind
from ui.widgets.kinds import NoticeKind

SAVED = "已记在本机，有网自动传。"
_SORT_EVERY = timedelta(seconds=30)
_MOST = 1000


class FieldPage(Page):
    """Everything works without a network; nothing here looks further along than it is."""

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self._sorted_at: datetime | None = None
        center = seat.store.center()
        self.list = FieldListPane(theme, center.policy.bands if center else Bands())
        self.work = FieldWork(seat, theme)
        self._split = ListAndDetail(
            theme, self.list, self.work, broad=400, slim=340, needs=600, back="我的单"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._split)
        self.setFocusProxy(self.list)
        self._connect()
        self.data_changed(ChangeSet(everything=True))

    def _connect(self) -> None:
        self.list.list.current_changed.connect(self._on_current_changed)
        self.list.list.opened.connect(self._on_opened)
        self.list.list.clicked.connect(self._on_clicked)
        self.work.save_requested.connect(self._on_save)
        self.work.photos_requested.connect(self._on_only_photos)
        self.work.failed.connect(self.refused)
        self.work.files_wanted.connect(self.files_missing)
        self.work.step_changed.connect(self.keys_changed)
        for step, look in STEPS.items():
            if look.shortcut:
                bind(self, look.shortcut).activated.connect(partial(self._go, step))
        bind(self, "Ctrl+S").activated.connect(self.flush)
        bind(self, "Ctrl+J").activated.connect(self._on_phrases)

    # --- what the shell asks ------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        return [
            ("↑ ↓", "换单"), ("F2", "拍照/选照片"), ("Ctrl+1 2 3", "见面 / 说明 / 办结"),
            ("Ctrl+Enter", "保存"), ("T", "经过"), ("Ctrl+J", "常用语"),
        ]  # fmt: skip

    def primary(self) -> None:
        self._on_save()

    def tick(self, now: datetime) -> None:
        self.list.delegate.now = now
        self.list.list.viewport().update()
        self.work.tick(now)
        if self._sorted_at is None or now - self._sorted_at > _SORT_EVERY:
            self._reload()

    def flush(self) -> None:
        self.work.drafts.flush()

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        order = self.work.order
        if order is not None and changes.touches(order.id):
            fresh = self._seat.store.view(order.id)
            if fresh is not None:
                self.work.refresh(fresh)
        self._reload()

    def open_order(self, order_id: str) -> None:
        """Show one of my orders, also one that is not in the list any more."""
        self.list.list.choose(order_id)
        if self.work.draft_subject() != order_id:
            self.work.show_order(self._seat.store.view(OrderId(order_id)))
        self._split.open_detail()

    def add_photos(self, files: Sequence[Path]) -> None:
        """Take files in as the file dialog hands them over."""
        self.work.tray.add((file.name, file) for file in files)

    def refused(self, title: str, advice: str) -> None:
        self.work.notice.show_notice(NoticeKind.WARN, title, advice, "知道了")

    # --- the list -----------------------------------------------------------------------------

    def _reload(self) -> None:
        seat, store = self._seat, self._seat.store
        center = store.center()
        if center is None:
            return
        person, now = seat.person, seat.now()
        self._sorted_at = self.list.delegate.now = now
        ids = store.order_ids(ListQuery(view=SavedView.MINE), now, person)[:_MOST]
        rows = store.rows(ids, person.id)
        unit = center.unit(person.unit_id) if person.unit_id else None
        self.list.set_cards(self._cards(rows), unit.name if unit else person.title)
        waiting = store.outbox(waiting_only=True)
        self.list.waiting.show_items(waiting, waiting_files(store, waiting))

    def _cards(self, rows: list[OrderRow]) -> list[FieldCard]:
        """My orders; one that left me while I am writing on it stays until I go on."""
        cards = [FieldCard(row) for row in rows]
        shown = self.work.draft_subject()
        if shown is None or not self.work.written() or any(c.key == shown for c in cards):
            return cards
        row = self._seat.store.row(shown, self._seat.person_id)
        return [*cards, FieldCard(row, held=True)] if row is not None else cards

    @Slot(str)
    def _on_current_changed(self, key: str) -> None:
        if key != (self.work.draft_subject() or ""):
            self.work.show_order(self._seat.store.view(OrderId(key)) if key else None)

    @Slot(str)
    def _on_opened(self, _key: str) -> None:
        self._split.open_detail()
        if self.work.form is not None:
            self.work.form.start()

    @Slot()
    def _on_clicked(self) -> None:
        if self._split.single:
            self._split.open_detail()

    def _go(self, step: Step) -> None:
        if self.work.order is None:
            return
        self._split.open_detail()
        self.work.go(step)
        if self.work.form is not None:
            self.work.form.start()

    # --- recording ----------------------------------------------------------------------------

    @Slot()
    def _on_save(self) -> None:
        work, form = self.work, self.work.form
        work.allow()
        if work.order is None or form is None or work.composing() or not work.save.isEnabled():
            return
        words, number = form.save_words, short_number(work.order.number)
        if self.carry_out(partial(self._record, form)) is None:
            return
        self._go_on()
        work.notice.show_notice(NoticeKind.INFO, f"{number} {words.removeprefix('保存')}：{SAVED}")

    def _record(self, form: StepForm) -> ChangeSet:
        """The step with its photos, then the captions; what was written is then no draft any more."""
        order = self.work.order
        assert order is not None
        changes = form.record(self._seat, order, self.work.files())
        waiting = self.work.tray.photos()
        self._clear(form)
        for photo in waiting:
            if photo.caption.strip():
                changes |= self._record_photo(order.id, photo.caption.strip(), photo.sha256)
        return changes

    def _record_photo(self, order_id: OrderId, caption: str, sha256: str) -> ChangeSet:
        return self._seat.record(order_id, ActKind.PHOTO, p.Photo(caption), files=(sha256,))

    def _clear(self, form: StepForm) -> None:
        assert self.work.order is not None
        self.work.drafts.forget()
        self.work.tray.set_photos(())
        form.give_out(self.work.order, self._seat, {})
        form.set_saved("")

    def _go_on(self) -> None:
        """To the next step of the same order; where there is none, stay and see what was recorded."""
        order = self.work.order
        if order is None:
            return
        step = self._seat.next_step(order)
        if step is not None and STEP_OF.get(step.kind, self.work.step) is not self.work.step:
            self.work.go(STEP_OF[step.kind])

    @Slot()
    def _on_only_photos(self) -> None:
        work = self.work
        if work.order is None or work.composing():
            return
        if self.carry_out(self._record_only_photos) is not None:
            work.notice.show_notice(NoticeKind.INFO, f"照片{SAVED}")

    def _record_only_photos(self) -> ChangeSet:
        order = self.work.order
        assert order is not None
        changes = NOTHING
        for photo in self.work.tray.photos():
            changes |= self._record_photo(order.id, photo.caption.strip(), photo.sha256)
        self.work.tray.set_photos(())
        self.work.drafts.touch()
        self.work.drafts.flush()
        return changes

    @Slot()
    def _on_phrases(self) -> None:
        form = self.work.form
        field = form.text_field() if form is not None and form.isVisible() else None
        if form is None or field is None:
            return
        words = phrases.CONCLUDING if self.work.step is Step.CONCLUDE else phrases.EXPLAINING
        menu = phrases.menu(
            self, self._seat.store, form.name, words, field.toPlainText(), field.insertPlainText
        )
        menu.popup(field.mapToGlobal(field.rect().topLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and self.work.tray.isVisible():
            self.work.tray.paste()
            event.accept()
            return
        if event.key() == Qt.Key.Key_Escape:
            self._split.back()
            event.accept()
            return
        super().keyPressEvent(event)
