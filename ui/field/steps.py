"""The steps of an order in the field, and the bar that leads through them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop_app.domain.acts import ActKind
from ui.forms.flow import FlowLayout
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.paint_base import paint_box, paint_icon, paint_text


class Step(StrEnum):
    """One step; ``HISTORY`` is no step but the whole story."""

    ACCEPT = "accept"
    MEET = "meet"
    DETERMINE = "determine"
    PROGRESS = "progress"
    EXPLAIN = "explain"
    CONCLUDE = "conclude"
    REVIEW = "review"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class StepLook:
    """Words, icon and act of a step; ``shortcut`` as the key bar shows it."""

    words: str
    icon: str
    kinds: tuple[ActKind, ...] = ()
    shortcut: str = ""


STEPS: dict[Step, StepLook] = {
    Step.ACCEPT: StepLook("接办", "inbox", (ActKind.HANDLER_ACCEPT,)),
    Step.MEET: StepLook("1 见面沟通", "users", (ActKind.MEET,), "Ctrl+1"),
    Step.DETERMINE: StepLook("定性", "gavel", (ActKind.DETERMINE,)),
    Step.PROGRESS: StepLook("进展", "arrow-right", (ActKind.PROGRESS, ActKind.PLAN)),
    Step.EXPLAIN: StepLook("2 说明情况", "ear", (ActKind.EXPLAIN,), "Ctrl+2"),
    Step.CONCLUDE: StepLook("3 办结", "flag", (ActKind.CONCLUDE,), "Ctrl+3"),
    Step.REVIEW: StepLook("复查", "phone", (ActKind.REVIEW,)),
    Step.HISTORY: StepLook("经过", "history", (), "T"),
}
STEP_OF: dict[ActKind, Step] = {kind: step for step, look in STEPS.items() for kind in look.kinds}


class StepButton(QAbstractButton):
    """Done (green, tick), here (framed) or still to come."""

    def __init__(self, theme: Theme, step: Step, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.step, self._done = theme, step, False
        self.setObjectName(f"fieldStep_{step.value}")
        self.setCheckable(True)
        self.setText(STEPS[step].words)
        self.setAccessibleName(STEPS[step].words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_done(self, done: bool) -> None:
        """Whether a record of this step exists in this round."""
        self._done = done
        self.setAccessibleDescription("已记录" if done else "")
        self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        wide = self._theme.width(FontToken.NUM, self.text())
        return QSize(wide + px(ICON.normal + 6 + 26), px(HEIGHT.tab))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, here = QPainter(self), self._theme, self.isChecked()
        ground, ink, token = Role.SUNKEN, Role.TEXT2, FontToken.BODY
        if self._done:
            ground, ink, token = Role.OKBG, Role.OK, FontToken.STRONG
        if here:
            ground, ink, token = Role.SELECT, Role.PRIMTEXT, FontToken.NUM
        pen = theme.pen(Role.PRIMARY, 2) if here else None
        if not here and theme.palette.bg == "#000000":
            pen = theme.pen(Role.EDGE)
        paint_box(painter, QRectF(self.rect()), theme.px(RADIUS.control), theme.color(ground), pen)
        icon = "circle-check" if self._done else STEPS[self.step].icon
        left = theme.px(12)
        left += paint_icon(painter, self.rect(), theme, icon, ink, ICON.normal, left) + theme.px(6)
        room = QRect(left, 0, self.width() - left, self.height())
        paint_text(painter, room, theme, self.text(), ink, token)


class StepBar(Themed):
    """All steps; goes on to a second line where there is no room."""

    step_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._flow = FlowLayout(theme.px(8), parent=self)
        self._buttons = {step: StepButton(theme, step, self) for step in Step}
        for button in self._buttons.values():
            self._flow.addWidget(button)
            button.clicked.connect(self._on_clicked)

    def _restyle(self) -> None:
        self._flow.set_gap(self._theme.px(8))

    def set_current(self, step: Step) -> None:
        """Mark where one is."""
        for each, button in self._buttons.items():
            button.setChecked(each is step)

    def set_steps(self, offered: frozenset[Step], done: frozenset[Step]) -> None:
        """Which steps there are for this order and person, and which have a record."""
        for step, button in self._buttons.items():
            button.setVisible(step in offered)
            button.set_done(step in done)
        self._flow.invalidate()
        self.updateGeometry()

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, StepButton):
            self.step_chosen.emit(button.step.value)
