"""``jiban store`` and the doctor on a locked store: asked on the input, never on the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from desktop_app import cli
from desktop_app.checks import seat
from desktop_app.domain.acts import ActKind
from desktop_app.domain.payloads import Text
from local_store import keys, passphrase
from local_store.keys import KeyPlace, StoreKey
from local_store.store import FILE_NAME, Store
from tests.support.desk import KEY, NOW, Desk

WORDS = "槐树下乘凉 2026"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A locked seat with an unsent act and a backup."""
    monkeypatch.setattr(passphrase, "COST", 1 << 10)
    made = tmp_path / "seat"
    desk = Desk(made, 6)
    keys.set_passphrase(made, WORDS, StoreKey(KEY, KeyPlace.FILE))
    desk.seat().record(desk.orders[0].id, ActKind.NOTE, Text("已到现场"))
    desk.store.back_up(NOW)
    desk.close()
    return made


def run(profile: Path, *words: str, given: str = "", monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    return cli.main(["store", "--profile", str(profile), *words])


def test_backups_are_listed_without_the_key(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(profile, "backups", monkeypatch=monkeypatch) == 0
    assert "store-20261120T014200Z.db  2026-11-20 09:42" in capsys.readouterr().out
    assert run(profile / "none", "backups", monkeypatch=monkeypatch) == 0
    assert "还没有备份" in capsys.readouterr().out


def test_going_back_to_one_with_the_passphrase_from_the_input(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (profile / FILE_NAME).write_bytes(b"spoilt" * 2000)
    name = "store-20261120T014200Z.db"
    assert run(profile, "restore", name, given="错的口令 1\n", monkeypatch=monkeypatch) == 1
    assert "口令不对" in capsys.readouterr().out
    assert run(profile, "restore", name, given=WORDS + "\n", monkeypatch=monkeypatch) == 0
    assert "没上传的记录 1 条都在" in capsys.readouterr().out
    store = Store.open(profile, KEY)
    assert store.pending_count() == 1
    store.close()


def test_a_backup_that_is_not_there_is_said(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(profile, "restore", "store-x.db", monkeypatch=monkeypatch) == 1
    assert "没有这份备份" in capsys.readouterr().out


def test_one_more_is_made(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(profile, "back-up", given=WORDS + "\n", monkeypatch=monkeypatch) == 0
    assert "做好了" in capsys.readouterr().out
    assert len(list((profile / "backups").iterdir())) == 2


def test_the_passphrase_is_changed_by_who_knows_it(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = "另一句新的口令 9"
    for given, status, said in (
        (f"{WORDS}\n1234\n", 1, "太短"),
        (f"{WORDS}\n{new}\n{new}x\n", 1, "两遍不一样"),
        (f"{WORDS}\n{new}\n{new}\n", 0, "口令已设好"),
    ):
        assert run(profile, "passphrase", given=given, monkeypatch=monkeypatch) == status
        assert said in capsys.readouterr().out
    assert passphrase.open_key(profile, new, NOW) == KEY


def test_the_doctor_says_that_it_is_locked_and_looks_inside_when_told(profile: Path) -> None:
    locked = seat.check(profile, NOW)
    said = "\n".join(line for check in locked.found for line in check.lines())
    assert "用口令锁着，里面没有查" in said
    assert "有 1 份备份，最近一份不到一天" in said
    inside = seat.check(profile, NOW, lambda: WORDS)
    said = "\n".join(line for check in inside.found for line in check.lines())
    assert "密钥由口令锁着" in said
    assert "1 条记录待上传" in said


def test_the_doctor_tells_of_damage_and_of_what_was_put_aside(profile: Path) -> None:
    (profile / "store.suspect").touch()
    (profile / "aside" / "20261120T014200Z-damaged").mkdir(parents=True)
    said = "\n".join(line for check in seat.check(profile, NOW).found for line in check.lines())
    assert "本机数据有损坏" in said
    assert "1 份替换下来的旧数据" in said
