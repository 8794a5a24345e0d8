"""代签 on the wire: what a deputy's seat is sent, from when until when."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.center import Delegation
from desktop_app.domain.ids import CENTER, ActId, PersonId
from desktop_app.domain.orders import Outcome
from desktop_app.domain.roles import Role
from sync.platform.platform import Platform
from sync.platform.server import PlatformServer
from sync.platform.uploads import Uploads
from sync.protocol.codec import encode
from tests.support.acts import make_act
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_changes import Waiting, until

Seats = Callable[..., Seat]
DEPUTY = "leader2"
HOUR = timedelta(hours=1)


def propose(seat: Seats, n: int = 1) -> None:
    desk = seat("dispatcher")
    for kind in (K.ACCEPT, K.VERIFY, K.PROPOSE):
        desk.push(act_on(desk, order_of(desk.served.platform, n), kind))


def authorise(seat: Seats, hours: float = 8) -> None:
    office = seat("secretary")
    now = office.served.platform.now()
    payload = p.AuthoriseDeputy(PersonId(DEPUTY), now, now + hours * HOUR, "出差")
    act = act_on(office, order_of(office.served.platform), K.AUTHORISE_DEPUTY, payload)
    (result,) = office.push(replace(act, subject=CENTER))
    assert result.outcome is Outcome.APPLIED


def test_an_authorisation_wakes_the_deputys_poll_and_all_orders_follow(seat: Seats) -> None:
    propose(seat)
    deputy = seat(DEPUTY)
    assert not deputy.orders
    waiting = Waiting(deputy)
    authorise(seat)
    assert waiting.result().center is not None
    deputy.catch_up()
    assert len(deputy.orders) == 3


def test_while_it_holds_a_deputys_poll_hears_of_every_order(
    platform: Platform, tmp_path: Path
) -> None:
    platform.dispatch([sample_intake(1)])
    server = PlatformServer(platform, "127.0.0.1", 0, tmp_path / "files")
    thread = threading.Thread(target=server.run_here)
    thread.start()
    try:
        served = RunningPlatform(platform, server.url, "")
        seat = partial(Seat, served)
        authorise(seat)
        deputy, desk = seat(DEPUTY), seat("dispatcher")
        deputy.catch_up()
        for kind, stage in ((K.ACCEPT, "accepted"), (K.VERIFY, "verified")):
            # The first look of the platform's watcher wakes everybody; the second counts.
            waiting = Waiting(deputy)
            until(lambda: server.app.state.desk.waiters.count == 1)
            desk.push(act_on(desk, order_of(platform), kind))
            (order,) = waiting.result().orders
            assert order.stage.value == stage
            assert waiting.took < 10
    finally:
        server.should_exit = True
        thread.join(10)


def test_after_the_end_only_the_deputys_own_orders_come(seat: Seats, clock: ManualClock) -> None:
    authorise(seat, hours=2)
    deputy = seat(DEPUTY)
    held = deputy.cursor
    clock.advance(3 * HOUR)
    deputy.use(deputy.sign_in())
    propose(seat)
    deputy.orders.clear()
    deputy.catch_up()
    assert not deputy.orders
    assert deputy.cursor != held
    deputy.cursor = held  # the cursor of the authorised time opens nothing either
    deputy.catch_up()
    assert not deputy.orders


@pytest.mark.fault("security.foreign_order")
def test_who_may_no_longer_see_an_order_learns_nothing_by_sending_old_acts_again(
    seat: Seats, clock: ManualClock
) -> None:
    """A signature would be a key for good to what is recorded on its order."""
    propose(seat)
    authorise(seat, hours=2)
    deputy = seat(DEPUTY)
    sign = act_on(deputy, order_of(deputy.served.platform), K.SIGN)
    assert deputy.sync(sign).orders
    for days, shown in ((29, 1), (3, 0)):
        clock.advance(timedelta(days=days))
        deputy.use(deputy.sign_in())
        deputy.catch_up()
        answer = deputy.sync(sign)
        assert [r.outcome for r in answer.results] == [Outcome.DUPLICATE]
        assert len(answer.orders) == shown


@pytest.mark.fault("security.foreign_order")
def test_who_changed_office_learns_nothing_by_sending_old_acts_again(seat: Seats) -> None:
    leader = seat("dispatcher2")
    leader.catch_up()
    note = act_on(leader, order_of(leader.served.platform), K.NOTE)
    assert leader.sync(note).orders
    platform = leader.served.platform
    center = platform.center()
    people = [replace(x, role=Role.LEADER) if x.id == "dispatcher2" else x for x in center.people]
    platform.change_center(replace(center, people=tuple(people)))
    leader.cursor = ""
    answer = leader.sync(note)
    assert [r.outcome for r in answer.results] == [Outcome.DUPLICATE]
    assert answer.orders == ()


def test_a_signature_of_the_period_brings_its_order_once_and_no_other(
    seat: Seats, clock: ManualClock
) -> None:
    propose(seat)
    authorise(seat, hours=2)
    deputy = seat(DEPUTY)
    clock.advance(HOUR)
    sign = act_on(deputy, order_of(deputy.served.platform), K.SIGN)
    clock.advance(9 * HOUR)
    deputy.use(deputy.sign_in())
    deputy.catch_up()
    for outcome in (Outcome.APPLIED, Outcome.DUPLICATE):
        deputy.orders.clear()
        answer = deputy.sync(sign)
        assert [r.outcome for r in answer.results] == [outcome]
        (order,) = answer.orders
        assert order.id == sign.subject
        assert order.signature is not None
        assert order.signature.on_behalf_of == "secretary"
    assert deputy.sync().orders == ()


def test_the_order_that_answers_a_late_signature_hides_its_petitioner(
    seat: Seats, clock: ManualClock
) -> None:
    intake = sample_intake(9)
    secret = replace(intake, petitioner=replace(intake.petitioner, confidential=True))
    seat("dispatcher").served.platform.dispatch([secret])
    propose(seat, 9)
    authorise(seat, hours=2)
    deputy = seat(DEPUTY)
    clock.advance(HOUR)
    sign = act_on(deputy, order_of(deputy.served.platform, 9), K.SIGN)
    clock.advance(9 * HOUR)
    deputy.use(deputy.sign_in())
    deputy.catch_up()
    (order,) = deputy.sync(sign).orders
    assert order.id == sign.subject
    assert order.signature is not None
    assert secret.petitioner.phone not in encode(order).decode()
    assert secret.petitioner.name not in encode(order).decode()


def test_a_late_signature_is_refused_with_the_reason_and_a_strangers_is_not_looked_at(
    seat: Seats, clock: ManualClock
) -> None:
    propose(seat)
    authorise(seat, hours=2)
    deputy, other = seat(DEPUTY), seat("leader")
    clock.advance(3 * HOUR)
    for who, code in ((deputy, "not_signer"), (other, "not_visible")):
        who.use(who.sign_in())
        answer = who.sync(act_on(who, order_of(who.served.platform), K.SIGN))
        assert [(r.outcome, r.code) for r in answer.results] == [(Outcome.REJECTED, code)]
        assert answer.orders == ()
    note = act_on(deputy, order_of(deputy.served.platform), K.NOTE)
    assert deputy.push(note)[0].code == "not_visible"


def test_files_are_open_to_a_deputy_while_the_authorisation_holds(
    platform: Platform, clock: ManualClock, tmp_path: Path
) -> None:
    platform.dispatch([sample_intake(1)])
    content = b"photo"
    sha = hashlib.sha256(content).hexdigest()
    center = sample_center()
    desk = platform.caller("dispatcher", "desk")
    uploads = Uploads(platform, tmp_path / "files")
    upload = uploads.create(desk, sha, len(content))
    with uploads.appending(desk, upload) as part:
        part.write(content)
        uploads.received(desk, upload, part)
    note = make_act(order_of(platform), center, "dispatcher", K.NOTE, clock.now(), seat="desk")
    platform.sync(desk, "", [replace(note, needs_files=(sha,))])
    now = clock.now()
    grant = Delegation(ActId("g"), PersonId("secretary"), PersonId(DEPUTY), now, now + HOUR, "出差")
    assert not uploads._may_read(platform.caller(DEPUTY), sha)
    platform.change_center(replace(platform.center(), delegations=(grant,)))
    assert uploads._may_read(platform.caller(DEPUTY), sha)
    clock.advance(2 * HOUR)
    assert not uploads._may_read(platform.caller(DEPUTY), sha)


def test_a_confidential_petitioner_stays_hidden_from_a_deputy(
    platform: Platform, clock: ManualClock
) -> None:
    intake = sample_intake(1)
    secret = replace(intake, petitioner=replace(intake.petitioner, confidential=True))
    platform.dispatch([secret])
    now = clock.now()
    grant = Delegation(ActId("g"), PersonId("secretary"), PersonId(DEPUTY), now, now + HOUR, "出差")
    platform.change_center(replace(platform.center(), delegations=(grant,)))
    (state,) = platform.pull(platform.caller(DEPUTY), "", 10).orders
    assert intake.petitioner.phone.encode() not in bytes(state)
