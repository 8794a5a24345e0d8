"""待传: everything that waits, with the reason."""

from pytestqt.qtbot import QtBot

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.services import handling
from tests.support.pages import EVERYTHING, Enter, click, part, picture, press, show_page
from tests.support.township import Township
from ui.outbox.page import OutboxPage
from ui.theme.theme import Theme
from ui.widgets.panel import Panel


def test_what_waits_is_listed_with_its_photos_and_leaves_when_it_has_arrived(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    file = seat.store.add_file(picture(), "路面.jpg")
    handling.accept(seat, order_id)
    handling.meet(seat, order_id, "门前", "张女士本人", "看过", files=(file.sha256,))
    page = show_page(qtbot, OutboxPage, seat, theme)
    cards = page.list.cards.cards
    assert [card.item.act.kind for card in cards] == [ActKind.HANDLER_ACCEPT, ActKind.MEET]
    assert "照片 1 张，已传 0 张。" in cards[1].why
    assert part(page, Panel, "outboxFiles").isVisible()
    page.data_changed(town.sync("village"))
    kinds = [card.item.act.kind for card in page.list.cards.cards]
    assert ActKind.HANDLER_ACCEPT not in kinds


def test_a_refused_record_says_why(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    number = seat.order(order_id).number
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    handling.accept(seat, order_id)
    town.sync("village")
    page = show_page(qtbot, OutboxPage, seat, theme)
    (card,) = page.list.cards.cards
    assert "平台已撤回" in card.why
    assert "未采用 1 条" in page._count.full_text()


def test_enter_opens_the_order_and_the_button_asks_for_a_sync(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    page = show_page(qtbot, OutboxPage, seat, theme)
    assert not page.list.isVisible()
    handling.accept(seat, order_id)
    page.data_changed(EVERYTHING)
    page.list.setFocus()
    with qtbot.waitSignal(page.open_requested) as asked:
        press(page, Enter)
    assert asked.args == [order_id]
    with qtbot.waitSignal(page.sync_requested):
        click(page, "outboxSync")
