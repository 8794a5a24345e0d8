"""Work in a thread: told in the window's thread, to nobody who is gone, and always to whoever waits."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ui.job import Job, Told

WAIT = 20_000


class Ear(QObject):
    """Notes what was told, and in which thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[int] = set()
        job.progressed.connect(self.hear)
        job.succeeded.connect(self.hear)
        job.failed.connect(self.hear)

    def hear(self, value: object) -> None:
        self.heard.append(value)
        self.threads.add(threading.get_ident())


def test_progress_and_result_are_told_in_the_windows_thread(qtbot: QtBot) -> None:
    job = Job()
    ear = Ear(job)

    def work(told: Told) -> str:
        told(1)
        told(2)
        return "done"

    with qtbot.waitSignal(job.succeeded, timeout=WAIT):
        job.start(work)
        assert job.running
    assert ear.heard == [1, 2, "done"]
    assert ear.threads == {threading.get_ident()}
    assert not job.running


def test_whatever_goes_wrong_is_told_and_another_work_may_follow(qtbot: QtBot) -> None:
    job = Job()
    ear = Ear(job)
    for error in (OSError("pulled out"), ZeroDivisionError()):

        def work(_told: Told, error: Exception = error) -> None:
            raise error

        with qtbot.waitSignal(job.failed, timeout=WAIT):
            job.start(work)
        assert ear.heard[-1] is error
        assert not job.running


def test_an_earlier_work_and_an_abandoned_one_are_not_heard(qtbot: QtBot) -> None:
    job = Job()
    ear = Ear(job)
    go = threading.Event()
    job.start(lambda _told: go.wait(20) and "first")
    first = job._thread
    with qtbot.waitSignal(job.succeeded, timeout=WAIT):
        job.start(lambda _told: "second")
    job.start(lambda _told: "third")
    job.abandon()
    go.set()
    assert first is not None
    first.join(20)
    QApplication.processEvents()
    assert ear.heard == ["second"]


def test_whoever_waited_may_be_gone_when_the_work_ends(qtbot: QtBot) -> None:
    owner = QObject()
    job = Job(owner)
    go = threading.Event()

    def work(told: Told) -> str:
        go.wait(20)
        told(1)
        return "done"

    job.start(work)
    thread = job._thread
    assert thread is not None
    owner.deleteLater()
    qtbot.waitUntil(lambda: not isValid(job), timeout=WAIT)
    go.set()
    thread.join(20)
    assert not thread.is_alive()
    QApplication.processEvents()  # nothing is left that could raise or crash
