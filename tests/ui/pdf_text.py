"""Reads the text back out of a PDF that Qt wrote: just enough of the format for that."""

import re
import zlib
from pathlib import Path

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>")


def pages(path: Path) -> int:
    """Number of pages."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


def text(path: Path) -> str:
    """All text in drawing order, without spaces and line breaks."""
    objects = {int(number): body for number, body in _OBJECT.findall(path.read_bytes())}
    maps = _unicode_maps(objects)
    out: list[str] = []
    for body in objects.values():
        stream = _inflate(body)
        if b" Tf" in stream:
            out.append(_shown(stream, maps))
    return "".join("".join(out).split())


def _inflate(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    # The compressed data may itself end in what looks like the line break before `endstream`.
    return zlib.decompressobj().decompress(found[1]) if b"FlateDecode" in body else found[1]


def _unicode_maps(objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """Font name in the page's resources -> glyph -> text."""
    names: dict[bytes, int] = {}
    for body in objects.values():
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body):
            names[name] = int(number)
    maps: dict[bytes, dict[int, str]] = {}
    for name, number in names.items():
        target = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
        if target is not None:
            maps[name] = _glyphs(_inflate(objects[int(target[1])]))
    return maps


def _glyphs(cmap: bytes) -> dict[int, str]:
    glyphs: dict[int, str] = {}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        pattern = rb"<([0-9A-F]+)>\s*<([0-9A-F]+)>\s*(\[.*?\]|<[0-9A-F]+>)"
        for first, _last, values in re.findall(pattern, block, re.DOTALL | re.IGNORECASE):
            start = int(first, 16)
            codes = re.findall(rb"<([0-9A-Fa-f]+)>", values)
            for offset, code in enumerate(codes):
                glyphs[start + offset] = bytes.fromhex(code.decode()).decode("utf-16-be")
            if not values.startswith(b"[") and codes:
                base = int(codes[0], 16)
                for glyph in range(start, int(_last, 16) + 1):
                    glyphs[glyph] = chr(base + glyph - start)
    return glyphs


def _shown(stream: bytes, maps: dict[bytes, dict[int, str]]) -> str:
    out, glyphs = [], dict[int, str]()
    for font, shown in _SHOWN.findall(stream):
        if font:
            glyphs = maps.get(font, {})
        else:
            codes = (int(shown[i : i + 4], 16) for i in range(0, len(shown), 4))
            out += [glyphs.get(code, "?") for code in codes]
    return "".join(out)
