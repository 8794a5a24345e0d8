"""Own acts that the platform took exactly as this seat folded them (see ``local_store.receipts``)."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE orders ADD COLUMN own_digest TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE orders ADD COLUMN receipt TEXT DEFAULT '' NOT NULL",
    "CREATE INDEX orders_receipts ON orders (id) WHERE receipt <> ''",
)
