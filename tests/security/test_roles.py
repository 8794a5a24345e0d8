"""Every role × every act × orders that are not theirs, over HTTP with a real session: no way in.

The sender is taken to know what he should not: ids, revisions and hashes of other people's orders.
What may be read is looked at as bytes: nothing that names a hidden petitioner is anywhere in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, Actor
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import CENTER, ActId, PersonId, uuid7
from desktop_app.domain.intake import Intake
from desktop_app.domain.lifecycle import rows
from desktop_app.domain.orders import Order, OrderKind, Outcome, Petitioner
from desktop_app.domain.roles import CENTER_ROLES, Role
from sync.protocol import packing
from sync.protocol.codec import decode, decode_order, encode
from sync.protocol.messages import ActResult, SyncAnswer, SyncRequest
from tests.support.acts import PAYLOADS, make_act
from tests.support.center import HANDLERS, sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from tests.sync.platform.seats import Seat

pytestmark = pytest.mark.fault("security.foreign_order")

C = sample_center()
EAST, WEST = "110117102", "110117103"
PEOPLE = (
    "dispatcher", "secretary", "leader", "village", "station", "department", "grid", "inspector",
    "admin",
)  # fmt: skip
OWN, FOREIGN, SECRET, REPORT, UNSIGNED, BESIDE = range(1, 7)
"""1 to 4 are signed: 2 for other handlers, 3 confidential, 4 a report. 5 is nobody's yet. 6 came
later than 3 and 4, at the same place, and is linked to them."""

OTHERS = tuple(replace(h, person_id=PersonId(f"{h.person_id}2")) for h in HANDLERS)
NAME, PHONE, HOME, SECOND = "章岩松", "13811112222", "西巷 9 号院", "010-69967788"
TELLING = (NAME, PHONE, "1112222", HOME, "9967788", "2222")
_IN_AN_ID = re.compile(r"[0-9a-f]+(?:-[0-9a-f]+){4}|[0-9a-f]{16,}|\.[0-9]+Z")
WAYS = ("applied", "merged", "already", "conflict")


def intake(n: int) -> Intake:
    plain = sample_intake(n)
    if n not in (SECRET, REPORT, BESIDE):
        return replace(plain, place=replace(plain.place, address=f"东街 {n} 号"))
    where = replace(plain.place, address="北沟 7 号门前")
    if n == BESIDE:
        return replace(plain, place=where)
    who = Petitioner(NAME, PHONE, HOME, confidential=n == SECRET)
    text = f"{NAME}（{PHONE}、{SECOND}，住{HOME}）反映门前有人私占。"
    kind = OrderKind.REPORT if n == REPORT else OrderKind.COMPLAINT
    matter = replace(plain.matter, title=f"{NAME}反映门前被占 {PHONE}", text=text, kind=kind)
    return replace(plain, petitioner=who, place=where, matter=matter, tags=(f"{NAME}家",))


class Town:
    """Two townships on one platform, served over HTTP."""

    def __init__(self, served: RunningPlatform) -> None:
        self.served, self.platform = served, served.platform
        self._seats: dict[str, Seat] = {}
        west = replace(C, township="西乡", name="西乡中心")
        logins = [(f"{x.id}@west", PASSWORD, x.id) for x in C.people]
        self.platform.setup_center(west, logins, township=WEST)
        self.platform.dispatch([sample_intake(n) for n in (1, 2)], township=WEST)
        self.platform.dispatch([intake(n) for n in range(1, 6)], township=EAST)
        for n in (OWN, FOREIGN, SECRET, REPORT):
            for person, kind in (("dispatcher", K.ACCEPT), ("dispatcher", K.VERIFY)):
                self.do(person, kind, n)
            handlers = OTHERS if n == FOREIGN else HANDLERS
            name, phone = (NAME, PHONE) if n in (SECRET, REPORT) else ("张女士", "12345")
            self.do("dispatcher", K.PROPOSE, n, p.Propose(handlers, f"先联系{name} {phone}"))
            self.do("secretary", K.SIGN, n, p.Sign(f"同意，替{name}保密。"))
            self.do("dispatcher", K.CALL, n, p.Call(f"{name} {phone}", True, f"{name}打的"))
        self.platform.dispatch([intake(BESIDE)], township=EAST)
        self.do("dispatcher", K.ACCEPT, BESIDE)
        self.do("dispatcher", K.VERIFY, BESIDE)
        self.do("dispatcher", K.PROPOSE, BESIDE)
        self.do("secretary", K.SIGN, BESIDE)

    def order(self, n: int, township: str = EAST) -> Order:
        order = self.platform.order(sample_intake(n).number, township=township)
        assert order is not None
        return order

    def do(self, person: str, kind: K, n: int, payload: object | None = None) -> None:
        caller = self.platform.caller(person, person, township=EAST)
        act = make_act(self.order(n), C, person, kind, self.platform.now(), payload)
        (result,) = self.platform.sync(caller, "", [act]).results
        assert result.outcome in WAYS, result

    def seat(self, person: str) -> Seat:
        """Return a seat that has seen nothing yet; the session is that of earlier ones."""
        if person not in self._seats:
            self._seats[person] = Seat(self.served, person)
        seat = self._seats[person]
        seat.cursor, seat.orders = "", {}
        return seat


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One for the module: what gets in would change it, which is what is looked for."""
    folder: Path = tmp_path_factory.mktemp("town")
    with running_platform(folder, ManualClock(), township=EAST) as served:
        yield Town(served)


