"""The center's answer on the way back: acts settled as over the line, and nothing else believed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from desktop_app import cli
from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import PersonId
from desktop_app.services.outbox_reply import put_beside, take_reply
from desktop_app.services.seat import Seat
from local_store import keys
from local_store.rows import OutboxStatus
from sync.client.identity import load_credentials, save_credentials
from sync.platform.platform import Platform
from sync.platform.stick_import import StickImport
from sync.platform.uploads import Uploads
from sync.protocol.stick import (
    Manifest,
    StickError,
    device_public,
    new_device_key,
)
from sync.protocol.stick import platform_public as platform_key
from sync.protocol.stick_reply import Reply, open_reply, reply_name, reply_public, seal_reply
from tests.stick.conftest import Town, export, visit
from tests.support.clock import START
from tests.support.synced import SyncedSeat
from ui.outbox.page import OutboxPage
from ui.theme.theme import Theme

K = ActKind
pytestmark = pytest.mark.fault("stick.reply")


def carried(town: Town, seat: SyncedSeat, folder: Path, name: str = "a.jiban") -> Path:
    """Export, hand in at the center, and return the answer that lies beside the file."""
    export(seat, folder / name)
    taken = town.take(folder / name)
    assert "已写在 U 盘上" in put_beside(folder / name, taken.reply)
    return folder / reply_name(name)


def refused(seat: SyncedSeat, file: Path) -> StickError:
    """Return why an answer is not taken; nothing may have changed."""
    before = (seat.store.outbox(), seat.store.sync_point())
    with pytest.raises(StickError) as error:
        take_reply(seat.seat, file)
    assert (seat.store.outbox(), seat.store.sync_point()) == before
    assert error.value.advice
    return error.value


def statuses(seat: SyncedSeat) -> list[OutboxStatus]:
    return [item.status for item in seat.store.outbox()]


def test_what_the_center_took_is_settled_without_a_line(town: Town, tmp_path: Path) -> None:
    first, second = town.handled_orders(2)
    village = town.seat()
    visit(village, first, "现场属实")
    visit(village, first, "第二次去")
    town.center.platform.act_as_platform(K.URGE, "20261120-0002", p.plain(p.Text("市民又来电")))
    taken = take_reply(village.seat, carried(town, village, tmp_path))
    assert (taken.settled, taken.refused, taken.waiting) == (2, 0, 0)
    assert village.store.outbox() == []
    for order_id in (first, second):  # what others did comes along
        assert village.store.view(order_id) == town.center.platform.order_by_id(order_id)
    rev = town.center.platform.order_by_id(first).rev  # type: ignore[union-attr]
    village.sync()
    assert town.center.platform.order_by_id(first).rev == rev  # type: ignore[union-attr]
    assert village.notices == []


def test_it_is_the_state_that_the_line_would_have_brought(town: Town, tmp_path: Path) -> None:
    first, second = town.handled_orders(2)
    village = town.seat()
    visit(village, first, "现场属实")
    taken = take_reply(village.seat, carried(town, village, tmp_path))
    line = town.seat("village", "another-computer")
    for order_id in (first, second):
        assert village.store.view(order_id) == line.store.view(order_id)
        assert village.store.base(order_id) == line.store.base(order_id)
    assert taken.settled == 1


def test_a_refusal_is_a_decision_and_a_deferral_waits_on(town: Town, tmp_path: Path) -> None:
    first, second = town.handled_orders(2)
    village = town.seat()
    village.seat.record(first, K.DETERMINE, p.Determine("disputed"))
    visit(village, second, "现场属实")
    town.center.platform.act_as_platform(K.WITHDRAW, "20261120-0001", p.plain(p.Reason("重复")))
    file = carried(town, village, tmp_path)
    taken = take_reply(village.seat, file)
    assert (taken.settled, taken.refused, taken.waiting) == (2, 1, 0)
    (item,) = village.store.refused()
    assert "撤回" in item.reason
    village.sync()
    assert statuses(village) == [OutboxStatus.REJECTED]


def test_twice_late_and_after_the_line_it_changes_nothing(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    file = carried(town, village, tmp_path)
    village.sync()
    visit(village, order_id, "第二次去")
    village.sync()
    point, view = village.store.sync_point(), village.store.view(order_id)
    for _ in range(2):
        assert take_reply(village.seat, file).settled == 0
        assert village.store.view(order_id) == view
        assert village.store.sync_point() == point, "the cursor does not go back"
    visit(village, order_id, "第三次去")
    assert take_reply(village.seat, file).waiting == 1
    assert statuses(village) == [OutboxStatus.WAITING]


def test_what_was_recorded_since_the_export_stays_and_goes_next_time(
    town: Town, tmp_path: Path
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    file = carried(town, village, tmp_path)
    visit(village, order_id, "第二次去")
    assert take_reply(village.seat, file).waiting == 1
    taken = take_reply(village.seat, carried(town, village, tmp_path, "b.jiban"))
    assert (taken.settled, taken.waiting) == (1, 0)
    assert village.store.view(order_id) == town.center.platform.order_by_id(order_id)


def test_an_answer_that_was_lost_is_written_again(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    carried(town, village, tmp_path).unlink()
    again = town.take(tmp_path / "a.jiban")
    assert (again.new, again.known) == (0, 1)
    put_beside(tmp_path / "a.jiban", again.reply)
    assert take_reply(village.seat, tmp_path / reply_name("a.jiban")).settled == 1
    assert village.store.outbox() == []


def test_an_older_answer_is_refused(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    old = carried(town, village, tmp_path)
    town.clock.advance(timedelta(hours=1))
    new = carried(town, village, tmp_path, "b.jiban")
    take_reply(village.seat, new)
    assert refused(village, old).title == "这份回执比收过的旧，不用再收。"


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3, 0.6, 0.999])
def test_no_byte_can_be_changed_and_nothing_cut_off(
    town: Town, tmp_path: Path, share: float
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    file = carried(town, village, tmp_path)
    data = file.read_bytes()
    at = int(share * len(data))
    file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert refused(village, file).code in {"foreign", "wrong_center", "not_ours", "damaged"}
    file.write_bytes(data[:at])
    assert refused(village, file).code in {"foreign", "not_ours", "damaged"}
    file.write_bytes(data + b"x")
    assert refused(village, file).code == "not_ours"
    file.write_bytes(data)
    assert take_reply(village.seat, file).settled == 1


def test_no_byte_of_the_head_can_be_changed() -> None:
    device, private = new_device_key(), new_device_key()
    data = sealed(device, private)
    (size,) = (int.from_bytes(data[12:16], "big"),)
    for at in range(16 + size + 4):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(StickError):
            open_reply(changed, "server", platform_key(private), device)


def sealed(device: bytes, private: bytes) -> bytes:
    asked = Manifest(
        server_id="server", person_id="village", device_id="device",
        device_key=device_public(device), made_at=START, reply_key=reply_public(device),
    )  # fmt: skip
    return seal_reply(Reply(asked=asked, made_at=START, answer=msgspec.Raw(b"{}")), "中心", private)


def test_only_the_platform_of_the_seat_can_have_written_it() -> None:
    """Who knows the seat's public key, from a stick that was found, cannot answer in its name."""
    device, private, stranger = new_device_key(), new_device_key(), new_device_key()
    data = sealed(device, stranger)
    with pytest.raises(StickError, match="不是给这台电脑的"):
        open_reply(data, "server", platform_key(private), device)
    assert open_reply(data, "server", platform_key(stranger), device).asked.person_id == "village"
    assert b"village" not in data


