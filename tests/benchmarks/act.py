"""One act in the real window: from the button to durable in the encrypted file and shown again."""

from __future__ import annotations

import gc
import time

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Stage
from local_store.rows import ListQuery, SavedView
from tests.benchmarks import plain, stores
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.window import DISPATCHER, Desk, desk
from ui.widgets.buttons import PrimaryButton

ROWS = (
    Row("act", "an act: button to durable and shown", 30, judged="p95",
        floor="one fsync of a small file"),
)  # fmt: skip


def run(options: Options) -> Results:
    with stores.copied(options.orders) as profile:
        store = stores.opened(profile)
        try:
            with desk(store) as window:
                found = _acts(options, window)
        finally:
            store.close()
        found.floor = plain.fsyncs(profile, options.times(100))
    yield "act", found


def _acts(options: Options, window: Desk) -> Measured:
    """签收 one order after the other in the list of what waits for it, as a dispatcher would."""
    seat, pane = window.seat, window.page.pane
    query = ListQuery(view=SavedView.TO_ACCEPT)
    rows = window.store.rows(window.store.order_ids(query, seat.now(), seat.person), DISPATCHER)
    found = Measured(note="签收, list and detail redrawn")
    for row in rows[: options.times(100) + 3]:
        window.page.list.choose(OrderId(row.order_id))
        window.settle()
        found.samples.append(_click(window, pane.foot.primary))
        after = window.store.view(row.order_id)
        assert after is not None
        assert after.stage is Stage.ACCEPTED, after.stage
        assert pane.order_id == row.order_id
    del found.samples[:3]
    return found


def _click(window: Desk, button: PrimaryButton) -> float:
    before = window.paints.count
    gc.collect()
    begun = time.perf_counter()
    button.click()
    window.settle()
    taken = (time.perf_counter() - begun) * 1000
    assert window.paints.count > before, "nothing was painted"
    return taken


GROUP = Group("act", ROWS, run)
