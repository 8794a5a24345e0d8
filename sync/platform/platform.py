"""``Platform``: the central platform without its HTTP. Every method is one or two transactions.

Whatever concerns a township takes its id; where the platform has one township only, the id may be
left out.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Person
from desktop_app.domain.clock import Clock
from desktop_app.domain.ids import OrderId, PersonId, uuid7
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Order
from desktop_app.domain.roles import CENTER_ROLES
from sync.platform import (
    act_store,
    dispatching,
    feed,
    order_store,
    page_store,
    pages,
    problems,
    store,
    syncing,
    timekeeping,
    townships,
    witness,
)
from sync.platform.bell import Bell
from sync.platform.database import Database
from sync.platform.dispatching import DispatchResult
from sync.platform.judging import Submitted, platform_act, repeated
from sync.platform.order_cache import OrderCache
from sync.platform.passwords import COST
from sync.platform.proofs import LeftOut
from sync.platform.register import Register
from sync.platform.shelf import Shelf
from sync.platform.tables import SCHEMA
from sync.platform.waiting import News
from sync.protocol import packing
from sync.protocol.codec import decode_act, encode
from sync.protocol.messages import PROTOCOL, ActResult, Hello
from sync.protocol.witness import Witnessed

log = logging.getLogger("jiban.platform")

DISPATCH_BATCH = 500
LIMITS = Hello(
    product="jiban-platform", server_id="", epoch="", protocol_min=1, protocol_max=PROTOCOL,
    now=datetime.min.replace(tzinfo=UTC), max_acts=5000, end="",
)  # fmt: skip
"""The limits that hello announces are the ones enforced."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the person as the township's register has them now, and the device signed in.

    ``deputy``: may sign for the secretary now, and is sent all orders as long as that holds;
    ``deputy_until``: when the last such authorisation ends or ended.
    """

    township: str
    person: Person
    device_id: str
    session_id: str = ""
    deputy: bool = False
    deputy_until: datetime | None = None

    @property
    def sees_all(self) -> bool:
        """Whether every order is open to the caller now."""
        return self.deputy or self.person.role in CENTER_ROLES


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected act that nobody has dealt with yet."""

    act: Act
    code: str
    reason: str
    received_at: datetime


