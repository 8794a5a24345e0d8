"""The two commands: out at the seat, in at the center, in words that people act on."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app import cli
from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from local_store import keys
from tests.stick.conftest import Town, export, visit

pytestmark = pytest.mark.fault("stick.outbox_by_usb")


def take(town: Town, *files: Path) -> int:
    database = town.center.database.removeprefix("sqlite:///")
    names = [str(file) for file in files]
    return cli.main(
        ["platform", "import-outbox", *names, "--database", database, "--files", str(town.files)]
    )


def test_the_center_is_told_what_became_of_each_file(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = town.handled_orders(2)
    village = town.seat()
    visit(village, first, "现场属实", (b"photo",))
    village.seat.record(second, ActKind.DETERMINE, p.Determine("disputed"))
    export(village, tmp_path / "a.jiban")
    town.center.platform.act_as_platform(ActKind.WITHDRAW, "20261120-0002", {"reason": "重复"})
    (tmp_path / "b.jiban").write_bytes(b"something else")
    assert take(town, tmp_path / "a.jiban", tmp_path / "b.jiban") == 2
    said = capsys.readouterr()
    assert "a.jiban：魏家湾村书记 魏书记" in said.out
    assert "1 条新收，0 条已有，1 条没收。" in said.out
    assert "定性 20261120-0002" in said.out
    assert "平台已撤回" in said.out
    assert "照片 1 张新收" in said.out
    assert "b.jiban：这不是即办台导出的文件" in said.err
    assert take(town, tmp_path / "a.jiban") == 1
    assert "0 条新收，1 条已有，1 条没收" in capsys.readouterr().out


def test_what_is_kept_aside_is_listed(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    export(village, tmp_path / "a.jiban")
    town.center.platform.switch_account("village", active=False)
    assert take(town, tmp_path / "a.jiban") == 1
    assert "1 条暂存未收：本人已离岗" in capsys.readouterr().out
    database = town.center.database.removeprefix("sqlite:///")
    assert cli.main(["platform", "held", "--database", database]) == 0
    assert "魏家湾村书记 魏书记  见面沟通 20261120-0001" in capsys.readouterr().out


def test_a_seat_exports_without_a_window(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (order_id,) = town.handled_orders(1)
    profile = tmp_path / "closed"
    key = keys.load_or_create(profile, keyring=False)
    village = town.seat(name="closed", key=key.value)
    visit(village, order_id, "现场属实")
    stick = tmp_path / "stick"
    stick.mkdir()
    command = ["outbox", "--profile", str(profile), "export", str(stick)]
    assert cli.main(command) == 1
    assert "正被另一个即办台用着" in capsys.readouterr().out
    village.close()
    assert cli.main(command) == 0
    assert "已导出 1 条记录" in capsys.readouterr().out
    (file,) = stick.glob("*.jiban")
    assert town.take(file).new == 1
    village.open()
