"""The door to one PC's store: opened, found damaged and rebuilt, cared for, harmed, put back, copied."""

from __future__ import annotations

from contextlib import suppress

from local_store import recovery
from local_store.backups import backups
from local_store.errors import StoreError, StoreProblem
from local_store.journal import FOLDER as JOURNAL_FOLDER
from local_store.journal import LOG
from local_store.keys import STORE_FILE
from local_store.opening import damaged, mark_suspect, open_for_work
from tests.simulation.ledger import Ledger, WitnessedStore, witnessed
from tests.simulation.stores import KEY, profile_of
from tests.simulation.trace import Trace
from tests.support.disk import PAGE, Disk, StoredFile


class SeatStore:
    """``rebuilt``: what the platform has may be missing here since the store was built anew or put back."""

    def __init__(self, name: str, disk: Disk, ledger: Ledger, trace: Trace) -> None:
        self._name, self._disk, self._ledger, self._trace = name, disk, ledger, trace
        self.profile = profile_of(name)
        self.rebuilt = False
        self._harmed = False
        """Since the last start: nobody promises anything for store and journal at once."""
        self._seen_damaged = False

    def open(self) -> WitnessedStore:
        """Open it as the program's door does. Raises ``StoreError`` for what the door cannot help."""
        kind = witnessed(self._ledger, self._name)
        seen, self._seen_damaged = self._seen_damaged, False
        try:
            if seen:  # known to the program even where no mark of it could be written
                raise damaged("seen while it was open")
            store = open_for_work(kind, self.profile, KEY)
            self._harmed = False
            return store
        except StoreError as error:
            if error.code is not StoreProblem.DAMAGED or self._disk.full:
                raise
        self.rebuilt = True
        report = recovery.rebuild(self.profile, KEY)
        base = "a backup" if report.backup_at else "nothing"
        self._trace.count(f"rebuilt from {base} and the journal")
        self._trace.note(self._name, f"rebuilt from {base}: {report.acts} acts")
        return open_for_work(kind, self.profile, KEY)

    def suspect(self) -> None:
        """Note, as the window does, that the open store turned out to be damaged."""
        mark_suspect(self.profile)
        self._seen_damaged = True

    def forget(self) -> None:
        """The process ended: what was not written down is not known any more."""
        self._seen_damaged = False

    @property
    def _journal(self) -> StoredFile | None:
        file = self._disk.files.get(str(self.profile / JOURNAL_FOLDER / LOG))
        return file if file is not None and file.content else None

    # --- disasters; the program is not running but for ``spoil`` ---

    @property
    def path(self) -> str:
        return str(self.profile / STORE_FILE)

    @property
    def spoilt(self) -> bool:
        """Whether something in the file cannot be read."""
        file = self._disk.files.get(self.path)
        return file is not None and bool(file.spoilt)

    def spoil(self, *, running: bool) -> None:
        """Something happens to the store's file; running programs only find pages that are gone."""
        dice, file = self._disk.dice, self._disk.files.get(self.path)
        if file is None or not file.content or self._harmed or self._journal is None:
            return
        self._harmed = not running
        pages = len(file.content) // PAGE
        kind = dice.choice(("pages", "pages", "short", "log", "gone", "all"))
        if kind == "pages" or running:
            first = dice.randrange(pages)
            file.spoil(range(first, min(pages, first + dice.choice((1, 1, 4)))))
        elif kind == "short":
            file.cut_off(dice.randrange(len(file.content)))
        elif kind == "all":
            file.spoil(range(pages))
        if not running:
            if kind in ("log", "gone"):
                self._disk.lose_file(self.path + "-wal")
            if kind == "gone":
                self._disk.lose_file(self.path)
            self.rebuilt = True  # a log that is gone, too, is an older store
        self._trace.count("stores damaged")
        self._trace.note(self._name, f"the store is damaged: {'pages' if running else kind}")

    def spoil_journal(self) -> None:
        """Something happens to the journal's log; the store is whole."""
        file, dice = self._journal, self._disk.dice
        if file is None or self._harmed or self.spoilt:
            return
        self._harmed = True
        at = dice.randrange(len(file.content))
        for content in (file.content, file.synced):
            if at < len(content):
                content[at] ^= 1 << dice.randrange(8)
        self._trace.count("journals damaged")
        self._trace.note(self._name, "the journal is damaged")

    def go_back(self) -> bool:
        """The user puts an older backup back, as ``jiban store restore`` does. False: there is none."""
        found = backups(self.profile)
        if not found:
            return False
        chosen = self._disk.dice.choice(found)
        self.rebuilt = True  # also when the machine stops: the next start goes on with it
        with suppress(StoreError):
            report = recovery.restore(self.profile, KEY, chosen)
            self._trace.count("backups put back")
            self._trace.note(self._name, f"a backup is put back: {report.acts} acts")
        return True

    def go_back_by_hand(self) -> bool:
        """The user copies the file of an older backup over the store. False: there is none."""
        found = backups(self.profile)
        if not found:
            return False
        self._harmed = True
        chosen = self._disk.dice.choice(found)
        for name in (self.path, self.path + "-wal"):
            self._disk.lose_file(name)
        self._disk.files[self.path] = self._disk.files[str(chosen.path)].copy()
        self._disk.settle_names()
        self.rebuilt = True
        self._trace.count("backups put back by hand")
        self._trace.note(self._name, f"the file of {chosen.path.name} is put back")
        return True
