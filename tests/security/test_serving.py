"""``jiban platform serve``: open to others only encrypted; whose word on addresses is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app import cli
from desktop_app.domain.clock import SystemClock
from sync.platform.server import PlatformServer
from tests.support.certificates import make_authority
from tests.support.platform import make_platform


def serve(folder: Path, *more: str) -> int:
    database = str(folder / "platform.db")
    return cli.main(["platform", "serve", "--database", database, "--port", "0", *more])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "platform.example"])
def test_to_other_machines_only_encrypted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert serve(tmp_path, "--host", host) == 2
    said = capsys.readouterr().err
    assert "必须加密" in said
    assert "--behind-proxy" in said
    assert not (tmp_path / "platform.db").exists(), "nothing is begun before that is right"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "70000"), ("--port", "-1"), ("--behind-proxy", "proxy"), ("--behind-proxy", "*")],
)
def test_what_cannot_be_served_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert serve(tmp_path, f"{option}={value}") == 2
    said = capsys.readouterr().err
    assert option in said
    assert value in said


def test_files_that_do_not_fit_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    assert serve(tmp_path, "--cert", str(tmp_path / "missing.pem")) == 2
    assert "没有这个文件" in capsys.readouterr().err
    assert serve(tmp_path, "--key", str(own.served)) == 2
    assert "没有证书" in capsys.readouterr().err
    assert serve(tmp_path, "--cert", str(empty)) == 2
    assert "证书或私钥用不了" in capsys.readouterr().err
    assert serve(tmp_path, "--cert", str(own.root)) == 2, "a certificate without its key"
    assert "证书或私钥用不了" in capsys.readouterr().err


@pytest.mark.parametrize(("proxy", "believed"), [("", False), ("192.0.2.9", True)])
def test_only_a_named_proxy_may_say_who_asks(tmp_path: Path, proxy: str, *, believed: bool) -> None:
    platform = make_platform(str(tmp_path / "platform.db"), SystemClock())
    server = PlatformServer(platform, "127.0.0.1", 0, proxy=proxy)
    server.listener.close()
    platform.close()
    assert server.config.proxy_headers is believed
    assert not believed or server.config.forwarded_allow_ips == proxy
