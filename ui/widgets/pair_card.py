"""One side of a conflict: 甲 or 乙."""

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.base import Themed
from ui.widgets.labels import Ground, IconLabel, Label
from ui.widgets.paint_base import CENTER, paint_box, paint_text
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.values import PairField, PairSide

_EMPTY = PairSide("", "", "", "", "", ())


class Letter(Themed):
    """甲 or 乙 in a square, filled on the chosen side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._letter, self._chosen = "", False
        self._restyle()

    def set_letter(self, letter: str, *, chosen: bool) -> None:
        """Change letter and state."""
        self._letter, self._chosen = letter, chosen
        self.update()

    def _restyle(self) -> None:
        self.setFixedSize(self._theme.px(40), self._theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        edge = theme.pen(Role.PRIMARY if self._chosen else Role.EDGE, 2)
        ground = theme.color(Role.PRIMARY if self._chosen else Role.ALT)
        paint_box(painter, QRectF(self.rect()), theme.px(RADIUS.control), ground, edge)
        ink = Role.ONPRIMARY if self._chosen else Role.TEXT
        paint_text(painter, self.rect(), theme, self._letter, ink, FontToken.TITLE2, CENTER)


class FieldRow(Ground):
    """One field; where the two sides differ it is tinted and carries the ≠ sign."""

    def __init__(self, theme: Theme, field: PairField, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.HALFBG if field.differs else Role.SURFACE, "b", parent)
        icon = "arrows-diff" if field.differs else "equal"
        label = IconLabel(theme, icon, field.label, Role.TEXT2)
        role, token = (Role.HALF, FontToken.NUM) if field.differs else (Role.TEXT, FontToken.BODY)
        value = Label(theme, field.value, role, token, wrap=True)
        value.setAccessibleName(
            f"{field.label}：{field.value}，{'两边不同' if field.differs else '两边相同'}"
        )
        self._grid = QGridLayout(self)
        self._grid.addWidget(label, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, 0, 1)
        self._grid.setColumnStretch(1, 1)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._grid.setContentsMargins(px(16), px(6), px(16), px(7))
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setColumnMinimumWidth(0, px(104))


class PairCard(Themed):
    """Who, when recorded, from where and when it arrived; fields; photos. The chosen side has a 2 px frame."""

    photo_chosen = Signal(object)
    """A ``Photo``."""

    def __init__(
        self,
        theme: Theme,
        side: PairSide = _EMPTY,
        *,
        chosen: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._side, self._chosen = side, chosen
        self._letter = Letter(theme)
        self._title = Label(theme, token=FontToken.TITLE3)
        self._who = Label(theme, role=Role.TEXT2)
        self._recorded = IconLabel(theme, "clock", "", Role.TEXT, FontToken.STRONG)
        self._origin = IconLabel(theme, "", "", Role.TEXT2)
        self._photos = PhotoStrip(theme, can_add=False)
        self._photos.photo_chosen.connect(self.photo_chosen)
        self._note = Label(theme, role=Role.TEXT2, wrap=True)
        self._head = QWidget(self)
        self._fields = QVBoxLayout()
        self._foot = QVBoxLayout()
        self._rows: list[FieldRow] = []
        self._lay_out()
        self._restyle()
        self.set_side(side)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self._title)
        left.addWidget(self._who)
        right.addWidget(self._recorded, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._origin, 0, Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout(self._head)
        head.addWidget(self._letter)
        head.addLayout(left)
        head.addStretch(1)
        head.addLayout(right)
        self._foot.addWidget(self._photos)
        self._foot.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addLayout(self._fields)
        column.addLayout(self._foot)
        column.addStretch(1)
        for each in (left, right, self._fields):
            each.setSpacing(0)

    def _restyle(self) -> None:
        px = self._theme.px
        head = self._head.layout()
        if head is not None:
            head.setContentsMargins(px(14), px(10), px(14), px(10))
            head.setSpacing(px(12))
        self._foot.setContentsMargins(px(14), px(12), px(14), px(12))
        self._foot.setSpacing(px(8))

    def set_side(self, side: PairSide) -> None:
        """Replace everything shown."""
        self._side = side
        self._title.setText(side.title)
        self._who.setText(side.who)
        self._recorded.set_content("clock", side.recorded, Role.TEXT)
        self._origin.set_content(side.origin_icon, side.origin, Role.TEXT2)
        self._photos.set_photos(side.photos)
        self._photos.setVisible(bool(side.photos))
        self._note.setText(side.note)
        self._note.setVisible(bool(side.note))
        self._set_rows(side.fields)
        self.set_chosen(self._chosen)

    def _set_rows(self, fields: tuple[PairField, ...]) -> None:
        for row in self._rows:
            self._fields.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [FieldRow(self._theme, field) for field in fields]
        for row in self._rows:
            self._fields.addWidget(row)

    def set_chosen(self, chosen: bool) -> None:
        """Mark this side as the one that will count."""
        self._chosen = chosen
        self._letter.set_letter(self._side.letter, chosen=chosen)
        state = "，已选" if chosen else ""
        self.setAccessibleName(f"{self._side.letter} {self._side.title} {self._side.who}{state}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        radius = theme.px(RADIUS.panel)
        pen = theme.pen(Role.PRIMARY, 2) if self._chosen else theme.pen(Role.LINE)
        paint_box(painter, QRectF(self.rect()), radius, theme.color(Role.SURFACE), pen)
        head = self._head.geometry()
        paint_box(painter, QRectF(head), radius - 2, theme.color(Role.ALT))
        painter.fillRect(
            QRect(head.left(), head.bottom() - radius, head.width(), radius), theme.color(Role.ALT)
        )
        painter.fillRect(QRect(head.left(), head.bottom(), head.width(), 1), theme.color(Role.LINE))
