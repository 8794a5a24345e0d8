"""The bundled icons are what Qt can draw and the theme can colour."""

import pytest
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

import resources

ICONS = [name for name in resources.names("icons", ".svg") if name != "icons/app.svg"]


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_drawn_and_takes_a_colour(qtbot: QtBot, name: str) -> None:
    text = resources.read_text(name)
    assert "currentColor" in text
    assert QSvgRenderer(text.replace("currentColor", "#1D4E7C").encode()).isValid()


def test_application_icon_needs_no_font(qtbot: QtBot) -> None:
    text = resources.read_text("icons/app.svg")
    assert "<text" not in text
    assert QSvgRenderer(text.encode()).isValid()
