"""Facts of an order: label and value, in one or two columns."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import LinkButton
from ui.widgets.labels import IconLabel, Label
from ui.widgets.values import Fact


class FactsList(Themed):
    """Label in a column of 4.5 rem, value beside it; an action link stands at the right."""

    action_requested = Signal(str)

    def __init__(self, theme: Theme, columns: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._columns = columns
        self._facts: tuple[Fact, ...] = ()
        self._keys: dict[LinkButton, str] = {}
        self._cells: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._restyle()

    def set_facts(self, facts: tuple[Fact, ...]) -> None:
        """Replace all facts."""
        if facts == self._facts:
            return
        self._facts = facts
        self._clear()
        for index, fact in enumerate(facts):
            row, column = divmod(index, self._columns)
            label = Label(self._theme, fact.label, Role.TEXT3)
            value = self._value(fact)
            self._grid.addWidget(label, row, column * 2)
            self._grid.addWidget(value, row, column * 2 + 1)
            self._cells += [label, value]

    def _clear(self) -> None:
        self._keys.clear()
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells.clear()

    def _value(self, fact: Fact) -> QWidget:
        cell = QWidget(self)
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        value = Label(self._theme, fact.value, wrap=not fact.note)
        value.setAccessibleName(f"{fact.label}：{fact.value}")
        row.addWidget(value, 0 if fact.note else 1)
        if fact.note:
            row.addWidget(IconLabel(self._theme, fact.icon, fact.note, Role.TEXT2))
            row.addStretch(1)
        if fact.action:
            row.addWidget(self._link(fact))
        return cell

    def _link(self, fact: Fact) -> LinkButton:
        link = LinkButton(self._theme, fact.action, icon=fact.action_icon)
        link.setAccessibleDescription(f"{fact.label} {fact.value}")
        self._keys[link] = fact.key
        link.clicked.connect(self._on_link_clicked)
        return link

    @Slot()
    def _on_link_clicked(self) -> None:
        link = self.sender()
        if isinstance(link, LinkButton):
            self.action_requested.emit(self._keys[link])

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(8))
        self._grid.setVerticalSpacing(self._theme.px(4))
        for column in range(self._columns):
            self._grid.setColumnMinimumWidth(column * 2, self._theme.px(72))
            self._grid.setColumnStretch(column * 2 + 1, 1)
