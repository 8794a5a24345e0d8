"""From a profile to an open store: asks for the passphrase, has a damaged store rebuilt or an older one
migrated, goes back to a backup, and says what was saved.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop_app.domain.clock import Clock
from desktop_app.faults import words_of
from desktop_app.settings import SettingsFile
from local_store import keys, passphrase
from local_store.backups import Backup, Content, look_into
from local_store.database import Behind
from local_store.errors import StoreError, StoreProblem
from local_store.keys import KeyPlace, PassphraseNeeded, StoreKey
from local_store.store import Store
from ui.shell.window import LOGIN, Shell
from ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.renewal import Renewal
    from local_store.recovery import Report
    from ui.unlock.page import UnlockPage
    from ui.upkeep.work_page import Plan

log = logging.getLogger("jiban")


class Door(QObject):
    """``opened(object)`` with the ``Store``; ``refused(object)`` with the ``StoreError`` that ends it.

    ``going_back(object)`` with the ``Backup`` that somebody chose: whoever has the store open closes it
    and calls ``restore``.
    """

    opened = Signal(object)
    refused = Signal(object)
    going_back = Signal(object)

    def __init__(
        self,
        profile: Path,
        shell: Shell,
        theme: Theme,
        settings: SettingsFile,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._profile, self._shell, self._theme = profile, shell, theme
        self._settings, self._clock = settings, clock
        self._key: StoreKey | None = None
        self._store: Store | None = None
        self._renewal: Renewal | None = None
        self._chosen: Backup | None = None

    @property
    def place(self) -> KeyPlace:
        """Where the key is kept."""
        return self._key.place if self._key is not None else KeyPlace.FILE

    def enter(self) -> None:
        """Open the store, or show what has to be done first. Again after damage: the key is still known."""
        if self._key is not None:
            self._open(self._key)
            return
        now = self._settings.now
        try:
            # A demonstration must not ask anybody for anything.
            plain = bool(now.demo_password) or now.key_in_file
            key = keys.load_or_create(self._profile, keyring=not plain)
        except PassphraseNeeded as needed:
            self._ask(new=needed.new)
        except StoreError as error:
            self.refused.emit(error)
        else:
            self._open(key)

    def enter_damaged(self) -> None:
        """Come in again after damage was seen while the store was open. It is built anew also where the mark
        that says so could not be written: a full disk would else open the same store for ever.
        """
        if self._key is None:
            self.enter()
        else:
            self._rebuild(self._key.value)

    def change_passphrase(self, old: str, new: str) -> None:
        """Put the key under another passphrase, or from a plain file under its first. Raises ``StoreError``."""
        if self._key is None:
            raise StoreError(StoreProblem.KEY, "密钥还没有打开。", "请先打开本机数据。")
        if passphrase.is_set(self._profile):
            passphrase.open_key(self._profile, old, self._clock.now())
        self._key = keys.set_passphrase(self._profile, new, self._key)

    def look_into(self, backup: Backup) -> Content | None:
        """Tell what is in a backup; None: it cannot be read. In any thread."""
        return look_into(backup, self._key.value) if self._key is not None else None

    def close(self) -> None:
        """Break off what is under way and close a store that was opened and not handed over."""
        if self._renewal is not None and not self._renewal.stop():
            log.error("the work on the store did not end")
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- the passphrase -----------------------------------------------------------------------

    def _ask(self, *, new: bool) -> None:
        from ui.unlock.page import UnlockPage

        def build(parent: QWidget) -> UnlockPage:
            page = UnlockPage(
                self._theme, new=new, account=self._settings.now.account, parent=parent
            )
            page.given.connect(self._on_set if new else self._on_given)
            page.forgotten.connect(self._on_forgotten)
            return page

        self._shell.show_only(LOGIN, build)
        wait = passphrase.waiting(self._profile, self._clock.now())
        if wait and not new:
            self._say(passphrase.TooSoon(wait), wait)

    def _say(self, error: StoreError, wait: timedelta = timedelta()) -> None:
        page: UnlockPage | None = self._shell.stack.page(LOGIN)  # type: ignore[assignment]
        if page is not None:
            page.refuse(error.title, error.advice, wait)

    @Slot(str)
    def _on_set(self, typed: str) -> None:
        try:
            key = keys.set_passphrase(self._profile, typed)
        except StoreError as error:
            self._say(error)
        else:
            self._open(key)

    @Slot(str)
    def _on_given(self, typed: str) -> None:
        try:
            key = keys.unlock(self._profile, typed, self._clock.now())
        except (passphrase.WrongPassphrase, passphrase.TooSoon) as error:
            self._say(error, error.wait)
        except StoreError as error:
            self._say(error)
        else:
            self._open(key)

    @Slot()
    def _on_forgotten(self) -> None:
        from ui.unlock.forgotten import GiveUpPage

        def build(parent: QWidget) -> GiveUpPage:
            page = GiveUpPage(self._theme, parent)
            page.back.connect(self.enter)
            page.given_up.connect(self._on_given_up)
            return page

        self._shell.show_only(LOGIN, build)

    @Slot()
    def _on_given_up(self) -> None:
        from local_store.recovery import give_up

        try:
            give_up(self._profile)
        except StoreError as error:
            self.refused.emit(error)
            return
        log.warning("the store was given up: its passphrase is forgotten")
        self.enter()

    # --- the store ----------------------------------------------------------------------------

    def _open(self, key: StoreKey) -> None:
        self._key = key
        try:
            store = Store.open(self._profile, key.value, migrating=False)
        except Behind:
            self._migrate(key.value)
        except StoreError as error:
            if error.code is not StoreProblem.DAMAGED:
                self.refused.emit(error)
                return
            log.warning("the store is damaged: %s", error.detail)
            self._rebuild(key.value)
        else:
            self.opened.emit(store)

    def _rebuild(self, key: bytes) -> None:
        from desktop_app.renewal import REBUILD
        from local_store.recovery import rebuild

        self._renew(REBUILD).start(lambda watch: rebuild(self._profile, key, watch))

    def _migrate(self, key: bytes) -> None:
        from desktop_app.renewal import MIGRATE
        from local_store.opening import migrate

        self._renew(MIGRATE).start(lambda watch: migrate(self._profile, key, watch))

    def show_going_back(self, backup: Backup) -> None:
        """Say that it goes back, before the store is closed."""
        from desktop_app.renewal import going_back

        self._renew(going_back(backup))

    def restore(self, backup: Backup) -> None:
        """Go back to ``backup``; the store is closed. What was recorded since stays."""
        from local_store.recovery import restore

        assert self._key is not None
        assert self._renewal is not None
        key, self._chosen = self._key.value, backup
        self._renewal.start(lambda watch: restore(self._profile, key, backup, watch))

    def _renew(self, plan: Plan) -> Renewal:
        from desktop_app.renewal import Renewal

        if self._renewal is None:
            self._renewal = Renewal(self._shell, self._theme, self)
            self._renewal.done.connect(self._on_renewed)
            self._renewal.failed.connect(self._on_renewal_failed)
            self._renewal.broken_off.connect(self._on_broken_off)
        self._renewal.show(plan)
        return self._renewal

    @Slot(object)
    def _on_renewed(self, report: Report | None) -> None:
        """``report`` None: a migration, of which there is nothing to tell."""
        assert self._key is not None
        try:
            self._store = Store.open(self._profile, self._key.value)
        except StoreError as error:
            self.refused.emit(error)
            return
        if report is None:
            self._on_continued()
            return
        log.warning(
            "renewed: %s acts, %s drafts, %s files, from a backup: %s, unreadable: %s",
            report.acts, report.drafts, report.files, report.backup_at is not None,
            report.unreadable,
        )  # fmt: skip
        self._show_report(report)

    @Slot(object)
    def _on_renewal_failed(self, error: Exception) -> None:
        """The store is as it was: going back is off, anything else cannot go on without it."""
        if self._chosen is not None:
            self._chosen = None
            self.enter()
            self._shell.show_problem(*words_of(error))
            return
        if not isinstance(error, StoreError):
            error = StoreError(StoreProblem.UNKNOWN, *words_of(error))
        self.refused.emit(error)

    @Slot()
    def _on_broken_off(self) -> None:
        if self._chosen is not None:
            self._chosen = None
            self.enter()
        else:
            self._shell.close()

    def _show_report(self, report: Report) -> None:
        from desktop_app.renewal import told_of
        from ui.unlock.recovered import RecoveredPage

        chosen, self._chosen = self._chosen, None

        def build(parent: QWidget) -> RecoveredPage:
            page = RecoveredPage(self._theme, told_of(report, chosen), parent)
            page.continued.connect(self._on_continued)
            return page

        self._shell.show_only(LOGIN, build)

    @Slot()
    def _on_continued(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            self.opened.emit(store)
