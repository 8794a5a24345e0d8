"""The gateway's tables, in the platform's database; every key begins with the township."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from sync.platform.tables import metadata, township_key

parcels = Table(
    "gateway_parcels",
    metadata,
    township_key(),
    Column("reference", String(40), primary_key=True),
    Column("number", String(64), nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("delivery", String(40), nullable=False),
    Column("prepared_at", String(40), nullable=False),
    Column("asked_at", String(40)),
    Column("attempted_at", String(40)),
    Column("next_at", String(40)),
    Column("settled_at", String(40)),
    Column("copies", Integer, nullable=False),
    Column("receipt", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Index("gateway_parcels_state", "township", "state", "prepared_at"),
    Index("gateway_parcels_delivery", "township", "delivery"),
    Index("gateway_parcels_number", "township", "number"),
)
"""Every result that has to go out or went, for good."""

records = Table(
    "gateway_records",
    metadata,
    township_key(),
    Column("key", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("number", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_at", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Index("gateway_records_state", "township", "state", "first_at"),
    Index("gateway_records_number", "township", "number"),
)
"""What the foreign system sent: once taken only its key; while it waits, its body too."""

notes = Table(
    "gateway_notes",
    metadata,
    township_key(),
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""The mark, the place in the feed up to which orders were read, the lease, the last words."""

TABLES = (parcels, records, notes)
"""Made by the first gateway: a platform without one does not have them."""