def every_act(order: Order, person: str) -> list[Act]:
    """Return an act of each kind on ``order`` as it is, with a payload that would do."""
    made = []
    for kind in K:
        payload = PAYLOADS.get(kind)
        if kind in (K.AUTHORISE_DEPUTY, K.REVOKE_DEPUTY):
            payload = p.Empty()
        act = make_act(order, C, person, kind, order.history[-1].received_at, payload)
        made.append(replace(act, id=ActId(uuid7(1_000_000_000_000))))
    return made


def told(said: str) -> list[str]:
    """Return what of ``TELLING`` is said; ids, digests and fractions of seconds are random digits."""
    plain = _IN_AN_ID.sub("", said)
    return [secret for secret in TELLING if secret in plain]


def role_of(person: str) -> Role:
    found = C.person(PersonId(person))
    assert found is not None
    return found.role


def pushed(seat: Seat, *acts: Act) -> list[ActResult]:
    """Push; what comes back besides the results shows nothing of the orders either."""
    answer = seat.sync(*acts, limit=0)
    assert answer.orders == () or role_of(seat.person) in CENTER_ROLES or not acts
    return list(answer.results)


@pytest.mark.parametrize("person", [x for x in PEOPLE if role_of(x) not in CENTER_ROLES])
@pytest.mark.parametrize("n", [FOREIGN, UNSIGNED])
def test_a_handler_can_do_nothing_to_an_order_that_is_not_his(
    town: Town, person: str, n: int
) -> None:
    before = town.order(n)
    seat = town.seat(person)
    acts = every_act(before, person)
    for act, result in zip(acts, pushed(seat, *acts), strict=True):
        without_order = act.kind is K.SET_ASIDE and result.rev == 0
        assert result.outcome is Outcome.REJECTED or without_order, (act.kind, result)
        assert before.number not in result.reason
        assert before.petitioner.name not in result.reason
    assert town.order(n) == before


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_reaches_an_order_of_another_township(town: Town, person: str) -> None:
    before = town.order(1, WEST)
    results = pushed(town.seat(person), *every_act(before, person))
    for result in results:
        assert result.outcome in (
            Outcome.REJECTED,
            Outcome.DEFERRED,
            Outcome.BLOCKED,
            Outcome.APPLIED,
        )
        assert result.rev == 0, "nothing but setting one's own aside, which needs no order"
    assert town.order(1, WEST) == before
    west = Seat(town.served, f"{person}@west", f"west-{person}")
    west.catch_up()
    assert {o.id for o in west.orders.values()} <= {town.order(n, WEST).id for n in (1, 2)}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("n", [OWN, SECRET, REPORT])
def test_even_on_one_s_own_order_only_what_the_table_allows(
    town: Town, person: str, n: int
) -> None:
    role = role_of(person)
    seat = town.seat(person)
    mine = role in CENTER_ROLES or person in town.order(n).past_handlers
    acts = every_act(town.order(n), person)
    for act, result in zip(acts, pushed(seat, *acts), strict=True):
        if result.outcome.value in WAYS and result.rev:
            assert mine
            assert any(role in row.roles for row in rows(act.kind)), (person, act.kind)


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_acts_as_somebody_else(town: Town, person: str) -> None:
    """In the name of the secretary, with the secretary's role, as the platform, as oneself and more."""
    seat, order = town.seat(person), town.order(UNSIGNED)
    me = role_of(person)
    forged = [
        Actor(PersonId("secretary"), Role.SECRETARY, "乡书记", "乡党委书记"),
        Actor(PersonId(person), Role.SECRETARY, "乡书记", "乡党委书记"),
        Actor(PersonId(person), Role.PLATFORM, "12345", "12345 平台"),
        Actor(PersonId("platform"), Role.PLATFORM, "12345", "12345 平台"),
    ]
    acts = [
        replace(act, actor=actor, id=ActId(uuid7(1_000_000_000_000)))
        for actor in forged
        if (actor.person_id, actor.role) != (person, me)
        for act in every_act(order, person)
    ]
    results = pushed(seat, *acts)
    assert {result.outcome for result in results} == {Outcome.REJECTED}
    assert town.order(UNSIGNED) == order


