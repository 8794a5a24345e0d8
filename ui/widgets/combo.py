"""A combo box of keyed options that the mouse wheel does not change by accident."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView, QSizePolicy, QStyledItemDelegate, QWidget

from ui.theme.roles import FontToken
from ui.theme.theme import Theme
from ui.widgets.values import Option


class Combo(QComboBox):
    """Emits the key of what a person chose; setting it from code emits nothing."""

    option_chosen = Signal(str)

    def __init__(
        self, theme: Theme, options: tuple[Option, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        # The default popup and delegate ignore the item heights of the style sheet; these obey them.
        self.setView(QListView())
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setMaxVisibleItems(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._on_activated)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_options(options)

    def set_options(self, options: tuple[Option, ...], current: str = "") -> None:
        """Replace the options and choose one."""
        wanted = current or self.current_key()
        self.clear()
        for option in options:
            self.addItem(option.text, option.key)
        self.set_current_key(wanted)

    def current_key(self) -> str:
        """Key of the shown option, empty if none."""
        return str(self.currentData() or "")

    def set_current_key(self, key: str) -> None:
        """Show an option; an unknown key shows none."""
        self.setCurrentIndex(self.findData(key))

    @Slot(int)
    def _on_activated(self, _index: int) -> None:
        self.option_chosen.emit(self.current_key())

    def showPopup(self) -> None:
        # Laid out before it was styled, the list would keep the places of unstyled rows.
        self.view().ensurePolished()
        self.view().doItemsLayout()
        super().showPopup()
        self.view().doItemsLayout()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a form must not change whom an order goes to.
        event.ignore()

    @Slot()
    def _restyle(self) -> None:
        self.setFont(self._theme.font(FontToken.STRONG))
