"""A district to measure on: townships with people, orders in work, and seats that are signed in."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.center import Center, Person, Unit, UnitKind
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Duty, Handler, Outcome, Place
from desktop_app.domain.roles import Role
from resources.sample import sample_intake
from sync.platform import feed
from sync.platform.entrance import Entrance
from sync.platform.platform import Caller, Platform
from sync.protocol.messages import Login
from tests.support.acts import make_act
from tests.support.center import sample_center
from tests.support.platform import CHEAP

STAFF = (
    (Role.DISPATCHER, 3), (Role.SECRETARY, 1), (Role.INSPECTOR, 1), (Role.ADMIN, 1),
    (Role.LEADER, 4), (Role.STATION, 10), (Role.VILLAGE, 30),
)  # fmt: skip
"""Fifty seats in a township: six of its center, who hear of everything, and those who handle."""

LOUD = "W"
IN_WORK = 30


class SeatPlan(msgspec.Struct, frozen=True):
    """One simulated seat. ``orders`` are ids it may write to."""

    address: str
    token: str
    township: str
    person: str
    role: str
    device: str
    cursor: str
    orders: tuple[str, ...]
    sees_all: bool

    @staticmethod
    def moment(at: float) -> datetime:
        return datetime.fromtimestamp(at, UTC)


class Plan(msgspec.Struct, frozen=True):
    url: str
    seats: list[SeatPlan]


def load_plan(path: Path) -> Plan:
    return msgspec.json.decode(path.read_bytes(), type=Plan)


@dataclass(frozen=True, slots=True)
class Size:
    """``orders`` in all townships together."""

    townships: int = 10
    orders: int = 50_000


def township_ids(size: Size) -> list[str]:
    return [f"1101171{n:02d}" for n in range(size.townships)]


def people() -> tuple[Person, ...]:
    return tuple(
        Person(
            PersonId(f"{role.value}{n}"), f"{role.value}{n}", role, role.value,
            UnitId(f"{role.value}{n}") if role in (Role.VILLAGE, Role.STATION) else None,
        )
        for role, count in STAFF
        for n in range(count)
    )  # fmt: skip


def units() -> tuple[Unit, ...]:
    kinds = {Role.VILLAGE: UnitKind.VILLAGE, Role.STATION: UnitKind.STATION}
    return tuple(Unit(x.unit_id, kinds[x.role], x.name) for x in people() if x.unit_id is not None)


def fill(platform: Platform, size: Size) -> None:
    """Set up the townships with their orders; some of them are with handlers."""
    center = replace(sample_center(), people=people(), duties=(), units=units())
    for township in township_ids(size):
        platform.setup_center(
            replace(center, township=township),
            [(f"{x.id}@{township}", "secret", x.id) for x in center.people],
            township=township,
        )
        per = size.orders // size.townships
        for start in range(0, per, 500):
            batch = [arrival(n) for n in range(start, min(start + 500, per))]
            platform.dispatch(batch, township=township)
        _put_to_work(platform, center, township)


def arrival(n: int, prefix: str = "B") -> Intake:
    """Return the n-th order of a township."""
    intake = sample_intake(n, SystemClock().now())
    place = Place(UnitId(f"village{n % 30}"), f"village{n % 30}", intake.place.address)
    return replace(intake, number=f"{prefix}{n:07d}", tier="general", place=place)


def _put_to_work(platform: Platform, center: Center, township: str) -> None:
    """Let an order from each village go to its handlers, so that everybody has some."""
    for n in range(IN_WORK):
        chosen = (
            Handler(Duty.LEAD, PersonId(f"leader{n % 4}"), "分管领导"),
            Handler(Duty.ASSIST, PersonId(f"village{n}"), "村书记", UnitId(f"village{n}")),
            Handler(Duty.HELP, PersonId(f"station{n % 10}"), "站所", UnitId(f"station{n % 10}")),
        )
        for person, kind, payload in (
            ("dispatcher0", K.ACCEPT, None),
            ("dispatcher0", K.VERIFY, None),
            ("dispatcher0", K.PROPOSE, p.Propose(chosen, "请先看现场。")),
            ("secretary0", K.SIGN, None),
        ):
            order = platform.order(arrival(n).number, township=township)
            assert order is not None
            act = make_act(order, center, person, kind, platform.now(), payload)
            (result,) = platform.enact([act], township=township)
            assert result.outcome is Outcome.APPLIED, result


def plan(platform: Platform, size: Size, url: str) -> Plan:
    """Sign everybody in; cursors stand at the end of the feed."""
    entrance, seats = Entrance(platform), []
    for t, township in enumerate(township_ids(size)):
        by_person = _orders_of(platform, township)
        for n, person in enumerate(people()):
            device, address = f"{township}-{person.id}", f"127.1.{t}.{n + 1}"
            login = Login(account=f"{person.id}@{township}", password="secret", device_id=device)
            session = entrance.sign_in(login, address)
            caller = platform.caller(person.id, device, township=township)
            seats.append(
                SeatPlan(
                    address, session.access_token, township, person.id, person.role.value, device,
                    _at_the_end(platform, caller), tuple(by_person.get(person.id, ())),
                    caller.sees_all,
                )
            )  # fmt: skip
    random.Random(1).shuffle(seats)
    return Plan(url, seats)


def _orders_of(platform: Platform, township: str) -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    everything: list[str] = []
    for n in range(IN_WORK):
        order = platform.order(arrival(n).number, township=township)
        assert order is not None
        everything.append(order.id)
        for person in order.past_handlers:
            found.setdefault(person, []).append(order.id)
    return {x.id: found.get(x.id) or everything for x in people()}


def _at_the_end(platform: Platform, caller: Caller) -> str:
    with platform.database.read() as db:
        head = feed.read_head(db, caller.township)
        nonce = feed.nonce_at(db, caller.township, head.position)
    scope = feed.scope_of(caller.township, caller.person.id, caller.person.role.value)
    return feed.seal(feed.Place(head.epoch, head.position, nonce, scope), platform._key)


def opened(url: str) -> Platform:
    return Platform(url, SystemClock(), password_cost=CHEAP)


def save(plan: Plan, path: Path) -> None:
    path.write_bytes(json.dumps(msgspec.to_builtins(plan)).encode())