class Platform(Register):
    """The platform on one database. Safe to use from several threads and processes at once."""

    def __init__(
        self,
        database_url: str,
        clock: Clock,
        *,
        wall: Clock | None = None,
        speed: float | None = None,
        password_cost: int = COST,
    ) -> None:
        super().__init__(Database(database_url), password_cost)
        self.server_id, self._key = self.database.write(_identity)
        note = timekeeping.ClockNote.from_text(self._meta(timekeeping.KEY) or "")
        # A test hands its own clock over; the command line lets the stored note decide the pace.
        self.wall = wall or clock
        self.clock = timekeeping.continued(note, clock, speed) if wall is not None else clock
        self._memory = syncing.Memory(self._centers.of, OrderCache())
        self._shelf = Shelf()
        self.bell = Bell(self.database)
        self.database.on_moved = self.bell.ring
        self.database.on_lost = self._forget

    @property
    def pace(self) -> float:
        return timekeeping.pace_of(self.clock)

    def now(self) -> datetime:
        return self.clock.now()

    def close(self) -> None:
        self.database.close()

    def _meta(self, key: str) -> str | None:
        with self.database.read() as db:
            return store.get_meta(db, key)

    def note_clock(self, *, running: bool) -> None:
        """Leave word of where platform time stands, for other processes and the next start."""
        note = timekeeping.note_of(self.clock, self.wall, running=running).to_text()
        self.database.write(lambda db: store.set_meta(db, timekeeping.KEY, note))

    # --- who asks ---------------------------------------------------------------------------------

    def caller(self, person_id: str, device_id: str = "", *, township: str | None = None) -> Caller:
        """Return the caller for an active person. Raises ``PlatformProblem`` 403."""
        with self.database.read() as db:
            here = townships.resolved(db, township)
            return self.caller_in(db, here, person_id, device_id)

    def caller_in(
        self, db: Connection, township: str, person_id: str, device_id: str, session_id: str = ""
    ) -> Caller:
        center = self._centers.of(db, township)
        person = center.person(PersonId(person_id))
        if person is None or not person.active:
            raise problems.account_disabled()
        deputy = center.delegation(person.id, self.now()) is not None
        until = center.deputy_until(person.id)
        return Caller(township, person, device_id, session_id, deputy, until)

    # --- orders from the sender -------------------------------------------------------------------

    def dispatch(
        self,
        intakes: Sequence[Intake],
        at: datetime | None = None,
        *,
        township: str | None = None,
    ) -> list[DispatchResult]:
        """Dispatch records to the center; each result says new, already known or why not."""
        here = self.township(township)
        results: list[DispatchResult] = []
        for start in range(0, len(intakes), DISPATCH_BATCH):
            part = intakes[start : start + DISPATCH_BATCH]
            when, age = at or self.now(), self._memory.orders.age
            done = self.database.write(
                lambda db, part=part, when=when: dispatching.dispatch(  # type: ignore[misc]
                    db, here, self._centers.of(db, here), part, when
                )
            )
            self._memory.orders.put(here, done.new, age)
            results += done.results
        return results

    def act_as_platform(
        self,
        kind: ActKind,
        number: str,
        payload: dict[str, object],
        act_id: str = "",
        *,
        township: str | None = None,
    ) -> ActResult:
        """Record an act of the central platform on the order with this number.

        ``payload`` is plain (``payloads.plain``). ``act_id``: the caller's own, by which the act has
        one effect however often it is brought in. Raises ``LookupError`` for an unknown number.
        """
        now, here = self.now(), self.township(township)

        def work(db: Connection) -> syncing.Judged:
            order = order_store.order_by_number(db, here, number)
            if order is None:
                raise LookupError(number)
            locked = order_store.lock_orders(db, here, [order.id])[order.id]
            known = act_store.known_acts(db, here, [act_id] if act_id else ())
            if known:
                return syncing.Judged([repeated(known[act_id].result)], [])
            new_id = act_id or uuid7(int(now.timestamp() * 1000))
            act = platform_act(new_id, locked, kind, payload, now)
            return syncing.judge_batch(db, here, None, "", [submit(act)], self._memory, now)

        return self._judged(here, work).results[0]

    def _judged(
        self, township: str, work: Callable[[Connection], syncing.Judged]
    ) -> syncing.Judged:
        age = self._memory.orders.age
        judged = self.database.write(work)
        self._memory.orders.put(township, judged.changed, age)
        return judged

    def _forget(self) -> None:
        """Remember nothing of a database that may have lost its last commits (a standby took over): it
        gives the same feed positions out again, for other states.
        """
        self._memory.orders.clear()
        self._centers.clear()
        self._shelf.clear()

    def enact(self, acts: Sequence[Act], *, township: str | None = None) -> list[ActResult]:
        """Record acts of several people as they happened, each received when it occurred.

        For sample data and for acts brought in by an administrator; the rules are the same.
        """
        here = self.township(township)

        def work(db: Connection) -> list[ActResult]:
            results: list[ActResult] = []
            # Nothing of an unfinished transaction may get into the memory that others read.
            memory = syncing.Memory(syncing.fresh_center, OrderCache(0))
            for act in acts:
                person = syncing.fresh_center(db, here).person(act.actor.person_id)
                device, at = act.actor.device_id, act.occurred_at
                results += syncing.judge_batch(
                    db, here, person, device, [submit(act)], memory, at
                ).results
            return results

        return self.database.write(work)

    def order(self, number: str, *, township: str | None = None) -> Order | None:
        """Return the order with this number, whole."""
        with self.database.read() as db:
            return order_store.order_by_number(db, townships.resolved(db, township), number)

    def order_by_id(self, order_id: OrderId, *, township: str | None = None) -> Order | None:
        with self.database.read() as db:
            here = townships.resolved(db, township)
            return order_store.lock_orders(db, here, [order_id]).get(order_id)

    def order_count(self, *, township: str | None = None) -> int:
        with self.database.read() as db:
            return order_store.count_orders(db, townships.resolved(db, township))

    def rejected(self, *, township: str | None = None) -> list[Rejection]:
        """Return the rejected acts that are still unsettled, oldest first (I7)."""
        with self.database.read() as db:
            here = townships.resolved(db, township)
            return [_rejection(row) for row in act_store.open_rejections(db, here)]

    # --- seats ------------------------------------------------------------------------------------

    def hello(self) -> Hello:
        """Say who is here, before anybody has signed in."""
        with self.database.read() as db:
            known = townships.listed(db)
            sole = next(iter(known)) if len(known) == 1 else None
            name = self._centers.of(db, sole).name if sole else _several(known)
            epoch = self._epoch(db, sole)
        return Hello(
            product="jiban-platform",
            server_id=self.server_id,
            epoch=epoch,
            protocol_min=1,
            protocol_max=PROTOCOL,
            now=self.now(),
            pace=self.pace,
            max_acts=LIMITS.max_acts,
            center=name,
            end=epoch,
        )

    def epoch(self, township: str | None = None) -> str:
        """Return the township's epoch. Without one: the only township's, or the platform's mark."""
        with self.database.read() as db:
            return self._epoch(db, township or townships.sole(db))

    def _epoch(self, db: Connection, township: str | None) -> str:
        return feed.read_head(db, township).epoch if township else self.server_id

    def positions(self) -> dict[str, int]:
        """Return how far the feed of each township has come."""
        with self.database.read() as db:
            return feed.read_positions(db)

    def news(self, township: str, after: int) -> News:
        """Return what the feed has had since position ``after``, by any process, and for whom."""
        with self.database.read() as db:
            head = feed.read_head(db, township)
            if head.position == after:
                return News(after, head.epoch)
            everybody = head.center_position > after or head.position < after
            persons = None if everybody else page_store.concerned(db, township, after)
            return News(head.position, head.epoch, persons)

    def stands_at(self, caller: Caller, cursor: str, news: News) -> bool:
        """Whether ``cursor`` is the caller's own and has everything up to ``news``."""
        place = feed.unseal(cursor, self._key)
        person = caller.person
        scope = feed.scope_of(caller.township, person.id, person.role.value, deputy=caller.deputy)
        return place is not None and (place.epoch, place.position, place.scope) == (
            news.epoch, news.position, scope,
        )  # fmt: skip

    def witness(self, caller: Caller, cursor: str, numbers: Iterable[int]) -> Witnessed:
        """Show the caller's township's chain: its newest entry and those of these numbers."""
        place, here = feed.unseal(cursor, self._key), caller.township
        with self.database.read() as db:
            newest = witness.newest(db, here)  # before the feed: it is no newer than that
            head = feed.read_head(db, here)
            entries = witness.standing(db, here, numbers)
            known = place is not None and not feed.lost_history(db, here, place, head)
        same = place is not None and known and place.epoch == head.epoch
        at_the_end = same and place is not None and place.position == head.position
        return Witnessed(
            server_id=self.server_id,
            epoch=head.epoch,
            known=same,
            head=newest if at_the_end else "",
            entries=entries,
            end=head.epoch,
        )

    def push(
        self, caller: Caller, batch: Sequence[Submitted], *, folds: bool = False
    ) -> syncing.Judged:
        """Judge and keep a batch of acts in one durable transaction. ``folds``: see ``proofs``."""
        if not batch:
            return syncing.Judged([], [])
        now = self.now()
        here, person, device = caller.township, caller.person, caller.device_id

        def work(db: Connection) -> syncing.Judged:
            held = store.device_ack(db, here, device)
            judged = syncing.judge_batch(
                db, here, person, device, batch, self._memory, now, folds=folds
            )
            return replace(judged, held=held)

        return self._judged(here, work)

    def pull(
        self,
        caller: Caller,
        cursor: str,
        limit: int,
        results: tuple[ActResult, ...] = (),
        left_out: LeftOut | None = None,
        *,
        packs: bool = False,
        held: int | None = None,
    ) -> pages.Answer:
        """Return a page of what changed after ``cursor``; ``limit`` 0 pulls nothing. ``packs``: many
        orders come packed. ``held``: of the caller's device before a push that came along.
        """
        place, here = feed.unseal(cursor, self._key), caller.township
        limit = max(0, min(limit, LIMITS.max_page))
        with self.database.read() as db:
            head = feed.read_head(db, here)
            lost = place is not None and feed.lost_history(db, here, place, head)
            place = None if lost else place
            page = pages.read_page(
                db, here, caller.person, place, head, limit,
                deputy=caller.deputy, left_out=left_out, shelf=self._shelf if packs else None,
            )  # fmt: skip
            judged = pages.judged_orders(
                db, here, caller.person, caller.deputy_until, results, page, self.now()
            )
            ack = store.device_ack(db, here, caller.device_id) if held is None else held
        if lost:
            self._renew_epoch(here, head.epoch)
            return self.pull(caller, cursor, limit, results, left_out, packs=packs, held=held)
        bulk = packs and len(page.orders) >= packing.FROM
        return pages.Answer(
            server_id=self.server_id,
            epoch=page.epoch,
            now=self.now(),
            pace=self.pace,
            cursor=feed.seal(page.place, self._key),
            more=page.more,
            ack=ack,
            results=results,
            received_at=left_out.received_at if left_out else None,
            orders=judged if bulk else page.orders + judged,
            packs=list(packing.packed(page.orders)) if bulk else page.packs,
            center=page.center,
            end=page.epoch,
        )

    def sync(
        self, caller: Caller, cursor: str, acts: Sequence[Act] = (), limit: int = 500
    ) -> pages.Answer:
        """Push and pull in one call, as ``POST /v1/sync`` does."""
        judged = self.push(caller, [submit(act) for act in acts])
        return self.pull(caller, cursor, limit, tuple(judged.results), held=judged.held)

    changes = pull

    def _renew_epoch(self, township: str, lost: str) -> None:
        """A cursor proves that this database was restored from a backup: every seat replays."""
        log.warning("a cursor stands on lost history: this database was restored; new epoch")
        self.database.write(lambda db: feed.renew_epoch(db, township, lost))


def _several(known: Mapping[str, str]) -> str:
    return f"{len(known)} 个乡镇的共用平台" if known else ""


def submit(act: Act) -> Submitted:
    """Return an act with its canonical bytes and their digest."""
    body = encode(act)
    return Submitted(act, body, hashlib.sha256(body).hexdigest())


def _identity(db: Connection) -> tuple[str, bytes]:
    """Return server id and cursor key; made when the database is new."""
    server_id, key = store.get_meta(db, "server_id"), store.get_meta(db, "cursor_key")
    if server_id is None or key is None:
        server_id, key = f"jiban-{secrets.token_hex(8)}", secrets.token_hex(32)
        store.set_meta(db, "server_id", server_id)
        store.set_meta(db, "cursor_key", key)
        store.set_meta(db, "schema", str(SCHEMA))
    return server_id, bytes.fromhex(key)


def _rejection(row: Row[*tuple[Any, ...]]) -> Rejection:
    received = datetime.fromisoformat(row.received_at)
    return Rejection(decode_act(row.body), row.code, row.reason, received)
