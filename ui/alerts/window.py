"""What both pop-ups are: frameless, on top, without taking the focus, deaf for their first half second."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.base import Themed
from ui.widgets.keys import bind
from ui.widgets.paint_base import paint_box

DEAF_MS = 500
MARGIN = 20
FOCUS_KEY = "Alt+P"
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)


class PopupWindow(Themed):
    """Content goes into ``body``. ``edge`` is the border's role and width in real px."""

    focus_asked = Signal()
    """Alt+P, from any window of the program."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        *,
        width: int,
        edge: tuple[Role, int],
        parent: QWidget | None,
    ) -> None:
        super().__init__(theme, parent)
        # Showing a tool window raises it, which headless platforms complain of.
        kind = Qt.WindowType.Tool if on_a_screen() else Qt.WindowType.Window
        flags = kind | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        self.setWindowFlags(flags)
        # Whoever is typing goes on typing: it takes keys only after a click or Alt+P.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWindowTitle(title)
        self._width, self._edge = width, edge
        self._stopped = False
        self._left_free = 0
        self._deaf = QTimer(self, singleShot=True, interval=DEAF_MS)
        self.body = QVBoxLayout(self)
        self.body.setSpacing(0)
        self.focus_shortcut = QShortcut(QKeySequence(FOCUS_KEY), self)
        self.focus_shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self.focus_shortcut.activated.connect(self.focus_asked)

    # appearing
    def appear(self) -> None:
        """Show on top at its place, without the focus; deaf to keys for half a second."""
        self.listen_later()
        self.fit()
        if not self.isVisible():
            # Some desktops activate a new window all the same: then no button must have the focus.
            self.setFocus()
            self.show()
        self.insist()

    def insist(self) -> None:
        """Come to the front again; where a window cannot (Wayland), ask for attention."""
        if on_a_screen():
            self.raise_()
        QApplication.alert(self)

    def stay_above(self) -> None:
        """Another pop-up has come to the front, and this one matters more."""
        if on_a_screen() and self.isVisible():
            self.raise_()

    def listen_later(self) -> None:
        """What is shown has changed: whoever presses a key now means what was there before."""
        self._deaf.start()

    def accepts_keys(self) -> bool:
        """Whether the first half second is over."""
        return not self._deaf.isActive()

    def take_focus(self) -> None:
        """Alt+P: now the keys belong to this window."""
        if on_a_screen():
            self.raise_()
        self.activateWindow()
        self.first_focus().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def first_focus(self) -> QWidget:
        """What has the focus after Alt+P."""
        return self

    def stop(self) -> None:
        """The program ends: close for good."""
        self._stopped = True
        self._deaf.stop()
        self.close()

    # keys
    def bind_key(self, owner: QWidget, shown: str) -> QShortcut:
        """A key of this window: only when it has the focus, never in its first half second."""
        shortcut = bind(owner, shown)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        return shortcut

    def guard(self, widget: QWidget) -> None:
        """Keep keys from a child while the window is deaf."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _KEYS and not self.accepts_keys():
            event.accept()
            return True
        return super().eventFilter(watched, event)

    # place and size
    def fit(self) -> None:
        """Take the height the content needs and go to the place."""
        width = self._theme.px(self._width)
        room = self._room()
        self.setFixedWidth(min(width, room.width()))
        for spare in range(self.spares + 1):
            self.spare(spare)
            if self._needed_height() <= room.height():
                break
        self.setFixedHeight(min(self._needed_height(), room.height()))
        self.move(self.place(room))

    def _needed_height(self) -> int:
        layout = self.body
        layout.invalidate()
        layout.activate()
        height = layout.heightForWidth(self.width()) if layout.hasHeightForWidth() else -1
        return height if height >= 0 else layout.sizeHint().height()

    spares = 0
    """How many steps of leaving something out there are, for small screens and large type."""

    def spare(self, step: int) -> None:
        """Lay the content out for the window's width; with each step a little less of it."""

    def _room(self) -> QRect:
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        margin = MARGIN
        return screen.availableGeometry().adjusted(margin, margin, -margin, -margin)

    def place(self, room: QRect) -> QPoint:
        """Where the window goes in the free part of the screen with the cursor."""
        middle = room.center() - self.rect().center()
        most = room.right() + 1 - self._left_free - self.width()
        return QPoint(min(middle.x(), most), middle.y()) if most >= room.left() else middle

    def leave_free(self, width: int) -> None:
        """Keep clear of a window of this width at the right edge where the screen has room for both."""
        wanted = width + MARGIN if width else 0
        if wanted != self._left_free:
            self._left_free = wanted
            if self.isVisible():
                self.fit()

    def _restyle(self) -> None:
        edge = self._edge[1]
        self.body.setContentsMargins(edge, edge, edge, edge)
        QTimer.singleShot(0, self, self._on_restyled)

    @Slot()
    def _on_restyled(self) -> None:
        if self.isVisible():
            self.fit()

    # events
    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        # Never refused, so that the program and the session can always end; but it comes back.
        if not self._stopped and self.isVisible():
            QTimer.singleShot(0, self, self._on_closed)

    @Slot()
    def _on_closed(self) -> None:
        if not self._stopped and self.wanted():
            self.appear()

    def wanted(self) -> bool:
        """Whether there is still something to show."""
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A mask, not a translucent window: old desktops without compositing would show black corners.
        if on_a_screen():
            self.setMask(QRegion(self._outline().toFillPolygon().toPolygon()))

    def _outline(self) -> QPainterPath:
        path = QPainterPath()
        radius = self._theme.px(RADIUS.panel)
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        return path

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setClipPath(self._outline())
        painter.fillRect(self.rect(), theme.color(Role.SURFACE))
        self.paint_ground(painter)
        role, width = self._edge
        paint_box(
            painter, QRectF(self.rect()), theme.px(RADIUS.panel), None, theme.pen(role, width)
        )

    def paint_ground(self, painter: QPainter) -> None:
        """Fill what lies under the content and reaches into the rounded corners."""


def on_a_screen() -> bool:
    """Whether windows can be raised and shaped; Qt's headless platforms only complain of it."""
    return QGuiApplication.platformName() not in ("offscreen", "minimal")
