"""The tray icon with its badge. Where no tray exists nothing is shown and no window is ever hidden."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

import resources
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.paint_base import paint_box

_SIDE = 64
NAME = "即办台"


class Tray(QObject):
    """``show_requested``: somebody clicked it or chose the entry. The icon never hides a window."""

    show_requested = Signal()
    list_requested = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._counts = (0, 0)
        self._list = QAction("提醒", self)
        self._list.triggered.connect(self.list_requested)
        theme.changed.connect(self._on_theme_changed)

    @property
    def available(self) -> bool:
        """Whether the desktop has a tray and the icon is in it."""
        return self._icon is not None

    def start(self) -> None:
        """Put the icon into the tray, if there is one."""
        if self._icon is not None or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self._menu = QMenu()
        shown = self._menu.addAction(f"打开{NAME}")
        shown.triggered.connect(self.show_requested)
        self._menu.addAction(self._list)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._refresh()
        self._icon.show()

    def stop(self) -> None:
        """Take the icon out again."""
        icon, self._icon = self._icon, None
        if icon is not None:
            icon.hide()
            icon.deleteLater()
        menu, self._menu = self._menu, None
        if menu is not None:
            menu.deleteLater()

    def set_counts(self, due: int, overdue: int) -> None:
        """Show how many orders want to be looked at, and how many of them are overdue."""
        if (due, overdue) != self._counts:
            self._counts = (due, overdue)
            self._refresh()

    def words(self) -> str:
        """What the icon says when pointed at, and to a screen reader."""
        due, overdue = self._counts
        if not due:
            return f"{NAME}：没有要看的提醒"
        late = f"，其中超时 {overdue} 件" if overdue else ""
        return f"{NAME}：提醒 {due} 件{late}"

    def _refresh(self) -> None:
        due, _ = self._counts
        self._list.setText(f"提醒 {due} 件" if due else "提醒")
        if self._icon is not None:
            self._icon.setIcon(QIcon(self.pixmap()))
            self._icon.setToolTip(self.words())

    def pixmap(self) -> QPixmap:
        """The application icon with the number in its corner; a square badge when something is overdue."""
        due, overdue = self._counts
        pixmap = QPixmap(str(resources.path("icons/app-64.png")))
        if not due:
            return pixmap
        painter = QPainter(pixmap)
        text = str(due) if due < 100 else "99"
        box = QRectF(_SIDE * 0.34, _SIDE * 0.42, _SIDE * 0.66, _SIDE * 0.58)
        fill, ink = (Role.OVER, Role.ONOVER) if overdue else (Role.PRIMARY, Role.ONPRIMARY)
        radius = 6 if overdue else box.height() / 2
        paint_box(painter, box, radius, self._theme.color(fill), self._theme.pen(ink, 2))
        font = self._theme.font(FontToken.NUM)
        font.setPixelSize(round(box.height() * 0.82))
        painter.setFont(font)
        painter.setPen(self._theme.color(ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return pixmap

    @Slot()
    def _on_theme_changed(self) -> None:
        self._refresh()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.show_requested.emit()
