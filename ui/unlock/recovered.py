"""One calm page after a rebuild: what happened, what was saved, what there is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.unlock.card import CardPage
from ui.widgets.buttons import PrimaryButton
from ui.widgets.facts_list import FactsList
from ui.widgets.values import Fact


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says: lines of label and value, and what is left to do."""

    title: str
    happened: str
    lines: tuple[tuple[str, str], ...]
    to_do: str


class RecoveredPage(CardPage):
    """``continued`` when it has been read."""

    continued = Signal()

    def __init__(self, theme: Theme, told: Told, parent: QWidget | None = None) -> None:
        super().__init__(theme, told.title, "", "database", parent)
        self.setObjectName("recoveredPage")
        self.say(told.happened)
        facts = FactsList(theme)
        facts.set_facts(tuple(Fact(label, value) for label, value in told.lines))
        self.card.body.addWidget(facts)
        self.say(told.to_do)
        self._button = PrimaryButton(
            theme, "知道了，接着办", icon="circle-check", shortcut="Ctrl+Enter", big=True
        )
        self._button.setObjectName("continueButton")
        self._button.clicked.connect(self.continued)
        self.card.body.addWidget(self._button)
        self.setFocusProxy(self._button)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Ctrl+Enter", "接着办"),)

    def primary(self) -> None:
        self.continued.emit()
