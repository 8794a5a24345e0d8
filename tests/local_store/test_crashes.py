"""What ``record`` returned is there after a kill at any point and on a full disk; nothing is half there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local_store import backups, recovery
from local_store.rows import OutboxStatus
from local_store.store import FILE_NAME, Store
from tests.local_store.writer import ORDERS
from tests.support.answering import KEY, new_store, pull, synced_store, with_orders
from tests.support.clock import START


def _child(profile: Path, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.local_store.writer", str(profile), *args]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def _check(store: Store, promised: list[str]) -> None:
    kept = [item.act.id for item in store.outbox()]
    assert kept[: len(promised)] == promised
    assert len(kept) <= len(promised) + 1  # at most the one that was being told
    assert [item.act.device_seq for item in store.outbox()] == list(range(1, len(kept) + 1))
    assert {item.status for item in store.outbox()} <= {OutboxStatus.WAITING}
    assert [f for f in store.doctor() if not f.ok] == []
    counts = [row.pending for row in store.rows([1, 2, 3])]
    assert sum(counts) == len(kept)


@pytest.mark.slow
@pytest.mark.fault("storage.kill_each_step")
def test_kill_9_in_a_loop_loses_nothing_that_was_told(tmp_path: Path) -> None:
    synced_store(tmp_path, with_orders(1, 2, 3)).close()
    rng = random.Random()
    promised: list[str] = []
    for _ in range(6):
        with _child(tmp_path, "kill") as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(rng.randrange(1, 40))]
            child.send_signal(signal.SIGKILL)
            told += child.stdout.readlines()
        promised += [line.strip() for line in told if line.endswith("\n")]
        store = new_store(tmp_path)
        _check(store, promised)
        promised = [item.act.id for item in store.outbox()]
        store.close()
    assert promised


@pytest.mark.fault("storage.kill_each_step")
@pytest.mark.fault("storage.zeroed_page")
def test_kill_9_and_a_destroyed_file_lose_nothing_that_was_told(tmp_path: Path) -> None:
    """Killed while it records and writes its journal anew; then nothing of the file is left."""
    platform = with_orders(1, 2, 3)
    synced_store(tmp_path, platform).close()
    rng = random.Random()
    promised: list[str] = []
    for _ in range(3):
        with _child(tmp_path, "kill") as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(rng.randrange(1, 12))]
            child.send_signal(signal.SIGKILL)
            told += child.stdout.readlines()
        promised += [line.strip() for line in told if line.endswith("\n")]
        (tmp_path / FILE_NAME).write_bytes(b"destroyed" * 1000)
        report = recovery.rebuild(tmp_path, KEY)
        assert report.acts >= len(promised)
        store = new_store(tmp_path)
        pull(store, platform, START)
        _check(store, promised)
        promised = [item.act.id for item in store.outbox()]
        store.close()
    assert promised


@pytest.mark.slow
@pytest.mark.fault("storage.disk_full")
@pytest.mark.parametrize("room", [0, 30_000, 150_000, 400_000])
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, room: int) -> None:
    """A file-size limit stands for the full disk: every write beyond it fails, wherever it falls."""
    store = synced_store(tmp_path, with_orders(1, 2, 3))
    store.tidy(store.open_clocks()[0].dispatched_at)
    store.close()
    size = (tmp_path / FILE_NAME).stat().st_size
    child = _child(tmp_path, "full", str(size // 4 + room))
    output, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    lines = output.split("\n")[:-1]
    assert "error full" in lines
    promised = [line for line in lines if not line.startswith("error")]
    assert len(promised) >= 3  # it went on when there was room again
    store = new_store(tmp_path)
    _check(store, promised)
    for order in ORDERS:
        view = store.view(order)  # type: ignore[arg-type]
        assert view is not None
    store.close()


@pytest.mark.fault("storage.disk_full")
def test_a_backup_that_does_not_fit_leaves_nothing_and_stops_nobody(tmp_path: Path) -> None:
    store = synced_store(tmp_path, with_orders(1, 2, 3))
    store.add_file(random.Random(1).randbytes(400_000), "photo.jpg")
    store.close()
    child = _child(tmp_path, "backup", str(300_000))
    output, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    full, left, promised = output.split("\n")[:-1]
    assert (full, left) == ("error full", "0 files left")
    store = new_store(tmp_path)
    _check(store, [promised])
    assert len(backups.backups(tmp_path)) == 1
    store.close()
