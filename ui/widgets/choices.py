"""Radio-like buttons: ○ open, ✓ chosen. What may not be chosen is dashed and says why."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.paint_base import paint_box, paint_icon, paint_text
from ui.widgets.values import Choice


class ChoiceButton(QAbstractButton):
    """One choice."""

    def __init__(self, theme: Theme, choice: Choice, *, tall: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._choice = theme, choice
        self._height = HEIGHT.action if tall else HEIGHT.control
        self.setCheckable(True)
        self.setText(choice.text)
        self.setAccessibleName(choice.text)
        self.setAccessibleDescription(choice.reason)
        self.setEnabled(not choice.reason)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    @property
    def key(self) -> str:
        """Key of the choice."""
        return self._choice.key

    def _shown(self) -> str:
        return (
            f"{self._choice.text} · {self._choice.reason}"
            if self._choice.reason
            else self._choice.text
        )

    def sizeHint(self) -> QSize:
        theme = self._theme
        # Measured bold, so that choosing does not move the neighbours.
        width = theme.px(12 + ICON.normal + 6 + 15) + theme.width(FontToken.NUM, self._shown())
        return QSize(width, theme.px(self._height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, chosen = QPainter(self), self._theme, self.isChecked()
        style = Qt.PenStyle.SolidLine if self.isEnabled() else Qt.PenStyle.DashLine
        pen = theme.pen(Role.PRIMARY, 2) if chosen else theme.pen(Role.EDGE, 1, style)
        ground = theme.color(Role.SELECT if chosen else Role.SURFACE)
        paint_box(painter, QRectF(self.rect()), theme.px(RADIUS.control), ground, pen)
        role = Role.PRIMTEXT if chosen else (Role.TEXT if self.isEnabled() else Role.TEXT3)
        icon = "circle-check" if chosen else "circle"
        left = theme.px(11)
        left += paint_icon(painter, self.rect(), theme, icon, role, ICON.normal, left) + theme.px(6)
        token = FontToken.NUM if chosen else FontToken.BODY
        room = QRect(left, 0, self.width() - left, self.height())
        paint_text(painter, room, theme, self._shown(), role, token)


class ChoiceRow(Themed):
    """Choices side by side. Arrows move the focus, Space or a click chooses; `tall` gives 44 px."""

    choice_changed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        choices: tuple[Choice, ...] = (),
        *,
        tall: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._tall, self._current = tall, ""
        self._buttons: list[ChoiceButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)
        self._restyle()
        self.set_choices(choices)

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Replace the choices; the chosen one stays if it is still there."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [
            ChoiceButton(self._theme, each, tall=self._tall, parent=self) for each in choices
        ]
        for number, button in enumerate(self._buttons):
            self._row.insertWidget(number, button)
            button.clicked.connect(self._on_clicked)
        self.set_current(self._current)

    def set_current(self, key: str) -> None:
        """Choose without emitting; an unknown key chooses nothing."""
        self._current = key if any(button.key == key for button in self._buttons) else ""
        for button in self._buttons:
            button.setChecked(button.key == self._current)
        # Whoever gives the row the focus means a choice: on the row itself no key would do anything.
        usable = [button for button in self._buttons if button.isEnabled()]
        chosen = [button for button in usable if button.isChecked()]
        if usable:
            self.setFocusProxy((chosen or usable)[0])

    def current(self) -> str:
        """Key of the chosen one, empty if none."""
        return self._current

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if not isinstance(button, ChoiceButton):
            return
        changed = button.key != self._current
        self.set_current(button.key)
        if changed:
            self.choice_changed.emit(self._current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        usable = [button for button in self._buttons if button.isEnabled()]
        focused = next((n for n, button in enumerate(usable) if button.hasFocus()), -1)
        if not step or focused < 0:
            super().keyPressEvent(event)
            return
        usable[(focused + step) % len(usable)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _restyle(self) -> None:
        self._row.setSpacing(self._theme.px(8))
