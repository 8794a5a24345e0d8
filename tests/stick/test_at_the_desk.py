"""A dispatcher hands a stick in from his own seat, over the line; nobody else may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sync.client.bring import BringFailed, bring
from sync.client.identity import load_credentials, save_credentials
from tests.stick.conftest import Town, export, visit
from ui.outbox.page import OutboxPage
from ui.theme.theme import Theme

pytestmark = pytest.mark.fault("stick.outbox_by_usb")


def carried(town: Town, folder: Path) -> Path:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实", (b"photo" * 90_000,))
    export(village, folder / "a.jiban")
    return folder / "a.jiban"


def test_what_the_dispatcher_hands_in_is_taken_once(town: Town, tmp_path: Path) -> None:
    file, desk = carried(town, tmp_path), town.seat("dispatcher")
    taken = bring(desk.store, file)
    assert (taken.person, taken.new, taken.photos) == ("魏家湾村书记 魏书记", 1, 1)
    again = bring(desk.store, file)
    assert (again.new, again.known, again.known_photos) == (0, 1, 1)
    desk.sync()
    assert desk.store.view(desk.orders()[0]) == town.center.platform.order("20261120-0001")


def test_nobody_else_may_hand_it_in(town: Town, tmp_path: Path) -> None:
    file = carried(town, tmp_path)
    with pytest.raises(BringFailed, match="由派单员来收"):
        bring(town.seat("leader").store, file)


def test_what_is_wrong_with_the_file_is_said_in_the_platforms_words(
    town: Town, tmp_path: Path
) -> None:
    file, desk = carried(town, tmp_path), town.seat("dispatcher")
    data = bytearray(file.read_bytes())
    data[-40] ^= 1
    file.write_bytes(data)
    with pytest.raises(BringFailed, match="不完整，或被改动过"):
        bring(desk.store, file)
    file.write_bytes(b"a photo by mistake")
    with pytest.raises(BringFailed, match="不是即办台导出的文件"):
        bring(desk.store, file)
    with pytest.raises(BringFailed, match="读不出来"):
        bring(desk.store, tmp_path / "pulled.jiban")


def test_an_expired_session_says_to_wait_and_a_missing_one_to_sign_in(
    town: Town, tmp_path: Path
) -> None:
    file, desk = carried(town, tmp_path), town.seat("dispatcher")
    signed = load_credentials(desk.store)
    assert signed is not None
    save_credentials(desk.store, replace(signed, access_token="gone"))
    with pytest.raises(BringFailed, match="正在续期"):
        bring(desk.store, file)
    desk.store.set_meta("sync.credentials", None)
    with pytest.raises(BringFailed, match="没有登录"):
        bring(desk.store, file)


def test_from_the_page_of_the_dispatcher(town: Town, tmp_path: Path, qtbot: QtBot) -> None:
    file, desk = carried(town, tmp_path), town.seat("dispatcher")
    page = OutboxPage(desk.seat, Theme())
    qtbot.addWidget(page)
    page.show()
    assert page.stick.take.isVisible()
    with qtbot.waitSignal(page.sync_requested, timeout=20_000):
        page.stick.take_from(file)
    assert "1 条新收，0 条已有，0 条没收（魏家湾村书记 魏书记" in page._told.notice.accessibleName()
    assert "照片 1 张新收" in page._told.notice.accessibleName()
    file.write_bytes(file.read_bytes()[:-1])
    with qtbot.waitSignal(page.stick.job.failed, timeout=20_000):
        page.stick.take_from(file)
    assert not page.stick.take.reason, "it can be tried again at once"
    village = OutboxPage(town.seat("leader").seat, Theme())
    qtbot.addWidget(village)
    village.show()
    assert village.stick.take.text() == "收 U 盘回执"
    with qtbot.waitSignal(village.stick.job.failed, timeout=20_000):
        village.stick.take_from(file)
    assert "不是中心写的回执" in village._told.notice.accessibleName()
