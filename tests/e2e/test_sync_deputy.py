"""代签 over the real line: the feed begins again when the authorisation begins and when it ends."""

from __future__ import annotations

from datetime import timedelta

from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import Stage
from desktop_app.services import deputies, intake, signoff
from local_store.rows import ListQuery, SavedView
from tests.e2e.conftest import MakeSeat
from tests.support.center import HANDLERS, sample_intake
from tests.support.platform import RunningPlatform
from tests.support.proxy import FaultProxy
from tests.support.synced import SyncedSeat


def waiting(seat: SyncedSeat) -> list[str]:
    """The queue of 待签批 on this seat."""
    query = ListQuery(view=SavedView.TO_SIGN)
    rows = seat.store.order_ids(query, seat.time.now(), seat.seat.person)
    return [row.order_id for row in seat.store.rows(rows)]


def authorised(seat: SyncedSeat) -> bool:
    return seat.seat.is_deputy


def test_a_deputy_signs_offline_within_the_period_and_is_left_with_his_own_after_it(
    running: RunningPlatform, make_seat: MakeSeat, line: FaultProxy
) -> None:
    running.platform.dispatch([sample_intake(n) for n in range(1, 8)])
    desk, office, deputy = make_seat("dispatcher"), make_seat("secretary"), make_seat("leader2")
    for seat in (desk, office, deputy):
        seat.sync()
    assert deputy.orders() == []
    order_id, other = desk.orders()[:2]
    for each in (order_id, other):
        intake.accept(desk.seat, each)
        intake.verify(desk.seat, each, "matches", "属实")
        intake.propose(desk.seat, each, HANDLERS, "请先看现场。")
    desk.sync()
    now = office.seat.now()
    deputies.authorise(office.seat, PersonId("leader2"), now, now + timedelta(hours=2), "外出开会")
    office.sync()
    deputy.sync()
    assert authorised(deputy)
    assert sorted(waiting(deputy)) == sorted((order_id, other))
    assert len(deputy.orders()) == 7

    line.down()
    deputy.clock.advance(timedelta(hours=1))
    proposal = deputy.seat.order(order_id).proposal
    assert proposal is not None
    signoff.sign(deputy.seat, order_id, proposal.hash, "同意。")
    assert waiting(deputy) == [other]
    deputy.clock.advance(timedelta(hours=5))
    deputy.reopen()
    line.up()
    deputy.sync()
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert order.stage is Stage.SIGNED
    assert order.signature is not None
    assert order.signature.on_behalf_of == "secretary"
    assert deputy.store.outbox() == []
    assert deputy.store.view(order_id) == order

    assert not authorised(deputy)
    assert waiting(deputy) == []
    running.platform.dispatch([sample_intake(20)])
    deputy.sync()
    assert len(deputy.orders()) == 7  # kept, and nothing new
