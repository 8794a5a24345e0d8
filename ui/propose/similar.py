"""二、相似与重复诉求: earlier orders of the same person, place or matter, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.masking import mask_text
from local_store.rows import Similar
from ui.present.times import day_time
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import Tag
from ui.widgets.buttons import PlainButton
from ui.widgets.kinds import Tone
from ui.widgets.labels import IconLabel, Label, Rule
from ui.widgets.panel import Panel
from ui.widgets.values import TagFace

WHY = {"person": "同一人", "place": "同一地", "matter": "同类事"}
AGAIN = "同一件事"
SHOWN = 5


class SimilarPanel(Panel):
    """At most five; each can be opened."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "二、相似与重复诉求", padded=False, parent=parent)
        self._count = Label(theme, "", Role.TEXT2)
        self.add_at_right(self._count)
        self._rows: list[QWidget] = []
        self._ids: dict[PlainButton, str] = {}

    def set_similar(self, found: Sequence[Similar], repeat: int) -> None:
        """Show them; ``repeat``: this is the how many-th time."""
        for row in self._rows:
            self.body.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self._ids.clear()
        face = TagFace(f"同一件事 第 {repeat} 次", Tone.HALF, "repeat") if repeat > 1 else None
        self.set_tag(face)
        self._count.setText(f"共 {len(found)} 件" if found else "")
        if not found:
            self._add(self._words("没有找到相似的单。"))
        for number, similar in enumerate(found[:SHOWN]):
            if number:
                self._add(Rule(self._theme))
            self._add(self._row(similar, number))

    def _add(self, row: QWidget) -> None:
        self.body.addWidget(row)
        self._rows.append(row)

    def _words(self, text: str) -> QWidget:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(*(self._theme.px(n) for n in (16, 12, 16, 12)))
        box.addWidget(Label(self._theme, text, Role.TEXT2))
        return holder

    def _row(self, similar: Similar, number: int) -> QWidget:
        theme, row = self._theme, similar.row
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(*(theme.px(n) for n in (16, 8, 16, 8)))
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(0)
        words = AGAIN if similar.again else WHY.get(similar.why, similar.why)
        face = TagFace(words, Tone.HALF if similar.again else Tone.LINE)
        grid.addWidget(Tag(theme, face), 0, 0, 2, 1)
        title = Label(theme, mask_text(row.title), token=FontToken.STRONG, elide=True)
        grid.addWidget(title, 0, 1)
        grid.addWidget(self._second_line(similar), 1, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, theme.px(72))
        if similar.linked:
            linked = IconLabel(theme, "check", "已关联", Role.PRIMTEXT, FontToken.STRONG)
            grid.addWidget(linked, 0, 2, 2, 1)
        button = PlainButton(theme, "看做法" if similar.resolved else "看这件", icon="file-text")
        button.setObjectName(f"similarButton{number + 1}")
        button.clicked.connect(self._on_clicked)
        self._ids[button] = row.order_id
        grid.addWidget(button, 0, 3, 2, 1)
        return holder

    def _second_line(self, similar: Similar) -> QWidget:
        theme, row = self._theme, similar.row
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(6))
        when = day_time(row.dispatched_at)[:5]
        line.addWidget(Label(theme, f"{short_number(row.number)} · {when} ·", Role.TEXT2))
        bad = similar.resolved is False or similar.satisfied is False
        role = Role.OVER if bad else (Role.OK if similar.resolved else Role.TEXT2)
        line.addWidget(Label(theme, similar.outcome, role, FontToken.STRONG))
        line.addStretch(1)
        return holder

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, PlainButton) and button in self._ids:
            self.opened.emit(self._ids[button])
