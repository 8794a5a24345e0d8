"""The live theme: one object, made in `app.py` and handed to every widget by constructor.

It owns the caches (fonts, icons, laid-out texts, stripe tiles), so that delegates stay fast, and drops
them when the theme or the scale changes.
"""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QIcon, QPen, QPixmap, QStaticText
from PySide6.QtWidgets import QApplication

from ui.theme import tiles
from ui.theme.fonts import FontBook
from ui.theme.icons import IconStore
from ui.theme.palette import qt_palette
from ui.theme.qss import render_qss
from ui.theme.roles import FontToken, Role, ThemeName
from ui.theme.tokens import PALETTES, SCALES, TYPE, Palette

_TEXTS_KEPT = 600


class Theme(QObject):
    """Colours, sizes, fonts and icons for the chosen theme and scale (1.0–2.0).

    ``cache`` is the folder for the pictures the style sheet names; without one they are temporary.
    """

    changed = Signal()
    """The name or the scale changed: restyle, ask for new sizes, repaint."""

    def __init__(
        self,
        name: ThemeName = ThemeName.LIGHT,
        scale: float = 1.0,
        *,
        cache: Path | None = None,
        icons: IconStore | None = None,
        fonts: FontBook | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._scale = _bounded(scale)
        self._icons = icons or IconStore(cache=cache)
        self._fonts = fonts or FontBook()
        self._application: QApplication | None = None
        self._clear()

    def _clear(self) -> None:
        self._colors: dict[Role, QColor] = {}
        self._font_cache: dict[FontToken, QFont] = {}
        self._metric_cache: dict[FontToken, QFontMetrics] = {}
        self._texts: OrderedDict[tuple[FontToken, str], QStaticText] = OrderedDict()
        self._brushes: dict[tuple[str, Role, Role], QBrush] = {}
        self._qss = ""

    @property
    def name(self) -> ThemeName:
        """The chosen theme."""
        return self._name

    @property
    def scale(self) -> float:
        """The factor k, 1.0–2.0."""
        return self._scale

    @property
    def palette(self) -> Palette:
        """The hex values of the chosen theme."""
        return PALETTES[self._name]

    def set_name(self, name: ThemeName) -> None:
        """Change the theme live."""
        self.set_look(name, self._scale)

    def set_scale(self, scale: float) -> None:
        """Change the scale live; values outside 1.0–2.0 are brought back to the bounds."""
        self.set_look(self._name, scale)

    def set_look(self, name: ThemeName, scale: float) -> None:
        """Change theme and scale in one step, with one `changed`."""
        scale = _bounded(scale)
        if (name, scale) == (self._name, self._scale):
            return
        self._name, self._scale = name, scale
        self._clear()
        self._dress_application()
        self.changed.emit()

    def zoom_in(self) -> None:
        """Ctrl +: the next larger step."""
        self.set_scale(next((s for s in SCALES if s > self._scale + 0.01), SCALES[-1]))

    def zoom_out(self) -> None:
        """Ctrl −: the next smaller step."""
        self.set_scale(next((s for s in reversed(SCALES) if s < self._scale - 0.01), SCALES[0]))

    def zoom_reset(self) -> None:
        """Ctrl 0: back to 100 %."""
        self.set_scale(1.0)

    def px(self, n: float) -> int:
        """`n` px of the drawings at the present scale, at least 1 for a positive `n`."""
        return max(1, round(n * self._scale)) if n > 0 else round(n * self._scale)

    def color(self, role: Role) -> QColor:
        """The colour of a role."""
        found = self._colors.get(role)
        if found is None:
            found = self._colors[role] = QColor(self.palette.color(role))
        return found

    def pen(self, role: Role, width: float = 1, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """A pen in a role's colour; borders do not grow with the scale, so `width` is in real px."""
        return QPen(self.color(role), width, style)

    def font(self, token: FontToken) -> QFont:
        """The font of a type style at the present scale. A sheet style loads the serif on first use."""
        found = self._font_cache.get(token)
        if found is None:
            found = self._font_cache[token] = self._fonts.font(TYPE[token], self._scale)
        return found

    def sheet_font(self, token: FontToken, unit: float) -> QFont:
        """The font of a sheet style where 1 px of the drawings is `unit` device px (print, PDF)."""
        return self._fonts.font(TYPE[token], unit)

    def metrics(self, token: FontToken) -> QFontMetrics:
        """Metrics of `font(token)`, cached."""
        found = self._metric_cache.get(token)
        if found is None:
            found = self._metric_cache[token] = QFontMetrics(self.font(token))
        return found

    def width(self, token: FontToken, text: str) -> int:
        """Advance width of a text in px."""
        return self.metrics(token).horizontalAdvance(text)

    def static_text(self, token: FontToken, text: str) -> QStaticText:
        """A laid-out plain text for fast drawing; the least recently used ones are dropped."""
        key = (token, text)
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = self._prepare(token, text)
            if len(self._texts) > _TEXTS_KEPT:
                self._texts.popitem(last=False)
        else:
            self._texts.move_to_end(key)
        return found

    def texts_kept(self) -> int:
        """How many laid-out texts are in the cache."""
        return len(self._texts)

    def _prepare(self, token: FontToken, text: str) -> QStaticText:
        laid_out = QStaticText(text)
        # The default guesses rich text from the content: a petitioner's "<b>" must stay "<b>".
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        laid_out.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        laid_out.prepare(font=self.font(token))
        return laid_out

    def pixmap(self, name: str, role: Role, size: float, dpr: float = 1.0) -> QPixmap:
        """An icon drawn in a role's colour, `size` px of the drawings, for the given device pixel ratio."""
        return self._icons.pixmap(name, self.palette.color(role), self.px(size), dpr)

    def icon(self, name: str, role: Role = Role.TEXT2, size: float = 20) -> QIcon:
        """The same as a QIcon, with pixmaps for 1x and 2x screens."""
        return self._icons.icon(name, self.palette.color(role), self.px(size))

    def icon_file(self, name: str, role: Role) -> str:
        """Path of the icon in a role's colour, for the style sheet."""
        return self._icons.file(name, self.palette.color(role))

    def stripes(self, front: Role, back: Role) -> QBrush:
        """The overdue stripe, as a brush of a 12 px tile that grows with the scale."""
        return self._tile("stripes", front, back)

    def dashes(self, front: Role, back: Role) -> QBrush:
        """The dash pattern of a stopped clock."""
        return self._tile("dashes", front, back)

    def _tile(self, kind: str, front: Role, back: Role) -> QBrush:
        key = (kind, front, back)
        found = self._brushes.get(key)
        if found is None:
            make = tiles.stripes if kind == "stripes" else tiles.dashes
            found = self._brushes[key] = QBrush(
                make(self.color(front), self.color(back), self._scale)
            )
        return found

    def qss(self) -> str:
        """The style sheet for Qt's own controls, filled once per theme and scale."""
        if not self._qss:
            self._qss = render_qss(self)
        return self._qss

    def apply_to(self, application: QApplication) -> None:
        """Dress the application now and at every later change: base font, palette, style sheet."""
        self._application = application
        self._dress_application()

    def _dress_application(self) -> None:
        if self._application is None:
            return
        self._application.setFont(self.font(FontToken.BODY))
        self._application.setPalette(qt_palette(self))
        self._application.setStyleSheet(self.qss())


def _bounded(scale: float) -> float:
    return min(max(scale, SCALES[0]), SCALES[-1])
