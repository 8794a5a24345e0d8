"""A form of one step: a column of labelled fields, whose values a draft can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.choices import ChoiceRow
from ui.widgets.combo import Combo
from ui.widgets.ime import ImeLineEdit
from ui.widgets.labels import Label
from ui.widgets.note_edit import NoteEdit
from ui.widgets.values import Choice, Option

LABEL_WIDTH = 84
NOTE_HEIGHT = 132


class StepForm(Themed):
    """``name`` names the draft and the widgets, ``title`` heads the panel, ``verb`` is on the button.

    ``submit`` records the act; it raises ``Refusal`` with what is missing. ``missing`` says it before.
    """

    name = ""
    title = ""
    hint = ""
    icon = "pencil"
    verb = "保存"

    changed = Signal()
    pick_requested = Signal(str)
    """An order id that the form points at."""

    def __init__(
        self, seat: Seat, theme: Theme, order: Order, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._seat, self._order = seat, order
        self._read: dict[str, Callable[[], Any]] = {}
        self._write: dict[str, Callable[[Any], None]] = {}
        self._editors: list[ImeLineEdit | NoteEdit] = []
        self._notes: list[NoteEdit] = []
        self._first: QWidget | None = None
        self._labels: list[Label] = []
        self._rows: dict[str, QWidget] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.build()
        self._restyle()

    def build(self) -> None:
        """Add the fields."""

    def submit(self, drops: str) -> ChangeSet:
        """Record the act. ``drops``: name of the draft that goes with it."""
        raise NotImplementedError

    def missing(self) -> str:
        """What still has to be filled in, in a few words; empty when nothing is."""
        return ""

    @property
    def order_id(self) -> OrderId:
        """The order the form is about."""
        return self._order.id

    # --- values -------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """All fields, JSON-plain."""
        return {name: read() for name, read in self._read.items()}

    def value(self, name: str) -> str:
        """One field's text."""
        return str(self._read[name]())

    def restore(self, values: Mapping[str, Any]) -> None:
        """Put a draft back; fields it does not know keep what they have."""
        for name, value in values.items():
            if name in self._write and value not in (None, ""):
                self._write[name](value)
        self._on_changed()

    def composing(self) -> bool:
        """Whether an input method is in the middle of a word."""
        return any(editor.composing() for editor in self._editors)

    def focus_first(self) -> None:
        """Put the focus into the first field."""
        if self._first is not None:
            self._first.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_changed(self) -> None:
        self.refresh()
        self.changed.emit()

    def refresh(self) -> None:
        """Show and hide what depends on other fields."""

    def set_narrow(self, narrow: bool) -> None:
        """Labels above their fields instead of beside them."""
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        for holder in self._rows.values():
            row = holder.layout()
            if isinstance(row, QBoxLayout):
                row.setDirection(way)
                row.setSpacing(0 if narrow else self._theme.px(6))
        for label in self._labels:
            label.setMinimumHeight(0 if narrow else self._theme.px(40))

    def show_row(self, name: str, shown: bool) -> None:
        """Show a field and its label, or not."""
        self._rows[name].setVisible(shown)

    # --- fields -------------------------------------------------------------------------------

    def add_choice(self, name: str, label: str, choices: tuple[Choice, ...]) -> ChoiceRow:
        """Buttons of which one is chosen."""
        row = ChoiceRow(self._theme, choices)
        row.setObjectName(f"{name}Choice")
        row.choice_changed.connect(self._on_changed)
        self._read[name] = row.current
        self._write[name] = lambda key: row.set_current(str(key))
        self._add(name, label, row)
        return row

    def add_line(self, name: str, label: str, placeholder: str = "") -> ImeLineEdit:
        """One line of text."""
        edit = ImeLineEdit()
        edit.setObjectName(f"{name}Edit")
        edit.setAccessibleName(label)
        edit.setPlaceholderText(placeholder)
        edit.committed.connect(self._on_changed)
        self._read[name] = edit.text
        self._write[name] = lambda text: edit.set_quietly(str(text))
        self._editors.append(edit)
        self._add(name, label, edit)
        return edit

    def add_note(self, name: str, label: str, placeholder: str = "", limit: int = 500) -> NoteEdit:
        """Several lines of text."""
        edit = NoteEdit(self._theme, limit=limit, placeholder=placeholder, name=label)
        edit.setObjectName(f"{name}Note")
        edit.field().setObjectName(f"{name}Edit")
        self._notes.append(edit)
        edit.text_changed.connect(self._on_changed)
        self._read[name] = edit.text
        self._write[name] = lambda text: edit.set_text(str(text))
        self._editors.append(edit)
        self._add(name, label, edit)
        return edit

    def add_combo(self, name: str, label: str, options: tuple[Option, ...]) -> Combo:
        """One of a list."""
        box = Combo(self._theme, options)
        box.setObjectName(f"{name}Combo")
        box.setAccessibleName(label)
        box.option_chosen.connect(self._on_changed)
        self._read[name] = box.current_key
        self._write[name] = lambda key: box.set_current_key(str(key))
        self._add(name, label, box)
        return box

    def add_words(self, text: str, role: Role = Role.TEXT2) -> Label:
        """A line that explains something."""
        words = Label(self._theme, text, role, wrap=True)
        self.column.addWidget(words)
        return words

    def add_field(
        self,
        name: str,
        label: str,
        widget: QWidget,
        read: Callable[[], Any],
        write: Callable[[Any], None],
    ) -> None:
        """A field of another kind; it has to call ``touched`` when it changes."""
        self._read[name], self._write[name] = read, write
        self._add(name, label, widget)

    @Slot()
    def touched(self) -> None:
        """A field of another kind changed."""
        self._on_changed()

    def _add(self, name: str, label: str, widget: QWidget) -> None:
        if self._first is None:
            self._first = widget
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        words = Label(self._theme, label, Role.TEXT3)
        self._labels.append(words)
        row.addWidget(words, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(widget, 1)
        self._rows[name] = holder
        self.column.addWidget(holder)

    def _restyle(self) -> None:
        px = self._theme.px
        self.column.setSpacing(px(10))
        for note in self._notes:
            note.setMaximumHeight(px(NOTE_HEIGHT))
        for label in self._labels:
            label.setFixedWidth(px(LABEL_WIDTH))
            label.setMinimumHeight(px(40))
