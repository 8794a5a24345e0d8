"""The dispatcher's page on a real store: the detail is tested where it is used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.orders import Order, Stage
from tests.support.desk import Desk
from ui.theme.theme import Theme
from ui.workbench.page import WorkbenchPage


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "seat")
    yield made
    made.close()


@pytest.fixture
def page(desk: Desk, theme: Theme, qtbot: QtBot) -> WorkbenchPage:
    made = WorkbenchPage(desk.seat(), theme)
    qtbot.addWidget(made)
    made.resize(1360, 816)
    made.show()
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    return made


@pytest.fixture
def at(desk: Desk) -> Callable[[Stage], Order]:
    """The first sample order of a stage."""

    def find(stage: Stage) -> Order:
        return next(o for o in desk.orders if o.stage is stage)

    return find
