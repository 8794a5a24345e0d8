"""Orders that came in bulk are kept packed (see ``local_store.packs``)."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE orders ADD COLUMN pack INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE orders ADD COLUMN place INTEGER DEFAULT 0 NOT NULL",
    "CREATE TABLE packs (id INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id))",
)
