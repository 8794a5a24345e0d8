"""``Platform``: the central platform without its HTTP. Every method is one or two transactions."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center, Person
from desktop_app.domain.clock import Clock
from desktop_app.domain.ids import OrderId, PersonId, uuid7
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Policy
from desktop_app.domain.roles import CENTER_ROLES
from sync.platform import (
    accounts,
    dispatching,
    feed,
    problems,
    sessions,
    store,
    syncing,
    timekeeping,
)
from sync.platform.database import Database
from sync.platform.dispatching import DispatchResult
from sync.platform.judging import Submitted, platform_act, repeated
from sync.platform.order_cache import OrderCache
from sync.platform.passwords import COST, hash_password
from sync.platform.tables import feed_head
from sync.platform.waiting import News
from sync.protocol.codec import decode_act, encode
from sync.protocol.messages import PROTOCOL, ActResult, Hello

log = logging.getLogger("jiban.platform")

DISPATCH_BATCH = 500
LIMITS = Hello(
    product="jiban-platform", server_id="", epoch="", protocol_min=1, protocol_max=PROTOCOL,
    now=datetime.min.replace(tzinfo=UTC), end="",
)  # fmt: skip
"""The limits that hello announces are the ones enforced."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the person as the center's register has them now, and the device signed in.

    ``deputy``: may sign for the secretary now, and is sent all orders as long as that holds.
    """

    person: Person
    device_id: str
    session_id: str = ""
    deputy: bool = False

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


class Platform:
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
        self.database = Database(database_url)
        self._password_cost = password_cost
        self.server_id, self._key = self.database.write(_identity)
        note = timekeeping.ClockNote.from_text(self._meta(timekeeping.KEY) or "")
        # A test hands its own clock over; the command line lets the stored note decide the pace.
        self.wall = wall or clock
        self.clock = timekeeping.continued(note, clock, speed) if wall is not None else clock
        self._center_lock = threading.Lock()
        self._center: tuple[int, Center] | None = None
        self._memory = syncing.Memory(self.center_in, OrderCache())

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

    # --- the center and its people ----------------------------------------------------------------

    def center_in(self, db: Connection) -> Center:
        """Return the center, decoded once per change. Raises ``PlatformProblem`` when there is none."""
        position = feed.read_head(db).center_position
        with self._center_lock:
            if self._center is not None and self._center[0] == position:
                return self._center[1]
        loaded = store.load_center(db)
        if loaded is None:
            raise problems.no_center()
        with self._center_lock:
            self._center = (loaded[1], loaded[0])
        return loaded[0]

    def center(self) -> Center:
        with self.database.read() as db:
            return self.center_in(db)

    def setup_center(
        self, center: Center, people_accounts: Iterable[tuple[str, str, str]] = ()
    ) -> None:
        """Set the center up or replace it, and add ``(account, password, person id)`` logins."""
        hashed = [
            (account, hash_password(password, self._password_cost), person_id)
            for account, password, person_id in people_accounts
        ]

        def work(db: Connection) -> None:
            self._put_center(db, center)
            for account, password_hash, person_id in hashed:
                accounts.put_account(db, account, password_hash, person_id)

        self.database.write(work)

    def change_center(self, center: Center) -> None:
        """Publish a changed center (people, duties, roster, policy)."""
        self.database.write(lambda db: self._put_center(db, center))

    def _put_center(self, db: Connection, center: Center) -> None:
        before = store.load_center(db, lock=True)
        rev = before[0].rev + 1 if before else center.rev
        store.save_center(db, replace(center, rev=rev), feed.allocate(db, 1)[0])

    def change_policy(self, policy: Policy) -> None:
        """Publish another version of the rules; orders that are here keep their limits."""

        def work(db: Connection) -> None:
            self._put_center(db, replace(syncing.fresh_center(db, lock=True), policy=policy))

        self.database.write(work)

    def accounts(self) -> Sequence[accounts.AccountRow]:
        with self.database.read() as db:
            return accounts.list_accounts(db)

    def change_password(self, account: str, password: str) -> bool:
        """Give an account a new password and end its sessions. False: no such account."""
        hashed = hash_password(password, self._password_cost)

        def work(db: Connection) -> bool:
            sessions.revoke_account(db, account)
            return accounts.set_password(db, account, hashed)

        return self.database.write(work)

    def switch_account(self, account: str, *, active: bool) -> bool:
        """Disable or restore an account. A person left without any leaves office, and comes back.

        False: no such account.
        """

        def work(db: Connection) -> bool:
            if not accounts.set_active(db, account, active=active):
                return False
            if not active:
                sessions.revoke_account(db, account)
            rows = accounts.list_accounts(db)
            person_id = next(row.person_id for row in rows if row.account == account)
            in_office = any(row.active for row in rows if row.person_id == person_id)
            self._set_in_office(db, person_id, in_office=in_office)
            return True

        return self.database.write(work)

    def _set_in_office(self, db: Connection, person_id: str, *, in_office: bool) -> None:
        loaded = store.load_center(db, lock=True)
        if loaded is None:
            return
        people = tuple(
            replace(p, active=in_office) if p.id == person_id else p for p in loaded[0].people
        )
        if people != loaded[0].people:
            self._put_center(db, replace(loaded[0], people=people))

    def caller(self, person_id: str, device_id: str = "") -> Caller:
        """Return the caller for an active person. Raises ``PlatformProblem`` 403."""
        with self.database.read() as db:
            return self.caller_in(db, person_id, device_id)

    def caller_in(
        self, db: Connection, person_id: str, device_id: str, session_id: str = ""
    ) -> Caller:
        center = self.center_in(db)
        person = center.person(PersonId(person_id))
        if person is None or not person.active:
            raise problems.account_disabled()
        deputy = center.delegation(person.id, self.now()) is not None
        return Caller(person, device_id, session_id, deputy)

    # --- orders from the sender -------------------------------------------------------------------

    def dispatch(
        self, intakes: Sequence[Intake], at: datetime | None = None
    ) -> list[DispatchResult]:
        """Dispatch records to the center; each result says new, already known or why not."""
        results: list[DispatchResult] = []
        for start in range(0, len(intakes), DISPATCH_BATCH):
            part = intakes[start : start + DISPATCH_BATCH]
            when = at or self.now()
            results += self.database.write(
                lambda db, part=part, when=when: dispatching.dispatch(  # type: ignore[misc]
                    db, self.center_in(db), part, when
                )
            )
        return results

    def act_as_platform(
        self, kind: ActKind, number: str, payload: dict[str, object], act_id: str = ""
    ) -> ActResult:
        """Record an act of the central platform on the order with this number.

        ``payload`` is plain (``payloads.plain``). ``act_id``: the caller's own, by which the act has
        one effect however often it is brought in. Raises ``LookupError`` for an unknown number.
        """
        now = self.now()

        def work(db: Connection) -> syncing.Judged:
            order = store.order_by_number(db, number)
            if order is None:
                raise LookupError(number)
            locked = store.lock_orders(db, [order.id])[order.id]
            known = store.known_acts(db, [act_id] if act_id else ())
            if known:
                return syncing.Judged([repeated(known[act_id].result)], [])
            new_id = act_id or uuid7(int(now.timestamp() * 1000))
            act = platform_act(new_id, locked, kind, payload, now)
            return syncing.judge_batch(db, None, "", [submit(act)], self._memory, now)

        return self._judged(work)[0]

    def _judged(self, work: Callable[[Connection], syncing.Judged]) -> list[ActResult]:
        judged = self.database.write(work)
        self._memory.orders.put(judged.changed)
        return judged.results

    def enact(self, acts: Sequence[Act]) -> list[ActResult]:
        """Record acts of several people as they happened, each received when it occurred.

        For sample data and for acts brought in by an administrator; the rules are the same.
        """

        def work(db: Connection) -> list[ActResult]:
            results: list[ActResult] = []
            # Nothing of an unfinished transaction may get into the memory that others read.
            memory = syncing.Memory(syncing.fresh_center, OrderCache(0))
            for act in acts:
                person = syncing.fresh_center(db).person(act.actor.person_id)
                device, at = act.actor.device_id, act.occurred_at
                results += syncing.judge_batch(
                    db, person, device, [submit(act)], memory, at
                ).results
            return results

        return self.database.write(work)

    def order(self, number: str) -> Order | None:
        """Return the order with this number, whole."""
        with self.database.read() as db:
            return store.order_by_number(db, number)

    def order_by_id(self, order_id: OrderId) -> Order | None:
        with self.database.read() as db:
            return store.lock_orders(db, [order_id]).get(order_id)

    def order_count(self) -> int:
        with self.database.read() as db:
            return store.count_orders(db)

    def rejected(self) -> list[Rejection]:
        """Return the rejected acts that are still unsettled, oldest first (I7)."""
        with self.database.read() as db:
            return [_rejection(row) for row in store.open_rejections(db)]

    # --- seats ------------------------------------------------------------------------------------

    def hello(self) -> Hello:
        with self.database.read() as db:
            head = feed.read_head(db)
            name = self.center_in(db).name if head.center_position else ""
        return Hello(
            product="jiban-platform",
            server_id=self.server_id,
            epoch=head.epoch,
            protocol_min=1,
            protocol_max=PROTOCOL,
            now=self.now(),
            pace=self.pace,
            center=name,
            end=head.epoch,
        )

    def epoch(self) -> str:
        with self.database.read() as db:
            return feed.read_head(db).epoch

    def news(self, after: int) -> News:
        """Return what the feed has had since position ``after``, by any process, and for whom."""
        with self.database.read() as db:
            head = feed.read_head(db)
            if head.position == after:
                return News(after)
            everybody = head.center_position > after or head.position < after
            return News(head.position, None if everybody else store.concerned(db, after))

    def push(self, caller: Caller, batch: Sequence[Submitted]) -> tuple[ActResult, ...]:
        """Judge and keep a batch of acts in one durable transaction."""
        if not batch:
            return ()
        now = self.now()
        person, device = caller.person, caller.device_id

        def work(db: Connection) -> syncing.Judged:
            return syncing.judge_batch(db, person, device, batch, self._memory, now)

        return tuple(self._judged(work))

    def pull(
        self, caller: Caller, cursor: str, limit: int, results: tuple[ActResult, ...] = ()
    ) -> syncing.Answer:
        """Return a page of what changed after ``cursor``; ``limit`` 0 pulls nothing."""
        place = feed.unseal(cursor, self._key)
        limit = max(0, min(limit, LIMITS.max_page))
        with self.database.read() as db:
            head = feed.read_head(db)
            lost = place is not None and feed.lost_history(db, place, head)
            place = None if lost else place
            page = syncing.read_page(db, caller.person, place, head, limit, deputy=caller.deputy)
            judged = syncing.judged_orders(db, caller.person, results, page)
            ack = store.device_ack(db, caller.device_id)
        if lost:
            self._renew_epoch(head.epoch)
            return self.pull(caller, cursor, limit, results)
        return syncing.Answer(
            server_id=self.server_id,
            epoch=page.epoch,
            now=self.now(),
            pace=self.pace,
            cursor=feed.seal(page.place, self._key),
            more=page.more,
            ack=ack,
            results=results,
            orders=page.orders + judged,
            center=page.center,
            end=page.epoch,
        )

    def sync(
        self, caller: Caller, cursor: str, acts: Sequence[Act] = (), limit: int = 500
    ) -> syncing.Answer:
        """Push and pull in one call, as ``POST /v1/sync`` does."""
        results = self.push(caller, [submit(act) for act in acts])
        return self.pull(caller, cursor, limit, results)

    changes = pull

    def _renew_epoch(self, lost: str) -> None:
        """A cursor proves that this database was restored from a backup: every seat replays."""
        log.warning("a cursor stands on lost history: this database was restored; new epoch")
        renew = update(feed_head).where(feed_head.c.epoch == lost).values(epoch=feed.new_epoch())
        self.database.write(lambda db: db.execute(renew))


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
        store.set_meta(db, "schema", "1")
        db.execute(insert(feed_head), {"id": 1, "position": 0, "epoch": feed.new_epoch()})
    return server_id, bytes.fromhex(key)


def _rejection(row: Row[*tuple[Any, ...]]) -> Rejection:
    received = datetime.fromisoformat(row.received_at)
    return Rejection(decode_act(row.body), row.code, row.reason, received)
