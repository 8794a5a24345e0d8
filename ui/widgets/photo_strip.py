"""Thumbnails with caption and upload mark, and a place to add one more."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.keys import bind
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import CENTER, paint_box, paint_icon, paint_text
from ui.widgets.text import SYNC_ICONS, SYNC_WORDS
from ui.widgets.values import Photo

_IMAGE, _CAPTION, _GAP, _WIDE = 100, 26, 12, 212


class Thumb(QAbstractButton):
    """One photo, cut to the middle of its frame; opens on Enter, Space or click."""

    def __init__(self, theme: Theme, photo: Photo, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.photo = theme, photo
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"照片 {photo.caption}")
        self.setAccessibleDescription(
            photo.missing or (SYNC_WORDS[photo.sync] if photo.sync else "")
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        frame = QRect(0, 0, self.width(), self.height() - theme.px(_CAPTION))
        self._paint_image(painter, frame)
        line = QRect(0, frame.bottom() + 1, self.width(), theme.px(_CAPTION))
        if self.photo.sync is not None:
            side = theme.px(ICON.small)
            paint_icon(
                painter,
                line,
                theme,
                SYNC_ICONS[self.photo.sync],
                Role.TEXT,
                ICON.small,
                line.right() - side,
            )
            line.setRight(line.right() - side - theme.px(4))
        paint_text(painter, line, theme, self.photo.caption, Role.TEXT, elide=True)

    def _paint_image(self, painter: QPainter, frame: QRect) -> None:
        theme, image = self._theme, self.photo.image
        edge = theme.pen(Role.LINE)
        paint_box(painter, QRectF(frame), theme.px(RADIUS.badge), theme.color(Role.SUNKEN), edge)
        if image.isNull():
            self._paint_missing(painter, frame)
            return
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(QRectF(frame), theme.px(RADIUS.badge), theme.px(RADIUS.badge))
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(frame, image, _middle(image.size(), frame.size()))
        painter.restore()

    def _paint_missing(self, painter: QPainter, frame: QRect) -> None:
        theme, words = self._theme, self.photo.missing
        line = theme.px(26) if words else 0
        icon = frame.adjusted(0, 0, 0, -line)
        middle = (frame.width() - theme.px(ICON.large)) // 2
        paint_icon(painter, icon, theme, "photo", Role.TEXT3, ICON.large, middle)
        below = QRect(
            frame.left(), icon.center().y() + theme.px(ICON.large) // 2, frame.width(), line
        )
        paint_text(painter, below, theme, words, Role.TEXT2, align=CENTER, elide=True)


def _middle(whole: QSize, frame: QSize) -> QRect:
    """The largest part of an image that has the shape of the frame, from its middle."""
    part = frame.scaled(whole, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect(
        (whole.width() - part.width()) // 2,
        (whole.height() - part.height()) // 2,
        part.width(),
        part.height(),
    )


class AddPhoto(QAbstractButton):
    """The dashed place that takes one more photo."""

    def __init__(self, theme: Theme, text: str, shortcut: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._key = theme, shortcut
        self.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(f"快捷键 {shortcut}" if shortcut else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if shortcut:
            bind(self, shortcut).activated.connect(self.click)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        pen = theme.pen(Role.EDGE, 2, Qt.PenStyle.DashLine)
        paint_box(
            painter, QRectF(self.rect()), theme.px(RADIUS.control), theme.color(Role.SURFACE), pen
        )
        top = (self.height() - theme.px(32 + 26)) // 2
        icon = QRect(0, top, self.width(), theme.px(32))
        paint_icon(
            painter, icon, theme, "camera", Role.PRIMTEXT, 30, (self.width() - theme.px(30)) // 2
        )
        wide = (
            theme.width(FontToken.STRONG, self.text()) + theme.px(6) + key_width(theme, self._key)
        )
        line = QRect((self.width() - wide) // 2, icon.bottom() + theme.px(2), wide, theme.px(26))
        used = paint_text(painter, line, theme, self.text(), Role.PRIMTEXT, FontToken.STRONG)
        if self._key:
            paint_key(painter, line.adjusted(used + theme.px(6), 0, 0, 0), theme, self._key)


class PhotoStrip(Themed):
    """As many columns as fit; further photos go to the next line."""

    add_requested = Signal()
    photo_opened = Signal(str)
    photo_chosen = Signal(object)
    """The same, as the whole ``Photo``."""

    def __init__(
        self,
        theme: Theme,
        photos: tuple[Photo, ...] = (),
        *,
        can_add: bool = True,
        shortcut: str = "F2",
        add_text: str = "拍照",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._thumbs: list[Thumb] = []
        self._add: AddPhoto | None = None
        if can_add:
            self._add = AddPhoto(theme, add_text, shortcut, self)
            self._add.clicked.connect(self.add_requested)
        self.set_photos(photos)

    def set_photos(self, photos: tuple[Photo, ...]) -> None:
        """Replace all photos; nothing happens when they are the same."""
        if photos == self.photos():
            return
        held = next((t.photo.key for t in self._thumbs if t.hasFocus()), None)
        for thumb in self._thumbs:
            thumb.hide()
            thumb.deleteLater()
        self._thumbs = [Thumb(self._theme, photo, self) for photo in photos]
        for thumb in self._thumbs:
            thumb.clicked.connect(self._on_clicked)
            thumb.show()
            if thumb.photo.key == held:
                thumb.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._add is not None and self._thumbs:
            QWidget.setTabOrder(self._thumbs[-1], self._add)
        self.updateGeometry()
        self._arrange()

    def photos(self) -> tuple[Photo, ...]:
        """What is shown."""
        return tuple(thumb.photo for thumb in self._thumbs)

    @Slot()
    def _on_clicked(self) -> None:
        thumb = self.sender()
        if isinstance(thumb, Thumb):
            photo = thumb.photo
            self.photo_opened.emit(photo.key)
            self.photo_chosen.emit(photo)

    def _tiles(self) -> list[QAbstractButton]:
        return [*self._thumbs, *([self._add] if self._add is not None else [])]

    def _columns(self, width: int) -> int:
        fit = max(1, (width + self._theme.px(_GAP)) // self._theme.px(150 + _GAP))
        return min(fit, max(1, len(self._tiles())))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self._tiles()) // self._columns(width))
        row = self._theme.px(_IMAGE + _CAPTION)
        return max(0, rows * row + (rows - 1) * self._theme.px(_GAP))

    def sizeHint(self) -> QSize:
        width = self.width() or self._theme.px(4 * _WIDE)
        return QSize(self._theme.px(3 * _WIDE), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(150), self._theme.px(_IMAGE + _CAPTION))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # as high as its lines at this width
        self._arrange()

    def _restyle(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        theme, gap = self._theme, self._theme.px(_GAP)
        columns = self._columns(self.width())
        wide = min(theme.px(_WIDE), (self.width() - (columns - 1) * gap) // columns)
        for number, tile in enumerate(self._tiles()):
            row, column = divmod(number, columns)
            high = theme.px(_IMAGE) if tile is self._add else theme.px(_IMAGE + _CAPTION)
            tile.setGeometry(
                column * (wide + gap), row * (theme.px(_IMAGE + _CAPTION) + gap), wide, high
            )
