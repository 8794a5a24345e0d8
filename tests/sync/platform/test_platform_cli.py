"""``jiban platform``: what it does, what it says, how it exits."""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from desktop_app import platform_cli
from desktop_app.domain.center import Person
from desktop_app.domain.clock import SystemClock
from desktop_app.platform_cli.orders import calendar_warning
from resources import read_text
from sync.platform.platform import Platform
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import make_platform

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "p.db"
    platform = make_platform(str(path), SystemClock())
    platform.dispatch([sample_intake(1)])
    platform.close()
    return path


@pytest.fixture
def run(database: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*words: str, at: Path | str = database) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        platform_cli.add_parser(parser.add_subparsers())
        status = platform_cli.run(parser.parse_args(["platform", *words, "--database", str(at)]))
        out, err = capsys.readouterr()
        return status, out, err

    return go


NUMBER = sample_intake(1).number


def test_dispatching_a_file_twice(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("工单编号,标题,内容\n1,甲,x\n2,乙,y\n3,,\n", encoding="utf-8")
    status, out, err = run("dispatch", str(path))
    assert status == 1
    assert [int(n) for n in re.findall(r"\d+", out)] == [2, 0, 1]
    assert err.startswith("第 4 行")
    assert [int(n) for n in re.findall(r"\d+", run("dispatch", str(path))[1])] == [0, 2, 1]
    status, _, err = run("dispatch", str(tmp_path / "no.csv"))
    assert status == 2
    assert "打不开" in err


def test_an_unknown_tier_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("标题,紧急程度\n甲,宇宙级\n", encoding="utf-8")
    status, _, err = run("dispatch", str(path))
    assert status == 1
    assert "第 2 行" in err
    assert "宇宙级" in err


def test_the_platforms_own_acts(run: Run) -> None:
    assert run("stop-clock", NUMBER, "--reason", "挂账")[0] == 0
    status, _, err = run("stop-clock", NUMBER, "--reason", "挂账")
    assert status == 3
    assert "停表" in err
    assert run("resume-clock", NUMBER, "--reason", "资金到位")[0] == 0
    assert run("call-back", NUMBER, "--resolved", "no")[0] == 3
    assert run("second-round", NUMBER, "--reason", "未解决")[0] == 3
    status, out, _ = run("withdraw", NUMBER, "--reason", "重复")
    assert status == 0
    assert NUMBER in out
    assert run("withdraw", "没有", "--reason", "重复")[0] == 3
    assert "0 条" in run("rejected")[1]


def test_people(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))

    typed("123")
    assert run("user", "add", "zhou", "--person", "dispatcher", "--password-stdin")[0] == 2
    typed("long enough")
    assert run("user", "add", "zhou", "--person", "dispatcher", "--password-stdin")[0] == 0
    assert run("user", "add", "wu", "--password-stdin")[0] == 2
    assert run("user", "add", "wu", "--name", "吴", "--role", "king", "--password-stdin")[0] == 2
    typed("long enough")
    words = ("--name", "吴女士", "--role", "dispatcher", "--title", "派单员", "--password-stdin")
    assert run("user", "add", "wu", *words)[0] == 0
    assert "wu  吴女士  派单员  在用" in run("user", "list")[1]
    assert run("user", "disable", "wu")[0] == 0
    assert "wu  吴女士  派单员  已停用" in run("user", "list")[1]
    assert run("user", "enable", "wu")[0] == 0
    typed("another one")
    assert run("user", "password", "wu", "--password-stdin")[0] == 0
    typed("another one")
    assert run("user", "password", "nobody", "--password-stdin")[0] == 3
    assert run("user", "disable", "nobody")[0] == 3


def test_the_sample_is_made_once(run: Run, tmp_path: Path) -> None:
    new = tmp_path / "sample.db"
    assert run("sample", "--policy", "nowhere", at=tmp_path / "x.db")[0] == 2
    status, out, _ = run("sample", "--orders", "4", at=new)
    assert status == 0
    assert "4 件" in out
    assert run("sample", at=new)[0] == 3


