"""The platform's tables. States and acts are JSON bytes of the contract; columns exist to find them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA = 1
metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""server_id, schema, the cursor key, and where the platform's time stood."""

feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("epoch", String(40), nullable=False),
)
"""One row. Its lock is what puts feed positions into commit order."""

feed_marks = Table(
    "feed_marks",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("nonce", BigInteger, nullable=False),
)
"""A random number per commit: a cursor whose number is not here saw a history that was lost."""

center = Table(
    "center",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("state", LargeBinary, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("serial", BigInteger, nullable=False),  # the first position: the order of arrival
    Column("secret", Boolean, nullable=False),
    Column("phone", String(32), nullable=False),
    Column("place", String(200), nullable=False),
    Column("matter", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Index("orders_position", "position", unique=True),
    Index("orders_phone", "phone", "serial"),
    Index("orders_place", "place", "serial"),
    Index("orders_matter", "matter", "serial"),
)

order_holders = Table(
    "order_holders",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("order_id", String(64), primary_key=True),
)
"""Who, besides the center's own roles, holds the order: its past and present handlers."""

acts = Table(
    "acts",
    metadata,
    Column("act_id", String(64), primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("person_id", String(64), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("device_seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("code", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("resolved", Boolean, nullable=False),
    Index("acts_open", "resolved", "received_at"),
)
"""Every act ever judged, for good: de-duplication has no time limit."""

devices = Table(
    "devices",
    metadata,
    Column("device_id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("max_seq", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(64), nullable=False, index=True),
    Column("person_id", String(64), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("device_name", String(100), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("confirmed_at", String(40), nullable=False),
    Column("revoked", Boolean, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("session_id", String(40), nullable=False, index=True),
    Column("refresh", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("expires_at", String(40), nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("owner", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
)
"""One row per uploader: a half-sent file of one person cannot spoil another's."""

file_orders = Table(
    "file_orders",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("order_id", String(64), primary_key=True),
)
