"""Buttons with their key on them. A button that may not be used stays visible, dashed, and says why."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.keys import bind
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import paint_box, paint_icon, paint_text


@dataclass(frozen=True, slots=True)
class ButtonLook:
    """Colours of a kind of button; `edge` None draws no border, `key_fill` None an outlined key."""

    fill: Role | None
    edge: Role | None
    text: Role
    key_fill: Role | None = None
    hover: Role | None = None


PLAIN = ButtonLook(Role.SURFACE, Role.EDGE, Role.TEXT, Role.ALT, Role.ALT)
PRIMARY = ButtonLook(Role.PRIMARY, Role.PRIMARY, Role.ONPRIMARY)
SEAL = ButtonLook(Role.SEAL, Role.SEAL, Role.ONSEAL)
LINK = ButtonLook(None, None, Role.PRIMTEXT, Role.ALT)
_REFUSED = ButtonLook(Role.SURFACE, Role.EDGE, Role.TEXT3, Role.SURFACE)


class ActionButton(QAbstractButton):
    """Icon, text and key cap in one line.

    `shortcut` is shown and, unless `bind` is false, works while the button can be seen. There is no default
    button: plain Enter acts only on the button that has the focus.
    """

    look = PLAIN
    token = FontToken.STRONG
    pads = (14, 18)
    """Room at either side, in px: of a plain button, of a big one."""
    usual_icon = ""
    usually_big = False
    usual_height = 0
    """In px; 0: by its size."""
    pointer = Qt.CursorShape.ArrowCursor

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str | None = None,
        shortcut: str = "",
        big: bool | None = None,
        bind_key: bool = True,
        menu: bool = False,
        height: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._key, self._chevron = theme, shortcut, menu
        self._icon = self.usual_icon if icon is None else icon
        large = self.usually_big if big is None else big
        self._height = height or self.usual_height or (HEIGHT.action if large else HEIGHT.control)
        self._pad = self.pads[large]
        self._reason = ""
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(self.pointer)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)
        self._describe()
        if shortcut and bind_key:
            bind(self, shortcut).activated.connect(self.click)

    def set_text(self, text: str) -> None:
        """Change the label: the button says the result, e.g. 以乙为准."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_icon(self, icon: str) -> None:
        """Change the icon."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def allow(self) -> None:
        """Usable, with its own label."""
        self._reason = ""
        self.setEnabled(True)
        self._describe()

    def refuse(self, reason: str) -> None:
        """Not usable now; the reason becomes part of the label: 办结 · 先填“说明情况”."""
        self._reason = reason
        self.setEnabled(False)
        self._describe()

    @property
    def reason(self) -> str:
        """Why the button cannot be used; empty when it can."""
        return self._reason

    def shown_text(self) -> str:
        """The label as drawn."""
        return f"{self.text()} · {self._reason}" if self._reason else self.text()

    def _describe(self) -> None:
        parts = [
            part for part in (self._reason, f"快捷键 {self._key}" if self._key else "") if part
        ]
        self.setAccessibleDescription("；".join(parts))
        self.updateGeometry()
        self.update()

    def _shows_key(self) -> bool:
        return bool(self._key) and not self._reason

    def _content_width(self) -> int:
        theme = self._theme
        width = theme.width(self.token, self.shown_text())
        if self._icon:
            width += theme.px(ICON.normal) + theme.px(8)
        if self._shows_key():
            width += theme.px(8) + key_width(theme, self._key)
        if self._chevron:
            width += theme.px(8) + theme.px(ICON.small)
        return width

    def sizeHint(self) -> QSize:
        theme = self._theme
        return QSize(self._content_width() + 2 * theme.px(self._pad), theme.px(self._height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A list of buttons is walked with Tab; Enter presses what has the focus, as Space does.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = self.look if self.isEnabled() else _REFUSED
        self._paint_ground(painter, look)
        self._paint_content(painter, look)

    def _paint_ground(self, painter: QPainter, look: ButtonLook) -> None:
        theme = self._theme
        if look.fill is None or look.edge is None:
            return
        fill = theme.color(look.hover if look.hover and self.underMouse() else look.fill)
        if self.isDown():
            fill = theme.color(Role.SELECT) if look is PLAIN else fill.darker(115)
        style = Qt.PenStyle.SolidLine if self.isEnabled() else Qt.PenStyle.DashLine
        paint_box(
            painter,
            QRectF(self.rect()),
            theme.px(RADIUS.control),
            fill,
            theme.pen(look.edge, 1, style),
        )

    def _paint_content(self, painter: QPainter, look: ButtonLook) -> None:
        theme = self._theme
        left = (self.width() - self._content_width()) // 2
        if self._icon:
            left += paint_icon(
                painter, self.rect(), theme, self._icon, look.text, ICON.normal, left
            ) + theme.px(8)
        room = QRect(left, 0, self.width() - left, self.height())
        left += paint_text(
            painter, room, theme, self.shown_text(), look.text, self.token
        ) + theme.px(8)
        if self._shows_key():
            room = QRect(left, 0, self.width() - left, self.height())
            edge = Role.EDGE if look.key_fill else look.text
            ink = Role.TEXT if look.key_fill else look.text
            paint_key(painter, room, theme, self._key, ink, edge=edge, fill=look.key_fill)
            left += key_width(theme, self._key) + theme.px(8)
        if self._chevron:
            paint_icon(painter, self.rect(), theme, "chevron-down", look.text, ICON.small, left)


class PlainButton(ActionButton):
    """Any action that is not the primary one."""


class PrimaryButton(ActionButton):
    """The one primary action of a view; 44 px unless told otherwise."""

    look, pads, usually_big = PRIMARY, (14, 24), True


class SealButton(PrimaryButton):
    """签批, and nothing else."""

    look, token, pads, usual_icon = SEAL, FontToken.TITLE3, (28, 28), "rubber-stamp"


class LinkButton(ActionButton):
    """A flat button in link colour: 查看号码(留痕), 全部 T."""

    look, pads, usual_height = LINK, (4, 4), 28
    pointer = Qt.CursorShape.PointingHandCursor
