"""The Qt binding in use is one that the program can run on for a working day."""

import sys

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def test_a_call_that_returns_nothing_leaves_none_alone(qtbot: QtBot) -> None:
    """PySide6 6.12.0 took a reference from None at each such call, until Python 3.11 aborted."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.update()
    assert sys.getrefcount(None) > before - 100
