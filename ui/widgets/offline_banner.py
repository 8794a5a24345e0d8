"""The full-width line under the strip while the platform cannot be reached. Never a dialog, never red."""

from PySide6.QtCore import QRect, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.badges import SyncBadge
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.kinds import SyncMark
from ui.widgets.labels import IconLabel, Label
from ui.widgets.values import SyncFace

_BACK_MS = 5000


class OfflineBanner(Themed):
    """What still works, what waits for the net, and 重试 F5. Hidden until shown."""

    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._back = False
        self._title = IconLabel(theme, "player-pause", "", Role.HALF, FontToken.STRONG, ICON.large)
        self._text = Label(theme, "", Role.HALF, wrap=True)
        self._waiting = SyncBadge(theme, SyncFace(SyncMark.PENDING))
        self._button = PlainButton(
            theme, "重试", icon="refresh", shortcut="F5", bind_key=False, height=36
        )
        self._button.clicked.connect(self.retry_requested)
        self._timer = QTimer(self, singleShot=True, interval=_BACK_MS)
        self._timer.timeout.connect(self.hide_now)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.addWidget(self._title)
        row.addWidget(self._text, 1)
        row.addWidget(self._waiting)
        row.addWidget(self._button)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        row = self.layout()
        if row is not None:
            row.setContentsMargins(px(16), px(8), px(16), px(10))
            row.setSpacing(px(12))

    def show_offline(self, title: str, text: str, waiting: str = "", button: str = "重试") -> None:
        """Show the state; `waiting` is a badge such as 待上传 2 件."""
        self._timer.stop()
        self._set(back=False, title=title, text=text)
        self._waiting.setVisible(bool(waiting))
        self._waiting.set_face(SyncFace(SyncMark.PENDING, waiting))
        self._button.set_text(button)
        self._button.show()
        self.show()

    def show_back(self, text: str) -> None:
        """One line for 5 s (`已连上,3 条已上传`), then hidden."""
        self._set(back=True, title=text, text="")
        self._waiting.hide()
        self._button.hide()
        self.show()
        self._timer.start()

    @property
    def says_back(self) -> bool:
        """Whether the line of ``show_back`` is on the screen."""
        return self._back and self.isVisible()

    @Slot()
    def hide_now(self) -> None:
        """Hide at once."""
        self._timer.stop()
        self.hide()

    def _set(self, *, back: bool, title: str, text: str) -> None:
        self._back = back
        role = Role.OK if back else Role.HALF
        self._title.set_content("cloud-check" if back else "player-pause", title, role)
        self._text.set_role(role)
        self._text.setText(text)
        self.setAccessibleName(f"{title} {text}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color(Role.OKBG if self._back else Role.HALFBG))
        bar = theme.color(Role.OKBAR if self._back else Role.HALFBAR)
        painter.fillRect(QRect(0, self.height() - 2, self.width(), 2), bar)
