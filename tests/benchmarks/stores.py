"""A large encrypted store in a profile folder: built once, kept under build/, copied to be used."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from local_store import keys
from local_store.store import Store
from tests.benchmarks import data
from tests.benchmarks.harness import BUILD, ROOT

KEPT = timedelta(days=2)
"""Older stores are built anew: what runs out in them has run out."""
_RECIPE = ("tests/benchmarks/data.py", "tests/benchmarks/stores.py", "desktop_app/domain/orders.py")
_STORE = ("tables", "columns", "heads", "orders", "search", "answers", "keys", "packs", "receipts")


def built(count: int) -> Path:
    """Return a profile whose store holds ``count`` orders. Not to be written to: see ``copied``."""
    folder = BUILD / "bench" / f"profile-{count}"
    wanted = _recipe()
    note = folder / "bench-recipe.json"
    if not _fresh(note, wanted):
        shutil.rmtree(folder, ignore_errors=True)
        _build(folder, count)
        note.write_text(json.dumps({"recipe": wanted, "built": time.time()}))
    return folder


def _fresh(note: Path, recipe: str) -> bool:
    try:
        found = json.loads(note.read_text())
    except (OSError, ValueError):
        return False
    young = time.time() - float(found["built"]) < KEPT.total_seconds()
    return bool(found["recipe"] == recipe and young)


def _recipe() -> str:
    """Return a hash of everything the file's content depends on."""
    paths = [ROOT / name for name in _RECIPE]
    paths += [ROOT / "local_store" / f"{name}.py" for name in _STORE]
    paths += sorted((ROOT / "local_store" / "migrations").glob("*.py"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    digest.update(data.texts().source.encode())
    return digest.hexdigest()


def _build(folder: Path, count: int) -> None:
    begun = time.monotonic()
    print(f"building a store of {count:,} orders ({data.texts().source}) ...", flush=True)
    now = datetime.now(UTC)
    store = Store.open(folder, keys.load_or_create(folder, keyring=False).value)
    try:
        for answer in data.answers(data.center_at(now), now, count):
            store.apply_answer(answer)
        while store.index_some(2000):
            pass
        store.tidy(now)
    finally:
        store.close()
    size = (folder / "store.db").stat().st_size / 1e6
    print(f"built in {time.monotonic() - begun:.0f} s, {size:.0f} MB", flush=True)


@contextmanager
def copied(count: int) -> Iterator[Path]:
    """Give a copy of the profile to write to; gone afterwards."""
    source = built(count)
    with TemporaryDirectory(prefix="jiban-bench-", dir=BUILD / "bench") as folder:
        target = Path(folder) / "profile"
        shutil.copytree(source, target)
        yield target


def opened(profile: Path) -> Store:
    """Open the store of a profile."""
    return Store.open(profile, keys.load_or_create(profile, keyring=False).value)
