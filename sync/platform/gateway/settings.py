"""The gateway's settings: one TOML file per township, read strictly. See docs/gateway.md."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from desktop_app.domain.calendars import SHANGHAI
from sync.platform.gateway.courier import Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.exchange import Line, check_address
from sync.platform.gateway.exchange_folder import ExchangeFolder
from sync.platform.gateway.http_port import HttpPort
from sync.platform.gateway.port import RESULT_TITLES, GatewayPort, ResultKind
from sync.platform.gateway.spreadsheet_port import SpreadsheetPort

T = TypeVar("T")
MARGIN = timedelta(seconds=10)


class SettingsError(Exception):
    """The file cannot be used. ``str`` is Chinese and names the entry."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """``[http]``. The token is in a file or in the environment, never in this file."""

    address: str
    token_file: str = ""
    token_env: str = ""
    authorities: str = ""
    can_query: bool = True
    deadline_seconds: int = 20
    settle_minutes: int = 10


@dataclass(frozen=True, slots=True)
class SpreadsheetSettings:
    """``[spreadsheet]``."""

    folder: str
    gather_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says; exactly one of the two ports.

    ``since``: results reported on this day (Shanghai's) or later are the gateway's; earlier ones went
    another way. It has no default: either guess would send twice, or not at all. ``sends``: kinds of
    results that the foreign system takes (``ResultKind``).
    """

    since: date
    every_seconds: int = 30
    township: str = ""
    sends: tuple[str, ...] = ("result",)
    http: HttpSettings | None = None
    spreadsheet: SpreadsheetSettings | None = None


_BOUNDS = {
    "every_seconds": (5, 3600), "deadline_seconds": (1, 120), "settle_minutes": (1, 24 * 60),
    "gather_minutes": (0, 24 * 60),
}  # fmt: skip


def read_settings(path: Path) -> Settings:
    """Read the file. Raises ``SettingsError``."""
    try:
        said = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"配置文件 {path} 读不了。请核对路径。") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"配置文件有错（{error}）。") from None
    kinds: dict[str, type[Any]] = {"http": HttpSettings, "spreadsheet": SpreadsheetSettings}
    chosen = {
        name: _table(kind, said.pop(name), name) for name, kind in kinds.items() if name in said
    }
    if len(chosen) != 1:
        raise SettingsError("配置里要有 [http] 或 [spreadsheet]，只能有一个。")
    return _table(Settings, {**said, **chosen}, "")


def _table(kind: type[T], said: Any, name: str) -> T:
    where = f"[{name}] " if name else ""
    if not isinstance(said, Mapping):
        raise SettingsError(f"配置里 {name} 要写成 [{name}] 一节。")
    known = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    for key, value in said.items():
        if key not in known:
            raise SettingsError(f"配置里 {where}{key} 不认识。可写：{'、'.join(known)}。")
        if known[key] in ("int", "str", "bool", "date") and type(value).__name__ != known[key]:
            raise SettingsError(f"配置里 {where}{key} 的写法不对。")
        low, high = _BOUNDS.get(key, (0, 0))
        if key in _BOUNDS and not low <= value <= high:
            raise SettingsError(f"配置里 {where}{key} 要在 {low} 到 {high} 之间。")
    try:
        return kind(**said)
    except TypeError:
        raise SettingsError(f"配置里 {where}缺了必填的一项：{next(iter(known))}。") from None


def since_of(settings: Settings) -> datetime:
    """Return the moment from which on results are the gateway's."""
    return datetime.combine(settings.since, time(), SHANGHAI)


def kinds_of(settings: Settings) -> frozenset[ResultKind]:
    """Return which kinds of results go out. Raises ``SettingsError``."""
    known = {kind.value for kind in ResultKind}
    said: object = settings.sends  # TOML gives a list, or anything else
    named = set(map(str, said)) if isinstance(said, list | tuple) else set()
    if ResultKind.RESULT not in named or not named <= known:
        kinds = "、".join(f"{kind}（{RESULT_TITLES[kind]}）" for kind in ResultKind)
        raise SettingsError(f"配置里 sends 的写法不对。可写：{kinds}；result 一定要有。")
    return frozenset(map(ResultKind, named))


def terms_of(settings: Settings) -> Terms:
    """Return what the settings say of the foreign system. Raises ``SettingsError``."""
    if settings.http is None:
        assert settings.spreadsheet is not None
        gather = timedelta(minutes=settings.spreadsheet.gather_minutes)
        return Terms(settle=timedelta(minutes=2), gather=gather)
    deadline = timedelta(seconds=settings.http.deadline_seconds)
    settle, begin = timedelta(minutes=settings.http.settle_minutes), deadline + MARGIN
    if settle < begin + deadline + MARGIN:
        raise SettingsError("配置里 settle_minutes 太短，要比 deadline_seconds 的两倍再多半分钟。")
    return Terms(can_find=settings.http.can_query, settle=settle, begin_within=begin)


def port_of(settings: Settings, desk: Desk, base: Path) -> GatewayPort:
    """Return the port that the settings name; paths count from ``base``. Raises ``SettingsError``."""
    if settings.spreadsheet is not None:
        return SpreadsheetPort(folder_of(settings, desk, base), desk.read_orders, desk.now)
    http = settings.http
    assert http is not None
    try:
        parts = check_address(http.address)
        authorities = str(base / http.authorities) if http.authorities else None
        line = Line(
            parts, _token(http, base), deadline=http.deadline_seconds, authorities=authorities
        )
    except ValueError as error:
        raise SettingsError(str(error)) from None
    except OSError:
        raise SettingsError(f"证书文件 {http.authorities} 读不了。请核对路径。") from None
    return HttpPort(line, desk.read_orders, parts.hostname or "", can_find=http.can_query)


def folder_of(settings: Settings, desk: Desk, base: Path) -> ExchangeFolder:
    """Return the exchange folder that the settings name."""
    if settings.spreadsheet is None:
        raise SettingsError("配置里是 [http]，不用交换文件夹。")
    return ExchangeFolder(base / settings.spreadsheet.folder, desk.owner, desk.monotonic)


def _token(http: HttpSettings, base: Path) -> str:
    if bool(http.token_file) == bool(http.token_env):
        raise SettingsError("配置里 [http] 要写 token_file 或 token_env，只写一个。")
    if http.token_env:
        token = os.environ.get(http.token_env, "")
    else:
        try:
            token = (base / http.token_file).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"口令文件 {http.token_file} 读不了。请核对路径。") from None
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or len(token) > 4096:
        raise SettingsError("口令是空的，或有不能用的字。请核对口令文件。")
    return token
