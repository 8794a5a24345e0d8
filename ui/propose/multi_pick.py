"""Several of a list: a button that says who is chosen, with a menu of ticks below it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QSize, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.buttons import ButtonLook, PlainButton
from ui.widgets.painters import paint_icon, paint_text
from ui.widgets.values import Option


class MultiPick(PlainButton):
    """The menu stays open while ticks are set; Esc or a click beside it closes it."""

    picked = Signal()

    def __init__(self, theme: Theme, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, nothing, menu=True, parent=parent)
        self._nothing = nothing
        self._options: tuple[Option, ...] = ()
        self._chosen: tuple[str, ...] = ()
        self._menu = _TickMenu(self)
        self._menu.setObjectName("tickMenu")
        self._menu.ticked.connect(self._on_ticked)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)

    def set_options(self, options: Iterable[Option]) -> None:
        """Replace the list; what was chosen and is gone falls away."""
        self._options = tuple(options)
        self.set_chosen(self._chosen)

    def set_chosen(self, keys: Iterable[str]) -> None:
        """Choose without emitting."""
        wanted = set(keys)
        self._chosen = tuple(o.key for o in self._options if o.key in wanted)
        names = [o.text for o in self._options if o.key in wanted]
        self.set_text("、".join(names) or self._nothing)

    def chosen(self) -> tuple[str, ...]:
        """Keys of the chosen ones, in the order of the list."""
        return self._chosen

    def _paint_content(self, painter: QPainter, look: ButtonLook) -> None:
        """Like a combo box: the words at the left, the arrow at the right."""
        theme, pad = self._theme, self._theme.px(13)
        room = self.rect().adjusted(pad, 0, -pad - theme.px(30), 0)
        paint_text(painter, room, theme, self.shown_text(), look.text, FontToken.STRONG, elide=True)
        left = self.width() - pad - theme.px(ICON.small)
        paint_icon(painter, self.rect(), theme, "chevron-down", Role.TEXT2, ICON.small, left)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), super().sizeHint().height())

    @Slot()
    def _on_clicked(self) -> None:
        self._menu.clear()
        for option in self._options:
            action = self._menu.addAction(option.text.replace("&", "&&"))
            action.setData(option.key)
            action.setCheckable(True)
            action.setChecked(option.key in self._chosen)
        self._menu.setMinimumWidth(self.width())
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    @Slot(object)
    def _on_ticked(self, action: QAction) -> None:
        key = str(action.data())
        chosen = set(self._chosen) ^ {key}
        self.set_chosen(chosen)
        self.picked.emit()


class _TickMenu(QMenu):
    """A menu that stays open when an entry is ticked."""

    ticked = Signal(object)

    def _tick(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable():
            return False
        action.toggle()
        self.ticked.emit(action)
        return True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if self._tick(action):
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.text() in (" ", "\r") and self._tick(action):
            return
        super().keyPressEvent(event)
