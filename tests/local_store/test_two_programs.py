"""Two programs on one store: the second does not open it, says so, and harms nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from local_store.errors import StoreError, StoreProblem
from local_store.store import Store
from tests.support.answering import KEY, new_store, record, synced_store, with_orders
from tests.support.clock import START

ROOT = Path(__file__).parents[2]


@pytest.mark.fault("storage.two_instances")
def test_another_process_may_look_and_not_work(tmp_path: Path) -> None:
    store = synced_store(tmp_path, with_orders(1, 2))
    record(store, "dispatcher", "order-1", ActKind.ACCEPT, START + timedelta(minutes=5))
    journal = (tmp_path / "journal" / "log").read_bytes()
    command = [sys.executable, "-m", "tests.local_store.second", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["locked", "1"]
    assert (tmp_path / "journal" / "log").read_bytes() == journal
    record(store, "dispatcher", "order-2", ActKind.ACCEPT, START + timedelta(minutes=5))
    assert [i.act.device_seq for i in store.outbox()] == [1, 2]
    store.close()


def test_the_same_process_cannot_either_until_the_first_is_closed(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with pytest.raises(StoreError) as refused:
        new_store(tmp_path)
    assert refused.value.code is StoreProblem.LOCKED
    assert "另一个即办台" in refused.value.title
    store.close()
    new_store(tmp_path).close()


@pytest.mark.fault("storage.two_instances")
def test_a_killed_program_holds_nothing_and_is_known_to_have_been_killed(tmp_path: Path) -> None:
    synced_store(tmp_path, with_orders(1, 2, 3)).close()
    command = [sys.executable, "-m", "tests.local_store.writer", str(tmp_path), "kill"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(StoreError) as refused:
            new_store(tmp_path)
        assert refused.value.code is StoreProblem.LOCKED
        child.send_signal(signal.SIGKILL)
    store = Store.open(tmp_path, KEY)
    assert store.unclean
    assert store.examine()
    store.close()
    again = new_store(tmp_path)
    assert not again.unclean
    again.close()
