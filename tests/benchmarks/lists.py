"""Lists of 100,000 orders in the real window, over the encrypted store."""

from __future__ import annotations

import gc
import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count, cycle
from statistics import median

from desktop_app.domain.orders import Stage
from local_store.lists import _PLAIN
from local_store.rows import ListQuery, SavedView, SortKey
from tests.benchmarks import plain, stores
from tests.benchmarks.harness import BUILD, Group, Measured, Options, Results, Row, take
from tests.benchmarks.window import Desk, desk
from ui.workbench.model import COLUMNS

SQL = "the bare SQL over an unencrypted table"
SORTS = tuple(key for _, key in COLUMNS)
FILTERS: dict[str, tuple[str, ListQuery, str]] = {
    "tier": ("one tier", ListQuery(tiers=("general",)), "tier = 'general'"),
    "village": ("one village", ListQuery(villages=("wjw",)), "village_id = 'wjw'"),
    "stage": ("one stage", ListQuery(stages=(Stage.ARCHIVED,)), "stage = 13"),
    "word": ("text: 道路", ListQuery(text="道路"), ""),
    "words": ("text: 小区 噪音", ListQuery(text="小区 噪音"), ""),
    "number": ("text: end of a number", ListQuery(text="004217"), "tail LIKE '712400%'"),
    "initials": ("text: wjw", ListQuery(text="wjw"), ""),
}

ROWS = (
    Row("show", "show all orders", 30, floor=SQL),
    Row("open-view", "show the open orders (本班)", 30, floor=SQL),
    Row("scroll", "scroll jump in all orders", 20, floor=SQL),
    *(
        Row(f"filter-{name}", f"filter all orders, {what}", 120, floor=SQL)
        for name, (what, _, _) in FILTERS.items()
    ),
    *(Row(f"sort-{key.value}", f"sort all orders by {key.value}", 120, floor=SQL) for key in SORTS),
    Row("tick", "countdown tick of the visible rows", 3),
    Row("choose", "next order: detail shown", 50),
    Row("counts", "counts on all tabs", 30),
)


def run(options: Options) -> Results:
    store = stores.opened(stores.built(options.orders))
    bare = plain.plain_copy(store, BUILD / "bench" / "plain.db")
    try:
        with desk(store) as window:
            yield from _Lists(options, window, bare).results()
    finally:
        bare.close()
        store.close()
        (BUILD / "bench" / "plain.db").unlink(missing_ok=True)