@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_sign_for_the_secretary_is_said_by_the_secretary(town: Town, person: str) -> None:
    now = town.platform.now()
    deputy = p.AuthoriseDeputy(PersonId("leader2"), now, now + timedelta(hours=1), "外出")
    act = make_act(town.order(OWN), C, person, K.AUTHORISE_DEPUTY, now, deputy)
    act = replace(act, subject=CENTER, base_rev=0, id=ActId(uuid7(1_000_000_000_000)))
    (result,) = pushed(town.seat(person), act)
    assert (result.outcome is Outcome.APPLIED) == (person == "secretary")


@pytest.mark.parametrize("person", PEOPLE)
def test_a_signature_on_another_proposal_passes_for_nobody(town: Town, person: str) -> None:
    """The hash binds it: to a made-up proposal, an earlier one, another order's, to none."""
    seat = town.seat(person)
    now = town.platform.now()
    other = town.order(FOREIGN).proposal
    assert other is not None
    before = town.order(OWN)
    for wrong in ("", "0" * 64, other.hash, "x" * 5000):
        for kind in (K.SIGN, K.RETURN_PROPOSAL):
            act = make_act(before, C, person, kind, now, base_hash=wrong)
            (result,) = pushed(seat, replace(act, id=ActId(uuid7(1_000_000_000_000))))
            assert result.outcome is not Outcome.APPLIED
    after = town.order(OWN)
    assert (after.signature, after.assignments) == (before.signature, before.assignments)


@pytest.mark.parametrize("reason", ["", " ", "\u3000\n"])
def test_nobody_unmasks_without_saying_why(town: Town, reason: str) -> None:
    for person in ("dispatcher", "secretary", "inspector", "village"):
        payload = p.Unmask("phone", reason)
        act = make_act(town.order(OWN), C, person, K.UNMASK, town.platform.now(), payload)
        (result,) = pushed(town.seat(person), act)
        assert (result.outcome, result.code) == (Outcome.REJECTED, "incomplete")


# --- reading --------------------------------------------------------------------------------------


def readable(town: Town, person: str) -> set[str]:
    if role_of(person) in CENTER_ROLES:
        return {town.order(n).id for n in range(1, 7)}
    return {o.id for n in range(1, 7) if person in (o := town.order(n)).past_handlers}


@pytest.mark.fault("security.hidden_petitioner")
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("ask", ["sync", "snapshot", "changes", "small pages", "results"])
def test_what_is_read_is_one_s_own_and_hides_who_asked_to_be_hidden(
    town: Town, monkeypatch: pytest.MonkeyPatch, person: str, ask: str
) -> None:
    seat = town.seat(person)
    bodies: list[bytes] = []
    send = seat.send

    def listening(method: str, path: str, expect: int, **more: object):  # type: ignore[no-untyped-def]
        answer = send(method, path, expect, **more)
        bodies.append(answer.content)
        return answer

    monkeypatch.setattr(seat, "send", listening)
    if ask == "sync":
        seat.catch_up()
    elif ask == "snapshot":
        seat.snapshot()
    elif ask == "changes":
        seat.changes(0)
    elif ask == "small pages":
        while seat.snapshot(limit=1).more:
            pass
    else:
        seat.sync(*every_act(town.order(SECRET), person), *every_act(town.order(REPORT), person))
    assert set(seat.orders) <= readable(town, person)
    assert ask in ("changes", "results") or set(seat.orders) == readable(town, person)
    if role_of(person) in CENTER_ROLES:
        return
    for body in bodies:
        said = body.decode()
        assert not told(said), person
        for n in (FOREIGN, UNSIGNED):  # a link names their number and title, and no more
            assert f"东街 {n} 号" not in said


def test_the_center_s_roles_do_see_the_petitioner(town: Town) -> None:
    """Else the look above would be blind."""
    seat = town.seat("dispatcher")
    answer = seat.send("GET", "/v1/snapshot", 200)
    assert told(answer.text) == list(TELLING)
    assert decode(answer.content, SyncAnswer).orders


def whole_page(seat: Seat) -> SyncAnswer:
    """Return everything at once, packed where that is worth it."""
    request = SyncRequest(device_id=seat.device, packs=True, limit=2000)
    return decode(seat.post("/v1/sync", request).content, SyncAnswer)


@pytest.mark.fault("security.hidden_petitioner")
@pytest.mark.parametrize("person", PEOPLE)
def test_packed_pages_made_for_others_are_not_handed_on(
    town: Town, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    monkeypatch.setattr(packing, "FROM", 1)
    whole_page(town.seat("dispatcher"))  # whatever is kept for the next was made for him
    answer = whole_page(town.seat(person))
    packed = [order for pack in answer.packs for order in packing.unpacked(pack)]
    said = b"".join([*map(bytes, packed), encode(answer.orders)]).decode()
    orders = [decode_order(order) for order in packed] + list(answer.orders)
    assert {order.id for order in orders} == readable(town, person)
    hidden = role_of(person) not in CENTER_ROLES
    assert not (hidden and told(said))
    assert hidden or packed, "blind: nothing came packed"
