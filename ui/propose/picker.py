"""领办, 协办, 帮办: three rows to choose from, each with its reasons and its load."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import Duty, Handler
from desktop_app.services.seat import Seat
from desktop_app.services.suggestions import Reason, Suggestion, candidates, handler_for
from ui.propose.multi_pick import MultiPick
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import Tag
from ui.widgets.base import Themed
from ui.widgets.combo import Combo
from ui.widgets.labels import IconLabel, Label, Rule
from ui.widgets.values import Option, TagFace

_ROWS: tuple[tuple[Duty, str, str, str], ...] = (
    (Duty.LEAD, "领办", "1 人", "user"),
    (Duty.ASSIST, "协办", "必选", "building-community"),
    (Duty.HELP, "帮办", "可多选", "users"),
)
_REASON_ICONS = {
    "catalogue": "clipboard-text", "patch": "map-pin", "place": "map-pin", "duty": "calendar-event",
    "history": "history", "star": "star",
}  # fmt: skip


class ReasonLine(QWidget):
    """The reasons of one row, side by side, strongest first; what does not fit whole is left out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)

    def set_reasons(self, reasons: Sequence[Reason]) -> None:
        """Show these."""
        for words in self._words:
            self._row.removeWidget(words)
            words.hide()
            words.deleteLater()
        self._words = [
            IconLabel(self._theme, _REASON_ICONS.get(r.kind, "info-circle"), r.text, Role.TEXT2)
            for r in reasons[:3]
        ]
        self._row.setSpacing(self._theme.px(16))
        for number, words in enumerate(self._words):
            self._row.insertWidget(number, words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._theme.px(24))

    def _fit(self) -> None:
        gap, used = self._theme.px(16), 0
        for number, words in enumerate(self._words):
            used += words.sizeHint().width() + (gap if number else 0)
            words.setVisible(number == 0 or used <= self.width())


