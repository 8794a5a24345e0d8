"""A fault inside a method that Qt calls is told; it does not end the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

import ui  # noqa: F401 - its hook is what is tried

ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys
import ui
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

class Mixin:
    def event(self, event):
        if event.type() == QEvent.Type.User:
            [][1]
        return super().event(event)

class Own(QWidget):
    def event(self, event):
        if event.type() == QEvent.Type.User:
            [][1]
        return super().event(event)

class Mixed(Mixin, QLineEdit):
    pass

class Inherited(Own):
    pass

application = QApplication([])
sys.excepthook = lambda kind, error, trace: print("told", error)
widget = {"Own": Own, "Mixed": Mixed, "Inherited": Inherited}[sys.argv[1]]()
QTimer.singleShot(0, lambda: QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.User)))
QTimer.singleShot(20, application.quit)
application.exec()
print("alive")
"""


def test_a_class_that_stands_after_qt_hears_of_its_heirs_all_the_same() -> None:
    heirs: list[str] = []

    class Beside:
        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            heirs.append(cls.__name__)

    class Both(QObject, Beside):
        pass

    assert heirs == [Both.__name__]


@pytest.mark.parametrize("kind", ["Own", "Mixed", "Inherited"])
def test_an_error_raised_by_c_code_in_an_override_is_told(kind: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, kind], capture_output=True, text=True, cwd=ROOT, timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "told" in ended.stdout
    assert "list index out of range" in ended.stdout
    assert ended.stdout.endswith("alive\n")
