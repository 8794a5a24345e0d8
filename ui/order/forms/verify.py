"""核实: the petitioner was phoned. Matches, corrected (original and correction side by side), not reached."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.domain.masking import mask_text
from desktop_app.domain.refusals import Refusal
from desktop_app.services import intake
from local_store.changes import ChangeSet
from ui.order.forms.base import StepForm
from ui.present.words import VERIFIED
from ui.theme.roles import Role
from ui.widgets.ime import ImeLineEdit
from ui.widgets.labels import Label
from ui.widgets.values import Choice


class VerifyForm(StepForm):
    name = "verify"
    title = "核实"
    hint = "先拨电话再登记"
    icon = "phone"
    verb = "登记核实"

    def build(self) -> None:
        words = {**VERIFIED, "unreachable": "未联系上"}
        choices = tuple(Choice(key, text) for key, text in words.items())
        self.add_choice("result", "结果", choices)
        self._lines: dict[str, ImeLineEdit] = {}
        place = self._order.place
        # The record keeps what came in as it came; the screen shows it masked.
        self._originals = {
            "地点": f"{place.village} {place.address}".strip(),
            "诉求": self._order.matter.title,
            "期望": "未填",
        }
        self.add_field("corrections", "更正", self._table(), self._corrected, self._put_back)
        self._attempts = self.add_words("")
        self.add_note("text", "通话情况", "怎么说的、要什么、可再联系的时间")
        self.refresh()

    def _table(self) -> QWidget:
        holder = QWidget(self)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, (field, original) in enumerate(self._originals.items()):
            edit = ImeLineEdit()
            edit.setObjectName(f"correct{row + 1}Edit")
            edit.setAccessibleName(f"更正后的{field}")
            edit.setPlaceholderText("没有变化就空着")
            edit.committed.connect(self.touched)
            self._editors.append(edit)
            self._lines[field] = edit
            words = Label(self._theme, f"{field}：{mask_text(original)}", Role.TEXT2, wrap=True)
            grid.addWidget(words, row * 2, 0)
            grid.addWidget(edit, row * 2 + 1, 0)
        return holder

    def _corrected(self) -> dict[str, str]:
        return {field: edit.text() for field, edit in self._lines.items() if edit.text().strip()}

    def _put_back(self, values: object) -> None:
        if isinstance(values, dict):
            for field, text in values.items():
                if field in self._lines:
                    self._lines[field].set_quietly(str(text))

    def refresh(self) -> None:
        result = self.value("result")
        self.show_row("corrections", result == "corrected")
        self._attempts.setVisible(result == "unreachable")
        most = self._seat.center.policy.unreachable_attempts
        number = self._order.call_attempts + 1
        if number >= most:
            self._attempts.setText(f"第 {number} 次没联系上，满 {most} 次，可按来单内容拟办。")
        else:
            self._attempts.setText(f"第 {number} 次没联系上；满 {most} 次可按来单内容拟办。")

    def missing(self) -> str:
        result = self.value("result")
        if not result:
            return "先选结果"
        return "填更正内容" if result == "corrected" and not self._corrected() else ""

    def submit(self, drops: str) -> ChangeSet:
        result = self.value("result")
        if not result:
            raise Refusal("incomplete", "少选一项：核实结果。")
        corrections = tuple(
            (field, self._originals[field], text.strip())
            for field, text in self._corrected().items()
            if result == "corrected"
        )
        text = self.value("text").strip()
        return intake.verify(self._seat, self._order.id, result, text, corrections, drops=drops)
