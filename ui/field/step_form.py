"""Base of the step forms: labelled fields, their values as a draft, what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.domain.orders import Order
from desktop_app.domain.plain import MAX_TEXT
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.choices import ChoiceButton, ChoiceRow
from ui.widgets.ime import ImeLineEdit, ImePlainTextEdit
from ui.widgets.labels import Label
from ui.widgets.note_edit import NoteEdit
from ui.widgets.panel import Panel
from ui.widgets.values import Choice, TagFace

_LIMIT = 500
_NOTE_HEIGHT = 104


class StepForm(Panel):
    """One step's form. Its name is also the name of its draft."""

    changed = Signal()
    """A finished change, never half a word of an input method."""
    name = ""
    save_words = "保存"
    takes_photos = True

    def __init__(
        self, theme: Theme, title: str, hint: str, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, title, hint, icon, parent=parent)
        self.setObjectName(f"fieldForm_{self.name}")
        self._lines: dict[str, ImeLineEdit] = {}
        self._notes: dict[str, NoteEdit] = {}
        self._choices: dict[str, ChoiceRow] = {}
        self._needed: list[tuple[str, str]] = []
        self._defaults: dict[str, str] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.set_saved("")

    def _restyle(self) -> None:
        super()._restyle()
        grid = getattr(self, "_grid", None)
        if grid is not None:
            grid.setColumnMinimumWidth(0, self._theme.px(72))
            grid.setHorizontalSpacing(self._theme.px(8))
            grid.setVerticalSpacing(self._theme.px(8))
            for note in self._notes.values():
                note.field().setFixedHeight(self._theme.px(_NOTE_HEIGHT))

    # --- building -----------------------------------------------------------------------------

    def add_line(self, key: str, label: str, hint: str = "", *, needed: bool = False) -> None:
        """A field of one line."""
        field = ImeLineEdit()
        field.setPlaceholderText(hint)
        field.setMaxLength(200)
        field.committed.connect(self.changed)
        self._lines[key] = field
        self._add(key, label, field, needed=needed)

    def add_note(self, key: str, label: str, hint: str = "", *, needed: bool = False) -> None:
        """A field of several lines."""
        field = NoteEdit(self._theme, limit=_LIMIT, placeholder=hint, name=label)
        field.text_changed.connect(self.changed)
        self._notes[key] = field
        self._add(key, label, field, needed=needed)
        field.setObjectName("")
        field.field().setFixedHeight(self._theme.px(_NOTE_HEIGHT))
        field.field().setObjectName(self._object(key))

    def add_choice(
        self, key: str, label: str, words: Mapping[str, str], *, needed: bool = False
    ) -> None:
        """A choice of a few."""
        row = ChoiceRow(self._theme, tuple(Choice(k, w) for k, w in words.items()), tall=True)
        row.choice_changed.connect(self.changed)
        self._choices[key] = row
        self._add(key, label, row, needed=needed)
        for button in row.findChildren(ChoiceButton):
            button.setObjectName(f"{self._object(key)}_{button.key}")

    def _add(self, key: str, label: str, field: QWidget, *, needed: bool) -> None:
        row = self._grid.rowCount()
        field.setObjectName(self._object(key))
        field.setAccessibleName(label)
        word = Label(self._theme, label, Role.TEXT3)
        word.setContentsMargins(0, self._theme.px(9), 0, 0)
        self._grid.addWidget(word, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1)
        if needed:
            self._needed.append((key, label))

    def _object(self, key: str) -> str:
        return f"{self.name}{key[:1].upper()}{key[1:]}"

    # --- values -------------------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """What the fields hold."""
        found = {key: field.text() for key, field in self._lines.items()}
        found |= {key: field.text() for key, field in self._notes.items()}
        return found | {key: row.current() for key, row in self._choices.items()}

    def value(self, key: str) -> str:
        """One value, trimmed."""
        return self.values()[key].strip()

    def written(self) -> bool:
        """Whether anything differs from how the form was given out."""
        return any(self._defaults.get(key, "") != value for key, value in self.values().items())

    def draft(self) -> dict[str, str]:
        """What is worth keeping: nothing while the form is as it was given out."""
        return self.values() if self.written() else {}

    def give_out(self, order: Order, seat: Seat, draft: Mapping[str, Any]) -> None:
        """Show the form for an order, with its draft if there is one. Emits nothing."""
        self._defaults = self.defaults(order, seat)
        for key, value in {**dict.fromkeys(self.values(), ""), **self._defaults, **draft}.items():
            self._set(key, str(value))

    def _set(self, key: str, value: str) -> None:
        if key in self._lines:
            self._lines[key].set_quietly(value)
        elif key in self._notes:
            self._notes[key].set_text(value)
        elif key in self._choices:
            self._choices[key].set_current(value)

    def defaults(self, order: Order, seat: Seat) -> dict[str, str]:
        """What can be filled in beforehand."""
        return {}

    def missing(self) -> str:
        """What keeps it from being saved, in words for the button; "" when nothing does."""
        values = self.values()
        for key, label in self._needed:
            if not values[key].strip():
                return f"少填：{label}"
        if any(len(value) > MAX_TEXT for value in values.values()):
            return f"太长，最多 {MAX_TEXT} 字"
        return ""

    def composing(self) -> bool:
        """Whether an input method is composing in one of the fields."""
        lines = any(field.composing() for field in self._lines.values())
        return lines or any(field.composing() for field in self._notes.values())

    def text_field(self) -> ImePlainTextEdit | None:
        """Where 常用语 go."""
        return next((note.field() for note in self._notes.values()), None)

    def set_saved(self, time: str) -> None:
        """Say when the draft was kept; "" says that it will be."""
        self.set_tag(TagFace(f"草稿已存 {time}" if time else "草稿自动保存"))

    def start(self) -> None:
        """Put the cursor into the first field that is still empty."""
        fields: list[tuple[str, QWidget]] = [*self._lines.items()]
        fields += [(key, note.field()) for key, note in self._notes.items()]
        values = self.values()
        for key, field in fields:
            if not values[key].strip():
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    # --- recording ----------------------------------------------------------------------------

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        """Record the step. Raises ``Refusal`` or ``StoreError``; the draft goes with the act."""
        raise NotImplementedError
