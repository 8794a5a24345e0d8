"""The secretary's words: kept as a draft, with phrases at hand."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop_app.services.seat import Seat
from ui.forms import phrases
from ui.forms.drafts import DraftKeeper
from ui.sheet.view import SheetView

FORM = "sign"
AGREED = "同意。"


class Opinion(QObject):
    """``changed`` with every word; ``failed(title, advice)`` when the draft could not be kept."""

    changed = Signal()
    failed = Signal(str, str)

    def __init__(self, seat: Seat, sheet: SheetView, owner: QWidget) -> None:
        super().__init__(owner)
        self._seat, self._sheet, self._owner = seat, sheet, owner
        self.drafts = DraftKeeper(seat, self._draft, sheet.composing, self)
        self.drafts.failed.connect(self.failed)
        sheet.instruction_changed.connect(self._on_changed)

    def turn_to(self, order_id: str) -> str:
        """Keep what is written and return what was written for this order, else the usual word."""
        return str(self.drafts.turn_to(order_id, FORM).get("opinion") or AGREED)

    def _draft(self) -> dict[str, str]:
        opinion = self._sheet.instruction()
        return {"opinion": "" if opinion == AGREED else opinion}

    @Slot(str)
    def _on_changed(self, _text: str) -> None:
        self.drafts.touch()
        self.changed.emit()

    def phrase_menu(self) -> None:
        """Offer the phrases where one can write."""
        field = self._sheet.field()
        if not field.isVisible():
            return
        menu = phrases.menu(
            self._owner, self._seat.store, "sign", phrases.SIGNING,
            self._sheet.instruction(), self._insert,
        )  # fmt: skip
        menu.popup(field.mapToGlobal(field.rect().topLeft()))

    def _insert(self, phrase: str) -> None:
        field = self._sheet.field()
        if self._sheet.instruction() == AGREED:
            field.selectAll()
        field.insertPlainText(phrase)
        self._sheet.focus_instruction()
