"""Photos that others recorded, fetched piece by piece: the last thing this seat does.

Files of open orders come by themselves where somebody works on orders; all others when an order that
names them is opened. Small ones first: the first piece of each tells how large it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from desktop_app.domain.clock import Clock
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.roles import HANDLER_ROLES, Role
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.client.answers import Reply, refusal_of
from sync.client.failures import OF_THE_LINE, Failure, FailureKind, failure
from sync.client.transport import Call, Transport
from sync.protocol.codec import digest_holds

log = logging.getLogger("jiban.sync")
K = FailureKind

ROOM = 200 * 1024 * 1024
"""Bytes of other seats' files that are kept."""
LARGEST = 10 * 1024 * 1024
PIECE_SECONDS = 30.0
LEAST_PIECE, FIRST_PIECE, MOST_PIECE = 16 * 1024, 64 * 1024, 256 * 1024
QUICK, SLOW = 0.7, 2.0  # seconds: a piece that took less grows, one that took more shrinks
LOOK = 200  # orders looked through at a time
BEGUN = 40  # files of which a first piece is held
NOT_YET, LEAVE_OUT = 15.0, 1800.0
"""Seconds until a file is asked for again that is not at the platform yet (twice as long each time, up
to the second), or that is not as its name says."""
AUTOMATIC = HANDLER_ROLES | {Role.DISPATCHER, Role.GRID}
"""Who has the photos of open orders without asking."""

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
Naming = dict[str, frozenset[OrderId]]


@dataclass(slots=True)
class _Part:
    """The beginning of a file of ``size`` bytes."""

    size: int
    data: bytearray = field(default_factory=bytearray)

    @property
    def left(self) -> int:
        return self.size - len(self.data)


@dataclass(frozen=True, slots=True)
class Piece:
    """What an answer brought: ``data`` from byte ``start`` of a file of ``size`` bytes."""

    start: int
    size: int
    data: bytes


