"""Seats' profiles on simulated disks: store, journal, backups and lock, opened by the product's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from local_store import machine, opening, recovery, salvage
from local_store.database import Database
from local_store.engine import settle as usual
from local_store.machine import Whereabouts
from sync.client import stick_keys
from tests.support.disk import Disk
from tests.support.disk_driver import Salvage, Settle, Stores
from tests.support.disk_files import ROOT, mounted

KEY = b"store key of the simulated seats"


class Disks(dict[str, Disk]):
    """The disks of one run by name, and what opens stores on them."""

    def __init__(self, settle: Settle = usual) -> None:
        super().__init__()
        self._settle = settle
        self._stores: dict[str, Stores] = {}

    def add(self, name: str, disk: Disk) -> Disk:
        self[name] = disk
        self._stores[name] = Stores(disk, self._settle)
        return disk

    def let_go(self, name: str) -> None:
        """Close what the killed program of a machine had open."""
        self._stores[name].let_go()

    def open_engine(self, path: Path, key: bytes, cache_kib: int) -> Engine:
        return self._stores[_name_of(path)](path, key, cache_kib)

    def salvage(self, path: Path, _key: bytes, _option: str) -> Salvage:
        return Salvage(self[_name_of(path)], str(path))


def profile_of(name: str) -> Path:
    """Return the folder of a seat's data on the disk of that name."""
    return Path(f"{ROOT}{name}/seat")


def _name_of(path: Path) -> str:
    return str(path)[len(ROOT) :].partition("/")[0]


def moved(image: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """Return the files of another disk as they lie on the disk of that name."""
    return {_on(name, path): data for path, data in image.items()}


def copied(source: Disk, target: Disk, name: str) -> None:
    """Fill the disk of that name with the files of another; what cannot be read there cannot here."""
    target.replace(moved(source.image(), name))
    for path, file in source.files.items():
        if _on(name, path) in target.files:
            target.files[_on(name, path)].spoilt = set(file.spoilt)


def _on(name: str, path: str) -> str:
    return f"{ROOT}{name}/{path[len(ROOT) :].partition('/')[2]}"


def _here(profile: Path) -> Whereabouts:
    return Whereabouts(_name_of(profile), str(profile))


def _device_key() -> bytes:
    """The library draws from a source of its own; a run must be one of its seed."""
    import secrets

    return secrets.token_bytes(32)


@contextmanager
def stores_on(disks: Disks) -> Iterator[None]:
    """While the block runs profiles below ``ROOT`` lie on ``disks``."""
    database = partial(Database, open_engine=disks.open_engine)
    patches: list[tuple[Any, str, Any]] = [
        (opening, "Database", database),
        (recovery, "Database", database),
        (salvage, "read_only", disks.salvage),
        (machine, "here", _here),
        (stick_keys, "new_device_key", _device_key),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _made in patches]
    for owner, name, made in patches:
        setattr(owner, name, made)
    try:
        with mounted(disks):
            yield
    finally:
        for owner, name, before in kept:
            setattr(owner, name, before)
