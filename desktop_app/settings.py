"""What one seat remembers about itself outside the store: look, window, address. No personal data.

Read before the store is opened, so that the first paint already has the right theme and size.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

log = logging.getLogger("jiban")
FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class DemoSeat:
    """One entry of 「切换席位」 in a demonstration: its label, its profile folder, and its command."""

    label: str
    profile: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """``scale`` is 1.0–2.0; ``window`` is x, y, width, height in device-independent px, or empty."""

    theme: str = "light"
    scale: float = 1.0
    sound: bool = True
    address: str = ""
    authority: str = ""  # the center's own certificate authority as PEM
    account: str = ""
    page: str = ""
    view: str = ""
    role: str = ""
    window: tuple[int, ...] = ()
    maximized: bool = False
    demo_seats: tuple[DemoSeat, ...] = ()
    demo_password: str = ""  # only in a demonstration: sign in by itself
    lock_minutes: int = 15  # a window left alone so long asks for the passphrase; 0: never
    key_in_file: bool = False  # an administrator chose a plain key file: no keyring, no passphrase


class SettingsKeeper(Protocol):
    """What the screens may do with the settings."""

    @property
    def now(self) -> Settings: ...

    def change(self, **values: Any) -> None: ...


class SettingsFile:
    """The settings of one profile. A broken file counts as none: a seat must always start."""

    def __init__(self, profile: Path) -> None:
        self._path = profile / FILE
        self._listeners: list[Callable[[Settings], None]] = []
        self._now = _read(self._path)

    @property
    def now(self) -> Settings:
        """The present values."""
        return self._now

    def listen(self, listener: Callable[[Settings], None]) -> None:
        """Call ``listener`` with the new settings after every change, until ``unlisten``."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Settings], None]) -> None:
        """Call it no more; one that does not listen is ignored."""
        with suppress(ValueError):
            self._listeners.remove(listener)

    def change(self, **values: Any) -> None:
        """Change some values and write the file at once (atomically). A disk error is logged: the
        look of a window is no reason to stop work.
        """
        changed = replace(self._now, **values)
        if changed == self._now:
            return
        self._now = changed
        try:
            write_settings(self._path.parent, changed)
        except OSError:
            log.warning("the settings could not be written")
        for listener in tuple(self._listeners):
            listener(changed)


def write_settings(profile: Path, settings: Settings) -> None:
    """Write ``settings`` into ``profile``. Raises ``OSError``."""
    profile.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = profile / FILE
    beside = path.with_suffix(".new")
    text = json.dumps(asdict(settings), ensure_ascii=False, indent=1)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _read(path: Path) -> Settings:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _settings(data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Settings()


def _settings(data: dict[str, Any]) -> Settings:
    known = {f.name for f in fields(Settings)}
    values = {k: v for k, v in data.items() if k in known}
    default = Settings()
    for name, value in values.items():
        expected = type(getattr(default, name))
        if expected is float and isinstance(value, int):
            values[name] = float(value)
        elif expected is not tuple and not isinstance(value, expected):
            raise TypeError(name)
    values["window"] = tuple(int(n) for n in values.get("window", ()))
    values["demo_seats"] = tuple(
        DemoSeat(str(s["label"]), str(s["profile"]), tuple(str(c) for c in s["command"]))
        for s in values.get("demo_seats", ())
    )
    return Settings(**values)
