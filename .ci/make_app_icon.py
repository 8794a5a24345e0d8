"""Draw the application icon: 诉 in white on the red of official heads.


The character is the outline of the bundled bold sans face, so the picture needs no font.
"""

import os
from pathlib import Path
from typing import Final

from fontTools.misc.transform import Transform
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

RESOURCES: Final = Path(__file__).resolve().parent.parent / "resources"
CHARACTER: Final = "诉"
RED: Final = "#B8141B"  # the "seal" role of the light theme
SIDE: Final = 256
CHARACTER_HEIGHT: Final = 164
PNG_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


def outline() -> str:
    """The character as an SVG path, centred in the square."""
    font = TTFont(RESOURCES / "fonts" / "NotoSansCJKsc-Bold.otf")
    glyphs = font.getGlyphSet()
    glyph = glyphs[font.getBestCmap()[ord(CHARACTER)]]
    bounds = BoundsPen(glyphs)
    glyph.draw(bounds)
    left, bottom, right, top = bounds.bounds
    scale = CHARACTER_HEIGHT / (top - bottom)
    centre = Transform(1, 0, 0, 1, SIDE / 2, SIDE / 2)
    place = centre.scale(scale, -scale).translate(-(left + right) / 2, -(bottom + top) / 2)
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}".rstrip("0").rstrip("."))
    glyph.draw(TransformPen(pen, place))
    return pen.getCommands()


def main() -> None:
    """Write app.svg and one PNG per size."""
    icons = RESOURCES / "icons"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" '
        f'viewBox="0 0 {SIDE} {SIDE}">\n'
        f'  <rect width="{SIDE}" height="{SIDE}" rx="32" fill="{RED}"/>\n'
        f'  <path d="{outline()}" fill="#fff"/>\n</svg>\n'
    )
    (icons / "app.svg").write_text(svg, encoding="utf-8")

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    renderer = QSvgRenderer(svg.encode())
    for size in PNG_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(icons / f"app-{size}.png"))
    application.quit()


if __name__ == "__main__":
    main()
