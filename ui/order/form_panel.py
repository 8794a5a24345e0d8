"""The place where a step's form appears in the detail, with its draft."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from ui.forms.drafts import DraftKeeper
from ui.order.body import FittingScroll
from ui.order.forms.base import StepForm
from ui.present.times import clock_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.labels import Ground, IconLabel, Label


class FormPanel(Ground):
    """One form at a time. Leaving it keeps the draft; recording it drops the draft."""

    changed = Signal()
    failed = Signal(str, str)

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "t", parent)
        self.setObjectName("formPanel")
        self._seat = seat
        self._form: StepForm | None = None
        self._narrow = False
        self._keeper = DraftKeeper(seat, self._values, self._composing, self)
        self._keeper.kept.connect(self._on_kept)
        self._keeper.failed.connect(self.failed)
        self._title = IconLabel(theme, "pencil", "", Role.TEXT, FontToken.TITLE3, ICON.normal)
        self._hint = Label(theme, "", Role.TEXT2)
        self._draft = Label(theme, "", Role.TEXT3)
        self._draft.setObjectName("draftNote")
        self._holder = QWidget()
        self._inside = QVBoxLayout(self._holder)
        self._scroll = FittingScroll(self._holder)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._hint)
        self._head.addStretch(1)
        self._head.addWidget(self._draft)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self._scroll, 1)
        self._column.addStretch(0)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(10), px(6), px(8))
        self._column.setSpacing(px(8))
        self._head.setContentsMargins(0, 0, px(10), 0)
        self._inside.setContentsMargins(0, px(4), px(10), px(4))

    @property
    def form(self) -> StepForm | None:
        """The open form."""
        return self._form

    def open(self, kind: type[StepForm], order: Order) -> StepForm:
        """Open a form with its draft, if one was kept."""
        self.close_form()
        form = kind(self._seat, self._theme, order)
        form.setObjectName(f"{kind.name}Form")
        self._form = form
        form.set_narrow(self._narrow)
        self._inside.addWidget(form)
        self._title.set_content(kind.icon, kind.title, Role.TEXT)
        self._hint.setText(kind.hint)
        draft = self._keeper.turn_to(order.id, kind.name)
        self._draft.setText("有草稿，已放回" if draft else "草稿自动保存")
        form.restore(draft)
        form.changed.connect(self._on_changed)
        self.show()
        form.focus_first()
        return form

    def close_form(self, *, recorded: bool = False) -> None:
        """Put the form away; ``recorded`` forgets its draft."""
        form, self._form = self._form, None
        if form is None:
            return
        if recorded:
            self._keeper.forget()
            self._seat.store.drop_draft(form.order_id, form.name)
        else:
            form.changed.disconnect(self._on_changed)
            self._form = form
            self._keeper.flush()
            self._form = None
        self._inside.removeWidget(form)
        form.hide()
        form.deleteLater()
        self.hide()

    def set_narrow(self, narrow: bool) -> None:
        """Labels above their fields instead of beside them."""
        self._narrow = narrow
        self._hint.setVisible(not narrow)
        if self._form is not None:
            self._form.set_narrow(narrow)

    def flush(self) -> None:
        """Keep the draft now."""
        self._keeper.flush()

    @Slot()
    def _on_changed(self) -> None:
        self._keeper.touch()
        self.changed.emit()

    @Slot()
    def _on_kept(self) -> None:
        self._draft.setText(f"草稿已存 {clock_time(self._seat.now())}")

    def _values(self) -> dict[str, object]:
        return self._form.values() if self._form is not None else {}

    def _composing(self) -> bool:
        return self._form is not None and self._form.composing()
