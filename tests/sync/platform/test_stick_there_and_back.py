"""A stick to the center and its answer back, on both kinds of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.services.outbox_reply import put_beside, take_reply
from sync.protocol.stick_reply import reply_name
from tests.stick.conftest import Town, export, visit
from tests.support.clock import ManualClock
from tests.support.platform import running_platform


@pytest.mark.fault("stick.reply")
def test_each_act_counts_once_and_is_settled(
    database: str, tmp_path: Path, clock: ManualClock
) -> None:
    with running_platform(tmp_path, clock, database=database) as center:
        town = Town(tmp_path, clock, center, tmp_path / "platform-files")
        first, second = town.handled_orders(2)
        village = town.seat()
        try:
            visit(village, first, "现场属实", (b"photo",))
            visit(village, second, "已看")
            town.center.platform.act_as_platform(
                ActKind.URGE, "20261120-0002", p.plain(p.Text("市民又来电"))
            )
            file = tmp_path / "a.jiban"
            export(village, file)
            taken = [town.take(file) for _ in range(2)]
            assert [(t.new, t.known) for t in taken] == [(2, 0), (0, 2)]
            put_beside(file, taken[1].reply)
            assert take_reply(village.seat, tmp_path / reply_name(file.name)).settled == 2
            for order_id in (first, second):
                assert village.store.view(order_id) == center.platform.order_by_id(order_id)
            revs = [center.platform.order_by_id(i).rev for i in (first, second)]  # type: ignore[union-attr]
            village.sync()
            assert village.store.outbox() == []
            assert revs == [center.platform.order_by_id(i).rev for i in (first, second)]  # type: ignore[union-attr]
        finally:
            village.close()
