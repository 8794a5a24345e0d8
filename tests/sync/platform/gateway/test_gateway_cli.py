"""``jiban platform gateway``: what it does, what it says, how it exits, and that it may be killed."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app import platform_cli
from desktop_app.domain.clock import SystemClock
from sync.platform.gateway.courier import ParcelState
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.gateway import Gateway
from sync.platform.platform import Platform
from tests.support.clock import ManualClock
from tests.support.foreign import TOKEN, Foreign, Weather, foreign_system
from tests.support.platform import make_platform
from tests.sync.platform.gateway.conftest import (
    TERMS,
    http_port,
    put_orders,
    reported_orders,
    rounds,
)

Run = Callable[..., tuple[int, str, str]]
SINCE = "since = 2026-01-01\n"
ROW = "工单编号,标题,主要内容\nA-1,路灯不亮,东街路灯不亮\n,,\n"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "p.db"
    platform = make_platform(str(path), SystemClock())
    put_orders(platform, reported_orders(2))
    platform.close()
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "对接.toml"
    path.write_text(f'{SINCE}[spreadsheet]\nfolder = "交换"\n', "utf-8")
    return path


@pytest.fixture
def running() -> Iterator[Foreign]:
    with foreign_system(SystemClock()) as foreign:
        yield foreign


@pytest.fixture
def http_config(tmp_path: Path, running: Foreign) -> Path:
    (tmp_path / "口令.txt").write_text(f"{TOKEN}\n", "utf-8")
    path = tmp_path / "http.toml"
    path.write_text(f'{SINCE}[http]\naddress = "{running.url}"\ntoken_file = "口令.txt"\n', "utf-8")
    return path


@pytest.fixture
def run(database: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*words: str, at: Path = config) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        platform_cli.add_parser(parser.add_subparsers())
        options = ["--database", str(database), "--config", str(at)]
        args = parser.parse_args(["platform", "gateway", *words, *options])
        status = platform_cli.run(args)
        return status, *capsys.readouterr()

    return go


def test_the_spreadsheet_exchange_from_the_command_line(run: Run, tmp_path: Path) -> None:
    status, _, err = run("once")
    assert status == 1, "the folder is not prepared: a problem of the round"
    status, out, _ = run("prepare")
    assert status == 0
    order = tmp_path / "交换" / "in" / "甲.csv"
    order.write_text(ROW, "utf-8")
    written = order.stat().st_mtime - 60
    os.utime(order, (written, written))
    status, out, err = run("once")
    assert status == 0, (out, err)
    assert "新收 1 条" in out


def test_batches_are_confirmed_and_reissued_by_name(run: Run, tmp_path: Path) -> None:
    run("prepare")
    status, out, _ = run("once")
    assert (status, "送出 2 件" in out) == (0, True)
    status, out, _ = run("status")
    assert status == 1
    assert "批次 000001（2 件" in out
    assert run("confirm", "1")[0] == 0
    assert [p.name for p in (tmp_path / "交换" / "sent").iterdir()] == ["000001"]
    assert run("status")[0] == 0
    assert run("confirm", "7")[0] == 2
    assert run("resend", "1")[0] == 3
    status, out, _ = run("resend", "1", "--again")
    assert (status, "补发 2 件" in out) == (0, True)
    run("once")
    assert [p.name for p in (tmp_path / "交换" / "out").iterdir()] == ["000002"]


def test_what_was_refused_is_shown_and_sent_on_a_persons_word(
    run: Run, http_config: Path, running: Foreign
) -> None:
    number = reported_orders(1)[0].number
    running.refuses[number] = "已归档"
    running.dispatch("N-1", 标题="")
    status, _, _ = run("once", at=http_config)
    assert status == 1
    status, out, _ = run("status", at=http_config)
    assert status == 1
    refused = next(line for line in out.splitlines() if line.startswith("对方不收："))
    assert "已归档" in refused
    reference = refused.partition("：")[2].split()[0]
    running.refuses.clear()
    assert run("resend", reference, at=http_config)[0] == 0
    run("once", at=http_config)
    assert list(running.copies().values()) == [1, 1]
    status, out, _ = run("status", at=http_config)
    listed = [line.split()[1][:8] for line in out.splitlines() if line.startswith("来件没有收")]
    assert run("aside", "0000000", at=http_config)[0] == 3
    assert run("aside", *listed, at=http_config)[0] == 0
    assert run("status", at=http_config)[0] == 0


def test_what_nobody_can_be_asked_about_is_a_persons_decision(
    run: Run, http_config: Path, running: Foreign
) -> None:
    deaf = http_config.read_text("utf-8") + "can_query = false\n"
    http_config.write_text(deaf, "utf-8")
    running.weather = Weather(lost_answer=1.0)
    run("once", at=http_config)
    assert run("once", at=http_config)[0] == 1
    status, out, _ = run("status", at=http_config)
    doubtful = [line for line in out.splitlines() if line.startswith("不确定是否送达")]
    assert (status, len(doubtful)) == (1, 2)
    first, second = (line.partition("：")[2].split()[0] for line in doubtful)
    assert run("confirm", first, at=http_config)[0] == 0
    running.weather = Weather()
    assert run("resend", second, at=http_config)[0] == 0
    run("once", at=http_config)
    assert run("status", at=http_config)[0] == 0
    assert sorted(running.copies().values()) == [1, 2], "the person was wrong about the second"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "只能有一个"),
        ("[http", "有错"),
        ('[spreadsheet]\nfolder = "x"\n[http]\naddress = "https://x"\n', "只能有一个"),
        ("[spreadsheet]\n", "folder"),
        ("[spreadsheet]\nfolder = 7\n", "写法不对"),
        ('[spreadsheet]\nfolder = "x"\ncolour = 1\n', "不认识"),
        ('every_seconds = 1\n[spreadsheet]\nfolder = "x"\n', "之间"),
        ('every_seconds = true\n[spreadsheet]\nfolder = "x"\n', "写法不对"),
        ('township = "nowhere"\n[spreadsheet]\nfolder = "x"\n', "nowhere"),
        ('[http]\naddress = "http://city.example"\ntoken_env = "T"\n', "没有加密"),
        ('[http]\naddress = "https://city.example"\n', "token_file"),
        ('[http]\naddress = "https://city.example"\ntoken_file = "无"\n', "口令文件"),
        ('[http]\naddress = "https://city.example"\ntoken_env = "JIBAN_NOT_SET"\n', "口令是空的"),
        (
            '[http]\naddress = "https://c"\ntoken_env = "T"\nsettle_minutes = 1\ndeadline_seconds = 99\n',
            "太短",
        ),
        ("http = 3\n", "[http]"),
        ('sends = "accepted"\n[spreadsheet]\nfolder = "x"\n', "accepted（签收）"),
        ('sends = ["dance"]\n[spreadsheet]\nfolder = "x"\n', "accepted（签收）"),
        ('sends = ["accepted"]\n[spreadsheet]\nfolder = "x"\n', "result 一定要有"),
        ('sends = []\n[spreadsheet]\nfolder = "x"\n', "accepted（签收）"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    run: Run, config: Path, text: str, said: str
) -> None:
    config.write_text(SINCE + text, "utf-8")
    status, _, err = run("once")
    assert status in (2, 3)
    assert said in err


def test_from_which_day_on_has_to_be_said_and_counts(
    run: Run, config: Path, tmp_path: Path
) -> None:
    exchange = '[spreadsheet]\nfolder = "交换"\n'
    config.write_text(exchange, "utf-8")
    status, _, err = run("prepare")
    assert (status, "since" in err) == (2, True)
    config.write_text("since = 2026-11-21\n" + exchange, "utf-8")
    run("prepare")
    status, out, _ = run("once")
    assert (status, "新增 0 件" in out) == (0, True)
    config.write_text("since = 2026-11-20T08:00:00\n" + exchange, "utf-8")
    assert run("once")[0] == 2
    config.write_text(SINCE + 'sends = ["result", "accepted"]\n' + exchange, "utf-8")
    assert run("once")[0] == 0


def started(verb: str, database: Path, config: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "desktop_app", "platform", "gateway", verb]
    options = ["--database", str(database), "--config", str(config)]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.fault("gateway.killed")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_real_kill_around_the_acceptance(
    database: Path, http_config: Path, running: Foreign, moment: str
) -> None:
    """SIGKILL right before or right after the foreign system takes the first result."""
    processes: list[subprocess.Popen[str]] = []

    def kill(when: str) -> None:
        if when == moment and running.posts == 1:
            processes[0].kill()
            processes[0].wait(10)

    running.on_post = kill
    processes.append(started("once", database, http_config))
    assert processes[0].communicate(timeout=60) is not None
    assert processes[0].returncode == -signal.SIGKILL
    later = ManualClock(SystemClock().now() + timedelta(hours=1))
    platform = Platform(str(database), later)
    desk = Desk(platform)
    gateway = Gateway(desk, http_port(desk.read_orders, running.url), TERMS, "next")
    rounds(gateway, later, 2, minutes=15)
    assert gateway.ledger.counts() == {ParcelState.ARRIVED: 2}
    platform.close()
    assert list(running.copies().values()) == [1, 1]


@pytest.mark.skipif(os.name == "nt", reason="stops with a signal")
def test_it_runs_until_it_is_told_to_stop(
    database: Path, http_config: Path, running: Foreign
) -> None:
    process = started("run", database, http_config)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "送出 2 件" in line:
            break
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said + rest
    assert "网关已停" in rest
    assert TOKEN not in said + rest
    platform = Platform(str(database), SystemClock())
    desk = Desk(platform)
    Gateway(
        desk, http_port(desk.read_orders, running.url), TERMS, "next"
    ).round()  # the lease was given back
    platform.close()
