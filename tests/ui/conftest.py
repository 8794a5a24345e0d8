"""A theme per test, and the sample township in a real store; Qt draws into memory."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop_app.domain.orders import Order, Stage
from tests.support.desk import Desk
from ui.theme.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme at 100 %, worn by the application; taken off again afterwards."""
    made = Theme()
    made.apply_to(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Sixty orders over all stages."""
    made = Desk(tmp_path / "seat")
    yield made
    made.close()


@pytest.fixture
def at(desk: Desk) -> Callable[[Stage], Order]:
    """The first sample order of a stage."""

    def find(stage: Stage) -> Order:
        return next(o for o in desk.orders if o.stage is stage)

    return find
