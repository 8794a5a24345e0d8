"""Cycles are collected in the window's thread, and nowhere else."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop_app.collector import Collector


class Knot:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_cycles_are_collected_by_the_timer_and_not_by_allocation(qtbot: QtBot) -> None:
    gc.enable()
    collector = Collector()
    collector.start()
    try:
        assert not gc.isenabled()
        gone = weakref.ref(Knot())
        junk = [[n] for n in range(5_000)]
        assert gone() is not None
        collector.findChildren(QTimer)[0].setInterval(10)
        qtbot.waitUntil(lambda: gone() is None, timeout=2_000)
        assert len(junk) == 5_000
    finally:
        collector.stop()
    assert not gc.isenabled(), "what is left of the windows must not die in a thread that is left"
