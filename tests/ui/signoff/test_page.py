"""The secretary's page, by its keys: what is signed is what was seen."""

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import Duty, Handler, Stage
from desktop_app.services import deputies, intake
from tests.support.center import HANDLERS, sample_intake
from tests.support.pages import (
    EVERYTHING,
    Ctrl,
    Enter,
    Shift,
    button,
    click,
    compose,
    part,
    press,
    show_page,
    write,
)
from tests.support.township import Township
from ui.signoff.page import SIGNED, SignoffPage
from ui.theme.theme import Theme
from ui.widgets.combo import Combo
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

OTHERS = (Handler(Duty.LEAD, PersonId("leader2"), "分管村镇建设领导"), *HANDLERS[1:])


def notice(page: SignoffPage) -> str:
    shown = part(page, Notice, "signoffNotice")
    return "".join(label.full_text() for label in shown.findChildren(Label))


def repropose(town: Township, order_id: OrderId) -> None:
    desk = town.seat("dispatcher")
    intake.withdraw_proposal(desk, order_id, "换领办")
    intake.propose(desk, order_id, OTHERS, "请村里先看现场。")
    town.sync("dispatcher")


def test_ctrl_enter_signs_the_proposal_on_the_sheet(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    press(page, Enter)  # into the sheet
    write(page, "sheetOpinion", "今天见面。")
    with qtbot.waitSignal(page.acted):
        press(page, Enter, Ctrl)
    order = seat.order(order_id)
    assert order.stage is Stage.SIGNED
    assert order.signature is not None
    assert order.signature.opinion == "同意。今天见面。"
    assert order.proposal is not None
    assert order.signature.proposal_hash == order.proposal.hash
    assert SIGNED in notice(page)
    assert page.queue.list.cards.rowCount() == 0
    town.sync("secretary")
    arrived = town.platform.order_by_id(order_id)
    assert arrived is not None
    assert arrived.stage is Stage.SIGNED


def test_a_key_pressed_twice_does_not_sign_the_next_sheet_unseen(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    orders = town.proposed(sample_intake(1), sample_intake(2))
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    with qtbot.waitSignal(page.acted):
        press(page, Enter, Ctrl)
    press(page, Enter, Ctrl)
    waiting = [o for o in orders if seat.order(o).stage is Stage.PROPOSED]
    assert len(waiting) == 1

    def signed_after_a_look() -> bool:
        press(page, Enter, Ctrl)
        return seat.order(waiting[0]).stage is Stage.SIGNED

    qtbot.waitUntil(signed_after_a_look, timeout=3000)


def test_plain_enter_signs_nothing(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.proposed()
    page = show_page(qtbot, SignoffPage, town.seat("secretary"), theme)
    press(page, Enter)
    press(page, Enter)
    assert town.seat("secretary").order(order_id).stage is Stage.PROPOSED


def test_a_proposal_that_changes_on_screen_is_looked_at_before_it_is_signed(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    press(page, Enter)
    write(page, "sheetOpinion", "快办。")
    repropose(town, order_id)
    page.data_changed(town.sync("secretary"))
    assert "领办：分管农业领导 → 分管村镇建设领导" in notice(page)
    assert not button(page, "signButton").isEnabled()
    press(page, Enter, Ctrl)
    assert seat.order(order_id).stage is Stage.PROPOSED
    page.desk.notice.action_requested.emit()
    assert page.desk.sheet.instruction() == "同意。快办。"
    press(page, Enter, Ctrl)
    order = seat.order(order_id)
    assert order.stage is Stage.SIGNED
    assert order.assignments[0].handler.person_id == "leader2"


def test_an_order_withdrawn_on_screen_stays_until_looked_at(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    first, second = town.proposed(sample_intake(1), sample_intake(2, village="dg"))
    page = show_page(qtbot, SignoffPage, town.seat("secretary"), theme)
    shown = OrderId(page.queue.list.current_key())
    number = town.seat("secretary").order(shown).number
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    page.data_changed(town.sync("secretary"))
    assert page.queue.list.current_key() == shown
    assert "平台已撤回" in notice(page)
    page.desk.notice.action_requested.emit()
    assert page.queue.list.current_key() == ({first, second} - {shown}).pop()
    assert button(page, "signButton").isEnabled()


def test_returning_needs_a_reason_and_keeps_what_was_begun(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    press(page, Qt.Key.Key_B, Ctrl)
    assert button(page, "returnSend").reason == "先写理由"
    press(page, Enter, Ctrl)
    assert seat.order(order_id).stage is Stage.PROPOSED
    write(page, "returnReason", "加上农办")
    press(page, Qt.Key.Key_Escape)
    press(page, Qt.Key.Key_B, Ctrl)
    press(page, Enter, Ctrl)
    order = seat.order(order_id)
    assert (order.stage, order.returned) == (Stage.VERIFIED, "加上农办")
    assert seat.store.load_draft(order_id, "return_proposal") is None


def test_signing_with_other_handlers(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.proposed()
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    press(page, Qt.Key.Key_M, Ctrl)
    lead = part(page, Combo, "changeLead")
    QTest.keyClick(lead, Qt.Key.Key_Down)
    click(page, "changeRemove_station")
    press(page, Enter, Ctrl)
    order = seat.order(order_id)
    assert order.signature is not None
    assert order.signature.changed
    assert [a.handler.person_id for a in order.assignments] == ["leader2", "village"]


def test_space_ticks_ordinary_orders_and_they_are_signed_together(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    ids = town.proposed(
        sample_intake(1), sample_intake(2, village="dg"), sample_intake(3, tier="livelihood")
    )
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    locks = {card.key: card.lock for card in page.queue.list.cards.cards}
    free = [key for key, lock in locks.items() if not lock]
    assert free
    assert locks[ids[2]]
    assert button(page, "batchButton").reason == "先按空格选件"
    for key in locks:
        page.queue.list.choose(key)
        page.queue.list.setFocus()
        press(page, Qt.Key.Key_Space)
    assert f"批签 {len(free)} 件" in button(page, "batchButton").text()
    press(page, Enter, Ctrl | Shift)
    stages = {order_id: seat.order(order_id).stage for order_id in ids}
    assert [key for key, stage in stages.items() if stage is Stage.SIGNED] == [
        order_id for order_id in ids if order_id in free
    ]


def test_a_tick_goes_when_the_proposal_changes(qtbot: QtBot, theme: Theme, town: Township) -> None:
    first, second = town.proposed(sample_intake(1), sample_intake(2, village="dg"))
    page = show_page(qtbot, SignoffPage, town.seat("secretary"), theme)
    free = [OrderId(c.key) for c in page.queue.list.cards.cards if not c.lock]
    page.queue.list.choose(free[0])
    press(page, Qt.Key.Key_Space)
    page.queue.list.choose(({first, second} - {free[0]}).pop())
    repropose(town, free[0])
    page.data_changed(town.sync("secretary"))
    assert button(page, "batchButton").reason


def test_the_opinion_is_kept_as_a_draft(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.proposed()
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    press(page, Enter)
    write(page, "sheetOpinion", "雨雪前办完。")
    qtbot.waitUntil(lambda: seat.store.load_draft(order_id, "sign") is not None)
    again = show_page(qtbot, SignoffPage, seat, theme)
    assert again.desk.sheet.instruction() == "同意。雨雪前办完。"


def test_nothing_is_signed_while_a_word_is_being_composed(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    page = show_page(qtbot, SignoffPage, town.seat("secretary"), theme)
    press(page, Enter)
    compose(page, "sheetOpinion", "jin tian")
    press(page, Enter, Ctrl)
    page.primary()
    assert town.seat("secretary").order(order_id).stage is Stage.PROPOSED
    compose(page, "sheetOpinion", "")


def test_who_may_not_sign_sees_the_sheet_and_the_reason(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    town.proposed()
    page = show_page(qtbot, SignoffPage, town.seat("dispatcher"), theme)
    assert "乡党委书记" in button(page, "signButton").reason
    assert not button(page, "batchButton").isEnabled()


def test_a_deputy_signs_within_the_period_and_only_then(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.proposed()
    office, desk = town.seat("secretary"), town.seat("dispatcher")
    now = office.now()
    deputies.authorise(office, PersonId("dispatcher"), now, now + timedelta(hours=8), "外出开会")
    town.sync("secretary", "dispatcher")
    page = show_page(qtbot, SignoffPage, desk, theme)
    assert button(page, "signButton").isEnabled()
    town.pass_time(hours=9)
    page.data_changed(EVERYTHING)
    assert not button(page, "signButton").isEnabled()
    town.clock.advance(timedelta(hours=-9))
    desk.time.hear(town.clock.now())
    page.data_changed(EVERYTHING)
    press(page, Enter, Ctrl)
    signature = desk.order(order_id).signature
    assert signature is not None
    assert signature.on_behalf_of == "secretary"


def test_the_secretary_authorises_a_deputy_on_the_page(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    seat = town.seat("secretary")
    page = show_page(qtbot, SignoffPage, seat, theme)
    click(page, "deputyButton")
    assert button(page, "deputyAuthorise").reason == "先选代签人"
    QTest.keyClick(part(page, Combo, "deputyPerson"), Qt.Key.Key_Down)
    write(page, "deputyReason", "外出开会")
    press(page, Enter, Ctrl)
    (grant,) = seat.center.delegations
    assert grant.ends_at - grant.starts_at <= timedelta(days=1, minutes=1)
    click(page, f"deputyRevoke_{grant.act_id}")
    assert seat.center.delegations[0].revoked_at is not None


def test_a_narrow_window_shows_the_list_or_the_sheet(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    town.proposed()
    page = show_page(qtbot, SignoffPage, town.seat("secretary"), theme, width=720)
    assert page.queue.isVisible()
    assert not page.desk.isVisible()
    press(page, Enter)
    assert page.desk.isVisible()
    press(page, Qt.Key.Key_Escape)
    assert page.queue.isVisible()
