"""Where the store's key lives: the system keyring when there is one, else a file only the user reads.

A key in a file beside the store protects a copied ``store.db``, not a stolen disk; ``doctor`` says so.
"""

from __future__ import annotations

import os
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from local_store.errors import StoreError, StoreProblem
from local_store.rows import Finding

SERVICE = "jiban-desk"
KEY_FILE = "store.key"
KEY_NAME_FILE = "key.name"
STORE_FILE = "store.db"
KEY_BYTES = 32


class KeyPlace(StrEnum):
    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class StoreKey:
    """32 random bytes and where they are kept."""

    value: bytes
    place: KeyPlace


def load_or_create(profile: Path, *, keyring: bool = True) -> StoreKey:
    """Return the profile's key, making one the first time. Raises ``StoreError``.

    ``keyring`` False never asks the system keyring (tests, demonstrations).
    """
    try:
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = _known(profile)
        if known is not None:
            return known
        if (profile / STORE_FILE).exists():
            raise _missing()
        value = secrets.token_bytes(KEY_BYTES)
        if keyring and _into_keyring(profile, value):
            return StoreKey(value, KeyPlace.KEYRING)
        _write_private(profile / KEY_FILE, value.hex())
        return StoreKey(value, KeyPlace.FILE)
    except OSError as error:
        raise StoreError(
            StoreProblem.FULL,
            "本机数据目录不能写。",
            "请看磁盘是否已满、文件夹是否只读，改好后再打开。",
            str(error),
        ) from error


def _known(profile: Path) -> StoreKey | None:
    path = profile / KEY_FILE
    if path.exists():
        try:
            return StoreKey(_checked(path.read_text("ascii")), KeyPlace.FILE)
        except ValueError:
            raise _missing() from None
    name = profile / KEY_NAME_FILE
    if not name.exists():
        return None
    value = _from_keyring(name.read_text("ascii").strip())
    if value is not None:
        return StoreKey(value, KeyPlace.KEYRING)
    if (profile / STORE_FILE).exists():
        raise _missing()
    return None


def _checked(text: str) -> bytes:
    value = bytes.fromhex(text.strip())
    if len(value) != KEY_BYTES:
        raise ValueError
    return value


def _missing() -> StoreError:
    return StoreError(
        StoreProblem.DAMAGED,
        "本机数据的密钥取不到。",
        "请登录原来的系统账户并解锁密钥环，再打开；不要删除数据目录。",
    )


def _from_keyring(name: str) -> bytes | None:
    import keyring
    from keyring.errors import KeyringError

    with suppress(KeyringError, ValueError):
        text = keyring.get_password(SERVICE, name)
        return _checked(text) if text else None
    return None


def _into_keyring(profile: Path, value: bytes) -> bool:
    import keyring
    from keyring.errors import KeyringError

    name = uuid.uuid4().hex
    with suppress(KeyringError, RuntimeError):
        if keyring.get_keyring().priority < 1:
            return False
        keyring.set_password(SERVICE, name, value.hex())
        if _from_keyring(name) == value:
            _write_private(profile / KEY_NAME_FILE, name)
            return True
    return False


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def finding(key: StoreKey) -> Finding:
    """What ``doctor`` says about the key."""
    if key.place is KeyPlace.KEYRING:
        return Finding("key", True, "本机数据已加密，密钥在系统密钥环里。")
    return Finding(
        "key",
        True,
        "本机数据已加密，密钥在数据目录的文件里，只有本账户能读。",
        "装上系统密钥环更稳妥；整盘加密可防硬盘失窃。",
    )
