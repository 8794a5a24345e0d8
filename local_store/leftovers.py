"""What a seat has that the platform has not: unsent acts, their files, drafts, and what it knows of itself.

The journal, a damaged file and a backup each give some of it; ``adopt`` puts it into a store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from desktop_app.domain.ids import CENTER
from local_store import acts, centers, files, meta, orders
from local_store.centers import CenterBook
from local_store.tx import Tx
from sync.protocol import codec

OWN_FACTS = (meta.CURSOR, meta.ACK, meta.REPLAY, centers.STAMP)
"""Facts about the one file they stand in: no other file may take them over."""


@dataclass(frozen=True, slots=True)
class KeptAct:
    """An act that the platform may not have; ``body`` as recorded."""

    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """``body`` None: the draft was dropped. ``saved_at`` in microseconds."""

    body: bytes | None
    saved_at: int


@dataclass(slots=True)
class Leftovers:
    """Acts by id, drafts by (order, form), facts by name, files by SHA-256 (read when needed)."""

    acts: dict[str, KeptAct] = field(default_factory=dict)
    drafts: dict[tuple[str, str], KeptDraft] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    files: dict[str, Callable[[], KeptFile]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.acts or self.drafts or self.facts or self.files)

    def add(self, other: Leftovers) -> None:
        """Take over what is missing here; what is here stays, and the newer draft counts.

        Facts go together: a session that was ended here must not come back from an older place.
        """
        self.acts = {**other.acts, **self.acts}
        self.facts = self.facts or dict(other.facts)
        self.files = {**other.files, **self.files}
        for key, draft in other.drafts.items():
            known = self.drafts.get(key)
            if known is None or known.saved_at < draft.saved_at:
                self.drafts[key] = draft

    @property
    def last_seq(self) -> int:
        """The highest number this device has given out, as far as is known."""
        noted = self.facts.get(meta.DEVICE_SEQ, "0")
        return max([int(noted) if noted.isdigit() else 0, *(a.seq for a in self.acts.values())])


@dataclass(frozen=True, slots=True)
class KeptFile:
    name: str
    data: bytes


@dataclass(slots=True)
class Adopted:
    """What was put into a store that did not have it."""

    acts: int = 0
    drafts: int = 0
    files: int = 0

    def __bool__(self) -> bool:
        return bool(self.acts or self.drafts or self.files)


def collect(tx: Tx, *, with_files: bool = False) -> Leftovers:
    """Return what a healthy store has that the platform may not have."""
    found = Leftovers()
    rows = tx.execute(f"SELECT act_id, seq, body FROM acts WHERE status IN ({acts.UNSETTLED})")  # noqa: S608
    found.acts = {act_id: KeptAct(seq, bytes(body)) for act_id, seq, body in rows}
    rows = tx.execute("SELECT order_id, form, body, saved_at FROM drafts")
    found.drafts = {(order, form): KeptDraft(bytes(body), at) for order, form, body, at in rows}
    rows = tx.execute("SELECT name, value FROM meta")
    found.facts = {name: value for name, value in rows if name not in OWN_FACTS}
    if with_files:
        found.files = {sha: _reading(tx, sha, name) for sha, name in unsent_files(tx)}
    return found


def unsent_files(tx: Tx) -> list[tuple[str, str]]:
    """Return SHA-256 and name of each own file that is not completely at the platform."""
    return tx.all("SELECT sha256, name FROM files WHERE sent < size")


def _reading(tx: Tx, sha256: str, name: str) -> Callable[[], KeptFile]:
    return lambda: KeptFile(name, files.content(tx, sha256, 0, None))


def adopt(tx: Tx, book: CenterBook, left: Leftovers, *, everything: bool) -> Adopted:
    """Put in what is missing. ``everything`` False: only acts, their files and newer drafts, into a
    store that is otherwise as it was; True: into one that was built anew, with what it knew of itself.
    """
    numbered = _highest(tx, left)
    same = left.facts.get(meta.DEVICE_ID) == meta.get(tx, meta.DEVICE_ID)
    if everything:
        _adopt_facts(tx, left.facts, same_device=same)
    elif same:
        _adopt_key(tx, left.facts)
    done = Adopted()
    done.files = _adopt_files(tx, left)
    subjects = _adopt_acts(tx, left, done, numbered)
    done.drafts = _adopt_drafts(tx, left, drop=everything)
    _refold(tx, book, subjects)
    tx.wrote(len(left.acts) + len(left.drafts))
    return done


def _highest(tx: Tx, left: Leftovers) -> int:
    """The highest number that was ever given out, as far as anything here tells."""
    in_use = tx.one("SELECT coalesce(max(seq), 0) FROM acts")[0]
    return max(meta.number(tx, meta.DEVICE_SEQ), int(in_use), left.last_seq)


def _adopt_facts(tx: Tx, facts: dict[str, str], *, same_device: bool) -> None:
    """What belongs to one device must not stay when the file that is built on was another's."""
    if facts and not same_device:
        for name in meta.OF_ONE_DEVICE:
            meta.put(tx, name, None)
    for name, value in facts.items():
        meta.put(tx, name, value)


