"""Labels, lines and grounds in the colours of the theme."""

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.paint_base import paint_icon, paint_text


class Label(QLabel):
    """Plain text in a role and a type style.

    `wrap` breaks lines; `elide` cuts at the right (only for the matter, whose full text stands elsewhere).
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: Role = Role.TEXT,
        token: FontToken = FontToken.BODY,
        *,
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._role, self._token, self._elide = theme, role, token, elide
        self._full = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show `text`, cut to the width if the label elides; assistive technology gets it whole."""
        self._full = text
        self.setAccessibleName(text)
        super().setText(self._fitted())

    def full_text(self) -> str:
        """The text before any cut."""
        return self._full

    def set_role(self, role: Role) -> None:
        """Change the colour."""
        self._role = role
        self._restyle()

    def set_token(self, token: FontToken) -> None:
        """Change the type style."""
        self._token = token
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        palette = QPalette(self.palette())
        for group in (
            QPalette.ColorGroup.Active,
            QPalette.ColorGroup.Inactive,
            QPalette.ColorGroup.Disabled,
        ):
            palette.setColor(group, QPalette.ColorRole.WindowText, self._theme.color(self._role))
        self.setPalette(palette)
        self.setFont(self._theme.font(self._token))
        super().setText(self._fitted())

    def _fitted(self) -> str:
        if not self._elide:
            return self._full
        return self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # The first polish brings back the palette from before a theme change that came while hidden.
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._elide:
            super().setText(self._fitted())


class IconLabel(Themed):
    """Icon and word on one line; an icon never stands alone."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        text: str,
        role: Role = Role.TEXT2,
        token: FontToken = FontToken.BODY,
        size: int = 18,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._token, self._size = token, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_content(icon, text, role)

    def set_content(self, icon: str, text: str, role: Role) -> None:
        """Change icon, word and colour together."""
        self._icon, self._text, self._role = icon, text, role
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word."""
        return self._text

    def sizeHint(self) -> QSize:
        lead = self._theme.px(self._size) if self._icon else 0
        if self._icon and self._text:
            lead += self._theme.px(5)
        width = lead + self._theme.width(self._token, self._text) + 1
        return QSize(width, self._theme.px(max(24, self._size)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = 0
        if self._icon:
            left = paint_icon(
                painter, self.rect(), self._theme, self._icon, self._role, self._size, 0
            )
            left += self._theme.px(5)
        room = QRect(left, 0, self.width() - left, self.height())
        paint_text(painter, room, self._theme, self._text, self._role, self._token)


class Rule(Themed):
    """A decorative 1 px line."""

    def __init__(
        self, theme: Theme, *, vertical: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color(Role.LINE))


class Ground(Themed):
    """An area filled with a role; `lines` names the edges that get a line: any of t, b, l, r."""

    def __init__(
        self,
        theme: Theme,
        role: Role = Role.SURFACE,
        lines: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._role, self._lines = role, lines

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(self._role))
        wide, high = self.width(), self.height()
        edges = {
            "t": QRect(0, 0, wide, 1),
            "b": QRect(0, high - 1, wide, 1),
            "l": QRect(0, 0, 1, high),
            "r": QRect(wide - 1, 0, 1, high),
        }
        for edge in self._lines:
            painter.fillRect(edges[edge], self._theme.color(Role.LINE))
