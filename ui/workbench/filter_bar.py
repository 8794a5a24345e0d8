"""F4: tier, village, stage and handler, in one line under the search. Each choice works at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.domain.center import Center, UnitKind
from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import STAGE_TITLES, Stage
from desktop_app.domain.roles import HANDLER_ROLES
from local_store.rows import ListQuery
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.buttons import LinkButton
from ui.widgets.combo import Combo
from ui.widgets.labels import Ground, Label
from ui.widgets.values import Option

_EVERY = Option("", "不限")


class FilterBar(Ground):
    """Hidden until F4. ``query_changed`` carries the narrowed query."""

    query_changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.ALT, "t", parent)
        self.setObjectName("filterBar")
        self._query = ListQuery()
        self._boxes: dict[str, Combo] = {}
        grid = QGridLayout(self)
        names = (("tier", "等级"), ("village", "村"), ("stage", "环节"), ("handler", "承办"))
        for number, (name, words) in enumerate(names):
            box = Combo(theme)
            box.setObjectName(f"{name}Filter")
            box.setAccessibleName(f"筛选：{words}")
            box.option_chosen.connect(self._on_chosen)
            self._boxes[name] = box
            grid.addWidget(Label(theme, words, Role.TEXT3), number // 2, number % 2 * 2)
            grid.addWidget(box, number // 2, number % 2 * 2 + 1)
        self._clear = LinkButton(theme, "清除筛选", icon="filter-off")
        self._clear.setObjectName("clearFilterButton")
        self._clear.clicked.connect(self.clear)
        grid.addWidget(self._clear, 0, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        grid = self.layout()
        if isinstance(grid, QGridLayout):
            px = self._theme.px
            grid.setContentsMargins(px(12), px(8), px(12), px(8))
            grid.setSpacing(px(8))

    def set_center(self, center: Center) -> None:
        """Offer what this center has."""
        villages = [u for u in center.units if u.kind is UnitKind.VILLAGE]
        people = [q for q in center.people if q.active and q.role in HANDLER_ROLES]
        options = {
            "tier": [Option(t.id, t.title) for t in center.policy.tiers],
            "village": [Option(u.id, u.name) for u in villages],
            "stage": [Option(s.value, STAGE_TITLES[s]) for s in Stage],
            "handler": [Option(q.id, q.title) for q in people],
        }
        for name, found in options.items():
            self._boxes[name].set_options((_EVERY, *found))
        self.set_query(self._query)

    def set_query(self, query: ListQuery) -> None:
        """Show what is filtered, without emitting."""
        self._query = query
        first = {
            "tier": query.tiers[0] if query.tiers else "",
            "village": query.villages[0] if query.villages else "",
            "stage": query.stages[0].value if query.stages else "",
            "handler": query.person or "",
        }
        for name, key in first.items():
            self._boxes[name].set_current_key(key)

    def is_narrowing(self) -> bool:
        """Whether anything is filtered."""
        query = self._query
        return bool(query.tiers or query.villages or query.stages or query.person)

    @Slot()
    def clear(self) -> None:
        """Filter nothing."""
        self._send(replace(self._query, tiers=(), villages=(), stages=(), person=None))

    @Slot(str)
    def _on_chosen(self, _key: str) -> None:
        key = {name: box.current_key() for name, box in self._boxes.items()}
        self._send(
            replace(
                self._query,
                tiers=(key["tier"],) if key["tier"] else (),
                villages=(key["village"],) if key["village"] else (),
                stages=(Stage(key["stage"]),) if key["stage"] else (),
                person=PersonId(key["handler"]) if key["handler"] else None,
            )
        )

    def _send(self, query: ListQuery) -> None:
        self.set_query(query)
        self.query_changed.emit(query)

    def first_box(self) -> Combo:
        """Where the focus goes when the bar is opened."""
        return self._boxes["tier"]
