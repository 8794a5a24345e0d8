"""Acts that came for somebody who is not in office: kept whole, visible, and not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from desktop_app.domain.acts import Act
from sync.platform.platform import Platform
from sync.platform.tables import quarantine
from sync.protocol.codec import decode_act
from sync.protocol.stick import Manifest


def keep(platform: Platform, township: str, manifest: Manifest, acts: Mapping[str, bytes]) -> None:
    """Keep acts (id to bytes) aside; those that are kept already stay as they are."""
    common = {
        "township": township,
        "person_id": manifest.person_id,
        "device_id": manifest.device_id,
        "arrived_at": platform.now().isoformat(),
    }

    def work(db: Connection) -> None:
        known = set(db.execute(select(quarantine.c.act_id).where(_among(township, acts))).scalars())
        rows = [
            {**common, "act_id": act_id, "body": body}
            for act_id, body in acts.items()
            if act_id not in known
        ]
        if rows:
            db.execute(insert(quarantine), rows)

    platform.database.write(work)


def release(platform: Platform, township: str, act_ids: Sequence[str]) -> None:
    """What is judged now no longer has to be kept aside."""
    here = _among(township, act_ids)
    with platform.database.read() as db:
        if db.execute(select(quarantine.c.act_id).where(here).limit(1)).first() is None:
            return
    platform.database.write(lambda db: db.execute(delete(quarantine).where(here)))


def _among(township: str, act_ids: Mapping[str, bytes] | Sequence[str]) -> ColumnElement[bool]:
    return and_(quarantine.c.township == township, quarantine.c.act_id.in_(list(act_ids)))


def held(platform: Platform, township: str) -> list[Act]:
    """Return the acts that are kept unjudged, the earliest arrival first."""
    rows = select(quarantine.c.body).where(quarantine.c.township == township)
    found: list[Act] = []
    with platform.database.read() as db:
        order = rows.order_by(quarantine.c.arrived_at, quarantine.c.act_id)
        for body in db.execute(order).scalars():
            with suppress(msgspec.DecodeError):  # of a newer program: kept, not shown
                found.append(decode_act(body))
    return found
