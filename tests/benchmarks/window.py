"""The dispatcher's real window without a screen, over a store; and waiting until it has painted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from desktop_app.domain.clock import PlatformTime, SystemClock
from desktop_app.domain.ids import PersonId
from desktop_app.domain.roles import Role
from desktop_app.services.seat import Seat
from desktop_app.settings import Settings
from local_store.store import Store
from tests.support.paints import Paints
from ui.shell.window import Shell
from ui.theme.theme import Theme
from ui.workbench.page import WorkbenchPage

DISPATCHER = PersonId("zhou")
SIZE = (1440, 900)


@cache
def application() -> tuple[QApplication, Theme]:
    """Return the one application of this process and its theme."""
    app = QApplication([])
    theme = Theme()
    theme.apply_to(app)
    return app, theme


class Forgetful:
    """Settings that are not written anywhere."""

    def __init__(self) -> None:
        self._now = Settings()

    @property
    def now(self) -> Settings:
        return self._now

    def change(self, **values: object) -> None:
        """Nothing is kept."""


class Desk:
    """The window, its list page, and ``settle`` to let everything that is due be done and painted."""

    def __init__(self, store: Store) -> None:
        self.app, self.theme = application()
        self.store = store
        time = PlatformTime(SystemClock())
        time.hear(SystemClock().now())
        self.seat = Seat(store, time, DISPATCHER)
        self.shell = Shell(self.theme, Forgetful())
        self.shell.acted.connect(self.shell.data_changed)
        self.shell.resize(*SIZE)
        self.shell.show()
        self.shell.furnish(
            {"orders": lambda parent: WorkbenchPage(self.seat, self.theme, parent)},
            Role.DISPATCHER,
            lambda: (self.seat.now(), self.seat.time.quality()),
        )
        self.settle()
        page = self.shell.stack.page("orders")
        assert isinstance(page, WorkbenchPage)
        self.page = page
        self.table = page.list.table
        self.paints = Paints(self.table.viewport())

    def settle(self) -> None:
        """Do what is due, including what that makes due, until the window is painted."""
        for _ in range(3):
            self.app.sendPostedEvents()
            self.app.processEvents()

    def close(self) -> None:
        self.shell.stop()
        self.shell.close()
        self.shell.deleteLater()
        self.settle()


@contextmanager
def desk(store: Store) -> Iterator[Desk]:
    """Give a desk over ``store`` while the block runs."""
    made = Desk(store)
    try:
        yield made
    finally:
        made.close()