class Downloader:
    """Knows what is missing and fetches the next piece. Used by the sync thread only."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        person_id: PersonId,
        room: int = ROOM,
    ) -> None:
        self._store, self._transport, self._clock = store, transport, clock
        self._person_id, self._room = person_id, room
        # None: all open orders. Before the first sync there are none, and answers bring every one.
        self._unseen: dict[OrderId, None] | None = None if store.sync_point().cursor else {}
        self._automatic: bool | None = None  # None: the center says, when it is asked
        self._passed_over = False  # orders were left out because nobody here works on them
        self._open: Naming = {}
        self._asked: Naming = {}
        self._parts: dict[str, _Part] = {}
        self._left_out: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self.piece = FIRST_PIECE

    # --- what is missing ---

    def look_at(self, changes: ChangeSet) -> None:
        """Orders have come that may name files which are not here."""
        if changes.center:
            self._automatic = None
        if self._unseen is not None:
            self._unseen |= dict.fromkeys(changes.naming)

    def ask_for(self, order_ids: Iterable[OrderId]) -> None:
        """Somebody looks at these orders: their files go first."""
        found = self._store.missing_files(order_ids, open_only=False)
        _merge(self._asked, found)
        for sha256 in found:
            if self._waits.get(sha256, 0.0) < LEAVE_OUT:
                self._left_out.pop(sha256, None)

    def retry(self) -> None:
        """A person pressed F5: leave nothing out."""
        self._left_out.clear()
        self._waits.clear()

    def more(self) -> bool:
        """Whether ``fetch_piece`` has something to do."""
        unsettled = self._unseen is None or self._automatic is None
        return unsettled or bool(self._unseen) or self._next() is not None

    def _look(self) -> bool:
        """Look through some orders. False when there are none to look through."""
        if self._automatic is None:
            self._settle()
            return True
        if self._unseen is None:
            self._unseen = dict.fromkeys(self._store.open_orders() if self._automatic else ())
            self._passed_over = not self._automatic
            return True
        if not self._unseen:
            return False
        some = list(self._unseen)[:LOOK]
        for order_id in some:
            del self._unseen[order_id]
        if self._automatic:
            _merge(self._open, self._store.missing_files(some, open_only=True))
        self._passed_over |= not self._automatic
        return True

    def _settle(self) -> None:
        """Find out whether who sits here works on orders; who begins to needs the earlier ones too."""
        center = self._store.center()
        person = center.person(self._person_id) if center is not None else None
        self._automatic = person is not None and person.role in AUTOMATIC
        if self._automatic and self._passed_over:
            self._unseen = None
        if not self._automatic:
            self._passed_over |= bool(self._open)
            self._open = {}
            self._parts = {sha: p for sha, p in self._parts.items() if sha in self._asked}

    def _next(self) -> str | None:
        now = self._clock.monotonic()
        self._left_out = {sha: until for sha, until in self._left_out.items() if until > now}
        asked = self._least(self._asked, LARGEST)
        if asked is not None or not self._open:
            return asked
        return self._least(self._open, self._room - self._store.downloaded_bytes())

    def _least(self, wanted: Naming, room: int) -> str | None:
        """Return the file that needs least, those not begun before all others, if it fits."""
        full = len(self._parts) >= BEGUN
        best, least = None, room + 1
        for sha256 in wanted:
            part = self._parts.get(sha256)
            if sha256 in self._left_out or (part is None and full):
                continue
            left = part.left if part is not None else 0
            if left < least and (part.size if part is not None else 0) <= room:
                best, least = sha256, left
        return best if room > 0 else None

    # --- fetching ---

    def fetch_piece(self, token: str) -> frozenset[OrderId] | Failure:
        """Do one piece of work. Returns the orders of which a file has arrived."""
        if self._look():
            return frozenset()
        sha256 = self._next()
        if sha256 is None:
            return frozenset()
        if self._store.file_status(sha256) is not None:
            return self._forget(sha256)
        piece = self._ask(sha256, token)
        return (
            self._failed(sha256, piece) if isinstance(piece, Failure) else self._add(sha256, piece)
        )

    def _ask(self, sha256: str, token: str) -> Piece | Failure:
        part = self._parts.get(sha256)
        start = len(part.data) if part is not None else 0
        length = self.piece if part is not None else FIRST_PIECE
        headers = {
            "Range": f"bytes={start}-{start + length - 1}",
            "Accept-Encoding": "identity",
        }
        call = Call("GET", f"/v1/files/{sha256}", PIECE_SECONDS, headers=headers, token=token)
        began = self._clock.monotonic()
        reply = self._transport.send(call)
        if isinstance(reply, Failure):
            return reply
        self._adapt(self._clock.monotonic() - began)
        if reply.status not in (200, 206):
            return refusal_of(reply, self._clock.now())
        return piece_of(reply, start)

    def _adapt(self, took: float) -> None:
        if took < QUICK:
            self.piece = min(MOST_PIECE, self.piece * 2)
        elif took > SLOW:
            self.piece = max(LEAST_PIECE, self.piece // 2)

    def _add(self, sha256: str, piece: Piece) -> frozenset[OrderId]:
        part = self._parts.get(sha256)
        if part is None or part.size != piece.size or piece.start == 0:
            part = self._parts[sha256] = _Part(piece.size)
        if piece.size > LARGEST or len(part.data) != piece.start:
            return self._refuse(sha256, "is not of a size this seat takes")
        part.data += piece.data
        if part.left:
            return frozenset()
        try:
            self._store.take_file(bytes(part.data), sha256, self._room)
        except ValueError:
            return self._refuse(sha256, "is not what its name says")
        return self._forget(sha256)

    def _refuse(self, sha256: str, why: str) -> frozenset[OrderId]:
        """Nothing of it is kept; others go on, and it is asked for again much later."""
        log.warning("file %s %s", sha256[:12], why)
        self._leave_out(sha256, LEAVE_OUT)
        return frozenset()

    def _leave_out(self, sha256: str, seconds: float) -> None:
        self._parts.pop(sha256, None)
        self._waits[sha256] = seconds
        self._left_out[sha256] = self._clock.monotonic() + seconds

    def _forget(self, sha256: str) -> frozenset[OrderId]:
        """It is here. Returns who names it."""
        for known in (self._parts, self._waits, self._left_out):
            known.pop(sha256, None)
        nobody: frozenset[OrderId] = frozenset()
        return self._asked.pop(sha256, nobody) | self._open.pop(sha256, nobody)

    def _failed(self, sha256: str, problem: Failure) -> frozenset[OrderId] | Failure:
        """A file that is not there yet, or not for this seat, lets the others pass."""
        if problem.code == "no_file":
            self._leave_out(sha256, min(LEAVE_OUT, 2 * self._waits.get(sha256, NOT_YET / 2)))
            return frozenset()
        if problem.kind in (K.NOT_ACCEPTED, K.TOO_BIG):
            self._leave_out(sha256, LEAVE_OUT)
        elif problem.kind not in OF_THE_LINE and problem.kind is not K.INTERRUPTED:
            self.piece = max(LEAST_PIECE, self.piece // 2)
        return problem


def _merge(into: Naming, found: Naming) -> None:
    for sha256, order_ids in found.items():
        into[sha256] = into.get(sha256, frozenset()) | order_ids


def piece_of(reply: Reply, start: int) -> Piece | Failure:
    """Return what a good answer brought, if everything about it holds. Pure."""
    digest = reply.headers.get("content-digest")
    if digest is None:
        return failure(K.NOT_PLATFORM)
    if not digest_holds(digest, reply.body):
        return failure(K.CUT_OFF)
    if reply.status == 200:  # the whole, asked or not
        return Piece(0, len(reply.body), reply.body)
    found = _RANGE.fullmatch(reply.headers.get("content-range", "").strip())
    if found is None:
        return failure(K.NOT_UNDERSTOOD)
    first, last, size = (int(number) for number in found.groups())
    if first != start or not 0 < last - first + 1 == len(reply.body) or last >= size:
        return failure(K.NOT_UNDERSTOOD)
    return Piece(first, size, reply.body)
