"""紧急处置: handle first, sign after; the gap is shown until the signature comes."""

from __future__ import annotations

from desktop_app.domain.refusals import Refusal
from desktop_app.services import intake
from desktop_app.services.suggestions import suggest_handlers
from local_store.changes import ChangeSet
from ui.order.forms.base import StepForm
from ui.propose.picker import HandlerPicker


class EmergencyForm(StepForm):
    name = "emergency"
    title = "紧急处置"
    hint = "先处置，签批须补"
    icon = "bolt"
    verb = "开始紧急处置"

    def build(self) -> None:
        self._picker = HandlerPicker(self._seat, self._theme, roomy=False)
        self._suggest()
        self._picker.changed.connect(self.touched)
        self.column.addWidget(self._picker)
        self._read["handlers"] = self._picker.plain
        self._write["handlers"] = self._picker.restore
        self.add_note("reason", "理由", "危及什么、为什么等不到签批", limit=200)

    def _suggest(self) -> None:
        order, store = self._order, self._seat.store
        if order.proposal is not None:
            self._picker.set_handlers(order.proposal.handlers)
            return
        groups = suggest_handlers(
            self._seat.center, order, store.similar(order), store.load(), self._seat.now()
        )
        if groups:
            self._picker.set_handlers(groups[0].handlers, groups[0].suggestions)

    def missing(self) -> str:
        return self._picker.missing() or ("" if self.value("reason").strip() else "填理由")

    def submit(self, drops: str) -> ChangeSet:
        if self._picker.missing():
            raise Refusal("incomplete", f"少一项：{self._picker.missing()}。")
        handlers = self._picker.handlers()
        reason = self.value("reason").strip()
        return intake.start_emergency(self._seat, self._order.id, handlers, reason, drops=drops)