def test_databases_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database, " * 100)
    for at in (tmp_path / "text.db", "/proc/none/p.db"):
        status, _, err = run("user", "list", at=at)
        assert status == 4
        assert "--database" in err
    (tmp_path / "empty.db").touch()
    assert run("dispatch", str(tmp_path / "text.db"), at=tmp_path / "empty.db")[0] == 3


@pytest.mark.parametrize("url", ["mysql://x/y", "http://x", "oracle+driver://x", "://"])
def test_databases_of_another_kind_are_refused_in_words(run: Run, url: str) -> None:
    status, _, err = run("townships", at=url)
    assert (status, "--database" in err) == (4, True)


def test_a_mistyped_path_is_no_empty_platform_in_order(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "mistyped.db"
    for words in (["verify"], ["townships"], ["user", "list"], ["tidy"], ["devices"]):
        status, out, err = run(*words, at=missing)
        assert (status, out) == (4, "")
        assert str(missing) in err
        assert not missing.exists()


def test_serving_until_interrupted(database: Path) -> None:
    code = (
        "import argparse, sys; from desktop_app import platform_cli as c;"
        "p = argparse.ArgumentParser(); c.add_parser(p.add_subparsers());"
        "sys.exit(c.run(p.parse_args()))"
    )
    words = ["platform", "serve", "--port", "0", "--speed", "60", "--database", str(database)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = re.search(r"http://[\w.:]+", process.stdout.readline())[0]  # type: ignore[index]
        assert requests.get(f"{address}/v1/hello", timeout=10).json()["pace"] == 60
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err
    assert "已停" in out
    platform = Platform(str(database), SystemClock(), wall=SystemClock())
    assert platform.pace == 60
    platform.close()


# --- the working calendar -------------------------------------------------------------------------

CHRISTMAS = datetime(2026, 12, 25, 1, 0, tzinfo=UTC)  # a Friday


def at_years_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int
) -> tuple[Platform, str, str]:
    """Dispatch a short and a long order of a policy in working days that knows 2026 only."""
    clock = ManualClock(CHRISTMAS - timedelta(days=days))
    platform = make_platform(str(tmp_path / "w.db"), clock, sample_center("xining"))
    path = tmp_path / "o.csv"
    rows = "1,甲,x,一般\n2,乙,y,疑难\n3,丙,z,一般\n"
    path.write_text(f"工单编号,标题,内容,紧急程度\n{rows}", encoding="utf-8")
    status = platform_cli.dispatch_path(platform, path)
    out, err = capsys.readouterr()
    assert status == (1 if "未派 0" not in out else 0)
    return platform, out, err


def test_at_the_years_end_only_orders_that_run_into_the_unknown_year_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, out, err = at_years_end(tmp_path, capsys, 0)
    assert [int(n) for n in re.findall(r"\d+", out)] == [2, 0, 1]
    assert platform.order("1") is not None
    assert platform.order("2") is None
    warning, refused = err.strip().splitlines()
    assert warning.startswith("注意")
    assert refused.startswith("第 3 行")
    for said in (warning, refused):
        assert "2027 年" in said
        assert "xining.toml" in said
    platform.close()


def test_in_november_everything_goes_out_and_the_lack_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, out, err = at_years_end(tmp_path, capsys, 40)
    assert [int(n) for n in re.findall(r"\d+", out)] == [3, 0, 0]
    assert "2027 年" in err
    platform.close()


def test_before_november_and_without_working_days_nothing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, _, err = at_years_end(tmp_path, capsys, 80)
    assert err == ""
    assert calendar_warning(sample_center("pinggu").policy, CHRISTMAS) == ""
    platform.close()


def test_a_completed_policy_file_is_published_and_changes_later_orders_only(
    run: Run, database: Path, tmp_path: Path
) -> None:
    file = tmp_path / "pinggu.toml"
    text = read_text("policies/pinggu.toml").replace(
        "years = [2025, 2026]", "years = [2025, 2026, 2027]"
    )
    file.write_text(text.replace('version = "2026.1"', 'version = "2027.1"'), encoding="utf-8")
    status, out, _ = run("policy", str(file))
    assert (status, "2027.1" in out) == (0, True)
    platform = make_platform(str(database), SystemClock())
    assert platform.center().policy.calendar_years == (2025, 2026, 2027)
    old = platform.order(NUMBER)
    assert old is not None
    assert old.policy_version == "2026.1"
    platform.close()
    file.write_text("id = 3", encoding="utf-8")
    assert run("policy", str(file))[0] == 2
    assert run("policy", str(tmp_path / "none.toml"))[0] == 2


def test_several_townships_are_told_apart(run: Run, tmp_path: Path) -> None:
    fresh = tmp_path / "district.db"
    for township in ("110117102", "110117103"):
        status, out, _ = run("sample", "--orders", "2", "--township", township, at=fresh)
        assert (status, "样例工单 2 件" in out) == (0, True)
    assert run("sample", "--orders", "2", "--township", "110117103", at=fresh)[0] == 3
    status, out, _ = run("townships", at=fresh)
    assert (status, "共 2 个乡镇" in out) == (0, True)
    path = tmp_path / "o.csv"
    path.write_text("工单编号,标题,内容\n1,甲,x\n", encoding="utf-8")
    for words in (("dispatch", str(path)), ("rejected",), ("user", "list")):
        status, _, err = run(*words, at=fresh)
        assert status == 3
        assert "--township" in err
        assert run(*words, "--township", "110117103", at=fresh)[0] == 0
    _, out, _ = run("user", "list", "--township", "110117103", at=fresh)
    assert "@110117103" in out


def test_upkeep_can_be_run_any_time(run: Run) -> None:
    for _ in range(2):
        status, out, _ = run("tidy")
        assert (status, "1 个乡镇" in out) == (0, True)


def test_a_center_is_set_up_from_a_file_and_kept_up_to_date(run: Run, tmp_path: Path) -> None:
    database, file = tmp_path / "new.db", tmp_path / "center.toml"
    text = read_text("sample/township.toml")
    file.write_text(text, encoding="utf-8")
    status, out, _ = run("center", str(file), "--policy", "xining", "--hash", "sm3", at=database)
    assert status == 0
    passwords = dict(re.findall(r"^(\w+) .*初始密码 (\w{10})$", out, re.MULTILINE))
    assert len(passwords) == len(set(passwords.values())) == 27

    run("user", "disable", "sun", at=database)
    changed = text.replace('"周女士", "dispatcher"', '"周老师", "dispatcher"')
    changed = "\n".join(
        line for line in changed.splitlines() if '"严女士", "inspector"' not in line
    )
    changed = changed.replace("duties = [", 'duties = [\n  [["新事"], "ldn", []],', 1)
    file.write_text(changed, encoding="utf-8")
    status, out, _ = run("center", str(file), at=database)
    assert (status, "初始密码" in out) == (0, False)
    platform = Platform(str(database), SystemClock())
    try:
        center = platform.center()
    finally:
        platform.close()
    assert center.policy.id == "xining", "the rules stay unless they are named"
    assert center.duties[0].category == ("新事",)
    people: dict[str, Person] = {person.id: person for person in center.people}
    assert people["zhou"].name == "周老师"
    assert not people["sun"].active, "who was disabled is not let in again by the file"
    assert not people["ducha"].active, "who is not in the file any more is out of office"
    assert run("verify", at=database)[0] == 0


def test_a_center_file_with_a_mistake_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "center.toml"
    file.write_text("center = '中心'", encoding="utf-8")
    status, _, err = run("center", str(file))
    assert (status, "没有改动。" in err) == (2, True)
    status, _, err = run("center", str(tmp_path / "none.toml"))
    assert (status, "读不了" in err) == (2, True)
    status, _, err = run("center", str(file), "--policy", str(tmp_path / "none"))
    assert (status, "读不了" in err) == (2, True)
