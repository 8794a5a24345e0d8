"""What strip and rail count for who sits here."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop_app.link import person_words, window_words
from desktop_app.services.seat import Seat
from local_store.rows import SavedView
from ui.shell import nav
from ui.shell.status import Desk
from ui.shell.window import Shell

AGAIN = timedelta(seconds=30)
"""Time alone changes counts: after so long they are taken again."""
_VIEWS = (SavedView.SHIFT, SavedView.TO_SIGN, SavedView.MINE)


class Numbers:
    """The numbers of one person's seat; made anew for the next one."""

    def __init__(self, seat: Seat, shell: Shell) -> None:
        self._seat, self._shell = seat, shell
        self._deputy: bool | None = None  # not looked yet
        self._counted: datetime | None = None

    def count(self) -> None:
        """Count everything, and say when an authorisation to sign begins or ends."""
        seat, shell = self._seat, self._shell
        person, now = seat.person, seat.now()
        self._counted = now
        self._tell_deputy()
        self.count_waiting()
        shell.set_title(window_words(seat.center, person))
        counts = seat.store.counts(_VIEWS, now, person)
        shell.set_count(nav.ORDERS, counts[SavedView.SHIFT])
        shell.set_count(nav.SIGNOFF, counts[SavedView.TO_SIGN])
        shell.set_count(nav.MINE, counts[SavedView.MINE])

    def count_if_old(self) -> None:
        """The same, when the last time is long ago."""
        if self._counted is not None and abs(self._seat.now() - self._counted) > AGAIN:
            self.count()

    def _tell_deputy(self) -> None:
        """Show 签批 while an authorisation to sign for the secretary holds; say when that changes."""
        known, self._deputy = self._deputy, self._seat.is_deputy
        self._shell.set_deputy(on=self._deputy)
        if known is False and self._deputy:
            self._shell.show_notice("书记已授权您代签。", "等签的单在“签批”里。")
        elif known and not self._deputy:
            self._shell.show_notice("代签授权已结束。", "期内签的照常算数。")

    def count_waiting(self) -> None:
        """Count what waits to be sent and what waits for a decision."""
        seat, shell = self._seat, self._shell
        waiting, open_ = seat.store.pending_count(), len(seat.store.decisions(seat.person))
        shell.set_desk(Desk(person_words(seat.center, seat.person, seat.now()), waiting, open_))
        shell.set_count(nav.OUTBOX, waiting)
        shell.set_count(nav.DECISIONS, open_)
