"""The composition root of a seat: builds everything, owns every thread, knows start and stop order.

Start: paint the empty shell, then open the store, then furnish the shell, then sync, alerts and
heartbeat. Stop: the other way round, and every thread is joined.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from desktop_app.settings import SettingsFile
from desktop_app.single_instance import SingleInstance
from local_store.errors import StoreError
from ui.shell.window import LOGIN, Shell
from ui.theme.roles import ThemeName
from ui.theme.theme import Theme
from ui.widgets.focus_ring import FocusRing

if TYPE_CHECKING:
    from desktop_app.idle_lock import IdleLock
    from desktop_app.live import LiveSeat
    from local_store.backups import Backup
    from local_store.store import Store

log = logging.getLogger("jiban")
_NO_FOLDER = (
    "本席资料的文件夹写不进去",
    "请看磁盘是否已满、文件夹是否只读；腾出空间或改好权限后再打开。已存的都没有动。",
)


class SeatProgram(QObject):
    """One seat in this process. ``start`` paints at once; the rest follows on the next turns."""

    def __init__(
        self, application: QApplication, profile: Path, instance: SingleInstance, control: str = ""
    ) -> None:
        super().__init__()
        self._application, self._profile, self._instance = application, profile, instance
        self._control_name = control
        self.settings = SettingsFile(profile)
        now = self.settings.now
        self.theme = Theme(_theme_name(now.theme), now.scale, cache=profile / "cache")
        self.theme.apply_to(application)
        self._ring = FocusRing(application, self.theme)
        self.shell = Shell(self.theme, self.settings)
        self.idle: IdleLock | None = None
        self.live: LiveSeat | None = None
        self._closers: list[Any] = []
        self._stopped = self._locked = False

    def start(self) -> None:
        """Show the empty shell now; everything slow comes after it is painted."""
        self._instance.raise_requested.connect(self.shell.bring_to_front)
        self._instance.quit_requested.connect(self._on_quit_requested)
        self.shell.closing.connect(self._application.quit)
        self._application.aboutToQuit.connect(self.stop)
        self._application.setQuitOnLastWindowClosed(False)
        self.shell.show()
        self.shell.repaint()
        QTimer.singleShot(0, self._guard)
        QTimer.singleShot(0, self._open)

    @Slot()
    def _on_quit_requested(self) -> None:
        if self.settings.now.demo_password:  # a seat in earnest is closed by whoever sits at it
            self.shell.close()

    @Slot()
    def _guard(self) -> None:
        """Log and last-resort error handling, before anything can go wrong."""
        from desktop_app.collector import Collector
        from desktop_app.faults import FaultEdge
        from desktop_app.logs import close_log, open_log

        collector = Collector(self)
        collector.start()
        self._closers.append(collector.stop)
        try:
            handler = open_log(self._profile)
            self._closers.append(lambda: close_log(handler))
        except OSError:
            pass  # a full disk must not keep the seat from showing what it has
        edge = FaultEdge(self.shell.show_problem)
        edge.install()
        self._closers.append(edge.remove)

    @Slot()
    def _open(self) -> None:
        """Open the store; whatever has to be asked or rebuilt first is the door's business."""
        from desktop_app.domain.clock import SystemClock
        from desktop_app.door import Door

        self._door = Door(self._profile, self.shell, self.theme, self.settings, SystemClock(), self)
        self._door.opened.connect(self._on_opened)
        self._door.refused.connect(self._on_refused)
        self._door.going_back.connect(self._on_going_back, Qt.ConnectionType.QueuedConnection)
        self._closers.append(self._door.close)
        self._enter()
        if self._control_name:
            self._listen()

    def _enter(self) -> None:
        try:
            self._door.enter()
        except OSError as error:
            log.warning("the profile cannot be used: %s", type(error).__name__)
            self._refuse(*_NO_FOLDER)

    @Slot(object)
    def _on_opened(self, store: Store) -> None:
        """Bring the shell to life."""
        from desktop_app.live import LiveSeat
        from local_store.errors import StoreProblem
        from local_store.opening import mark_suspect

        try:
            self.live = LiveSeat(store, self.shell, self.theme, self.settings, self._door)
            self.live.damaged.connect(self._on_damaged, Qt.ConnectionType.QueuedConnection)
            self.live.start()
            self._watch_over()
        except StoreError as error:
            self._leave(store)
            if error.code is not StoreProblem.DAMAGED:
                self._on_refused(error)
                return
            mark_suspect(self._profile)
            self._door.enter_damaged()

    def _watch_over(self) -> None:
        """Lock the window when nobody has been at it for long."""
        from desktop_app.domain.clock import SystemClock
        from desktop_app.idle_lock import IdleLock

        self.idle = IdleLock(self.shell, self.theme, self._profile, self.settings, SystemClock())
        self.idle.start()
        if self._locked:
            self.idle.lock()

    def _leave_alone(self) -> None:
        """Watch no more. What was locked is locked again when the store has been opened again."""
        idle, self.idle = self.idle, None
        if idle is not None:
            self._locked = idle.cover is not None
            idle.stop()
            idle.deleteLater()

    def _leave(self, store: Store) -> None:
        live, self.live = self.live, None
        self._leave_alone()
        if live is not None:
            live.stop()
            live.deleteLater()
        store.close()

    @Slot(object)
    def _on_refused(self, error: StoreError) -> None:
        log.warning("the store did not open: %s", error.code)
        self._refuse(error.title, error.advice)

    @Slot()
    def _on_damaged(self) -> None:
        """The store turned out to be damaged while it was open: close it, and come in again."""
        if self.live is None or self.sender() is not self.live or self._stopped:
            return
        self._leave(self.live.store)
        self._door.enter_damaged()

    @Slot(object)
    def _on_going_back(self, backup: Backup) -> None:
        """Somebody chose a backup: keep what is half written, close the store, and go back."""
        if self.live is None or self._stopped:
            return
        with suppress(StoreError):
            self.shell.stack.flush()
        self._door.show_going_back(backup)
        self._leave(self.live.store)
        self._door.restore(backup)

    def _refuse(self, title: str, advice: str) -> None:
        """The store cannot be used: say so in the window, touch nothing."""
        from ui.shell.stopped import StoppedPage

        self.live = None
        theme = self.theme

        def build(parent: Any) -> StoppedPage:
            page = StoppedPage(theme, title, advice, parent)
            page.quit_requested.connect(self.shell.close)
            return page

        self.shell.show_only(LOGIN, build)

    def _listen(self) -> None:
        from desktop_app.control import Control
        from desktop_app.control_host import ControlHost

        control = Control(self._control_name, ControlHost(self), self)
        control.start()
        self._closers.append(control.stop)

    @Slot()
    def stop(self) -> None:
        """Stop everything in the order opposite to the start. Safe to call twice."""
        if self._stopped:
            return
        self._stopped = True
        self._leave_alone()
        self.shell.stop()
        if self.live is not None:
            self.live.stop()
        self.shell.remember()
        self.shell.hide()  # nothing is painted from a store that is closed
        self._instance.release()
        for close in reversed(self._closers):
            close()


def _theme_name(text: str) -> ThemeName:
    return ThemeName(text) if text in set(ThemeName) else ThemeName.LIGHT


def close_to_others(profile: Path) -> None:
    """Make the profile's folder for this user alone, also one that was made by hand or before."""
    with suppress(OSError):  # what cannot be written is said in the window
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        profile.chmod(0o700)


def run(profile: Path, control: str = "") -> int:
    """Run a seat until its window is closed. Returns the exit status; 0 also when it was raised."""
    close_to_others(profile)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("jiban-desk")
    application.setDesktopFileName("jiban-desk")
    instance = SingleInstance(profile)
    if not instance.take() and (instance.ask_to_raise() or not instance.unwritable()):
        return 0
    program = SeatProgram(application, profile, instance, control)
    program.start()
    status = application.exec()
    program.stop()
    return status
