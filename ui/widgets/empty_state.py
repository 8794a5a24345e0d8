"""What stands where a list has nothing: one sentence, one button."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.labels import Label
from ui.widgets.paint_base import paint_icon


class BigIcon(Themed):
    """The 48 px icon of an empty place."""

    def __init__(self, theme: Theme, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icon = icon
        self._restyle()

    def set_icon(self, icon: str) -> None:
        """Change the icon."""
        self._icon = icon
        self.update()

    def _restyle(self) -> None:
        side = self._theme.px(ICON.empty)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(QPainter(self), self.rect(), self._theme, self._icon, Role.EDGE, ICON.empty, 0)


class EmptyState(Themed):
    """Nothing yet, nothing matches, or not loaded because offline: the sentence says which."""

    action_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: str,
        sentence: str,
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._icon = BigIcon(theme, icon)
        self._sentence = Label(theme, "", Role.TEXT2, wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = PlainButton(theme, "")
        self._button.clicked.connect(self.action_requested)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._sentence)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self._restyle()
        self.set_content(icon, sentence, button)

    def set_content(self, icon: str, sentence: str, button: str = "") -> None:
        """Change all three; an empty `button` shows none."""
        self._icon.set_icon(icon)
        self._sentence.setText(sentence)
        self._button.set_text(button)
        self._button.setVisible(bool(button))

    def _restyle(self) -> None:
        column = self.layout()
        if column is not None:
            column.setSpacing(self._theme.px(12))
