"""Cut the bundled Noto CJK fonts down to the characters official Chinese text uses.

Run on a Debian machine that has ``fonts-noto-cjk``, ``fonts-noto-cjk-extra`` and ``unicode-data``:

    .venv/bin/python .ci/make_fonts.py [FACE ...]

The sans faces cover GBK, the serif faces GB2312; both add the general-use table (通用规范汉字表,
read from Unihan's kTGH), because place names need it (漷 of 漷县镇 is not in GB2312). Kangxi
radicals are left out on purpose: with them, text copied from a PDF has ⼯ (U+2F2F) in place of 工.
"""

import bz2
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

SOURCE: Final = Path("/usr/share/fonts/opentype/noto")
UNIHAN: Final = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
TARGET: Final = Path(__file__).resolve().parent.parent / "resources" / "fonts"


class Face(NamedTuple):
    """One face to cut: its family, the collection that holds it, and the encoding it must cover."""

    family: str
    collection: str
    encoding: str


FACES: Final = {
    "NotoSansCJKsc-Regular.otf": Face("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc", "gbk"),
    "NotoSansCJKsc-Medium.otf": Face("Noto Sans CJK SC", "NotoSansCJK-Medium.ttc", "gbk"),
    "NotoSansCJKsc-Bold.otf": Face("Noto Sans CJK SC", "NotoSansCJK-Bold.ttc", "gbk"),
    "NotoSerifCJKsc-Regular.otf": Face("Noto Serif CJK SC", "NotoSerifCJK-Regular.ttc", "gb2312"),
    "NotoSerifCJKsc-Bold.otf": Face("Noto Serif CJK SC", "NotoSerifCJK-Bold.ttc", "gb2312"),
}

# Whole blocks beside the encoding; what the source face does not draw is skipped.
BLOCKS: Final = (
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x017F),  # Latin-1, Extended-A
    (0x02C6, 0x02DD),  # tone marks
    (0x0391, 0x03C9),  # Greek
    (0x2000, 0x20BF),  # punctuation, superscripts, currency
    (0x2100, 0x22FF),  # letterlike, number forms, arrows, mathematics
    (0x2300, 0x23FF),  # technical, key signs
    (0x2460, 0x27BF),  # enclosed numbers, box drawing, shapes, dingbats
    (0x3000, 0x303F),  # Chinese punctuation
    (0x3200, 0x33FF),  # enclosed ideographs, square units
    (0xFE30, 0xFE4F),  # vertical forms
    (0xFF00, 0xFFEF),  # full-width forms
)

# Only kerning: "locl" and "vert" would drag in thousands of regional and vertical glyphs (+4 MB a
# face). The faces have no "tnum"; the figures of the sans are of one width as they are.
FEATURES: Final = ["kern"]


def double_byte(encoding: str) -> Iterator[int]:
    """Every character of a double-byte encoding, as code points."""
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                text = bytes((lead, trail)).decode(encoding)
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                yield ord(text)


def general_use_table() -> set[int]:
    """The 8,105 characters of the general-use table, as code points."""
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        return {int(line[2:].split("\t")[0], 16) for line in lines if "\tkTGH\t" in line}


def wanted(encoding: str) -> set[int]:
    """The code points a face shall cover."""
    points = set(double_byte(encoding)) | general_use_table()
    for first, last in BLOCKS:
        points.update(range(first, last + 1))
    return points


def source_face(face: Face) -> TTFont:
    """The face of that family out of its collection."""
    for font in TTCollection(SOURCE / face.collection).fonts:
        names = {font["name"].getDebugName(1), font["name"].getDebugName(16)}
        if face.family in names:
            return font
    raise SystemExit(f"{face.collection} holds no {face.family}")


def cut(name: str, face: Face) -> None:
    """Write one subset and say what it covers."""
    font = source_face(face)
    options = subset.Options(
        name_IDs=["*"],
        name_languages=["*"],
        notdef_outline=True,
        hinting=False,
        desubroutinize=False,
        layout_features=FEATURES,
        drop_tables=[*subset.Options().drop_tables, "vhea", "vmtx", "VORG", "BASE"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted(face.encoding))
    subsetter.subset(font)
    TARGET.mkdir(parents=True, exist_ok=True)
    font.save(TARGET / name)
    table = general_use_table()
    covered = set(font.getBestCmap())
    size = (TARGET / name).stat().st_size / 1e6
    print(
        f"{name}: {len(covered)} characters, {size:.2f} MB, "
        f"{len(table - covered)} of the general-use table's {len(table)} missing"
    )


def main(chosen: list[str]) -> None:
    """Cut the named faces, or all of them."""
    for name in chosen or FACES:
        cut(name, FACES[name])


if __name__ == "__main__":
    main(sys.argv[1:])
