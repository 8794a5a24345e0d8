"""Bundled fonts. The sans face is registered at once, the serif only when a sheet is first drawn (it is large)."""

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

import resources
from ui.theme.tokens import TypeStyle

UI_FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI")
SHEET_FAMILIES = (
    "FangSong",
    "仿宋",
    "仿宋_GB2312",
    "FangSong_GB2312",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
)
_SUFFIXES = {".otf", ".ttf", ".ttc", ".woff2"}


class FontBook:
    """Registers the font files of a folder and builds the fonts of the type scale."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or resources.path("fonts")
        self._ui: list[str] = []
        self._serif: list[str] = []

    def font(self, style: TypeStyle, unit: float) -> QFont:
        """The font of a type style where 1 px of the drawings is `unit` px."""
        font = QFont(self._serif_families() if style.serif else self._ui_families())
        font.setPixelSize(max(1, round(style.px * unit)))
        font.setWeight(QFont.Weight(style.weight))
        return font

    def _ui_families(self) -> list[str]:
        if not self._ui:
            system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
            self._ui = [*self._register(serif=False, wanted=UI_FAMILIES), system]
        return self._ui

    def _serif_families(self) -> list[str]:
        if not self._serif:
            self._serif = [*self._register(serif=True, wanted=SHEET_FAMILIES), *self._ui_families()]
        return self._serif

    def _register(self, *, serif: bool, wanted: tuple[str, ...]) -> list[str]:
        bundled: list[str] = []
        for file in self._files(serif):
            number = QFontDatabase.addApplicationFont(str(file))
            bundled += [
                f for f in QFontDatabase.applicationFontFamilies(number) if f not in bundled
            ]
        known = set(QFontDatabase.families()) | set(bundled)
        named = [family for family in wanted if family in known]
        return list(dict.fromkeys([*named, *bundled]))

    def _files(self, serif: bool) -> list[Path]:
        if not self._folder.is_dir():
            return []
        fonts = (file for file in self._folder.iterdir() if file.suffix.lower() in _SUFFIXES)
        return sorted(file for file in fonts if ("serif" in file.name.lower()) == serif)
