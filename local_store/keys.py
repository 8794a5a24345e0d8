"""Where the store's key lives: the system keyring; without one, a file that a passphrase opens.

A key in a plain file beside the store protects a copied ``store.db``, not a stolen disk. It remains for
demonstrations and tests, for stores that were made so, and where an administrator chooses it.
"""

from __future__ import annotations

import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from local_store import passphrase
from local_store.disk import full_disk_said, private_folder, write_private
from local_store.errors import StoreError, StoreProblem
from local_store.rows import Finding

SERVICE = "jiban-desk"
KEY_FILE = "store.key"
KEY_NAME_FILE = "key.name"
STORE_FILE = "store.db"
KEY_BYTES = 32


class KeyPlace(StrEnum):
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105
    FILE = "file"


@dataclass(frozen=True, slots=True)
class StoreKey:
    """32 random bytes and where they are kept."""

    value: bytes
    place: KeyPlace


class PassphraseNeeded(StoreError):
    """Somebody has to type it: the one that was set, or with ``new`` one to be set now."""

    def __init__(self, *, new: bool) -> None:
        super().__init__(
            StoreProblem.PASSPHRASE,
            "本机数据要设一个口令。" if new else "本机数据用口令锁着。",
            "请打开即办台，按窗口里的提示办。",
        )
        self.new = new


def load_or_create(profile: Path, *, keyring: bool = True) -> StoreKey:
    """Return the profile's key, making one the first time. Raises ``StoreError``, ``PassphraseNeeded``.

    ``keyring`` False asks neither keyring nor anybody: a new key goes into a plain file (tests,
    demonstrations, an administrator's choice).
    """
    with full_disk_said():
        private_folder(profile)
        if passphrase.is_set(profile):
            raise PassphraseNeeded(new=False)
        known = _known(profile)
        if known is not None:
            return known
        if (profile / STORE_FILE).exists():
            raise _missing()
        value = secrets.token_bytes(KEY_BYTES)
        if keyring:
            if _into_keyring(profile, value):
                return StoreKey(value, KeyPlace.KEYRING)
            raise PassphraseNeeded(new=True)
        write_private(profile / KEY_FILE, value.hex().encode())
        return StoreKey(value, KeyPlace.FILE)


def unlock(profile: Path, text: str, now: datetime) -> StoreKey:
    """Open the key with the passphrase. Raises what ``passphrase.open_key`` does."""
    value = passphrase.open_key(profile, text, now)
    with suppress(StoreError):
        _only_sealed(
            profile
        )  # a program that was killed while the passphrase was set left the other
    return StoreKey(value, KeyPlace.PASSPHRASE)


def set_passphrase(profile: Path, text: str, key: StoreKey | None = None) -> StoreKey:
    """Put the key (None: a new one, for a profile without a store) under this passphrase, whatever it
    was under before; the data itself is not written anew. Raises ``StoreError``.
    """
    value = key.value if key is not None else secrets.token_bytes(KEY_BYTES)
    passphrase.seal_key(profile, value, text)
    _only_sealed(profile)
    return StoreKey(value, KeyPlace.PASSPHRASE)


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
        StoreProblem.KEY,
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
            write_private(profile / KEY_NAME_FILE, name.encode())
            return True
    return False


def _only_sealed(profile: Path) -> None:
    with full_disk_said():
        (profile / KEY_FILE).unlink(missing_ok=True)
        _out_of_keyring(profile / KEY_NAME_FILE)


def _out_of_keyring(name: Path) -> None:
    if not name.exists():
        return
    import keyring
    from keyring.errors import KeyringError

    with suppress(KeyringError):
        keyring.delete_password(SERVICE, name.read_text("ascii").strip())
    name.unlink()


def finding(key: StoreKey) -> Finding:
    """What ``doctor`` says about the key."""
    if key.place is KeyPlace.KEYRING:
        return Finding("key", True, "本机数据已加密，密钥在系统密钥环里。")
    if key.place is KeyPlace.PASSPHRASE:
        return Finding("key", True, "本机数据已加密，密钥由口令锁着。")
    return Finding(
        "key",
        True,
        "本机数据已加密，但密钥明放在数据目录的文件里，只靠账户权限挡着。",
        "请在“设置”里设本机口令；硬盘失窃时，明放的密钥挡不住。",
    )
