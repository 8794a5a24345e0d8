"""One focus ring for the whole application: 2 px, with a gap of 2, around whatever has the focus."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.paint_base import paint_box

_FOLLOWED = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
}
_REACH = 4


class FocusRing(QWidget):
    """Follows the focus. Made once beside the application; a widget may ask for the ring inside of it with the
    property `ringInside`, or around its parent with `ringHost` (a bare field in a drawn frame).
    """

    def __init__(self, application: QApplication, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._target: QWidget | None = None
        self._chain: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application.focusChanged.connect(self._on_focus_changed)
        theme.changed.connect(self._follow)

    @Slot()
    def _on_focus_changed(self) -> None:
        # Asked for, not taken as an argument: the signal also tells of a widget that is just dying, and
        # nothing must be made of that one here.
        now = QApplication.focusWidget()
        self._let_go()
        if now is None or now.isWindow() or now.window().windowType() == Qt.WindowType.Popup:
            return
        self._target = _framed(now)
        host = _host(self._target)
        self.setParent(host)
        each: QWidget | None = self._target
        while each is not None and each is not host:
            each.installEventFilter(self)
            self._chain.append(each)
            each = each.parentWidget()
        host.installEventFilter(self)
        self._chain.append(host)
        self._follow()

    def _let_go(self) -> None:
        for each in self._chain:
            if isValid(each):
                each.removeEventFilter(self)
        self._chain.clear()
        self._target = None
        self.hide()
        # Without a parent the ring survives the window it was shown in.
        self.setParent(None)

    def _living_target(self) -> QWidget | None:
        """What has the ring. A widget may be gone before the focus is said to have changed; an exception
        in an event filter or in painting then ends the whole program.
        """
        return self._target if self._target is not None and isValid(self._target) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            self._follow()
        return super().eventFilter(watched, event)

    @Slot()
    def _follow(self) -> None:
        target, host = self._living_target(), self.parentWidget()
        if target is None or host is None or not target.isVisible():
            self.hide()
            return
        reach = 0 if _inside(target) else self._theme.px(_REACH)
        place = QRect(target.mapTo(host, QPoint(0, 0)), target.size()).adjusted(
            -reach, -reach, reach, reach
        )
        self.setGeometry(place.intersected(host.rect()))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        corner = theme.px(RADIUS.control) + theme.px(_REACH) - 1
        target = self._living_target()
        if target is not None and _inside(target):
            corner = 0
        on_paper = target is not None and bool(target.property("paper"))
        role = Role.PAPERFOCUS if on_paper else Role.FOCUS
        paint_box(
            QPainter(self),
            QRectF(self.rect()),
            corner,
            None,
            theme.pen(role, max(2, theme.px(2))),
        )


def _framed(widget: QWidget) -> QWidget:
    parent = widget.parentWidget()
    return parent if widget.property("ringHost") and parent is not None else widget


def _inside(target: QWidget) -> bool:
    return bool(target.property("ringInside")) or isinstance(target, QAbstractItemView)


def _host(target: QWidget) -> QWidget:
    """The nearest parent in which the ring has room; inside a scrolled area the ring scrolls along."""
    host = target.parentWidget() or target
    while not _has_room(host, target):
        parent = host.parentWidget()
        if parent is None or host.isWindow() or isinstance(parent, QAbstractScrollArea):
            break
        host = parent
    return host


def _has_room(host: QWidget, target: QWidget) -> bool:
    if _inside(target):
        return True
    place = QRect(target.mapTo(host, QPoint(0, 0)), target.size())
    return host.rect().contains(place.adjusted(-_REACH, -_REACH, _REACH, _REACH))
