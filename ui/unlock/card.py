"""A page that is one card in the middle of the window, as the login is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.labels import Ground, Label
from ui.widgets.panel import Panel

WIDTH = 560


class CardPage(Themed):
    """What goes on the card is added to ``card.body``."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)

    def __init__(
        self, theme: Theme, title: str, hint: str, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.card = Panel(theme, title, hint, icon)
        # Stretches, not an alignment: an aligned card would not grow with a notice that wraps.
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.card)
        line.addStretch(1)
        ground = Ground(theme, Role.BG)
        column = QVBoxLayout(ground)
        column.addStretch(2)
        column.addLayout(line)
        column.addStretch(3)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(ground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._fit_card()

    def _fit_card(self) -> None:
        self.card.setFixedWidth(self._theme.px(WIDTH))
        self.card.body.setSpacing(self._theme.px(12))

    def _restyle(self) -> None:
        self._fit_card()

    def say(self, text: str) -> None:
        """A paragraph of plain words on the card."""
        self.card.body.addWidget(Label(self._theme, text, Role.TEXT, wrap=True))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Ctrl+Enter", "确定"))

    @Slot(object)
    def data_changed(self, _changes: object) -> None:
        """Nothing here comes from the store."""

    def tick(self, _now: datetime) -> None:
        """Nothing here runs with the clock."""

    def primary(self) -> None:
        """The one thing this page is for."""


class SecretFields(QWidget):
    """Labelled password fields, with a button that shows what was typed."""

    returned = Signal()
    """Enter in the last field."""

    def __init__(self, theme: Theme, fields: Sequence[tuple[str, str]]) -> None:
        """``fields``: object name and label of each."""
        super().__init__()
        self._theme = theme
        self.edits: dict[str, QLineEdit] = {}
        self._grid = QGridLayout(self)
        self._eye = PlainButton(theme, "显示口令", icon="eye")
        self._eye.setObjectName("showPassphraseButton")
        self._eye.clicked.connect(self._on_eye)
        for row, (name, label) in enumerate(fields):
            self._add(row, name, label)
        last = self.edits[fields[-1][0]]
        last.returnPressed.connect(self.returned)
        self.setFocusProxy(self.edits[fields[0][0]])
        theme.changed.connect(self._restyle)
        self._restyle()

    def _add(self, row: int, name: str, label: str) -> None:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(label)
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        edit.setMaxLength(300)
        words = Label(self._theme, label, Role.TEXT2, FontToken.BODY)
        words.setBuddy(edit)
        self.edits[name] = edit
        self._grid.addWidget(words, row, 0)
        self._grid.addWidget(edit, row, 1)
        if row == 0:
            self._grid.addWidget(self._eye, row, 2)

    def _restyle(self) -> None:
        px = self._theme.px
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        self._grid.setContentsMargins(0, px(2), 0, px(2))
        for edit in self.edits.values():
            edit.setMinimumHeight(px(40))

    def text(self, name: str) -> str:
        return self.edits[name].text()

    def empty(self) -> None:
        """Forget what was typed."""
        for edit in self.edits.values():
            edit.clear()

    @Slot()
    def _on_eye(self) -> None:
        hidden = any(e.echoMode() == QLineEdit.EchoMode.Password for e in self.edits.values())
        mode = QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password
        for edit in self.edits.values():
            edit.setEchoMode(mode)
        self._eye.set_text("藏起口令" if hidden else "显示口令")
