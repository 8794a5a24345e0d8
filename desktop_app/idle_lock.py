"""A seat with a passphrase that is left alone locks its window; acts, sync and alarms go on behind it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QWindow
from shiboken6 import isValid

from desktop_app.domain.clock import Clock
from desktop_app.settings import SettingsKeeper
from local_store import passphrase
from local_store.errors import StoreError
from ui.shell.window import Shell
from ui.theme.theme import Theme
from ui.unlock.cover import Cover

LOOK_MS = 5000
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,  # all that an input method lets through of what is typed
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class IdleLock(QObject):
    """Watches the window's own input. Without a passphrase there is nothing to unlock it with: then
    the system's own lock has to do.
    """

    def __init__(
        self, shell: Shell, theme: Theme, profile: Path, settings: SettingsKeeper, clock: Clock
    ) -> None:
        super().__init__(shell)
        self._shell, self._theme, self._profile = shell, theme, profile
        self._settings, self._clock = settings, clock
        self._window: QWindow | None = None
        self.cover: Cover | None = None
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._touched()

    def start(self) -> None:
        """Count from now on; the window is shown."""
        self._window = self._shell.windowHandle()
        if self._window is not None:
            self._window.installEventFilter(self)
        self._touched()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more, and leave the window as it is without a lock."""
        self._timer.stop()
        window, self._window = self._window, None
        if window is not None and isValid(window):
            window.removeEventFilter(self)
        self._lift()

    def _touched(self) -> None:
        self._at: tuple[float, datetime] = (self._clock.monotonic(), self._clock.now())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            before = self.cover
            self.look()  # the key that wakes a computer must not count before the time it slept
            if self.cover is not before:
                return True
            self._touched()
        return super().eventFilter(watched, event)

    @Slot()
    def look(self) -> None:
        """Lock if nobody has been there for long. While the computer slept only the clock went on."""
        now = self._settings.now
        if self.cover is not None or now.lock_minutes <= 0 or now.demo_password:
            return
        alone = timedelta(minutes=now.lock_minutes)
        counted = timedelta(seconds=self._clock.monotonic() - self._at[0])
        if max(counted, self._clock.now() - self._at[1]) >= alone:
            self.lock()

    def lock(self) -> None:
        """Cover the window, if there is a passphrase to lift it with."""
        if self.cover is not None or not passphrase.is_set(self._profile):
            return
        self.cover = Cover(self._theme, self._shell)
        self.cover.page.given.connect(self._on_given)
        self.cover.page.forgotten.connect(self._on_forgotten)

    @Slot(str)
    def _on_given(self, typed: str) -> None:
        assert self.cover is not None
        try:
            passphrase.open_key(self._profile, typed, self._clock.now())
        except (passphrase.WrongPassphrase, passphrase.TooSoon) as error:
            self.cover.page.refuse(error.title, error.advice, error.wait)
        except StoreError as error:
            self.cover.page.refuse(error.title, error.advice)
        else:
            self._lift()

    @Slot()
    def _on_forgotten(self) -> None:
        if self.cover is not None:
            wait = passphrase.waiting(self._profile, self._clock.now())
            self.cover.page.refuse("忘了口令", "请关掉程序再打开，在那里选“忘了口令”。", wait)

    def _lift(self) -> None:
        cover, self.cover = self.cover, None
        if cover is not None:
            cover.lift()
        self._touched()
