"""The dispatcher's page on the sample township."""

import pytest
from pytestqt.qtbot import QtBot

from tests.support.desk import Desk
from tests.support.pages import show_page
from ui.theme.theme import Theme
from ui.workbench.page import WorkbenchPage


@pytest.fixture
def page(desk: Desk, theme: Theme, qtbot: QtBot) -> WorkbenchPage:
    return show_page(qtbot, WorkbenchPage, desk.seat(), theme, height=816)
