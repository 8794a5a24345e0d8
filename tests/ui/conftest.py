"""A theme per test; Qt draws into memory."""

import os
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from ui.theme.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme at 100 %, worn by the application; taken off again afterwards."""
    made = Theme()
    made.apply_to(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()
