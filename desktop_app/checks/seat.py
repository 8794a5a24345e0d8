"""The store of a seat: who holds it, whether it opens, its key, its own findings, and what waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.checks.result import Check, Level, broken, fine, warn

if TYPE_CHECKING:
    from desktop_app.domain.policy import Policy
    from local_store.keys import StoreKey
    from local_store.rows import Finding
    from local_store.store import Store
    from sync.client.identity import Credentials

LOCK = "running.lock"
_ASK = "请先备份数据目录，再联系管理员。"


@dataclass(slots=True)
class Seat:
    """What is known of the seat once its store was read; the rest of the doctor needs it."""

    found: list[Check]
    credentials: Credentials | None = None
    policy: Policy | None = None


def check(profile: Path, now: datetime, unlock: Callable[[], str] | None = None) -> Seat:
    """Look at the store at ``now`` (aware). Nothing is made where there is no store yet.

    ``unlock`` gives the passphrase of a locked store; without it what is inside is not looked at.
    """
    seat = Seat(_running(profile))
    if not (profile / "store.db").exists():
        seat.found.append(fine("本席还没有数据，登录后自动取。"))
        return seat
    seat.found += _guarded("备份", lambda: _kept(profile, now))
    try:
        with _opened(profile, now, unlock) as (store, key):
            seat.found += [fine("本机数据打得开。"), _key(profile, key)]
            seat.found += _own(store)
            seat.found += _guarded("底账", lambda: _journal(profile, key))
            seat.found += _guarded("待上传记录", lambda: _waiting(store, now))
            seat.found += _guarded("留痕凭据", lambda: _witnessed(store))
            _read(seat, store)
    except ImportError:
        seat.found.append(broken("程序缺少数据库组件。", "请重新安装即办台。"))
    except Exception as error:  # noqa: BLE001 — whatever it is, the doctor goes on
        seat.found.append(_not_opened(error))
    return seat


@contextmanager
def _opened(
    profile: Path, now: datetime, unlock: Callable[[], str] | None
) -> Iterator[tuple[Store, StoreKey]]:
    from local_store import keys
    from local_store.store import Store

    try:
        key = keys.load_or_create(profile)
    except keys.PassphraseNeeded:
        if unlock is None:
            raise
        key = keys.unlock(profile, unlock(), now)
    store = Store.reading(profile, key.value)
    try:
        yield store, key
    finally:
        store.close()


def _not_opened(error: Exception) -> Check:
    from local_store.errors import StoreError
    from local_store.keys import PassphraseNeeded

    if isinstance(error, PassphraseNeeded):
        return warn("本机数据用口令锁着，里面没有查。", "要查里面，请用 jiban doctor --unlock。")
    if isinstance(error, StoreError):
        return broken(error.title, error.advice)
    return broken(f"本机数据打不开（{type(error).__name__}）。", _ASK)


def _guarded(what: str, look: Callable[[], list[Check]]) -> list[Check]:
    """One look that must not end the others: damaged data may fail anywhere."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001
        return [broken(f"{what}没有查成（{type(error).__name__}）。", _ASK)]


# --- who holds it ---------------------------------------------------------------------------------


def _running(profile: Path) -> list[Check]:
    if not is_held(profile):
        return []
    return [fine("即办台正开着这份数据。", "要备份或搬走数据，请先关掉即办台。")]


