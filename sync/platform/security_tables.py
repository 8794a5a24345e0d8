"""Tables of what keeps the platform honest: the chain over its history, and who tried to sign in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, String, Table

from sync.platform.tables import metadata, township_key

chain_heads = Table(
    "chain_heads",
    metadata,
    township_key(),
    Column("algorithm", String(10), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""One row per township: the newest entry. Its lock puts the entries into one order."""

chain = Table(
    "chain",
    metadata,
    township_key(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String(10), nullable=False),
    Column("ref", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("record", LargeBinary(32), nullable=False),
    Column("state", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""One entry per judged act, dispatch and published center; ``hash`` covers the rest and the hash of
the entry before. ``record`` is the digest of the act as stored, ``state`` that of the order or
center it led to (empty where a later entry of the same batch has it).
"""

file_claims = Table(
    "file_claims",
    metadata,
    township_key(),
    Column("sha256", String(64), primary_key=True),
    Column("order_id", String(64), primary_key=True),
    Column("person_id", String(64), primary_key=True),
)
"""Files that a history names and that whoever named them has not sent yet."""

logins = Table(
    "logins",
    metadata,
    township_key(),
    Column("id", String(40), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("account", String(64), nullable=False),
    Column("person_id", String(64), nullable=False),
    Column("device_id", String(64), nullable=False),
    Column("device_name", String(100), nullable=False),
    Column("address", String(64), nullable=False),
    Column("outcome", String(20), nullable=False),
    Index("logins_at", "township", "at"),
)
"""Every attempt to sign in, and what ended a session; never a password. Attempts with an account
that is not here are of the township "".
"""

blocked_devices = Table(
    "blocked_devices",
    metadata,
    township_key(),
    Column("device_id", String(64), primary_key=True),
    Column("at", String(40), nullable=False),
)
"""Computers an administrator keeps out, whoever knows a password there."""

login_attempts = Table(
    "login_attempts",
    metadata,
    township_key(),
    Column("key", String(160), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", String(40), nullable=False),
    Index("login_attempts_last", "township", "last_at"),
)
"""Wrong passwords in a row, per account and per address; shared by all processes. The township is
always "": what is counted is a name somebody typed, and an address.
"""

request_buckets = Table(
    "request_buckets",
    metadata,
    township_key(),
    Column("key", String(64), primary_key=True),
    Column("left", Float, nullable=False),
    Column("at", Float, nullable=False),
    Index("request_buckets_at", "township", "at"),
)
"""How many requests somebody may still send whom no process lets in by itself any more. The township
is always "". ``at``: real seconds.
"""
