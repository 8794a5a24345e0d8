"""A passphrase in place of a keyring: it opens the store's key, which itself never changes by it.

``key.sealed`` holds the key under AES-256-GCM with a key that scrypt (RFC 7914) makes of the passphrase.
``key.tries`` counts wrong ones, so that starting the program again does not start the waiting again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec

from local_store.disk import full_disk_said, private_folder, write_private
from local_store.errors import StoreError, StoreProblem
from local_store.sealing import Sealer, Unsealable

SEALED_FILE = "key.sealed"
TRIES_FILE = "key.tries"
LEAST = 8
LONGEST = 200
COST = 1 << 16
"""scrypt's n; with r = 8 it takes 64 MB and about 0.15 s here, a few times that on an old office PC."""
_R, _P = 8, 1
_MOST_MEMORY = 1 << 30
FREE_TRIES = 3
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
_TRIVIAL = frozenset(
    (
        "password", "passw0rd", "password1", "qwertyui", "qwertyuiop", "asdfghjk", "asdfghjkl",
        "admin123", "admin888", "administrator", "abcd1234", "abc12345", "a1234567", "a12345678",
        "aa123456", "1qaz2wsx", "1q2w3e4r", "woaini1314", "5201314520", "woaizuguo", "zhongguo",
        "jibantai", "jiban123", "12345rexian",
    )
)  # fmt: skip


class _Sealed(msgspec.Struct, frozen=True):
    salt: str
    sealed: str
    n: int = COST
    r: int = _R
    p: int = _P
    version: int = 1


class _Tries(msgspec.Struct, frozen=True):
    wrong: int
    last: datetime


class WrongPassphrase(StoreError):
    """It does not open the key. ``wait``: how long no other one is looked at."""

    def __init__(self, wait: timedelta) -> None:
        advice = "请再试。"
        if wait:
            advice = f"错的次数多了，请等 {words_of(wait)}再试。"
        super().__init__(StoreProblem.PASSPHRASE, "口令不对。", advice)
        self.wait = wait


class TooSoon(StoreError):
    """Wrong ones came before; this one was not looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            StoreProblem.PASSPHRASE, "还不能试。", f"前面输错过，请等 {words_of(wait)}再试。"
        )
        self.wait = wait


def words_of(wait: timedelta) -> str:
    """The wait in words, rounded up."""
    seconds = max(1, round(wait.total_seconds() + 0.49))
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"


def clean(text: str) -> str:
    """Return the passphrase as it counts: an input method's wide letters are the plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def why_weak(text: str, account: str = "") -> str:
    """Return why this may not become the passphrase, "" when it may."""
    text = clean(text)
    if len(text) < LEAST:
        return f"太短，至少 {LEAST} 个字符。"
    if len(text) > LONGEST:
        return f"太长，最多 {LONGEST} 个字符。"
    low = text.lower()
    if len(set(low)) < 5 or low in _TRIVIAL or _runs(low):
        return "太好猜，请换一句别人想不到的话，可以夹数字。"
    if low.isdigit() and len(low) < 12:
        return "只有数字太好猜（生日、电话），请夹上字母，或用 12 位以上。"
    if account and account.lower() in low and len(low) < len(account) + LEAST:
        return "不要用账号作口令。"
    return ""


def _runs(text: str) -> bool:
    """Whether it is one run of neighbours: 12345678, abcdefgh, 87654321."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1


def is_set(profile: Path) -> bool:
    """Whether this profile's key is under a passphrase."""
    return (profile / SEALED_FILE).exists()


def seal_key(profile: Path, key: bytes, text: str) -> None:
    """Put ``key`` under this passphrase, replacing an earlier one. Raises ``StoreError``."""
    salt = secrets.token_bytes(16)
    sealer = _sealer(clean(text), salt, COST, _R, _P)
    made = _Sealed(_text(salt), _text(sealer.seal(key, salt)), COST)
    with full_disk_said():
        private_folder(profile)
        write_private(profile / SEALED_FILE, msgspec.json.encode(made))
        (profile / TRIES_FILE).unlink(missing_ok=True)


def open_key(profile: Path, text: str, now: datetime) -> bytes:
    """Return the store's key. Raises ``WrongPassphrase``, ``TooSoon``, ``StoreError`` (KEY, FULL)."""
    wait = waiting(profile, now)
    if wait:
        raise TooSoon(wait)
    kept = _read(profile)
    try:
        salt, sealed = base64.b64decode(kept.salt), base64.b64decode(kept.sealed)
        key = _sealer(clean(text), salt, kept.n, kept.r, kept.p).unseal(sealed, salt)
    except Unsealable:
        _count_wrong(profile, now)
        raise WrongPassphrase(waiting(profile, now)) from None
    except ValueError:
        raise _unreadable() from None
    with suppress(OSError):
        (profile / TRIES_FILE).unlink(missing_ok=True)
    return key


def waiting(profile: Path, now: datetime) -> timedelta:
    """Return how long no passphrase is looked at, by the wall clock ``now`` (aware).

    A clock that was set back makes nobody wait longer than the wait that is due.
    """
    tries = _tries(profile)
    if tries is None or tries.wrong < FREE_TRIES:
        return timedelta()
    due = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries.wrong - FREE_TRIES, 16)))
    return max(timedelta(), min(due, tries.last + due - now))


def _tries(profile: Path) -> _Tries | None:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((profile / TRIES_FILE).read_bytes(), type=_Tries)
    return None


def _count_wrong(profile: Path, now: datetime) -> None:
    before = _tries(profile)
    counted = _Tries((before.wrong if before else 0) + 1, now)
    with full_disk_said():  # a try that cannot be counted does not go through for free
        write_private(profile / TRIES_FILE, msgspec.json.encode(counted))


def _read(profile: Path) -> _Sealed:
    try:
        return msgspec.json.decode((profile / SEALED_FILE).read_bytes(), type=_Sealed)
    except (OSError, msgspec.MsgspecError):
        raise _unreadable() from None


def _unreadable() -> StoreError:
    return StoreError(
        StoreProblem.KEY,
        "密钥文件读不出来。",
        f"请从备份里取回数据目录中的 {SEALED_FILE}；不要删除数据目录，请联系管理员。",
    )


def _sealer(text: str, salt: bytes, n: int, r: int, p: int) -> Sealer:
    made = hashlib.scrypt(text.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)
    return Sealer(made, "store key")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
