"""The theme changes live and draws icons in its colours."""

import re

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.theme.roles import FontToken, Role, ThemeName
from ui.theme.theme import Theme
from ui.widgets.buttons import PrimaryButton
from ui.widgets.labels import Label


def test_scale_changes_sizes_fonts_and_widgets_live(theme: Theme, qtbot: QtBot) -> None:
    button = PrimaryButton(theme, "登记定性", shortcut="Ctrl+Enter")
    label = Label(theme, "正文")
    qtbot.addWidget(button)
    qtbot.addWidget(label)
    before = button.sizeHint()
    with qtbot.waitSignal(theme.changed):
        theme.set_scale(1.5)
    assert theme.px(44) == 66 == button.sizeHint().height()
    assert button.sizeHint().width() > before.width() * 1.4
    assert label.font().pixelSize() == 24


def test_name_changes_colours_and_style_sheet_live(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    label = Label(theme, "正文", Role.TEXT3)
    qtbot.addWidget(label)
    theme.set_name(ThemeName.DARK)
    assert label.palette().windowText().color() == QColor("#A3B0BC")
    assert "#1a222a" in qapp.styleSheet()
    assert qapp.palette().window().color() == QColor("#11171D")


def test_the_style_sheet_has_no_empty_fields_and_grows_with_the_scale(theme: Theme) -> None:
    small = theme.qss()
    assert not re.search(r"\{(px:|icon:|[a-z0-9]+\})", small)
    theme.set_scale(2.0)
    assert "min-height: 76px" in theme.qss()
    assert "min-height: 38px" in small


def test_no_change_is_not_announced(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_scale(1.0)
        theme.set_scale(0.4)


def test_zoom_goes_by_steps_within_bounds(theme: Theme) -> None:
    theme.zoom_in()
    assert theme.scale == 1.1
    for _ in range(9):
        theme.zoom_in()
    assert theme.scale == 2.0
    theme.zoom_out()
    assert theme.scale == 1.75
    theme.zoom_reset()
    assert theme.scale == 1.0


def test_icons_take_the_colour_and_are_cached(theme: Theme) -> None:
    drawn = theme.pixmap("inbox", Role.SEAL, 24)
    assert theme.pixmap("inbox", Role.SEAL, 24).cacheKey() == drawn.cacheKey()
    image = drawn.toImage()
    inked = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert inked
    assert all(abs(c.red() - 0xB8) < 3 and c.green() < 0x18 for c in inked)


def test_icons_are_sharp_on_a_dense_screen(theme: Theme) -> None:
    dense = theme.pixmap("bell", Role.TEXT, 20, 2.0)
    assert (dense.width(), dense.devicePixelRatio()) == (40, 2.0)


def test_laid_out_texts_are_bounded(theme: Theme) -> None:
    for number in range(2000):
        theme.static_text(FontToken.BODY, str(number))
    assert theme.texts_kept() <= 600
