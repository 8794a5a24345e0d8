"""代签 from end to end: a leader with the secretary's authorisation gets what waits, and only then."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.domain.orders import Order, Stage
from desktop_app.services import deputies, handling, notes, signoff
from desktop_app.services.seat import Seat
from local_store.rows import DecisionKind, ListQuery, OutboxStatus, SavedView
from tests.support.center import sample_intake
from tests.support.pages import EVERYTHING, Ctrl, Enter, Shift, button, press, show_page
from tests.support.township import Township
from ui.alerts.gathering import Gatherer
from ui.signoff.page import SignoffPage
from ui.theme.theme import Theme

DEPUTY = "leader2"
"""No handler of any order here."""
OWN_VIEWS = (SavedView.ALL, SavedView.OPEN, SavedView.CONFLICT, SavedView.SHIFT, SavedView.MINE)


def authorise(town: Township, hours: float = 8, wait: float = 0) -> ActId:
    """From in ``wait`` hours on; returns the delegation's id. The deputy's seat is told."""
    office, deputy = town.seat("secretary"), town.seat(DEPUTY)
    starts = office.now() + timedelta(hours=wait)
    deputies.authorise(
        office, PersonId(DEPUTY), starts, starts + timedelta(hours=hours), "外出开会"
    )
    town.sync("secretary", DEPUTY)
    assert deputy.center.delegations
    return office.center.delegations[-1].act_id


def ids(seat: Seat, view: SavedView) -> list[OrderId]:
    rowids = seat.store.order_ids(ListQuery(view=view), seat.now(), seat.person)
    counted = seat.store.counts([view], seat.now(), seat.person)[view]
    assert counted == len(rowids)
    return [row.order_id for row in seat.store.rows(rowids)]


def at_platform(town: Township, order_id: OrderId) -> Order:
    order = town.platform.order_by_id(order_id)
    assert order is not None
    return order


def cards(page: SignoffPage) -> list[str]:
    return [card.key for card in page.queue.list.cards.cards]


def test_a_deputy_receives_what_waits_sees_the_sheet_and_signs(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    deputy = town.seat(DEPUTY)
    assert deputy.store.view(order_id) is None
    page = show_page(qtbot, SignoffPage, deputy, theme)
    assert cards(page) == []
    authorise(town)
    page.data_changed(EVERYTHING)
    assert cards(page) == [order_id]
    assert ids(deputy, SavedView.TO_SIGN) == [order_id]
    assert button(page, "signButton").isEnabled()
    press(page, Enter, Ctrl)
    assert cards(page) == []
    town.sync(DEPUTY)
    order = at_platform(town, order_id)
    assert order.stage is Stage.SIGNED
    assert order.signature is not None
    assert (order.signature.by.person_id, order.signature.on_behalf_of) == (DEPUTY, "secretary")
    assert deputy.store.outbox() == []
    assert ids(deputy, SavedView.SIGNED) == [order_id]


def test_a_deputy_signs_several_ordinary_orders_at_once(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    waiting = town.proposed(sample_intake(1), sample_intake(2, village="dg"))
    authorise(town)
    page = show_page(qtbot, SignoffPage, town.seat(DEPUTY), theme)
    free = [card.key for card in page.queue.list.cards.cards if not card.lock]
    assert free
    for key in free:
        page.queue.list.choose(key)
        page.queue.list.setFocus()
        press(page, Qt.Key.Key_Space)
    press(page, Enter, Ctrl | Shift)
    town.sync(DEPUTY)
    signed = [key for key in waiting if at_platform(town, key).stage is Stage.SIGNED]
    assert sorted(signed) == sorted(free)


def test_nothing_comes_before_the_period_begins(town: Township) -> None:
    (order_id,) = town.proposed()
    deputy = town.seat(DEPUTY)
    authorise(town, wait=24)
    assert deputy.store.view(order_id) is None
    town.pass_time(hours=24, minutes=1)
    town.sync(DEPUTY)
    assert ids(deputy, SavedView.TO_SIGN) == [order_id]


def test_after_the_period_the_queue_is_empty_and_nobody_signs(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    authorise(town, hours=2)
    deputy = town.seat(DEPUTY)
    page = show_page(qtbot, SignoffPage, deputy, theme)
    assert cards(page) == [order_id]
    town.pass_time(hours=2)
    page.tick(deputy.now())
    assert cards(page) == []
    press(page, Enter, Ctrl)
    page.primary()
    assert deputy.order(order_id).stage is Stage.PROPOSED  # kept here, signed by nobody
    assert "书记" in deputy.why_not(deputy.order(order_id), ActKind.SIGN)
    assert deputy.store.pending_count() == 0


def test_a_page_left_open_notices_that_the_period_is_over(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    """The dispatcher's queue stays full: only the buttons change."""
    town.proposed()
    office, desk = town.seat("secretary"), town.seat("dispatcher")
    now = office.now()
    deputies.authorise(office, PersonId("dispatcher"), now, now + timedelta(hours=2), "外出")
    town.sync("secretary", "dispatcher")
    page = show_page(qtbot, SignoffPage, desk, theme)
    page.tick(desk.now())
    assert button(page, "signButton").isEnabled()
    town.pass_time(hours=2)
    page.tick(desk.now())
    assert "书记" in button(page, "signButton").reason


