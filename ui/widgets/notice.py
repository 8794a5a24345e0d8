"""An inline notice: first what happened, then what to do. It takes no focus and needs no answer."""

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.paint_base import paint_box, paint_icon

# Kind -> icon, ground, edge, text. Errors are not red: red is authority or breach (超时, 冲突).
_LOOK: dict[NoticeKind, tuple[str, Role, Role, Role]] = {
    NoticeKind.INFO: ("info-circle", Role.PRIMSOFT, Role.PRIMARY, Role.PRIMTEXT),
    NoticeKind.WARN: ("alert-triangle", Role.HALFBG, Role.HALFBAR, Role.HALF),
    NoticeKind.ERROR: ("alert-octagon", Role.NEARBG, Role.NEARBAR, Role.NEAR),
}


class Notice(Themed):
    """Hidden until `show_notice`; never a dialog."""

    action_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._kind = NoticeKind.INFO
        self._title = Label(theme, "", token=FontToken.STRONG, wrap=True)
        self._text = Label(theme, "", wrap=True)
        self._button = PlainButton(theme, "", height=36)
        self._button.clicked.connect(self.action_requested)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.addLayout(words, 1)
        row.addWidget(self._button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        row = self.layout()
        if row is not None:
            row.setContentsMargins(px(16 + ICON.normal + 8), px(8), px(12), px(8))
            row.setSpacing(px(12))

    def show_notice(
        self, kind: NoticeKind, title: str, what_to_do: str = "", button: str = ""
    ) -> None:
        """Show it; an empty `what_to_do` or `button` leaves that part out."""
        self._kind = kind
        self._title.set_role(_LOOK[kind][3])
        self._title.setText(title)
        self._text.setText(what_to_do)
        self._text.setVisible(bool(what_to_do))
        self._button.set_text(button)
        self._button.setVisible(bool(button))
        self.setAccessibleName(f"{title} {what_to_do}".strip())
        self.show()
        self.update()

    def clear(self) -> None:
        """Take it away."""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        icon, ground, edge, ink = _LOOK[self._kind]
        box = QRectF(self.rect())
        paint_box(painter, box, theme.px(RADIUS.control), theme.color(ground), theme.pen(edge))
        line = QRect(0, self._title.y(), self.width(), theme.px(24))
        paint_icon(painter, line, theme, icon, ink, ICON.normal, theme.px(14))
