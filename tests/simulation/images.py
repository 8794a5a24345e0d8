"""What every run begins with, made once per process: a platform's database and an empty store."""

from __future__ import annotations

import random
from pathlib import Path

from local_store.database import Database
from local_store.keys import STORE_FILE
from sync.platform.platform import Platform
from tests.simulation.host import put_on_disk
from tests.simulation.kernel import chance_of
from tests.simulation.stores import moved, profile_of
from tests.support.center import sample_center
from tests.support.clock import ManualClock
from tests.support.disk import Disk
from tests.support.disk_driver import store_opener
from tests.support.platform import CHEAP, sample_logins

_images: dict[str, dict[str, bytes]] = {}


def platform_image(folder: Path) -> dict[str, bytes]:
    """Return a platform's files with the sample center and its accounts."""
    if "platform" not in _images:
        _images["platform"] = _platform_image()
    return {str(folder / "platform.db"): _images["platform"]["/template.db"]}


def _platform_image() -> dict[str, bytes]:
    disk = Disk(random.Random(0))
    with chance_of(random.Random(0)):
        put_on_disk(disk, "/template.db")
        platform = Platform("/template.db", ManualClock(), password_cost=CHEAP)
        center = sample_center()
        platform.setup_center(center, sample_logins(center))
        platform.close()
    image = dict(disk.image())
    disk.close()
    return image


def store_image(name: str) -> dict[str, bytes]:
    """Return the file of a store that has its tables and nothing else, for the disk of that name."""
    if "store" not in _images:
        disk = Disk(random.Random(0))
        Database(profile_of("template") / STORE_FILE, b"", store_opener(disk)).close()
        _images["store"] = dict(disk.image())
        disk.close()
    return moved(_images["store"], name)
