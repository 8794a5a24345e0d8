"""The platform's tables. States and acts are JSON bytes of the contract; columns exist to find them.

The township leads every key, so that the tables can be divided by it: over partitions, or over the
nodes of a distributed PostgreSQL. Tables named in ``REFERENCE`` have no township of their own; they
are small, seldom written, and lie on every node.
"""

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

SCHEMA = 2
"""Version 1 knew one township and was never released: such a database is refused, not converted.
Tables that are only added need no new version."""

metadata = MetaData()


def township_key() -> Column[str]:
    """Return the column that every table's key begins with."""
    return Column("township", String(32), primary_key=True)


meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""server_id, schema, the cursor key, and where the platform's time stood."""

townships = Table(
    "townships",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
)

account_townships = Table(
    "account_townships",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("township", String(32), nullable=False),
)
"""Where a login is looked up. An account name is taken once on the whole platform."""

device_townships = Table(
    "device_townships",
    metadata,
    Column("device_id", String(64), primary_key=True),
    Column("township", String(32), nullable=False),
)
"""The township whose orders a seat's store holds, so that it is never mixed with another's."""

REFERENCE = (meta, townships, account_townships, device_townships)

feed_head = Table(
    "feed_head",
    metadata,
    township_key(),
    Column("position", BigInteger, nullable=False),
    Column("epoch", String(40), nullable=False),
)
"""One row per township. Its lock is what puts that township's feed positions into commit order."""

feed_marks = Table(
    "feed_marks",
    metadata,
    township_key(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("nonce", BigInteger, nullable=False),
)
"""A random number per commit: a cursor whose number is not here saw a history that was lost."""

center = Table(
    "center",
    metadata,
    township_key(),
    Column("state", LargeBinary, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    township_key(),
    Column("id", String(64), primary_key=True),
    Column("number", String(64), nullable=False),
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
    Index("orders_number", "township", "number", unique=True),
    Index("orders_position", "township", "position", unique=True),
    Index("orders_phone", "township", "phone", "serial"),
    Index("orders_place", "township", "place", "serial"),
    Index("orders_matter", "township", "matter", "serial"),
)

order_holders = Table(
    "order_holders",
    metadata,
    township_key(),
    Column("person_id", String(64), primary_key=True),
    Column("order_id", String(64), primary_key=True),
)
"""Who, besides the center's own roles, holds the order: its past and present handlers."""

acts = Table(
    "acts",
    metadata,
    township_key(),
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
    Index("acts_open", "township", "resolved", "received_at"),
)
"""Every act ever judged, for good: de-duplication has no time limit."""

devices = Table(
    "devices",
    metadata,
    township_key(),
    Column("device_id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("max_seq", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    township_key(),
    Column("account", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    township_key(),
    Column("id", String(40), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("person_id", String(64), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("device_name", String(100), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("confirmed_at", String(40), nullable=False),
    Column("revoked", Boolean, nullable=False),
    Index("sessions_account", "township", "account"),
)

tokens = Table(
    "tokens",
    metadata,
    township_key(),
    Column("hash", String(64), primary_key=True),
    Column("session_id", String(40), nullable=False),
    Column("refresh", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("expires_at", String(40), nullable=False),
    Index("tokens_session", "township", "session_id"),
)

files = Table(
    "files",
    metadata,
    township_key(),
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
    township_key(),
    Column("sha256", String(64), primary_key=True),
    Column("order_id", String(64), primary_key=True),
)

device_keys = Table(
    "device_keys",
    metadata,
    township_key(),
    Column("person_id", String(64), primary_key=True),
    Column("device_id", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("registered_at", String(40), nullable=False),
)
"""With what a person's seat signs files that come by stick; told within a session of that person."""

quarantine = Table(
    "quarantine",
    metadata,
    township_key(),
    Column("act_id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("arrived_at", String(40), nullable=False),
)
"""Acts that came by stick for somebody who is no longer in office: kept, not judged."""