def _adopt_key(tx: Tx, facts: dict[str, str]) -> None:
    """A file from before this device told its key would make another, which the platform refuses."""
    if all(meta.get(tx, name) is None and name in facts for name in meta.STICK_KEY):
        for name in meta.STICK_KEY:
            meta.put(tx, name, facts[name])


def take_facts(tx: Tx, left: Leftovers) -> None:
    """Put in what the seat knew of itself: device, session, who sits here."""
    for name, value in left.facts.items():
        meta.put(tx, name, value)


def _adopt_files(tx: Tx, left: Leftovers) -> int:
    missing = [sha for sha in left.files if files.status(tx, sha) is None]
    for sha256 in missing:
        kept = left.files[sha256]()
        files.add(tx, kept.data, kept.name)
    return len(missing)


def _adopt_acts(tx: Tx, left: Leftovers, done: Adopted, highest: int) -> set[str]:
    """Acts keep their id and their number; a number that is taken is passed over for one above the
    ``highest``.
    """
    subjects: set[str] = set()
    for act_id, kept in sorted(left.acts.items(), key=lambda item: item[1].seq):
        if tx.one("SELECT 1 FROM acts WHERE act_id = ?", (act_id,)) is not None:
            continue
        seq = kept.seq
        if tx.one("SELECT 1 FROM acts WHERE seq = ?", (seq,)) is not None:
            seq = highest = highest + 1
            meta.put(tx, meta.INHERITED, str(seq))
        _insert(tx, seq, kept.body)
        subjects.add(codec.decode_act(kept.body).subject)
        done.acts += 1
    if highest > meta.number(tx, meta.DEVICE_SEQ):
        meta.put(tx, meta.DEVICE_SEQ, str(highest))
    _allow_gaps(tx)
    return subjects


def _allow_gaps(tx: Tx) -> None:
    """Acts that were settled are not in the journal: in an older file their numbers are missing."""
    this = (meta.number(tx, meta.INHERITED),)
    first, last, count = tx.one("SELECT min(seq), max(seq), count(*) FROM acts WHERE seq > ?", this)
    highest = meta.number(tx, meta.DEVICE_SEQ)
    if count and (last - first + 1 != count or last != highest):
        meta.put(tx, meta.INHERITED, str(highest))


def _insert(tx: Tx, seq: int, body: bytes) -> None:
    act = codec.decode_act(body)
    acts.insert(tx, seq, act, body)
    files.want(tx, act.needs_files)


def _adopt_drafts(tx: Tx, left: Leftovers, *, drop: bool) -> int:
    done = 0
    this = "order_id = ? AND form = ?"
    for key, draft in left.drafts.items():
        known = tx.one(f"SELECT saved_at FROM drafts WHERE {this}", key)  # noqa: S608
        if draft.body is not None and (known is None or known[0] < draft.saved_at):
            tx.execute(
                "INSERT OR REPLACE INTO drafts (order_id, form, body, saved_at)"
                " VALUES (?, ?, ?, ?)",
                (*key, draft.body, draft.saved_at),
            )
            done += 1
        elif draft.body is None and drop and known is not None and known[0] <= draft.saved_at:
            tx.execute(f"DELETE FROM drafts WHERE {this}", key)  # noqa: S608
    return done


def _refold(tx: Tx, book: CenterBook, subjects: set[str]) -> None:
    if CENTER in subjects:
        centers.touch(tx)
    state = book.state(tx)
    for subject in subjects - {CENTER}:
        orders.refold(tx, subject, state.view if state else None, book.frame(tx))


def readable(body: bytes) -> bool:
    """Whether these bytes are an act."""
    try:
        codec.decode_act(body)
    except msgspec.MsgspecError:
        return False
    return True
