"""The head of the proposal page: what it is about, how far it has come, what is left."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.deadlines import current_clock
from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Bands
from ui.present.clocks import order_countdown, tier_face
from ui.present.people import matter_title
from ui.present.times import clock_time
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.badges import CountdownView, TierBadge
from ui.widgets.base import Themed
from ui.widgets.kinds import Band, TierKind
from ui.widgets.labels import Ground, Label
from ui.widgets.painters import paint_icon, paint_text
from ui.widgets.values import CountdownFace, TierFace

_PATH: tuple[tuple[ActKind, str, str], ...] = (
    (ActKind.ACCEPT, "签收", "circle-check"),
    (ActKind.VERIFY, "核实", "circle-check"),
    (ActKind.PROPOSE, "拟办", "clipboard-text"),
    (ActKind.SIGN, "书记签批", "rubber-stamp"),
    (ActKind.DISPATCH, "双派单", "send"),
)


class PathLine(Themed):
    """签收 — 核实 — 拟办 — 书记签批 — 双派单, with the times of what is done."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._steps: list[tuple[str, str, Role, FontToken]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_order(self, order: Order) -> None:
        """Show how far it has come."""
        self._steps = []
        for kind, words, icon in _PATH:
            done = next(
                (e for e in reversed(order.history) if e.kind is kind and e.round == order.round),
                None,
            )
            if kind is ActKind.PROPOSE:
                self._steps.append((icon, words, Role.PRIMTEXT, FontToken.NUM))
            elif done is not None and kind in (ActKind.ACCEPT, ActKind.VERIFY):
                text = f"{words} {clock_time(done.occurred_at)}"
                self._steps.append((icon, text, Role.OK, FontToken.BODY))
            else:
                self._steps.append((icon, words, Role.TEXT2, FontToken.BODY))
        self.setAccessibleName(" → ".join(step[1] for step in self._steps))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self._theme.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, left = QPainter(self), self._theme, 0
        for number, (icon, words, role, token) in enumerate(self._steps):
            if number:
                link = Role.OKBAR if role in (Role.OK, Role.PRIMTEXT) else Role.EDGE
                line = QRect(left + theme.px(6), self.height() // 2, theme.px(48), 2)
                painter.fillRect(line, theme.color(link))
                left += theme.px(60)
            left += paint_icon(painter, self.rect(), theme, icon, role, ICON.normal, left)
            left += theme.px(6)
            room = QRect(left, 0, self.width() - left, self.height())
            left += paint_text(painter, room, theme, words, role, token)


class ProposeHead(Ground):
    """Two lines and the countdown at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.SURFACE, "b", parent)
        self._tier = TierBadge(theme, TierFace("", TierKind.OTHER))
        self._number = Label(theme, "", Role.TEXT2)
        self._title = Label(theme, "", token=FontToken.TITLE2, elide=True)
        self._place = Label(theme, "", Role.TEXT2)
        self._path = PathLine(theme)
        self._clock = CountdownView(theme, CountdownFace("", Band.OK, 0))
        self._top = QHBoxLayout()
        for widget in (self._tier, self._number, self._place):
            self._top.addWidget(widget)
        self._top.insertWidget(2, self._title, 1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(self._top)
        words.addWidget(self._path)
        self._row = QHBoxLayout(self)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._clock, 0, Qt.AlignmentFlag.AlignTop)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(20), px(10), px(20), px(8))
        self._row.setSpacing(px(24))
        self._top.setSpacing(px(10))

    def set_order(self, order: Order) -> None:
        """Show an order."""
        self._tier.set_face(tier_face(order.tier_title, order.tier_style))
        self._number.setText(order.number)
        self._title.setText(matter_title(order))
        self._place.setText(order.place.village)
        self._path.set_order(order)

    def tick(self, order: Order, now: datetime, bands: Bands) -> None:
        """A second."""
        clock = current_clock(order)
        face = order_countdown(order, now, bands)
        text = f"{face.text} · {clock.label}" if clock is not None else face.text
        self._clock.set_face(CountdownFace(text, face.band, face.share))
