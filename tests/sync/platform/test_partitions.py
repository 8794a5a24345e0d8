"""The township leads every key, so the tables can be divided by it: the platform does not notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, text

from desktop_app.domain.acts import ActKind as K
from sync.platform.tables import REFERENCE, metadata
from tests.support import postgres
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import running_platform, sample_logins
from tests.sync.platform.conftest import CENTER
from tests.sync.platform.test_townships import CENTERS, EAST, WEST, TownSeat, account

pytestmark = pytest.mark.postgres
PARTS = 4


@pytest.fixture
def divided(cluster: postgres.Cluster) -> Iterator[str]:
    """A database whose tables were made in parts by township before the platform came."""
    url = cluster.empty()
    engine = create_engine(url)
    parts = MetaData()
    for table in metadata.sorted_tables:
        copy = table.to_metadata(parts)
        if table not in REFERENCE:
            copy.dialect_options["postgresql"]["partition_by"] = "HASH (township)"
    with engine.begin() as db:
        parts.create_all(db)
        for table in metadata.sorted_tables:
            for n in range(0 if table in REFERENCE else PARTS):
                db.execute(
                    text(
                        f"CREATE TABLE {table.name}_{n} PARTITION OF {table.name} "
                        f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {n})"
                    )
                )
    engine.dispose()
    yield url
    cluster.drop(url)


def test_an_order_goes_its_way_over_divided_tables(
    divided: str, tmp_path: Path, clock: ManualClock
) -> None:
    logins = {t: [(account(a, t), w, x) for a, w, x in sample_logins(CENTER)] for t in CENTERS}
    with running_platform(
        tmp_path, clock, CENTERS[EAST], logins[EAST], divided, township=EAST
    ) as served:
        served.platform.setup_center(CENTERS[WEST], logins[WEST], township=WEST)
        for township in CENTERS:
            served.platform.dispatch([sample_intake(n) for n in (1, 2, 3)], township=township)
            zhou, boss = (TownSeat(served, x, township) for x in ("dispatcher", "secretary"))
            zhou.catch_up()
            for seat, kind in (
                (zhou, K.ACCEPT),
                (zhou, K.VERIFY),
                (zhou, K.PROPOSE),
                (boss, K.SIGN),
            ):
                assert [r.outcome for r in seat.push(seat.on(1, kind))] == ["applied"]
            assert [o.rev for o in zhou.sync().orders] == [5]