class HandlerPicker(Themed):
    """``changed`` when a person chose somebody. ``handlers`` may be incomplete: the rules say so."""

    changed = Signal()

    def __init__(
        self, seat: Seat, theme: Theme, parent: QWidget | None = None, *, roomy: bool = True
    ) -> None:
        super().__init__(theme, parent)
        self._seat, self._roomy = seat, roomy
        self._reasons: dict[Duty, ReasonLine] = {}
        self._loads: dict[Duty, Tag] = {}
        self._suggested: dict[str, Suggestion] = {}
        self._lead = Combo(theme)
        self._lead.setObjectName("leadCombo")
        self._assist = Combo(theme)
        self._assist.setObjectName("assistCombo")
        self._help = MultiPick(theme, "不用帮办")
        self._help.setObjectName("helpPick")
        self._fields = {Duty.LEAD: self._lead, Duty.ASSIST: self._assist, Duty.HELP: self._help}
        self._others: tuple[Handler, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._build()
        self._offer()
        self._restyle()

    def _build(self) -> None:
        for number, (duty, title, hint, icon) in enumerate(_ROWS):
            if number and self._roomy:
                self._column.addWidget(Rule(self._theme))
            self._column.addWidget(self._row(duty, title, hint, icon))
        self._lead.option_chosen.connect(self._on_chosen)
        self._assist.option_chosen.connect(self._on_chosen)
        self._help.picked.connect(self._on_chosen)

    def _row(self, duty: Duty, title: str, hint: str, icon: str) -> QWidget:
        theme, holder = self._theme, QWidget(self)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnMinimumWidth(0, theme.px(96))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, theme.px(96))
        name = IconLabel(theme, icon, title, Role.TEXT, FontToken.STRONG, 22)
        grid.addWidget(name, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        field = self._fields[duty]
        field.setAccessibleName(title)
        grid.addWidget(field, 0, 1)
        self._loads[duty] = Tag(theme, TagFace(""))
        grid.addWidget(self._loads[duty], 0, 2)
        if self._roomy:
            grid.addWidget(Label(theme, hint, Role.TEXT3), 1, 0)
            self._reasons[duty] = ReasonLine(theme)
            grid.addWidget(self._reasons[duty], 1, 1, 1, 2)
        return holder

    def _restyle(self) -> None:
        self._column.setSpacing(self._theme.px(10))

    def _offer(self) -> None:
        center = self._seat.center
        for duty, box in ((Duty.LEAD, self._lead), (Duty.ASSIST, self._assist)):
            box.set_options(tuple(_option(h) for h in candidates(center, duty)))
        self._help.set_options(_option(h) for h in candidates(center, Duty.HELP))

    # --- what is chosen -----------------------------------------------------------------------

    def set_handlers(
        self, handlers: Sequence[Handler], suggestions: Sequence[Suggestion] = ()
    ) -> None:
        """Choose these; ``suggestions`` bring the reasons and the load."""
        self._suggested = {str(s.handler.person_id): s for s in suggestions}
        by_duty = {duty: [h for h in handlers if h.duty is duty] for duty in Duty}
        self._lead.set_current_key(_first(by_duty[Duty.LEAD]))
        self._assist.set_current_key(_first(by_duty[Duty.ASSIST]))
        self._help.set_chosen(str(h.person_id) for h in by_duty[Duty.HELP])
        # A second village, or a department: kept although there is no row for it.
        self._others = (*by_duty[Duty.ASSIST][1:], *by_duty[Duty.JOINT])
        self._tell()

    def handlers(self) -> tuple[Handler, ...]:
        """Who is chosen, lead first."""
        center, found = self._seat.center, []
        for duty, box in ((Duty.LEAD, self._lead), (Duty.ASSIST, self._assist)):
            if box.current_key():
                found.append(handler_for(center, duty, PersonId(box.current_key())))
        found += [h for h in self._others if h.person_id != self._assist.current_key()]
        found += [handler_for(center, Duty.HELP, PersonId(key)) for key in self._help.chosen()]
        return tuple(found)

    def missing(self) -> str:
        """What has not been chosen yet, in a few words."""
        if not self._lead.current_key():
            return "选领办"
        return "" if self._assist.current_key() else "选协办"

    def plain(self) -> dict[str, object]:
        """The choice for a draft."""
        return {
            "lead": self._lead.current_key(),
            "assist": self._assist.current_key(),
            "help": list(self._help.chosen()),
        }

    def restore(self, values: object) -> None:
        """Put a draft back."""
        if not isinstance(values, dict):
            return
        if values.get("lead"):
            self._lead.set_current_key(str(values["lead"]))
        if values.get("assist"):
            self._assist.set_current_key(str(values["assist"]))
        helpers = values.get("help")
        if isinstance(helpers, list):
            self._help.set_chosen(str(h) for h in helpers)
        self._tell()

    @Slot()
    def _on_chosen(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        load = self._seat.store.load()
        for duty, box in ((Duty.LEAD, self._lead), (Duty.ASSIST, self._assist)):
            key = box.current_key()
            self._say(duty, [key] if key else [])
            text = f"在办 {load.of(PersonId(key))} 件" if key else ""
            self._loads[duty].set_face(TagFace(text))
            self._loads[duty].setVisible(bool(key))
        chosen = self._help.chosen()
        self._say(Duty.HELP, list(chosen))
        self._loads[Duty.HELP].set_face(TagFace(f"{len(chosen)} 个站所"))
        self._loads[Duty.HELP].setVisible(bool(chosen))

    def _say(self, duty: Duty, keys: list[str]) -> None:
        line = self._reasons.get(duty)
        if line is None:
            return
        reasons = [
            r for key in keys if key in self._suggested for r in self._suggested[key].reasons
        ]
        by_hand = [Reason("hand", "手工选的")] if keys and not reasons else []
        line.set_reasons(list(dict.fromkeys(reasons)) or by_hand)


def _option(handler: Handler) -> Option:
    return Option(str(handler.person_id), handler.title)


def _first(handlers: Sequence[Handler]) -> str:
    return str(handlers[0].person_id) if handlers else ""
