"""一、核实结果: what the petitioner confirmed or corrected; the original stays beside the correction."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import Order
from ui.present.people import petitioner_text
from ui.present.times import clock_time
from ui.present.words import VERIFIED
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import Tag
from ui.widgets.kinds import Tone
from ui.widgets.labels import Label
from ui.widgets.panel import Panel
from ui.widgets.values import TagFace


class VerifiedPanel(Panel):
    """Reads only: 核实 is recorded in the detail."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "一、核实结果", parent=parent)
        self._state = Tag(theme, TagFace(""))
        self.add_at_right(self._state)
        self._holder = QWidget()
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(3, 1)
        self._cells: list[QWidget] = []
        self._text = Label(theme, "", wrap=True)
        self._kept = Label(theme, "", Role.TEXT2, wrap=True)
        for widget in (self._text, self._holder, self._kept):
            self.body.addWidget(widget)

    def set_order(self, order: Order) -> None:
        """Show the verification of an order."""
        found = order.verification
        self._clear()
        if found is None:
            self._state.set_face(TagFace("没有核实", Tone.NEAR, "phone-off"))
            self._text.setText("这件单没有核实记录。")
            self._kept.hide()
            return
        reached = found.result != "unreachable"
        tone, icon = (Tone.OK, "check") if reached else (Tone.NEAR, "phone-off")
        self._state.set_face(TagFace("已核实" if reached else "未联系上", tone, icon))
        self.set_title("一、核实结果", f"{clock_time(found.at)} {VERIFIED[found.result]}")
        self._text.setText(mask_text(found.text))
        self._text.setVisible(bool(found.text))
        for row, (field, was, now) in enumerate(found.corrections):
            self._correction(row, field, mask_text(was), mask_text(now))
        self._holder.setVisible(bool(found.corrections))
        kept = "原文保留，更正另记一条。" if found.corrections else ""
        self._kept.setText(f"{kept}{petitioner_text(order)}")
        self._kept.show()

    def _clear(self) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells.clear()

    def _correction(self, row: int, field: str, was: str, now: str) -> None:
        theme = self._theme
        before = Label(theme, was, Role.TEXT3, wrap=True)
        font = theme.font(FontToken.BODY)
        font.setStrikeOut(was != "未填")
        before.setFont(font)
        cells: list[QWidget] = [
            Label(theme, field, Role.TEXT3),
            before,
            Label(theme, "→", Role.TEXT2),
            Label(theme, now, Role.PRIMTEXT, FontToken.STRONG, wrap=True),
        ]
        for column, cell in enumerate(cells):
            self._grid.addWidget(cell, row, column)
        self._cells += cells

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_grid"):
            self._grid.setHorizontalSpacing(self._theme.px(12))
            self._grid.setVerticalSpacing(self._theme.px(4))
