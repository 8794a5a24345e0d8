"""The bundled faces draw every character a township's papers hold."""

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QRawFont
from pytestqt.qtbot import QtBot

import resources

FACES = resources.names("fonts", ".otf")

PLACES = "熊儿寨乡北土门村南岔村魏家湾村东沟村东长峪村花峪村老泉口村漷县镇"
WORDS = "工单签批超时停表督办吹哨走访见面核实拟办按耳膜第三天定性补传"
SIGNS = "→←↑↓①⑩…·—“”‘’、。,;:?!()《》【】〔〕㎡℃×½√■□▲●○★※§"
LATIN = "ABCXYZabcxyz0123456789+-=/.,:;%#()"


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("text", [PLACES, WORDS, SIGNS, LATIN])
def test_face_draws(qtbot: QtBot, name: str, text: str) -> None:
    face = QRawFont(str(resources.path(name)), 16)
    # By code point: with a str PySide6 answers wrongly for U+7000 to U+7FFF.
    assert [sign for sign in text if not face.supportsCharacter(ord(sign))] == []


@pytest.mark.parametrize("name", FACES)
def test_face_leaves_kangxi_radicals_out(qtbot: QtBot, name: str) -> None:
    """Else text copied from a PDF would hold them in place of the characters."""
    face = QRawFont(str(resources.path(name)), 16)
    assert not any(face.supportsCharacter(radical) for radical in range(0x2F00, 0x2FD6))


@pytest.mark.parametrize(
    ("name", "family", "weight"),
    [
        ("NotoSansCJKsc-Regular", "Noto Sans CJK SC", 400),
        ("NotoSansCJKsc-Medium", "Noto Sans CJK SC", 500),
        ("NotoSansCJKsc-Bold", "Noto Sans CJK SC", 700),
        ("NotoSerifCJKsc-Regular", "Noto Serif CJK SC", 400),
        ("NotoSerifCJKsc-Bold", "Noto Serif CJK SC", 700),
    ],
)
def test_face_keeps_its_family(qtbot: QtBot, name: str, family: str, weight: int) -> None:
    file = str(resources.path(f"fonts/{name}.otf"))
    number = QFontDatabase.addApplicationFont(file)
    try:
        assert family in QFontDatabase.applicationFontFamilies(number)
        font = QFont(family)
        font.setWeight(QFont.Weight(weight))
        assert QFontInfo(font).weight() == weight
    finally:
        QFontDatabase.removeApplicationFont(number)


@pytest.mark.parametrize("weight", ["Regular", "Medium", "Bold"])
def test_sans_figures_are_of_one_width(qtbot: QtBot, weight: str) -> None:
    """A countdown must not jitter."""
    face = QRawFont(str(resources.path(f"fonts/NotoSansCJKsc-{weight}.otf")), 16)
    widths = face.advancesForGlyphIndexes(face.glyphIndexesForString("0123456789"))
    assert len({advance.x() for advance in widths}) == 1