def test_another_seat_another_person_another_center(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village, leader = town.seat(), town.seat("leader")
    visit(village, order_id, "现场属实")
    file = carried(town, village, tmp_path)
    assert "不是给这台电脑的" in refused(leader, file).title
    signed = load_credentials(village.store)
    assert signed is not None
    save_credentials(village.store, replace(signed, server_id="jiban-other"))
    assert refused(village, file).code == "wrong_center"
    save_credentials(village.store, replace(signed, person_id=PersonId("leader")))
    village.seat = Seat(village.store, village.time, PersonId("leader"))
    assert "另一个人" in refused(village, file).title
    assert "读不出来" in refused(village, tmp_path / "pulled.jiban").title
    assert "不是中心写的回执" in refused(village, tmp_path / "a.jiban").title
    village.store.set_meta("sync.credentials", None)
    assert "没在中心登记过" in refused(village, file).title


def test_who_is_not_in_office_or_has_an_older_program_gets_none(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    with monkeypatch.context() as patch:
        patch.setattr("desktop_app.services.outbox_export.reply_public", lambda _key: "")
        export(village, tmp_path / "old.jiban")
    assert "较旧" in put_beside(tmp_path / "old.jiban", town.take(tmp_path / "old.jiban").reply)
    export(village, tmp_path / "a.jiban")
    town.center.platform.switch_account("village", active=False)
    assert town.take(tmp_path / "a.jiban").reply == b""


def test_a_platform_restored_from_a_backup_gets_everything_again(
    town: Town, tmp_path: Path
) -> None:
    """What an answer had settled is lost with the platform's newer days: the seat brings it again."""
    (order_id,) = town.handled_orders(1)
    village, platform = town.seat(), town.center.platform
    backup = tmp_path / "backup.db"
    with sqlite3.connect(tmp_path / "platform.db") as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    db.close()
    visit(village, order_id, "现场属实")
    take_reply(village.seat, carried(town, village, tmp_path))
    assert village.store.outbox() == []
    town.clock.advance(timedelta(hours=1))
    visit(village, order_id, "第二次去")
    restored = Platform(str(backup), town.clock)
    assert restored.server_id == platform.server_id
    uploads = Uploads(restored, tmp_path / "restored-files")
    for name in ("b.jiban", "c.jiban"):
        export(village, tmp_path / name)
        with (tmp_path / name).open("rb") as source:
            reply = StickImport(restored, uploads).take(source).reply
        put_beside(tmp_path / name, reply)
        town.clock.advance(timedelta(minutes=1))
        taken = take_reply(village.seat, tmp_path / reply_name(name))
        assert taken.restored is (name == "b.jiban")
    order = restored.order_by_id(order_id)
    restored.close()
    assert order is not None
    assert [e.payload["text"] for e in order.history[-2:]] == ["现场属实", "第二次去"]
    assert village.store.outbox() == []
    assert village.store.view(order_id) == order


def test_from_the_page_to_the_desk_and_back(town: Town, tmp_path: Path, qtbot: QtBot) -> None:
    (order_id,) = town.handled_orders(1)
    village, desk = town.seat(), town.seat("dispatcher")
    visit(village, order_id, "现场属实")
    export(village, tmp_path / "a.jiban")
    theme = Theme()
    at_desk, at_home = OutboxPage(desk.seat, theme), OutboxPage(village.seat, theme)
    for page in (at_desk, at_home):
        qtbot.addWidget(page)
        page.show()
    assert (at_desk.stick.take.text(), at_home.stick.take.text()) == ("收 U 盘记录", "收 U 盘回执")
    with qtbot.waitSignal(at_desk.sync_requested, timeout=20_000):
        at_desk.stick.take_from(tmp_path / "a.jiban")
    assert "回执已写在 U 盘上" in at_desk._told.notice.accessibleName()
    file = tmp_path / reply_name("a.jiban")
    with qtbot.waitSignal(at_desk.stick.job.failed, timeout=20_000):
        at_desk.stick.take_from(file)
    assert "不是给这台电脑的" in at_desk._told.notice.accessibleName()
    with qtbot.waitSignal(at_home.acted, timeout=20_000):
        at_home.stick.take_from(file)
    assert "回执已收，1 条记录平台已收到" in at_home._told.notice.accessibleName()
    assert not at_home.list.cards.cards


def test_without_a_window(town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (order_id,) = town.handled_orders(1)
    profile = tmp_path / "closed"
    key = keys.load_or_create(profile, keyring=False)
    village = town.seat(name="closed", key=key.value)
    visit(village, order_id, "现场属实")
    export(village, tmp_path / "a.jiban")
    database = town.center.database.removeprefix("sqlite:///")
    imported = ["platform", "import-outbox", str(tmp_path / "a.jiban"), "--database", database]
    assert cli.main([*imported, "--files", str(town.files)]) == 0
    assert "回执已写在 U 盘上" in capsys.readouterr().out
    village.close()
    take = ["outbox", "--profile", str(profile), "take"]
    assert cli.main([*take, str(tmp_path / "a.jiban")]) == 1
    assert "不是中心写的回执" in capsys.readouterr().out
    assert cli.main([*take, str(tmp_path / reply_name("a.jiban"))]) == 0
    assert "1 条记录平台已收到" in capsys.readouterr().out
    village.open()
    assert village.store.outbox() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_stick_that_is_full_keeps_the_import_and_says_so(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    export(village, tmp_path / "a.jiban")
    taken = town.take(tmp_path / "a.jiban")
    (tmp_path / f"{reply_name('a.jiban')}.part").symlink_to("/dev/full")
    assert "U 盘满了，回执没有写上" in put_beside(tmp_path / "a.jiban", taken.reply)
    assert not (tmp_path / reply_name("a.jiban")).exists()
    assert taken.new == 1