def is_held(profile: Path) -> bool:
    """Whether a running program has the profile: its lock file names a process that lives."""
    path = profile / LOCK
    if not path.exists():
        return False
    if sys.platform == "win32":
        return not _can_write(path)  # there the running program keeps the file open for itself
    try:
        process = int(path.read_text("utf-8", "replace").split("\n", 1)[0])
        os.kill(process, 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it lives and belongs to somebody else
    return True


def _can_write(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False


# --- what it says ---------------------------------------------------------------------------------


def _key(profile: Path, key: StoreKey) -> Check:
    from local_store import keys

    found = keys.finding(key)
    if key.place is keys.KeyPlace.FILE and _open_to_others(profile / keys.KEY_FILE):
        return warn(
            "密钥文件别的账户也读得到。", f"请运行：chmod 600 {keys.KEY_FILE}（在数据目录里）"
        )
    found_level = warn if key.place is keys.KeyPlace.FILE else fine
    return found_level(found.text, found.advice)


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def _kept(profile: Path, now: datetime) -> list[Check]:
    """Backups, stores that were put aside, and a rebuild that waits for the next opening."""
    from local_store import backups, recovery, successor

    found = []
    if recovery.suspected(profile):
        advice = "请重新打开即办台，会自动重建；没上传的记录另有底，不会丢。"
        found.append(broken("上次用的时候发现本机数据有损坏。", advice))
    made = backups.backups(profile)
    if made:
        days = max(0, (now - made[0].made_at).days)
        words = f"有 {len(made)} 份备份，最近一份" + (
            f"是 {days} 天前的。" if days else "不到一天。"
        )
        found.append(fine(words, "查看：jiban store backups。" if days else ""))
    aside = successor.set_aside(profile)
    if aside:
        size = sum(f.stat().st_size for folder in aside for f in folder.rglob("*") if f.is_file())
        words = f"aside 里放着 {len(aside)} 份替换下来的旧数据，共 {size / (1 << 20):.0f} MB。"
        found.append(fine(words, "确认用不着以后，管理员可以删。"))
    return found


def _journal(profile: Path, key: StoreKey) -> list[Check]:
    """Whether what is not yet uploaded stands a second time, and can be read."""
    from local_store.journal import Journal

    found = Journal(profile, key.value).found
    if not found.seen:
        return [warn("没上传的记录还没有底账。", "打开一次即办台就有。")]
    if found.lost:
        advice = "打开一次即办台，会照本机数据重写底账。"
        return [warn(f"没上传记录的底账有 {found.lost} 处读不出来。", advice)]
    return [fine("没上传的记录另有底账，读得出来。")]


def _own(store: Store) -> list[Check]:
    return _guarded("本机数据", lambda: [_from(finding) for finding in store.doctor()])


def _from(finding: Finding) -> Check:
    return Check(Level.FINE if finding.ok else Level.BROKEN, finding.text, finding.advice)


def _waiting(store: Store, now: datetime) -> list[Check]:
    from local_store.rows import OutboxStatus

    items = store.outbox()
    waiting = [item for item in items if item.status in _TO_SEND]
    refused = sum(item.status is OutboxStatus.REJECTED for item in items)
    found = [_to_send([item.recorded_at for item in waiting], now)]
    if refused:
        found.append(warn(f"{refused} 条记录平台没有采用。", "请打开即办台，到“待处理”逐条看。"))
    return found


_TO_SEND = ("waiting", "blocked", "deferred")


def _to_send(recorded: list[datetime], now: datetime) -> Check:
    if not recorded:
        return fine("没有待上传的记录。")
    days = max(0, (now - min(recorded)).days)
    words = f"{len(recorded)} 条记录待上传"
    if days:
        return warn(f"{words}，最早的已等 {days} 天。", "请联网并登录，自动上传；不要删数据目录。")
    return fine(f"{words}，联网后自动上传。")


def _witnessed(store: Store) -> list[Check]:
    """What this seat has seen of the platform's chain, and whether it still stands."""
    from sync.client import chain_watch, witness

    kept = witness.load(store)
    if kept.found is not None and kept.found.kind == "rewritten":
        words = chain_watch.problem_of(kept.found)
        return [broken(f"{words.title}：{chain_watch.moment(kept.found.seen)}。", words.advice)]
    if not kept.seen:
        return []
    stands = f"记着平台的留痕到{chain_watch.moment(kept.seen[-1])}，与平台相符。"
    if kept.found is not None:
        return [warn(stands, chain_watch.restored_words(kept.found))]
    return [fine(stands)]


def _read(seat: Seat, store: Store) -> None:
    """Keep what the other checks need. What cannot be read was told above."""
    from sync.client import identity

    def read() -> list[Check]:
        seat.credentials = identity.load_credentials(store)
        center = store.center()
        seat.policy = center.policy if center else None
        return []

    seat.found += _guarded("中心资料", read)
