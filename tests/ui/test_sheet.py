"""The sheet: complete on paper whatever its length, and writable in one place only."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.ui import pdf_text
from tests.ui.test_ime import compose
from ui.gallery.samples import SHEET
from ui.sheet.data import SheetData, SheetState
from ui.sheet.layout import Page
from ui.sheet.render import paginate, paint_sheet, render_pdf
from ui.sheet.view import SheetView
from ui.theme.roles import ThemeName
from ui.theme.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

A4 = QRectF(0, 0, 643, 987)
SIGNED = replace(
    SHEET, signed_at="11 月 20 日 09:58", stamp=("已签批 09:58 本机记", "10:12 平台收到")
)
MEDIUM = replace(SIGNED, verified=SHEET.verified * 8, proposal=SHEET.proposal * 8)
LONG = replace(
    SIGNED, verified=SHEET.verified * 40, proposal=SHEET.proposal * 30, place="很长的地址" * 30
)
LONG_NOTE = replace(SIGNED, instruction="同意。村里今天见面，雨雪前办完。\n" * 60)


def spoken(pages: list[Page], label: str) -> str:
    """All text of a field over all pages."""
    cells = [placed.cell for page in pages for placed in page.cells]
    return "".join(cell.text for cell in cells if cell.label.removesuffix("（续）") == label)


def test_the_pdf_has_one_page_with_every_text(theme: Theme, tmp_path: Path) -> None:
    target = tmp_path / "单.pdf"
    assert render_pdf(SIGNED, target, theme) == 1
    assert pdf_text.pages(target) == 1
    text = pdf_text.text(target)
    for part in (
        SHEET.office,
        SHEET.title,
        SHEET.matter,
        SHEET.verified,
        SHEET.proposal,
        SHEET.instruction,
    ):
        assert "".join(part.split()) in text
    assert "10:12平台收到" in text
    assert "\u2f2f" not in text


def test_a_somewhat_long_sheet_is_shrunk_onto_one_page(theme: Theme) -> None:
    pages, measure = paginate(MEDIUM, theme, 1.0, A4)
    assert len(pages) == 1
    assert 0.8 <= measure.shrink < 1.0
    assert pages[0].form.bottom() <= A4.bottom()


@pytest.mark.parametrize("data", [LONG, LONG_NOTE])
def test_a_very_long_sheet_goes_on_without_losing_a_character(
    data: SheetData, theme: Theme
) -> None:
    pages, _ = paginate(data, theme, 1.0, A4)
    assert len(pages) > 1
    for label, text in (
        ("核实情况", data.verified),
        ("事发地", data.place),
        ("书记批示", data.instruction),
    ):
        assert spoken(pages, label).replace("\n", "") == text.replace("\n", "")
    assert data.proposal in spoken(pages, "拟办意见")
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(page.form.bottom() <= A4.bottom() for page in pages)
    assert pages[-1].note is not None


def test_every_page_of_a_long_pdf_is_numbered(theme: Theme, tmp_path: Path) -> None:
    target = tmp_path / "long.pdf"
    count = render_pdf(LONG, target, theme)
    assert pdf_text.pages(target) == count > 1
    text = pdf_text.text(target)
    assert all(f"第{number}页共{count}页" in text for number in range(1, count + 1))


def test_a_file_that_cannot_be_written_is_an_error(theme: Theme, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        render_pdf(SHEET, tmp_path / "missing" / "a.pdf", theme)


@pytest.mark.parametrize("name", list(ThemeName))
def test_paper_is_white_in_every_theme(theme: Theme, name: ThemeName) -> None:
    theme.set_name(name)
    image = QImage(912, 650, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_sheet(painter, QRectF(image.rect()), SHEET, theme)
    painter.end()
    assert image.pixelColor(5, 5) == QColor("#FFFFFF")


def test_only_the_instruction_can_be_written_and_only_while_writing(
    theme: Theme, qtbot: QtBot
) -> None:
    view = SheetView(theme)
    qtbot.addWidget(view)
    view.resize(960, 700)
    view.set_sheet(SHEET, SheetState.READING)
    assert view.field().isHidden()
    view.set_sheet(SHEET, SheetState.WRITING)
    assert not view.field().isHidden()
    with qtbot.waitSignal(view.instruction_changed) as changed:
        view.focus_instruction()
        compose(view.field(), "", "请速办。")
    assert changed.args == [f"{SHEET.instruction}请速办。"]
    with qtbot.waitSignal(view.draft_changed):
        view.flush()


def test_changing_the_sheet_does_not_lose_a_draft(theme: Theme, qtbot: QtBot) -> None:
    view = SheetView(theme)
    qtbot.addWidget(view)
    view.set_sheet(SHEET, SheetState.WRITING)
    compose(view.field(), "", "请速办。")
    with qtbot.waitSignal(view.draft_changed):
        view.set_sheet(replace(SHEET, instruction=""), SheetState.READING)
    assert view.instruction() == ""


def test_the_paper_grows_with_a_long_instruction(theme: Theme, qtbot: QtBot) -> None:
    view = SheetView(theme)
    qtbot.addWidget(view)
    view.resize(960, 700)
    view.set_sheet(SHEET, SheetState.WRITING)
    view.show()
    before = view.field().height()
    compose(view.field(), "", "\n".join(["请速办。"] * 30))
    qtbot.waitUntil(lambda: view.field().height() > before)
    assert view.field().height() >= view.field().text_height()
