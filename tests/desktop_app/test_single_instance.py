"""One seat per profile; a second start raises the first."""

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop_app.single_instance import SingleInstance

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop_app.single_instance import SingleInstance
app = QCoreApplication([])
one = SingleInstance(Path(sys.argv[1]))
print(one.take(), one.ask_to_raise())
"""


def test_a_second_process_is_refused_and_raises_the_first(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path)
    assert first.take()
    with qtbot.waitSignal(first.raise_requested, timeout=20_000):
        second = subprocess.Popen(
            [sys.executable, "-c", SECOND, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
    out, _ = second.communicate(timeout=20)
    assert out.split() == ["False", "True"]
    first.release()
    again = SingleInstance(tmp_path)
    assert again.take()
    again.release()


def test_another_profile_is_another_seat(tmp_path: Path, qtbot: QtBot) -> None:
    one, two = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert one.take()
    assert two.take()
    one.release()
    two.release()
