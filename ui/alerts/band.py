"""The head of an alarm: tier, what is demanded, the running clock, and the bar of the time that is left."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.kinds import Band, TierKind
from ui.widgets.paint_badges import TIER_ICONS
from ui.widgets.paint_base import RIGHT, paint_icon, paint_text
from ui.widgets.paint_clock import paint_bar
from ui.widgets.values import CountdownFace


@dataclass(frozen=True, slots=True)
class BandFace:
    """``clock`` is mm:ss, ``clock_word`` 剩余 or 超时; ``share`` of the limit that is left."""

    kind: TierKind
    title: str
    demand: str
    clock: str
    clock_word: str
    band: Band
    share: float


class TierBand(Themed):
    """Coloured by tier: crimson for 紧急, blue for the others."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._face: BandFace | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_face(self, face: BandFace) -> None:
        """Change what it says; called every second."""
        self._face = face
        words = f"{face.title}，{face.demand}，{face.clock_word} {face.clock}"
        self.setAccessibleName(words)
        self.update()

    def fill(self) -> Role:
        """The ground, for the window that paints it into its corners."""
        emergency = self._face is not None and self._face.kind is TierKind.EMERGENCY
        return Role.OVER if emergency else Role.PRIMARY

    def _ink(self) -> Role:
        return Role.ONOVER if self.fill() is Role.OVER else Role.ONPRIMARY

    def bar_height(self) -> int:
        """Height of the bar under the band."""
        return self._theme.px(8)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self._theme.px(92) + self.bar_height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        face = self._face
        if face is None:
            return
        painter, theme, px, ink = QPainter(self), self._theme, self._theme.px, self._ink()
        high = self.height() - self.bar_height()
        room = QRect(0, 0, self.width(), high)
        paint_icon(painter, room, theme, TIER_ICONS[face.kind], ink, 32, px(24))
        left, right = px(72), self.width() - px(24)
        clock = theme.width(FontToken.BIG, face.clock)
        middle = high // 2
        wide = right - clock - px(16) - left
        title = QRect(left, middle - px(32), wide, px(32))
        paint_text(painter, title, theme, face.title, ink, FontToken.TITLE1, elide=True)
        demand = QRect(left, middle + px(2), wide, px(24))
        paint_text(painter, demand, theme, face.demand, ink)
        time = QRect(left, px(8), right - left, px(48))
        paint_text(painter, time, theme, face.clock, ink, FontToken.BIG, RIGHT)
        word = QRect(left, px(58), right - left, px(24))
        paint_text(painter, word, theme, face.clock_word, ink, align=RIGHT)
        bar = QRect(0, high, self.width(), self.bar_height())
        painter.setClipRect(bar)
        # Drawn a little too wide, so that the ends are square and fill the whole line.
        wider = bar.adjusted(-bar.height(), 0, bar.height(), 0)
        paint_bar(
            painter, wider, theme, CountdownFace("", face.band, _stretched(face.share, bar, wider))
        )


def _stretched(share: float, bar: QRect, wider: QRect) -> float:
    end = bar.left() + bar.width() * min(max(share, 0.0), 1.0)
    return (end - wider.left()) / wider.width()