def test_after_the_period_the_platform_sends_no_more_and_the_lists_show_only_what_is_his(
    town: Township,
) -> None:
    (first,) = town.signed(sample_intake(1))
    handler, deputy = town.seat("leader"), town.seat(DEPUTY)
    authorise(town, hours=2)
    assert deputy.store.view(first) is not None
    town.pass_time(hours=3)
    (second,) = town.proposed(sample_intake(2, village="dg"))
    town.sync("leader")
    handling.accept(handler, first)
    town.sync("leader", DEPUTY)
    assert deputy.store.view(second) is None
    assert deputy.order(first).rev < at_platform(town, first).rev
    for view in (*OWN_VIEWS, SavedView.TO_SIGN, SavedView.SIGNED, SavedView.RETURNED):
        assert ids(deputy, view) == []
        assert first in ids(handler, view) or view not in OWN_VIEWS[:2]
    assert Gatherer(deputy).watched() == ()
    assert Gatherer(handler).watched()


def test_signed_offline_within_the_period_and_arriving_after_it_counts(town: Township) -> None:
    (order_id,) = town.proposed()
    authorise(town, hours=2)
    deputy = town.seat(DEPUTY)
    proposal = deputy.order(order_id).proposal
    assert proposal is not None
    town.pass_time(hours=1)
    signoff.sign(deputy, order_id, proposal.hash, "同意。")
    town.pass_time(hours=30)
    town.sync(DEPUTY)
    signature = at_platform(town, order_id).signature
    assert signature is not None
    assert signature.on_behalf_of == "secretary"
    # Its state has come with the answer: nothing of it is left to wait for.
    assert deputy.store.outbox() == []
    assert deputy.store.view(order_id) == at_platform(town, order_id)


def test_signed_after_the_authorisation_was_taken_back_is_refused_and_stays_visible(
    town: Township,
) -> None:
    (order_id,) = town.proposed()
    grant = authorise(town)
    deputy, office = town.seat(DEPUTY), town.seat("secretary")
    town.pass_time(hours=1)
    deputies.revoke(office, grant, "已回")
    town.sync("secretary")
    town.pass_time(minutes=5)
    proposal = deputy.order(order_id).proposal
    assert proposal is not None
    signoff.sign(deputy, order_id, proposal.hash, "同意。")  # has not heard of it yet
    town.sync(DEPUTY)
    assert at_platform(town, order_id).stage is Stage.PROPOSED
    (item,) = deputy.store.outbox()
    assert (item.status, item.code) == (OutboxStatus.REJECTED, "not_signer")
    (task,) = deputy.store.decisions(deputy.person)
    assert task.kind is DecisionKind.REJECTION
    assert "代签" in task.reason
    assert ids(deputy, SavedView.TO_SIGN) == []


def test_a_deputy_gets_nothing_else_to_do_on_others_orders(town: Township) -> None:
    (order_id,) = town.signed()
    authorise(town)
    deputy = town.seat(DEPUTY)
    order = deputy.order(order_id)
    assert deputy.why_not(order, ActKind.NOTE)
    assert deputy.why_not(order, ActKind.MEET)
    assert deputy.store.decisions(deputy.person) == []
    notes.note(town.seat("leader"), order_id, "看过")
    town.sync("leader", DEPUTY)
    assert deputy.order(order_id).rev == at_platform(town, order_id).rev
