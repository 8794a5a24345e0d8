"""退回: why, written on the page itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.services.seat import Seat
from ui.forms import phrases
from ui.forms.drafts import DraftKeeper
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.note_edit import NoteEdit
from ui.widgets.panel import Panel

FORM = "return_proposal"


class ReturnPanel(Panel):
    """Opens under the sheet. What is written stays as a draft of the order."""

    submitted = Signal()
    closed = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme, "退回", "退回须写理由，派单员马上看到。", "arrow-back-up", parent=parent
        )
        self.setObjectName("returnPanel")
        self._store = seat.store
        self._reason = NoteEdit(theme, limit=200, placeholder="哪里要改", name="退回理由")
        self._reason.field().setObjectName("returnReason")
        self.drafts = DraftKeeper(
            seat, lambda: {"reason": self.reason()}, self._reason.composing, self
        )
        self._send = PrimaryButton(theme, "退回派单员", shortcut="Ctrl+Enter", bind_key=False)
        self._send.setObjectName("returnSend")
        self._close = PlainButton(theme, "先不退", shortcut="Esc", bind_key=False, big=True)
        self._close.setObjectName("returnClose")
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._close)
        row.addWidget(self._send)
        self.body.addWidget(self._reason)
        self.body.addLayout(row)
        self._reason.text_changed.connect(self._on_text_changed)
        self._reason.text_changed.connect(self.drafts.touch)
        self._send.clicked.connect(self.submitted)
        self._close.clicked.connect(self.closed)
        self.setFocusProxy(self._reason.field())
        self._restyle()

    def _restyle(self) -> None:
        super()._restyle()
        reason = getattr(self, "_reason", None)
        if reason is not None:
            reason.field().setFixedHeight(self._theme.px(84))

    def turn_to(self, order_id: str) -> None:
        """Show the draft of this order."""
        draft = self.drafts.turn_to(order_id, FORM)
        self._reason.set_text(str(draft.get("reason", "")))
        self._on_text_changed()

    def reason(self) -> str:
        """The reason as written."""
        return self._reason.text().strip()

    def composing(self) -> bool:
        """Whether an input method is composing."""
        return self._reason.composing()

    def phrase_menu(self) -> None:
        """常用语 at the field."""
        field = self._reason.field()
        made = phrases.menu(
            self, self._store, "return", phrases.RETURNING, self.reason(), field.insertPlainText
        )
        made.popup(field.mapToGlobal(field.rect().topLeft()))

    def _on_text_changed(self) -> None:
        if self.reason():
            self._send.allow()
        else:
            self._send.refuse("先写理由")
