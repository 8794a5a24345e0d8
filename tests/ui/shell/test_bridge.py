"""What the sync brings in a stream is gathered; what comes alone passes at once."""

from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import OrderId
from local_store.changes import ChangeSet
from ui.bridge import Bridge


def changes(*names: str) -> ChangeSet:
    return ChangeSet.of([OrderId(name) for name in names])


def test_a_single_change_passes_at_once(qtbot: QtBot) -> None:
    bridge = Bridge()
    spy = QSignalSpy(bridge.data_changed)
    bridge.on_synced(changes("a"))
    assert spy.count() == 1


def test_a_stream_is_gathered_and_nothing_is_lost(qtbot: QtBot) -> None:
    bridge = Bridge()
    spy = QSignalSpy(bridge.data_changed)
    for name in ("a", "b", "c"):
        bridge.on_synced(changes(name))
    assert spy.count() == 1
    qtbot.waitUntil(lambda: spy.count() == 2, timeout=2000)
    assert spy.at(1)[0] == changes("b", "c")


def test_own_acts_never_wait(qtbot: QtBot) -> None:
    bridge = Bridge()
    spy = QSignalSpy(bridge.data_changed)
    bridge.on_synced(changes("a"))
    bridge.on_acted(changes("b"))
    assert spy.count() == 2
