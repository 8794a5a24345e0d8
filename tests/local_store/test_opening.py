"""Opening: encrypted, migrated, refused politely when newer, damaged or not ours."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
import sqlcipher3.dbapi2 as driver
from keyring.backend import KeyringBackend
from sqlalchemy import create_engine, inspect

from local_store import keys, passphrase
from local_store.errors import StoreError, StoreProblem
from local_store.migrations import LATEST, MODULES
from local_store.store import FILE_NAME, Store
from local_store.tables import metadata
from tests.support.answering import KEY, new_store, synced_store, with_orders
from tests.support.clock import START


def _raw(path: Path) -> driver.Connection:
    connection = driver.connect(str(path / FILE_NAME), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    return connection


def _digest(path: Path) -> str:
    return hashlib.sha256((path / FILE_NAME).read_bytes()).hexdigest()


def test_nothing_readable_stands_in_the_file(tmp_path: Path) -> None:
    store = synced_store(tmp_path, with_orders(1))
    store.save_draft(next(iter(with_orders(1).orders)), "note", {"text": "secret"}, START)
    store.close()
    content = b"".join(f.read_bytes() for f in tmp_path.iterdir() if f.is_file())
    for text in ("张女士", "13800001234", "道路", "secret", "SQLite format"):
        assert text.encode() not in content


def test_a_migrated_store_has_the_current_tables(tmp_path: Path) -> None:
    """Whatever the migrations make of an empty file is what ``tables`` says, column by column."""
    new_store(tmp_path).close()
    connection = _raw(tmp_path)
    sqlite = create_engine("sqlite://", module=driver, creator=lambda: connection)
    fresh = create_engine("sqlite://", module=driver)
    metadata.create_all(fresh)
    migrated, current = inspect(sqlite), inspect(fresh)
    names = set(current.get_table_names())
    assert {n for n in migrated.get_table_names() if not n.startswith("search")} == names
    for name in names:
        for what in ("get_columns", "get_pk_constraint", "get_indexes", "get_foreign_keys"):
            shown = [_plain(getattr(side, what)(name)) for side in (migrated, current)]
            assert shown[0] == shown[1], (name, what)
    fresh.dispose()
    sqlite.dispose()
    connection.close()
    assert len(MODULES) == LATEST


def _plain(value: Any) -> object:
    """Make reflected values comparable: expressions are objects."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value)


def test_a_newer_store_is_refused_and_not_touched(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    connection = _raw(tmp_path)
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    connection.close()
    before = _digest(tmp_path)
    with pytest.raises(StoreError) as refused:
        new_store(tmp_path)
    assert refused.value.code is StoreProblem.NEWER
    assert "新版" in refused.value.advice
    assert _digest(tmp_path) == before


@pytest.mark.parametrize("harm", ["other key", "not a database", "cut", "zeroed"])
def test_a_store_that_cannot_be_read_says_so_and_stays(
    tmp_path: Path, harm: str, capfd: pytest.CaptureFixture[str]
) -> None:
    synced_store(tmp_path, with_orders(*range(1, 40))).close()
    file = tmp_path / FILE_NAME
    key = KEY
    if harm == "other key":
        key = bytes(32)
    elif harm == "not a database":
        file.write_bytes(os.urandom(8192))
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        content = bytearray(file.read_bytes())
        content[4096 : 4096 * 4] = bytes(4096 * 3)
        file.write_bytes(content)
    before = _digest(tmp_path)
    said = _opened_and_examined(tmp_path, key)
    assert said == ("key" if harm == "other key" else "damaged")
    assert _digest(tmp_path) == before
    assert capfd.readouterr().err == ""


def _opened_and_examined(profile: Path, key: bytes) -> str:
    """Return what opening or the examination says is wrong, else "fine"."""
    try:
        store = Store.open(profile, key)
    except StoreError as error:
        return error.code.value
    findings = {f.check: f for f in store.doctor()}
    store.close()
    return "damaged" if not findings["file"].ok and findings["file"].advice else "fine"


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as refused:
        new_store(tmp_path / "file" / "profile")
    assert refused.value.code is StoreProblem.FULL


def test_importing_the_store_does_not_load_the_drivers() -> None:
    code = (
        "import sys, local_store.store;"
        "print([m for m in sys.modules if m.startswith(('sqlalchemy', 'sqlcipher3', 'keyring'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_key_is_made_once_and_only_the_user_reads_it(tmp_path: Path) -> None:
    first = keys.load_or_create(tmp_path, keyring=False)
    assert first.place is keys.KeyPlace.FILE
    assert keys.load_or_create(tmp_path, keyring=False) == first
    assert (tmp_path / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert "密钥" in keys.finding(first).text


def test_a_lost_key_never_becomes_a_new_one(tmp_path: Path) -> None:
    key = keys.load_or_create(tmp_path, keyring=False)
    Store.open(tmp_path, key.value).close()
    (tmp_path / keys.KEY_FILE).unlink()
    with pytest.raises(StoreError, match="密钥"):
        keys.load_or_create(tmp_path, keyring=False)
    (tmp_path / keys.KEY_FILE).write_text("not a key")
    with pytest.raises(StoreError, match="密钥"):
        keys.load_or_create(tmp_path, keyring=False)


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_with_a_keyring_the_key_is_there_and_nowhere_else(tmp_path: Path, ring: Ring) -> None:
    key = keys.load_or_create(tmp_path)
    assert key.place is keys.KeyPlace.KEYRING
    assert keys.load_or_create(tmp_path) == key
    assert list(ring.kept.values()) == [key.value.hex()]
    content = b"".join(f.read_bytes() for f in tmp_path.iterdir())
    assert key.value.hex().encode() not in content


def test_a_keyring_that_lost_the_key_never_gets_a_new_one(tmp_path: Path, ring: Ring) -> None:
    Store.open(tmp_path, keys.load_or_create(tmp_path).value).close()
    ring.kept.clear()
    with pytest.raises(StoreError) as refused:
        keys.load_or_create(tmp_path)
    assert refused.value.code is StoreProblem.KEY
    assert ring.kept == {}


def test_from_the_keyring_under_a_passphrase(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "COST", 1 << 10)
    key = keys.load_or_create(tmp_path)
    keys.set_passphrase(tmp_path, "槐树下乘凉 2026", key)
    assert ring.kept == {}
    with pytest.raises(keys.PassphraseNeeded):
        keys.load_or_create(tmp_path)
    assert keys.unlock(tmp_path, "槐树下乘凉 2026", START).value == key.value
