"""While the store itself is worked on: what is happening, how far it is, and what not to do meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from local_store.progress import Progress, Step
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.unlock.card import CardPage
from ui.widgets.buttons import PlainButton
from ui.widgets.labels import IconLabel, Label

SAFE = "请不要关机。万一断电也不要紧：下次打开接着做，数据不会少。"
_PARTS = 100  # of a step, on the bar


@dataclass(frozen=True, slots=True)
class Plan:
    """What the page says: ``steps`` in their order with their words, and the button that breaks it off."""

    title: str
    words: str
    steps: tuple[tuple[Step, str], ...]
    leave: str


class WorkPage(CardPage):
    """``left`` when the person wants it broken off; once the last step has begun it goes through."""

    left = Signal()

    def __init__(self, theme: Theme, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(theme, plan.title, "", "database", parent)
        self.setObjectName("workPage")
        self._plan = plan
        self._steps = tuple(step for step, _ in plan.steps)
        self._lines = tuple(IconLabel(theme, "circle", words) for _, words in plan.steps)
        self._bar = QProgressBar()
        self._bar.setObjectName("workBar")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _PARTS * len(self._steps))
        self._told = Label(theme, "", Role.TEXT2, FontToken.BODY)
        self._told.setObjectName("workTold")
        self._leave = PlainButton(theme, plan.leave, icon="x")
        self._leave.setObjectName("workLeave")
        self._leave.clicked.connect(self._on_leave)
        self._number = 0
        self._running = QElapsedTimer()
        self._running.start()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tell)
        self._second.start()
        self._lay_out()
        self.show_progress(Progress(self._steps[0]))
        self.setFocusProxy(self._leave)

    def _lay_out(self) -> None:
        self.say(self._plan.words)
        column = QVBoxLayout()
        for line in self._lines:
            column.addWidget(line)
        self.card.body.addLayout(column)
        self.card.body.addWidget(self._bar)
        self.card.body.addWidget(self._told)
        self.say(SAFE)
        line_out = QHBoxLayout()
        line_out.addStretch(1)
        line_out.addWidget(self._leave)
        self.card.body.addLayout(line_out)

    def keys(self) -> Sequence[tuple[str, str]]:
        return ()

    @property
    def step(self) -> Step:
        """What is being done."""
        return self._steps[self._number]

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is. A step that is not in the plan is none of the person's business."""
        if progress.step not in self._steps:
            return
        self._number = self._steps.index(progress.step)
        share = progress.share or 0.0
        self._bar.setValue(_PARTS * self._number + round(_PARTS * share))
        for n, line in enumerate(self._lines):
            words = self._plan.steps[n][1]
            if n < self._number:
                line.set_content("circle-check", words, Role.OK)
            elif n == self._number:
                line.set_content("hourglass", f"{words}……", Role.TEXT)
            else:
                line.set_content("circle", words, Role.TEXT2)
        if progress.step is Step.PLACE:
            self._leave.refuse("马上就好")
        self._tell()

    @Slot()
    def _tell(self) -> None:
        seconds = self._running.elapsed() // 1000
        took = f"{seconds // 60} 分 {seconds % 60} 秒" if seconds >= 60 else f"{seconds} 秒"
        self._told.setText(f"第 {self._number + 1} 步，共 {len(self._steps)} 步，已用 {took}")

    @Slot()
    def _on_leave(self) -> None:
        self._leave.refuse("正在停下")
        self.left.emit()
