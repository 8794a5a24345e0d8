"""A page of the shell: what every one of them offers, and how a verb is carried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_app.domain.refusals import Refusal
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.errors import StoreError
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.keys import bind

Verb = Callable[[], ChangeSet]


class Page(Themed):
    """Base of the pages. The shell calls ``data_changed``, ``tick`` (each second, when visible) and ``primary``."""

    acted = Signal(object)
    """ChangeSet after an act made here."""
    open_requested = Signal(str)
    """Order id to open elsewhere."""
    notice = Signal(str, str)
    """(title, advice) of something this page could not do."""
    page_requested = Signal(str, str)
    """(page key, order id): what is to be done next has its place on another page."""
    files_wanted = Signal(str)
    """Order id: photos of it are looked for that are not on this machine."""
    files_missing = Signal(str)
    """The same inside the page. It comes out later: a page may find that out while it is being built."""
    keys_changed = Signal()
    """The key bar should ask again."""

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._seat = seat
        self.files_missing.connect(self.files_wanted, Qt.ConnectionType.QueuedConnection)
        # One binding for the page: its buttons only show the key, and never two of them claim it.
        self._primary_key = bind(self, "Ctrl+Enter")
        self._primary_key.activated.connect(self._on_primary_key)

    def keys(self) -> list[tuple[str, str]]:
        """(key, words) for the key bar."""
        return []

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Take in what a sync or an act changed."""

    def tick(self, now: datetime) -> None:
        """One second later, by platform time."""

    def primary(self) -> None:
        """The one primary action of the view (Ctrl+Enter)."""

    def own_primary_key(self, *, own: bool) -> None:
        """Whether this page answers Ctrl+Enter; a page inside another leaves it to one of the two."""
        self._primary_key.setEnabled(own)

    @Slot()
    def _on_primary_key(self) -> None:
        self.primary()

    def flush(self) -> None:
        """Keep every draft now: the page is left or the program ends."""

    def carry_out(self, verb: Verb) -> ChangeSet | None:
        """Run a verb; on success show and announce what changed, else say why not and change nothing."""
        try:
            changes = verb()
        except Refusal as refusal:
            self.refused(refusal.reason, refusal.advice)
            return None
        except StoreError as error:
            self.refused(error.title, error.advice)
            return None
        self.data_changed(changes)
        self.acted.emit(changes)
        return changes

    def refused(self, title: str, advice: str) -> None:
        """Show on the page why something was not done; what was typed stays where it is."""
        self.notice.emit(title, advice)

    def hideEvent(self, event: QHideEvent) -> None:
        self.flush()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), self._theme.color(Role.BG))
