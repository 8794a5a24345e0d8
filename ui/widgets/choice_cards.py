"""Large choices that say what happens then and who is told (conflict)."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.keys import bind
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import paint_box, paint_icon, paint_text
from ui.widgets.values import CardChoice

_PAD, _LINE, _HEAD = 14, 22, 28


class CardButton(QAbstractButton):
    """One large choice; grows with its text."""

    def __init__(self, theme: Theme, choice: CardChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._choice = theme, choice
        self.setCheckable(True)
        self.setEnabled(not choice.reason)
        self.setAccessibleName(choice.title)
        self.setAccessibleDescription(
            "；".join(t for t in (choice.result, choice.told, choice.reason) if t)
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Preferred, not fixed: all cards of a row are as high as the highest.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)
        if choice.shortcut:
            bind(self, choice.shortcut).activated.connect(self.click)

    @property
    def key(self) -> str:
        """Key of the choice."""
        return self._choice.key

    def _lay_out(self, width: int) -> QTextLayout:
        layout = QTextLayout(self._choice.result, self._theme.font(FontToken.BODY))
        layout.setTextOption(_wrapping())
        layout.beginLayout()
        top = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width - 2 * self._theme.px(_PAD)))
            line.setPosition(QPointF(0, top))
            top += self._theme.px(_LINE)
        layout.endLayout()
        return layout

    def _last_line(self) -> str:
        return self._choice.reason or self._choice.told

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        px, lines = self._theme.px, self._lay_out(width).lineCount()
        return (
            px(10 + _HEAD + 2)
            + lines * px(_LINE)
            + (px(_LINE + 4) if self._last_line() else 0)
            + px(10)
        )

    def sizeHint(self) -> QSize:
        width = self._theme.px(420)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(_HEAD))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, px, chosen = QPainter(self), self._theme, self._theme.px, self.isChecked()
        style = Qt.PenStyle.SolidLine if self.isEnabled() else Qt.PenStyle.DashLine
        pen = theme.pen(Role.PRIMARY, 2) if chosen else theme.pen(Role.EDGE, 1, style)
        ground = theme.color(Role.SELECT if chosen else Role.SURFACE)
        paint_box(painter, QRectF(self.rect()), px(RADIUS.panel), ground, pen)
        self._paint_head(
            painter, QRect(px(_PAD), px(10), self.width() - 2 * px(_PAD), px(_HEAD)), chosen=chosen
        )
        painter.setPen(theme.color(Role.TEXT if self.isEnabled() else Role.TEXT3))
        layout = self._lay_out(self.width())
        layout.draw(painter, QPointF(px(_PAD), px(10 + _HEAD + 2)))
        if self._last_line():
            top = px(10 + _HEAD + 4) + layout.lineCount() * px(_LINE)
            self._paint_last(painter, QRect(px(_PAD), top, self.width() - 2 * px(_PAD), px(_LINE)))

    def _paint_head(self, painter: QPainter, line: QRect, *, chosen: bool) -> None:
        theme = self._theme
        role = Role.TEXT if self.isEnabled() else Role.TEXT3
        icon = "circle-check" if chosen else "circle"
        used = paint_icon(painter, line, theme, icon, role, ICON.large, line.left()) + theme.px(8)
        paint_text(
            painter, line.adjusted(used, 0, 0, 0), theme, self._choice.title, role, FontToken.TITLE3
        )
        if self._choice.shortcut:
            width = key_width(theme, self._choice.shortcut)
            place = QRect(line.right() + 1 - width, line.top(), width, line.height())
            paint_key(painter, place, theme, self._choice.shortcut, role)

    def _paint_last(self, painter: QPainter, line: QRect) -> None:
        theme = self._theme
        icon = "lock" if self._choice.reason else "bell"
        used = paint_icon(
            painter, line, theme, icon, Role.TEXT2, ICON.small, line.left()
        ) + theme.px(5)
        paint_text(painter, line.adjusted(used, 0, 0, 0), theme, self._last_line(), Role.TEXT2)


def _wrapping() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


class ChoiceCards(Themed):
    """The cards side by side, equally wide; below each other where that would be too narrow."""

    choice_changed = Signal(str)

    def __init__(
        self, theme: Theme, choices: tuple[CardChoice, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._current = ""
        self._cards: list[CardButton] = []
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._restyle()
        self.set_choices(choices)

    def set_choices(self, choices: tuple[CardChoice, ...]) -> None:
        """Replace the cards."""
        for card in self._cards:
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [CardButton(self._theme, choice, self) for choice in choices]
        for card in self._cards:
            self._row.addWidget(card, 1)
            card.clicked.connect(self._on_clicked)
        self.set_current(self._current)

    def set_current(self, key: str) -> None:
        """Choose without emitting; an unknown key chooses nothing."""
        self._current = key if any(card.key == key for card in self._cards) else ""
        for card in self._cards:
            card.setChecked(card.key == self._current)

    def current(self) -> str:
        """Key of the chosen card, empty if undecided."""
        return self._current

    @Slot()
    def _on_clicked(self) -> None:
        card = self.sender()
        if not isinstance(card, CardButton):
            return
        changed = card.key != self._current
        self.set_current(card.key)
        if changed:
            self.choice_changed.emit(self._current)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way, fits = QBoxLayout.Direction, self.width() >= len(self._cards) * self._theme.px(240)
        self._row.setDirection(way.LeftToRight if fits else way.TopToBottom)

    def _restyle(self) -> None:
        self._row.setSpacing(self._theme.px(12))
