"""Reminders from a real store: a deputy's, who holds none of the orders, and those of refused records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_values import AlertKind
from desktop_app.domain.ids import PersonId
from desktop_app.services import alerts, decisions, deputies, handling, signoff
from local_store.changes import ChangeSet
from tests.support.township import Township
from ui.alerts.faces import page_of
from ui.alerts.gathering import Gatherer

DEPUTY = "leader2"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Township]:
    made = Township(tmp_path)
    yield made
    made.close()


def authorise(town: Township, hours: float) -> None:
    office = town.seat("secretary")
    town.seat(DEPUTY)
    now = office.now()
    deputies.authorise(office, PersonId(DEPUTY), now, now + timedelta(hours=hours), "外出开会")
    town.sync("secretary", DEPUTY)


def test_a_deputy_is_reminded_of_what_waits_for_a_signature_while_it_holds(town: Township) -> None:
    (order_id,) = town.proposed()
    authorise(town, hours=1.9)
    seat = town.seat(DEPUTY)
    gatherer = Gatherer(seat)
    assert gatherer.gather(seat.now()).alerts == ()
    town.pass_time(hours=1.6)
    (alert,) = gatherer.gather(seat.now()).alerts
    assert (alert.watch.order_id, alert.watch.clock.id) == (order_id, "settle")
    assert gatherer.watched() == (), "the countdown shows what is his own"
    gatherer.forget(alerts.acknowledge(seat, [(order_id, alert.id)]))
    assert gatherer.gather(seat.now()).alerts == ()
    town.sync(DEPUTY)
    assert seat.store.refused() == [], "the platform takes his acknowledgement"
    town.pass_time(hours=0.4)
    assert gatherer.gather(seat.now()).alerts == (), "it is over: the due moment is not told to him"


def test_a_signed_order_says_nothing_more_to_the_deputy(town: Township) -> None:
    (order_id,) = town.proposed()
    authorise(town, hours=8)
    seat = town.seat(DEPUTY)
    gatherer = Gatherer(seat)
    town.pass_time(hours=1.8)
    assert gatherer.gather(seat.now()).alerts
    office = town.seat("secretary")
    order = office.order(order_id)
    assert order.proposal is not None
    signoff.sign(office, order_id, order.proposal.hash, "同意。")
    town.sync("secretary")
    gatherer.forget(town.sync(DEPUTY))
    assert gatherer.gather(seat.now()).alerts == ()


def test_a_refused_record_reminds_its_author_until_it_is_dealt_with(town: Township) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    number = seat.order(order_id).number
    gatherer = Gatherer(seat)
    gatherer.gather(seat.now())
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    handling.accept(seat, order_id)
    gatherer.forget(town.sync("village"))
    town.pass_time(minutes=1)
    (alert,) = gatherer.gather(seat.now()).alerts
    assert (alert.kind, alert.watch.clock.label) == (AlertKind.REFUSED, "接办没被采用")
    (decision,) = seat.store.decisions(seat.person)
    assert decision.due_at == alert.watch.clock.due_at
    assert decision.act is not None
    gatherer.forget(decisions.set_aside(seat, order_id, decision.act.id, "知道了"))
    assert gatherer.gather(seat.now()).alerts == ()
    gatherer.forget(ChangeSet(everything=True))
    assert gatherer.gather(seat.now()).alerts == ()


def test_a_row_leads_to_where_something_is_done_about_it(town: Township) -> None:
    (order_id,) = town.proposed()
    authorise(town, hours=8)
    seat = town.seat(DEPUTY)
    town.pass_time(hours=1.6)
    (alert,) = Gatherer(seat).gather(seat.now()).alerts
    assert page_of(alert) == "signoff", "a deputy's own list does not hold it"
    office = town.seat("secretary")
    town.sync("secretary")
    (same,) = [a for a in Gatherer(office).gather(office.now()).alerts if a.id == alert.id]
    assert page_of(same) == ""
    number = seat.order(order_id).number
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    proposal = office.order(order_id).proposal
    assert proposal is not None
    signoff.sign(office, order_id, proposal.hash, "同意。")
    town.sync("secretary")
    town.pass_time(minutes=1)
    (refused,) = Gatherer(office).gather(office.now()).alerts
    assert page_of(refused) == "decisions"
