"""The tables as they are now. ``migrations`` brings an older store here; a test compares both."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()


def _int(name: str, default: int | None = 0) -> Column[int]:
    shown = None if default is None else text(str(default))
    return Column(name, Integer, nullable=False, server_default=shown)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
)

center = Table(
    "center",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    _int("rev", None),
    Column("body", LargeBinary, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("order_id", Text, nullable=False),
    _int("rev", None),
    _text("number"),
    _text("tail"),
    _text("title"),
    _text("village_id"),
    _text("village_key"),
    _text("tier"),
    _int("tier_rank"),
    _int("stage"),
    _text("holder"),
    _int("dispatched_at"),
    _int("open", 1),
    _int("views"),
    _int("paused"),
    _text("people"),
    _text("unaccepted"),
    _int("cur_start"),
    _int("cur_safe"),
    _int("near_at"),
    _int("conflicts"),
    _int("pending"),
    _int("rejected"),
    _int("searchable"),
    _int("stamp"),
    _int("doubted"),
    _int("pack"),
    _int("place"),
    _text("own_digest"),
    _text("receipt"),
)
"""What lists are filtered and sorted by. Times in microseconds. ``stage``, ``tier_rank``: ranks.
``searchable`` 0: the search does not know this state yet. ``stamp`` grows with every change.
``own_digest``: of ``states.own`` (see ``sync.protocol.folding``). ``receipt`` "count time": the view is
the platform's state once its last acts carry that time of receipt (see ``receipts``). ``doubted`` 1: from
before the platform was restored, so that whatever it sends is newer."""

states = Table(
    "states",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("own", LargeBinary),
)
"""The order's bytes: as the platform sent it, and with own waiting acts where that differs."""

acts = Table(
    "acts",
    metadata,
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("act_id", Text, nullable=False),
    _text("subject"),
    _text("kind"),
    _text("person_id"),
    Column("body", LargeBinary, nullable=False),
    _text("status"),
    _int("pending", 1),
    _text("outcome"),
    _int("rev"),
    _text("code"),
    _text("reason"),
    _int("recorded_at"),
    _int("tries"),
    _int("exported_at"),
    _int("due_at"),
)
"""Every act of this device, by its dense ``seq``: waiting ones (outbox) and, for 90 days, sent ones
(journal). ``pending`` 1: folded into the view."""

packs = Table(
    "packs",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Orders that have not changed since they came packed: ``orders.pack`` and ``place`` say where."""

drafts = Table(
    "drafts",
    metadata,
    Column("order_id", Text, primary_key=True, nullable=False),
    Column("form", Text, primary_key=True, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _int("saved_at", None),
)

files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("sha256", Text, nullable=False),
    _text("name"),
    _int("size", None),
    _int("sent"),
    _int("wanted"),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    Column("file_id", ForeignKey("files.id"), primary_key=True, nullable=False),
    Column("n", Integer, primary_key=True, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

alert_marks = Table(
    "alert_marks",
    metadata,
    Column("alert_id", Text, primary_key=True, nullable=False),
    Column("shown_at", Integer),
    Column("acknowledged_at", Integer),
    Column("snoozed_until", Integer),
    _int("snoozes"),
)

_OPEN = text("open = 1")
Index("orders_order_id", orders.c.order_id, unique=True)
Index("orders_tail", orders.c.tail)
Index(
    "orders_closed",
    orders.c.dispatched_at,
    orders.c.tier,
    orders.c.village_id,
    orders.c.stage,
    orders.c.people,
    sqlite_where=text("open = 0"),
)
Index(
    "orders_work",
    orders.c.views,
    orders.c.paused,
    orders.c.cur_start,
    orders.c.cur_safe,
    orders.c.near_at,
    orders.c.people,
    sqlite_where=_OPEN,
)
Index("orders_conflicts", orders.c.conflicts, sqlite_where=text("conflicts > 0"))
Index("orders_unsearchable", orders.c.searchable, sqlite_where=text("searchable = 0"))
Index("orders_receipts", orders.c.id, sqlite_where=text("receipt <> ''"))
Index("acts_act_id", acts.c.act_id, unique=True)
Index("acts_status", acts.c.status)
Index("acts_pending", acts.c.subject, acts.c.seq, sqlite_where=text("pending = 1"))
Index("files_sha256", files.c.sha256, unique=True)