class _Lists:
    """Each measurement ends when the window has painted what it was asked for."""

    def __init__(self, options: Options, window: Desk, bare: sqlite3.Connection) -> None:
        self.options, self.window, self.bare = options, window, bare
        self.pane, self.table = window.page.list, window.table
        self.chance = random.Random(5)
        self.now = int(window.seat.now().timestamp() * 1_000_000)
        self.cpu: list[float] = []
        """What the window's thread computed in each sample: on a busy machine it waits besides."""

    def results(self) -> Results:
        makers: dict[str, Callable[[], Measured]] = {
            "show": self._show,
            "open-view": self._open_view,
            "scroll": self._scroll,
            **{f"filter-{name}": partial(self._filter, name) for name in FILTERS},
            **{f"sort-{key.value}": partial(self._sort, key) for key in SORTS},
            "tick": self._tick,
            "choose": self._choose,
            "counts": self._counts,
        }
        for name, make in makers.items():
            if self.options.wanted(name):
                yield name, make()

    def _timed(self, work: Callable[[], object], times: int) -> list[float]:
        self.cpu.clear()

        def whole() -> None:
            before, begun = self.window.paints.count, time.thread_time()
            work()
            self.window.settle()
            self.cpu.append((time.thread_time() - begun) * 1000)
            assert self.window.paints.count > before, "nothing was painted"

        return take(whole, self.options.times(times))

    def _floor(self, where: str, order: str, times: int = 10) -> list[float]:
        sql = f"SELECT id FROM orders{where} ORDER BY {order}"
        return take(lambda: [row[0] for row in self.bare.execute(sql)], self.options.times(times))

    def _all(self) -> None:
        self.pane.show_view(SavedView.ALL.value)
        self.pane.show_everything()
        self.window.settle()

    def _show(self) -> Measured:
        samples: list[float] = []
        self.cpu.clear()
        for _ in range(self.options.times(40)):
            self.pane.show_view(SavedView.SHIFT.value)
            self.window.settle()
            samples.append(self._timed_once(partial(self.pane.show_view, SavedView.ALL.value)))
        note = f"{self.table.orders.rowCount():,} rows; {self._cpu()}"
        return Measured(samples, self._urgency_floor(""), note)

    def _timed_once(self, work: Callable[[], object]) -> float:
        """Measure once, with no row read before."""
        self.table.orders._rows.clear()
        gc.collect()
        gc.disable()
        begun, computed = time.perf_counter(), time.thread_time()
        work()
        self.window.settle()
        taken = (time.perf_counter() - begun) * 1000
        self.cpu.append((time.thread_time() - computed) * 1000)
        gc.enable()
        return taken

    def _cpu(self) -> str:
        spent = Measured(self.cpu)
        return f"CPU median {spent.median:.1f}, p95 {spent.p95:.1f} ms"

    def _urgency_floor(self, extra: str) -> list[float]:
        share = f"CAST(cur_safe - {self.now} AS REAL) / max(cur_safe - cur_start, 1)"
        first = f"SELECT id FROM orders WHERE open = 1 ORDER BY paused, {share}, cur_safe, id"
        last = "SELECT id FROM orders WHERE open = 0 ORDER BY dispatched_at DESC"
        parts = (first,) if extra else (first, last)
        return take(
            lambda: [row[0] for sql in parts for row in self.bare.execute(sql)],
            self.options.times(10),
        )

    def _open_view(self) -> Measured:
        self._all()

        def there_and_back() -> None:
            self.pane.show_view(SavedView.SHIFT.value)

        samples = []
        for _ in range(self.options.times(15)):
            self._all()
            samples.append(self._timed_once(there_and_back))
        return Measured(
            samples, self._urgency_floor("open"), f"{self.table.orders.rowCount():,} rows"
        )

    def _scroll(self) -> Measured:
        self._all()
        bar = self.table.verticalScrollBar()
        samples = self._timed(lambda: bar.setValue(self.chance.randrange(bar.maximum())), 60)
        ids = self.table.orders._ids
        page = "SELECT base FROM states WHERE id IN ({})"
        starts = (self.chance.randrange(max(1, len(ids) - 64)) for _ in count())

        def read() -> None:
            start = next(starts)
            some = ",".join(str(i) for i in ids[start : start + 64])
            self.bare.execute(page.format(some)).fetchall()

        return Measured(samples, take(read, self.options.times(60)))

    def _filter(self, name: str) -> Measured:
        query, where = FILTERS[name][1], FILTERS[name][2]
        query = replace(query, view=SavedView.ALL)
        samples = []
        for _ in range(self.options.times(10)):
            self._all()
            samples.append(self._timed_once(lambda: self.pane._show(query)))
        found = self.table.orders.rowCount()
        floor = self._floor(f" WHERE {where}", "dispatched_at DESC") if where else []
        return Measured(samples, floor, f"{found:,} found")

    def _sort(self, key: SortKey) -> Measured:
        self._all()
        start = ListQuery(view=SavedView.ALL, sort=SortKey.TITLE)
        samples = []
        for n in range(self.options.times(10)):
            self.pane._show(start)
            self.window.settle()
            query = ListQuery(view=SavedView.ALL, sort=key, descending=n % 2 == 1)
            samples.append(self._timed_once(partial(self.pane._show, query)))
        if key is SortKey.URGENCY:
            return Measured(samples, self._urgency_floor(""))
        return Measured(samples, self._floor("", f"{_PLAIN[key]}, id"))

    def _tick(self) -> Measured:
        self.pane.show_view(SavedView.SHIFT.value)
        self.window.settle()
        seat = self.window.seat
        hours = count(1)
        # An hour later every clock in sight shows another time: the dearest tick there is.
        samples = self._timed(
            lambda: self.table.tick(seat.now() + timedelta(hours=next(hours))), 60
        )
        spent = self._cpu()
        whole = take(self._whole_tick, self.options.times(60))
        note = f"all clocks move; {spent}; whole window, a second later: {median(whole):.1f} ms"
        return Measured(samples, [], note)

    def _whole_tick(self) -> None:
        self.window.shell._on_tick()
        self.window.settle()

    def _choose(self) -> Measured:
        self.pane.show_view(SavedView.SHIFT.value)
        self.table.choose_first()
        self.window.settle()
        lines = cycle(range(1, 40))
        model = self.table.orders
        return Measured(
            self._timed(lambda: self.table.setCurrentIndex(model.index(next(lines), 0)), 30)
        )

    def _counts(self) -> Measured:
        return Measured(take(self.pane.count, self.options.times(20)))


GROUP = Group("lists", ROWS, run)
