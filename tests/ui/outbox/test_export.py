"""待传 onto a stick: the button says why not, the page says when the stick may be pulled out."""

from __future__ import annotations

from pathlib import Path, PosixPath

from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import PersonId
from desktop_app.services import handling
from desktop_app.services.seat import Seat
from sync.client.identity import Credentials, save_credentials
from sync.client.stick_keys import device_key
from sync.platform import device_keys, sticks
from sync.platform.stick_import import StickImport
from sync.platform.uploads import Uploads
from tests.support.pages import button, part, picture, show_page
from tests.support.township import Township
from ui.outbox.page import OutboxPage
from ui.theme.theme import Theme
from ui.widgets.notice import Notice


class Odd(PosixPath):
    """A path as no program would make it."""

    def with_name(self, name: str) -> Odd:
        raise ZeroDivisionError(name)


def sign_in(town: Township, seat: Seat) -> None:
    """Do what signing in does for the keys."""
    platform, key = town.platform, device_key(seat.store)
    platform.database.write(
        lambda db: device_keys.register(
            db, platform.township(), seat.person_id, seat.store.device_id, key, town.clock.now()
        )
    )
    with platform.database.engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO device_townships (device_id, township) VALUES (?, ?)",
            (seat.store.device_id, platform.township()),
        )
    save_credentials(seat.store, Credentials(
        "http://127.0.0.1:1", "village", PersonId(seat.person_id), platform.server_id, "", "",
        seal_key=sticks.seal_key(platform),
    ))  # fmt: skip


def test_from_the_button_to_the_center(
    qtbot: QtBot, theme: Theme, town: Township, tmp_path: Path
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    sign_in(town, seat)
    page = show_page(qtbot, OutboxPage, seat, theme)
    assert button(page, "outboxExport").reason == "没有等着传的记录"
    file = seat.store.add_file(picture(), "路面.jpg")
    with qtbot.waitSignal(page.acted, timeout=20_000):
        page.data_changed(handling.accept(seat, order_id))
        handling.meet(seat, order_id, "门前", "张女士本人", "看过", files=(file.sha256,))
        assert button(page, "outboxExport").reason == ""
        page.stick.export_to(tmp_path / "a.jiban")
    assert [card.mark.text for card in page.list.cards.cards] == ["已导出", "已导出"]
    assert "已导出到 U 盘 2 条" in page._count.full_text()
    assert "导出到 U 盘，有网自动传" in page.list.cards.cards[0].why
    assert page._told.isVisible()
    with (tmp_path / "a.jiban").open("rb") as source:
        uploads = Uploads(town.platform, tmp_path / "files")
        taken = StickImport(town.platform, uploads).take(source)
    assert (taken.new, taken.photos.new) == (2, 1)
    page.data_changed(town.sync("village"))
    assert not [c for c in page.list.cards.cards if c.item.act.kind == "handler_accept"]


def test_a_seat_that_does_not_know_the_center_says_what_to_do(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    handling.accept(seat, order_id)
    page = show_page(qtbot, OutboxPage, seat, theme)
    assert "还没在中心登记过" in button(page, "outboxExport").reason


def test_a_stick_that_fails_is_said_and_the_records_stay(
    qtbot: QtBot, theme: Theme, town: Township, tmp_path: Path
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    sign_in(town, seat)
    handling.accept(seat, order_id)
    page = show_page(qtbot, OutboxPage, seat, theme)
    with qtbot.waitSignal(page.stick.job.failed, timeout=20_000):
        page.stick.export_to(tmp_path / "pulled" / "a.jiban")
    (card,) = page.list.cards.cards
    assert card.item.exported_at is None
    assert button(page, "outboxExport").reason == "", "it can be tried again at once"


def test_an_error_nobody_foresaw_is_said_and_does_not_lock_the_stick_for_good(
    qtbot: QtBot, theme: Theme, town: Township, tmp_path: Path
) -> None:
    (order_id,) = town.signed()
    seat = town.seat("village")
    town.sync("village")
    sign_in(town, seat)
    handling.accept(seat, order_id)
    page = show_page(qtbot, OutboxPage, seat, theme)
    with qtbot.waitSignal(page.stick.job.failed, timeout=20_000):
        page.stick.export_to(Odd(tmp_path / "a.jiban"))
    assert "没有丢" in part(page, Notice, "outboxNotice").accessibleName()
    assert button(page, "outboxExport").reason == ""
