"""Base of the widgets that paint themselves: keeps the theme, follows its changes."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme


class Themed(QWidget):
    """A widget that asks for its size and colours again whenever theme or scale changes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._on_theme_changed)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._restyle()
        self.updateGeometry()
        self.update()

    def _restyle(self) -> None:
        """Renew what was derived from the theme (margins, fonts); painting needs nothing here."""
