"""Profiles that the real program opens: a large store in which the dispatcher is known already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import PersonId
from desktop_app.settings import Settings, write_settings
from local_store import meta
from local_store.rows import ListQuery, SavedView
from local_store.store import Store
from sync.protocol.messages import SyncAnswer
from tests.benchmarks import stores, syncing
from tests.support.acts import step

_PERSON = "seat.person"
WINDOW = (0, 0, 1440, 900)


@contextmanager
def signed_out(count: int) -> Iterator[Path]:
    """Give a copy of the large store whose dispatcher has no session: nothing goes over a line."""
    with stores.copied(count) as profile:
        _seat(profile, "")
        yield profile


@contextmanager
def signed_in(count: int, address: str) -> Iterator[Path]:
    """Give a copy of the large store, signed in at ``address``, which poses as where it came from."""
    with stores.copied(count) as profile:
        _seat(profile, address)
        yield profile


def _seat(profile: Path, address: str) -> None:
    settings = replace(
        Settings(), address=address, account=syncing.ACCOUNT, role="dispatcher", window=WINDOW
    )
    write_settings(profile, settings)
    store = stores.opened(profile)
    try:
        store.set_meta(_PERSON, "zhou")
        if address:
            _accept_all(store)
            _forget_cursor(store)
            syncing.sign_in(store, address)
    finally:
        store.close()


def _forget_cursor(store: Store) -> None:
    """The invented cursor of the bulk pages means nothing to a real platform."""
    with store._db.write() as tx:
        meta.put(tx, meta.CURSOR, "")


def _accept_all(store: Store) -> None:
    """Let somebody have accepted what still waited for it: no alarm is up when the program starts."""
    center = store.center()
    assert center is not None
    dispatcher = center.person(PersonId("zhou"))
    assert dispatcher is not None
    now = SystemClock().now()
    rowids = store.order_ids(ListQuery(SavedView.TO_ACCEPT), now, dispatcher)
    accepted = []
    for row in store.rows(rowids):
        order = store.base(row.order_id)
        assert order is not None
        accepted.append(step(order, center, "zhou", ActKind.ACCEPT).order)
    point = store.sync_point()
    answer = SyncAnswer(
        server_id=point.server_id, epoch=point.epoch, now=now, cursor=point.cursor,
        orders=tuple(accepted), end=point.epoch,
    )  # fmt: skip
    store.apply_answer(answer)
