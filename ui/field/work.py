"""One order in the field: its head, its steps, what was recorded and the form of the step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order, Stage
from desktop_app.domain.policy import Bands
from desktop_app.services.seat import Seat
from ui.field import photos
from ui.field.head import WorkHead
from ui.field.history_panel import HistoryPanel
from ui.field.photo_tray import PhotoTray
from ui.field.records import MatterPanel, RecordPanel, captions, pictures_of, records_of
from ui.field.step_form import StepForm
from ui.field.step_forms import FORMS
from ui.field.steps import STEP_OF, STEPS, Step
from ui.field.thumbs import Thumbs
from ui.forms.drafts import DraftKeeper
from ui.forms.flow import FlowLayout
from ui.forms.notice_bar import NoticeBar
from ui.present.marks import act_marks
from ui.present.times import clock_time, near_time
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.kinds import SyncMark
from ui.widgets.labels import Ground, IconLabel
from ui.widgets.values import Photo

_ROOMY, _LOW = 840, 440
_RECORDS = 2
"""So many earlier records of a step stand above its form; all of them are in 经过."""


class FieldWork(Themed):
    """Shows an order and takes what is written; recording is asked for by ``save_requested``."""

    save_requested = Signal()
    photos_requested = Signal()
    failed = Signal(str, str)
    step_changed = Signal()
    files_wanted = Signal(str)
    """Order id: it names photos that are not on this machine."""

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._seat = seat
        center = seat.store.center()
        self._bands = center.policy.bands if center else Bands()
        self._thumbs = Thumbs(seat.store)
        self.order: Order | None = None
        self.step = Step.MEET
        self._forms: dict[Step, StepForm] = {}
        self._records: list[RecordPanel] = []
        self._make_parts()
        self.drafts = DraftKeeper(seat, self._draft, self.composing, self)
        self._lay_out()
        self._connect()
        self._restyle()

    def _make_parts(self) -> None:
        theme = self._theme
        self.head = WorkHead(theme)
        self._told = NoticeBar(theme, "fieldNotice")
        self.notice = self._told.notice
        self.matter = MatterPanel(theme, whole=False)
        self.whole = MatterPanel(theme, whole=True)
        self.history = HistoryPanel(self._seat, self._thumbs, theme)
        self.tray = PhotoTray(self._seat.store, self._thumbs, theme)
        self._safe = IconLabel(theme, "device-desktop", "全部存在本机，关机也不丢", Role.TEXT2)
        self._only_photos = PlainButton(theme, "只记照片", icon="photo", big=True)
        self._only_photos.setObjectName("photosOnlyButton")
        self.conclude = PlainButton(theme, "办结", icon="flag", big=True)
        self.conclude.setObjectName("concludeButton")
        self.save = PrimaryButton(theme, "保存", shortcut="Ctrl+Enter", bind_key=False)
        self.save.setObjectName("saveButton")
        self._empty = EmptyState(theme, "inbox", "左边选一件，就在这里办。")

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._column = QVBoxLayout(inside)
        for part in (self.matter, self.tray, self.history, self.whole):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._foot = Ground(self._theme, Role.SURFACE, "t")
        self._buttons = FlowLayout(split=1, parent=self._foot)
        for button in (self._safe, self._only_photos, self.conclude, self.save):
            self._buttons.addWidget(button)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._whole = column
        column.addWidget(self.head)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._foot)
        self._stack = QStackedLayout()
        self._stack.addWidget(whole)
        self._stack.addWidget(self._empty)
        self._stack.setCurrentIndex(1)
        above = QVBoxLayout(self)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self._told)
        above.addLayout(self._stack, 1)

    def _connect(self) -> None:
        self.head.steps.step_chosen.connect(self._on_step_chosen)
        self.save.clicked.connect(self.save_requested)
        self._only_photos.clicked.connect(self.photos_requested)
        self.conclude.clicked.connect(self._on_conclude)
        self.notice.action_requested.connect(self.notice.clear)
        self.tray.changed.connect(self._on_changed)
        self.tray.failed.connect(self.failed)
        self.drafts.kept.connect(self._on_kept)
        self.drafts.failed.connect(self.failed)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(12), px(20), px(12))
        self._column.setSpacing(px(12))
        self._buttons.setContentsMargins(px(20), px(11), px(20), px(12))
        self._buttons.set_gap(px(12))
        self._safe.setFixedHeight(px(44))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._safe.setVisible(self.width() >= self._theme.px(_ROOMY))
        self._place_head(low=self.height() < self._theme.px(_LOW))

    def _place_head(self, *, low: bool) -> None:
        """In a low window the head scrolls away with the rest."""
        if low != (self._column.indexOf(self.head) >= 0):
            if low:
                self._column.insertWidget(0, self.head)
            else:
                self._whole.insertWidget(0, self.head)

    # --- which order, which step --------------------------------------------------------------

    def show_order(self, order: Order | None) -> None:
        """Lay an order on the desk with its next step, or the step that has a draft."""
        self.drafts.flush()
        self.notice.clear()
        self.order = order
        if order is None:
            self.drafts.turn_to("", "")
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        self.go(self._first_step(order))

    def _first_step(self, order: Order) -> Step:
        own = [d for d in self._seat.store.drafts() if d.order_id == order.id and d.form in _NAMES]
        if own:
            return Step(max(own, key=lambda d: d.saved_at).form)
        step = self._seat.next_step(order)
        return STEP_OF.get(step.kind, Step.HISTORY) if step is not None else Step.HISTORY

    def go(self, step: Step) -> None:
        """Open a step; what was written in the one before is kept."""
        assert self.order is not None
        self.step = step
        form = self._form(step)
        values = self.drafts.turn_to(self.order.id if form else "", step.value)
        if form is not None:
            waiting = photos.from_plain(values.pop("photos", ()))
            form.give_out(self.order, self._seat, values)
            form.set_saved("")
            self.tray.set_photos(waiting if form.takes_photos else ())
        for each, made in self._forms.items():
            made.setVisible(each is step)
        self.tray.setVisible(form is not None and form.takes_photos)
        self.refresh(self.order)
        self._scroll.verticalScrollBar().setValue(0)
        self.step_changed.emit()

    def _form(self, step: Step) -> StepForm | None:
        if step not in FORMS:
            return None
        if step not in self._forms:
            form = self._forms[step] = FORMS[step](self._theme)
            form.changed.connect(self._on_changed)
            self._column.insertWidget(self._column.indexOf(self.tray), form)
        return self._forms[step]

    @property
    def form(self) -> StepForm | None:
        """The form of the present step; none for 经过."""
        return self._forms.get(self.step)

    def refresh(self, order: Order) -> None:
        """Show the order as it is now; what is being written stays untouched."""
        self.order = order
        now = self._seat.now()
        row = self._seat.store.row(order.id, self._seat.person_id)
        self.head.show_order(order, row, now, self._bands)
        done = frozenset(s for s, look in STEPS.items() if records_of(order, look.kinds))
        self.head.steps.set_steps(_offered(order), done)
        self.head.steps.set_current(self.step)
        told_whole = self.step in (Step.ACCEPT, Step.HISTORY)
        self.matter.setVisible(not told_whole)
        self.whole.setVisible(told_whole)
        (self.whole if told_whole else self.matter).show_order(order)
        self.history.setVisible(self.step is Step.HISTORY)
        if self.step is Step.HISTORY:
            self.history.show_order(order, now, self._bands)
        self._show_records(order, now)
        self.allow()
        if self._thumbs.wants(order.id):
            self.files_wanted.emit(order.id)

    def _show_records(self, order: Order, now: datetime) -> None:
        for panel in self._records:
            self._column.removeWidget(panel)
            panel.hide()
            panel.deleteLater()
        marks, names = act_marks(self._seat.store), captions(order)
        entries = records_of(order, STEPS[self.step].kinds)[:_RECORDS]
        if not entries and self.step in (Step.EXPLAIN, Step.CONCLUDE):
            entries = records_of(order, STEPS[Step.MEET].kinds)[:1]
        self._records = [
            RecordPanel(
                self._theme, entry, marks.get(entry.act_id, SyncMark.SYNCED),
                pictures_of(entry, self._thumbs, names), near_time(entry.occurred_at, now),
            )
            for entry in reversed(entries)
        ]  # fmt: skip
        at = self._column.indexOf(self.matter) + 1
        for n, panel in enumerate(self._records):
            panel.photo_chosen.connect(self._on_photo)
            self._column.insertWidget(at + n, panel)

    @Slot(object)
    def _on_photo(self, photo: Photo) -> None:
        self._thumbs.show_large(self, self._theme, photo)

    def tick(self, now: datetime) -> None:
        """A second later."""
        if self.order is not None:
            self.head.tick(self.order, now, self._bands)
            if self.step is Step.HISTORY:
                self.history.tick(now, self._bands)

    # --- what is written ----------------------------------------------------------------------

    def written(self) -> bool:
        """Whether something on the form waits to be recorded."""
        form = self.form
        return form is not None and (form.written() or bool(self.tray.photos()))

    def composing(self) -> bool:
        """Whether an input method is composing."""
        form = self.form
        return self.tray.composing() or (form is not None and form.composing())

    def files(self) -> tuple[str, ...]:
        """SHA-256 of the photos that go with the step."""
        return tuple(p.sha256 for p in self.tray.photos())

    def _draft(self) -> dict[str, Any]:
        form = self.form
        if form is None:
            return {}
        return {**form.draft(), "photos": photos.to_plain(self.tray.photos())}

    @Slot()
    def _on_changed(self) -> None:
        self.drafts.touch()
        self.allow()

    @Slot()
    def _on_kept(self) -> None:
        if self.form is not None:
            self.form.set_saved(clock_time(self._seat.now()))

    # --- what may be done ---------------------------------------------------------------------

    @Slot()
    def allow(self) -> None:
        """Say on each button whether it can be used, and why not."""
        order, form = self.order, self.form
        if order is None:
            return
        self._foot.setVisible(True)
        self.save.setVisible(form is not None)
        if form is not None:
            self.save.set_text(form.save_words)
            _allow_or(self.save, self._refusal(order, form))
        count = len(self.tray.photos()) if form is not None else 0
        self._only_photos.setVisible(bool(count))
        self._only_photos.set_text(f"只记照片 {count} 张")
        self.conclude.setVisible(self.step is not Step.CONCLUDE and order.stage in _OPEN)
        _allow_or(self.conclude, self._seat.why_not(order, ActKind.CONCLUDE))

    def _refusal(self, order: Order, form: StepForm) -> str:
        kind = STEPS[self.step].kinds[0]
        if form.name == Step.PROGRESS.value and form.value("kind") == "plan":
            kind = ActKind.PLAN
        return self._seat.why_not(order, kind) or form.missing()

    @Slot(str)
    def _on_step_chosen(self, step: str) -> None:
        if self.order is not None:
            self.go(Step(step))
            if self.form is not None:
                self._scroll.ensureWidgetVisible(self.form)
                self.form.start()

    @Slot()
    def _on_conclude(self) -> None:
        self._on_step_chosen(Step.CONCLUDE.value)

    def draft_subject(self) -> OrderId | None:
        """The order that is on the desk."""
        return self.order.id if self.order is not None else None


_NAMES = frozenset(step.value for step in FORMS)
_OPEN = frozenset({Stage.SIGNED, Stage.HANDLING})


def _offered(order: Order) -> frozenset[Step]:
    """All steps; 复查 only when its time has come."""
    hidden = set() if order.stage in (Stage.CONCLUDED, Stage.REVIEWED) else {Step.REVIEW}
    return frozenset(Step) - hidden


def _allow_or(button: PlainButton | PrimaryButton, reason: str) -> None:
    if reason:
        button.refuse(reason.split("。", maxsplit=1)[0])
    else:
        button.allow()
