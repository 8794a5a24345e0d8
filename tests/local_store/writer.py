"""A child process that records acts and says so, for the tests that kill it or fill its disk.

``python -m tests.local_store.writer PROFILE kill`` records until it is killed; each line on the standard
output is an act that ``record`` returned. ``... full BYTES`` may not let any file grow beyond BYTES:
it prints the error's code instead of dying, then lifts the limit and goes on. ``... backup BYTES`` makes a
backup under that limit, then records an act, then makes one without the limit.
"""

from __future__ import annotations

import resource
import sys
from datetime import timedelta
from pathlib import Path

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from local_store.errors import StoreError
from local_store.store import Store
from tests.support.answering import KEY, record
from tests.support.clock import START

ORDERS = ("order-1", "order-2", "order-3")


def write(store: Store, n: int) -> None:
    """Record the n-th note, save a draft and a photo now and then, and tell."""
    at = START + timedelta(minutes=5, seconds=n)
    if n % 5 == 0:
        store.save_draft(OrderId(ORDERS[0]), "note", {"text": f"第 {n} 稿" * 50}, at)
    if n % 7 == 0:
        store.add_file(bytes([n % 251]) * 40_000 + str(n).encode(), "photo.jpg")
    note = p.Text(f"第 {n} 条。" + "现场情况说明。" * 40)
    act = record(store, "dispatcher", ORDERS[n % 3], ActKind.NOTE, at, note).act
    print(act.id, flush=True)


def until_killed(store: Store) -> None:
    n = store.pending_count()
    while True:
        n += 1
        write(store, n)
        if n % 4 == 0:
            store.trim_journal()


def until_full(store: Store, most: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    n = 0
    try:
        while True:
            n += 1
            write(store, n)
    except StoreError as error:
        print(f"error {error.code.value}", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    for more in range(3):
        write(store, n + more)


def back_up_when_full(store: Store, most: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        store.back_up(START)
    except StoreError as error:
        print(f"error {error.code.value}", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(len(list((store.profile / "backups").iterdir())), "files left", flush=True)
    write(store, 1)
    store.back_up(START)


if __name__ == "__main__":
    opened = Store.open(Path(sys.argv[1]), KEY)
    if sys.argv[2] == "kill":
        until_killed(opened)
    if sys.argv[2] == "backup":
        back_up_when_full(opened, int(sys.argv[3]))
    else:
        until_full(opened, int(sys.argv[3]))
