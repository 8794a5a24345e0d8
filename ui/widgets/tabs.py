"""Saved views above a list, with counts. What does not fit goes into 更多."""

from dataclasses import replace

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.paint_base import paint_box, paint_icon, paint_text
from ui.widgets.values import TabItem


class TabButton(QAbstractButton):
    """One saved view: word, count, chosen or not."""

    def __init__(self, theme: Theme, item: TabItem, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_item(item)

    @property
    def item(self) -> TabItem:
        """What the tab shows."""
        return self._item

    def set_item(self, item: TabItem) -> None:
        """Change word or count."""
        self._item = item
        count = "" if item.count is None else f" {item.count} 件"
        self.setText(item.text)
        self.setAccessibleName(f"{item.text}{count}")
        self.update()

    def sizeHint(self) -> QSize:
        theme, item = self._theme, self._item
        # The chosen tab is bold: the room for it is kept, so that nothing moves when the choice does.
        width = theme.width(FontToken.NUM, item.text) + 2 * theme.px(9)
        if item.icon:
            width += theme.px(ICON.small) + theme.px(6)
        if item.count is not None:
            width += theme.px(6) + theme.width(FontToken.NUM, str(item.count))
        return QSize(width, theme.px(HEIGHT.tab))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        if self.isChecked():
            edge = theme.pen(Role.PRIMARY)
            paint_box(
                painter,
                QRectF(self.rect()),
                theme.px(RADIUS.control),
                theme.color(Role.SELECT),
                edge,
            )
        role = Role.PRIMTEXT if self.isChecked() else Role.TEXT2
        token = FontToken.NUM if self.isChecked() else FontToken.BODY
        left = theme.px(9)
        if self._item.icon:
            left += paint_icon(
                painter, self.rect(), theme, self._item.icon, role, ICON.small, left
            ) + theme.px(6)
        room = QRect(left, 0, self.width() - left, self.height())
        left += paint_text(painter, room, theme, self._item.text, role, token) + theme.px(6)
        if self._item.count is not None:
            room = QRect(left, 0, self.width() - left, self.height())
            count_role = Role.PRIMTEXT if self.isChecked() else Role.TEXT
            paint_text(painter, room, theme, str(self._item.count), count_role, FontToken.NUM)


class SegmentedTabs(Themed):
    """A row of saved views. Left and Right move; one of them is always chosen."""

    tab_changed = Signal(str)

    def __init__(
        self, theme: Theme, items: tuple[TabItem, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buttons: list[TabButton] = []
        self._more = TabButton(theme, TabItem("", "更多", icon="chevron-down"), self)
        self._more.setCheckable(False)
        self._more.clicked.connect(self._on_more_clicked)
        self._menu = QMenu(self)
        self._menu.triggered.connect(self._on_menu_triggered)
        self._current = ""
        self.set_items(items)

    def set_items(self, items: tuple[TabItem, ...]) -> None:
        """Replace the views; the chosen one stays chosen if it is still there, else the first is."""
        if [button.item.key for button in self._buttons] == [item.key for item in items]:
            for button, item in zip(self._buttons, items, strict=True):
                button.set_item(item)
        else:
            self._rebuild(items)
        keys = [item.key for item in items]
        self.set_current(self._current if self._current in keys else (keys[0] if keys else ""))
        self._arrange()

    def set_count(self, key: str, count: int | None) -> None:
        """Change one count."""
        for button in self._buttons:
            if button.item.key == key:
                button.set_item(replace(button.item, count=count))
        self._arrange()

    def set_current(self, key: str) -> None:
        """Choose without emitting."""
        self._current = key
        for button in self._buttons:
            button.setChecked(button.item.key == key)
            chosen = button.item.key == key
            button.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus
            )
        self._arrange()

    def current(self) -> str:
        """Key of the chosen view."""
        return self._current

    def _rebuild(self, items: tuple[TabItem, ...]) -> None:
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [TabButton(self._theme, item, self) for item in items]
        for button in self._buttons:
            button.clicked.connect(self._on_tab_clicked)

    @Slot()
    def _on_tab_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, TabButton):
            self._choose(button.item.key)

    def _choose(self, key: str) -> None:
        changed = key != self._current
        self.set_current(key)
        if changed:
            self.tab_changed.emit(key)

    @Slot()
    def _on_more_clicked(self) -> None:
        self._menu.clear()
        for button in self._buttons:
            if button.isHidden():
                self._menu.addAction(button.accessibleName()).setData(button.item.key)
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        self._choose(str(action.data()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        keys = [button.item.key for button in self._buttons]
        if not step or self._current not in keys:
            super().keyPressEvent(event)
            return
        self._choose(keys[(keys.index(self._current) + step) % len(keys)])
        self._buttons[keys.index(self._current)].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _restyle(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Place what fits, the chosen view always; hide the rest behind 更多."""
        gap, high = self._theme.px(2), self._theme.px(HEIGHT.tab)
        shown = self._fitting(gap)
        left = 0
        for button in self._buttons:
            button.setVisible(button in shown)
            if button in shown:
                width = button.sizeHint().width()
                button.setGeometry(left, (self.height() - high) // 2, width, high)
                left += width + gap
        self._more.setVisible(len(shown) < len(self._buttons))
        self._more.setGeometry(
            left, (self.height() - high) // 2, self._more.sizeHint().width(), high
        )

    def _fitting(self, gap: int) -> list[TabButton]:
        widths = {button: button.sizeHint().width() + gap for button in self._buttons}
        if sum(widths.values()) - gap <= self.width():
            return list(self._buttons)
        room = self.width() - self._more.sizeHint().width()
        chosen = [button for button in self._buttons if button.item.key == self._current]
        staying = [b for b in self._buttons if b.item.stays and b not in chosen]
        others = [b for b in self._buttons if not b.item.stays and b not in chosen]
        shown = set[TabButton]()
        for group in (chosen, staying, others):
            for button in group:
                room -= widths[button]
                if room < 0 and button not in chosen:
                    break
                shown.add(button)
        return [button for button in self._buttons if button in shown]

    def sizeHint(self) -> QSize:
        width = sum(button.sizeHint().width() + self._theme.px(2) for button in self._buttons)
        return QSize(width, self._theme.px(HEIGHT.tab))

    def minimumSizeHint(self) -> QSize:
        widest = max((button.sizeHint().width() for button in self._buttons), default=0)
        return QSize(
            widest + self._more.sizeHint().width() + self._theme.px(2), self._theme.px(HEIGHT.tab)
        )
