"""修改后签批: who handles it, changed on the page itself."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from desktop_app.domain.center import Center, Person
from desktop_app.domain.orders import Duty, Handler
from desktop_app.domain.roles import Role as Office
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.combo import Combo
from ui.widgets.labels import Label
from ui.widgets.panel import Panel
from ui.widgets.values import Option

_WHO = {
    Duty.LEAD: (Office.LEADER,),
    Duty.ASSIST: (Office.VILLAGE,),
    Duty.HELP: (Office.STATION, Office.DEPARTMENT),
}
_WORDS = {Duty.LEAD: "领办", Duty.ASSIST: "协办", Duty.HELP: "帮办"}


class PickRow(Themed):
    """Several people of one duty: each a button that takes it away, and a box to add one."""

    changed = Signal()

    def __init__(self, theme: Theme, duty: Duty, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._duty = duty
        self._people: dict[str, Person] = {}
        self._chosen: list[str] = []
        self._buttons: list[PlainButton] = []
        self._box = Combo(theme)
        self._box.setObjectName(f"changeAdd_{duty.value}")
        self._box.setPlaceholderText(f"加{_WORDS[duty]}…")
        self._box.setAccessibleName(f"加{_WORDS[duty]}")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._box, 1)
        self._box.option_chosen.connect(self._on_chosen)
        self._restyle()

    def _restyle(self) -> None:
        self._row.setSpacing(self._theme.px(8))

    def set_people(self, people: list[Person], chosen: list[str]) -> None:
        """Whom one may choose, and who is chosen."""
        self._people = {person.id: person for person in people}
        self._chosen = [each for each in chosen if each in self._people]
        self._rebuild()

    def people(self) -> list[Person]:
        """The chosen ones."""
        return [self._people[each] for each in self._chosen]

    def _rebuild(self) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(self._people[each]) for each in self._chosen]
        rest = [q for q in self._people.values() if q.id not in self._chosen]
        self._box.set_options(tuple(Option(q.id, q.title) for q in rest))
        self._box.setCurrentIndex(-1)

    def _button(self, person: Person) -> PlainButton:
        button = PlainButton(self._theme, person.title, icon="x", parent=self)
        button.setObjectName(f"changeRemove_{person.id}")
        button.setAccessibleDescription("去掉")
        button.setProperty("person", person.id)
        button.clicked.connect(self._on_removed)
        self._row.insertWidget(len(self._buttons_in_row()), button)
        return button

    def _buttons_in_row(self) -> list[int]:
        return list(range(self._row.count() - 1))

    @Slot(str)
    def _on_chosen(self, person_id: str) -> None:
        if person_id in self._people and person_id not in self._chosen:
            self._chosen.append(person_id)
            self._rebuild()
            self.changed.emit()

    @Slot()
    def _on_removed(self) -> None:
        button = self.sender()
        if isinstance(button, PlainButton):
            self._chosen.remove(str(button.property("person")))
            self._rebuild()
            self.changed.emit()


class HandlersPanel(Panel):
    """领办 one, 协办 and 帮办 any number. ``changed`` after each choice."""

    changed = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "修改承办",
            "改完按 Ctrl+Enter 签批，派单员和承办人都会看到改动。",
            "pencil",
            parent=parent,
        )
        self.setObjectName("changePanel")
        self._center: Center | None = None
        self._joint: tuple[Handler, ...] = ()
        self._lead = Combo(theme)
        self._lead.setObjectName("changeLead")
        self._lead.setAccessibleName("领办")
        self._rows = {duty: PickRow(theme, duty) for duty in (Duty.ASSIST, Duty.HELP)}
        self._close = PlainButton(theme, "不改了", shortcut="Esc", bind_key=False)
        self._close.setObjectName("changeClose")
        self.add_at_right(self._close)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for n, (duty, field) in enumerate(((Duty.LEAD, self._lead), *self._rows.items())):
            grid.addWidget(Label(theme, _WORDS[duty], Role.TEXT3), n, 0)
            grid.addWidget(field, n, 1)
        self.body.addLayout(grid)
        self._grid = grid
        self._lead.option_chosen.connect(self.changed)
        for row in self._rows.values():
            row.changed.connect(self.changed)
        self._close.clicked.connect(self.closed)
        self.setFocusProxy(self._lead)
        self._space()

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_grid"):
            self._space()

    def _space(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(12))
        self._grid.setVerticalSpacing(self._theme.px(8))

    def set_handlers(self, center: Center, handlers: tuple[Handler, ...]) -> None:
        """Start from these."""
        self._center = center
        self._joint = tuple(h for h in handlers if h.duty is Duty.JOINT)
        lead = next((h.person_id for h in handlers if h.duty is Duty.LEAD), "")
        leaders = _people(center, Duty.LEAD)
        self._lead.set_options(tuple(Option(q.id, q.title) for q in leaders), lead)
        for duty, row in self._rows.items():
            row.set_people(_people(center, duty), [h.person_id for h in handlers if h.duty is duty])

    def handlers(self) -> tuple[Handler, ...]:
        """As chosen now."""
        if self._center is None:
            return ()
        lead = self._center.person(self._lead.current_key())
        chosen = [(Duty.LEAD, lead)] if lead else []
        chosen += [(duty, q) for duty, row in self._rows.items() for q in row.people()]
        made = (Handler(duty, q.id, q.title, q.unit_id) for duty, q in chosen)
        return (*made, *self._joint)


def _people(center: Center, duty: Duty) -> list[Person]:
    return [q for q in center.people if q.active and q.role in _WHO[duty]]
