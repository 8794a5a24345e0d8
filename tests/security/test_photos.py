"""Photos that are none: whoever may upload a file may upload anything, and others look at it."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from desktop_app.domain.refusals import Refusal
from ui.field import photos

pytestmark = pytest.mark.fault("security.bombs")


def picture(kind: str) -> bytes:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#884422"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def drawing(levels: int) -> bytes:
    """Return an SVG that draws 10 to the power of ``levels`` squares."""
    groups = ['<g id="a0"><rect width="1" height="1"/></g>']
    groups += [
        f'<g id="a{n}">' + f'<use xlink:href="#a{n - 1}"/>' * 10 + "</g>"
        for n in range(1, levels + 1)
    ]
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    body = f'<defs>{"".join(groups)}</defs><use xlink:href="#a{levels}"/>'
    return f'<svg {names} width="100" height="100">{body}</svg>'.encode()


def huge_png(side: int) -> bytes:
    """Return a PNG of a few kilobytes with ``side`` × ``side`` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    line = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", line) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp"])
def test_what_cameras_and_phones_make_is_shown(qtbot: QtBot, kind: str) -> None:
    photos.check(picture(kind), "一张")
    assert not photos.thumb(picture(kind)).isNull()


@pytest.mark.qt_log_ignore("JPEG")
@pytest.mark.parametrize(
    "data",
    [
        drawing(9),
        b"\n \n" + drawing(9),
        b'<?xml version="1.0"?>' + drawing(9),
        zlib.compress(drawing(9)),
        b"%PDF-1.7 nothing",
        b"II*\0" + bytes(200),
        b"/* XPM */\nstatic char *x[] = {\n",
        b"P6 100000 100000 255\n",
        b"\xff\xd8\xff" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + drawing(9),
        b"RIFF" + drawing(9),
        b"",
    ],
)
def test_nothing_else_is_opened(qtbot: QtBot, data: bytes) -> None:
    began = time.thread_time()
    assert photos.thumb(data).isNull()
    with pytest.raises(Refusal):
        photos.check(data, "一张")
    assert time.thread_time() - began < 2


@pytest.mark.parametrize("side", [8_000, 30_000, 2**31 - 1])
def test_a_picture_larger_than_any_seat_takes_is_not_unpacked(qtbot: QtBot, side: int) -> None:
    began = time.thread_time()
    assert photos.thumb(huge_png(side)).isNull()
    assert time.thread_time() - began < 2
