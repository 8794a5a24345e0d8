"""The bottom strip of keys."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, NAV_WIDTH
from ui.widgets.base import Themed
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import paint_text
from ui.widgets.values import KeyHint


class KeyBar(Themed):
    """Keys of the view in front. A hint that does not fit whole is left out; F1 lists all."""

    def __init__(
        self, theme: Theme, hints: tuple[KeyHint, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_hints(hints)

    def set_hints(self, hints: tuple[KeyHint, ...]) -> None:
        """Replace the hints."""
        self._hints = hints
        self.setAccessibleName("；".join(f"{' '.join(hint.keys)} {hint.text}" for hint in hints))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self._theme.px(HEIGHT.keybar))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._theme.px(HEIGHT.keybar))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color(Role.SURFACE))
        painter.fillRect(QRect(0, 0, self.width(), 1), theme.color(Role.LINE))
        # Under the rail at ordinary size, at the edge where room is short.
        left = theme.px(NAV_WIDTH + 12) if self.width() / theme.scale >= 1280 else theme.px(16)
        for hint in self._fitting(self.width() - theme.px(16) - left):
            self._paint_hint(painter, left, hint)
            left += self._hint_width(hint) + theme.px(18)

    def _fitting(self, room: int) -> list[KeyHint]:
        """What fits whole, in order. F1 always: it tells of what was left out."""
        gap = self._theme.px(18)
        room -= sum(self._hint_width(hint) + gap for hint in self._hints if "F1" in hint.keys) - gap
        shown: list[KeyHint] = []
        full = False
        for hint in self._hints:
            if "F1" not in hint.keys:
                room -= self._hint_width(hint) + gap
                full = full or room < 0
            if "F1" in hint.keys or not full:
                shown.append(hint)
        return shown

    def _hint_width(self, hint: KeyHint) -> int:
        caps = sum(key_width(self._theme, key) + self._theme.px(3) for key in hint.keys)
        return caps + self._theme.px(3) + self._theme.width(FontToken.BODY, hint.text)

    def _paint_hint(self, painter: QPainter, left: int, hint: KeyHint) -> None:
        theme = self._theme
        for key in hint.keys:
            paint_key(painter, QRect(left, 1, key_width(theme, key), self.height() - 1), theme, key)
            left += key_width(theme, key) + theme.px(3)
        room = QRect(left + theme.px(3), 1, self.width() - left, self.height() - 1)
        paint_text(painter, room, theme, hint.text, Role.TEXT2)
