"""When an act was put on a USB stick, and until when a refused one should be dealt with."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE acts ADD COLUMN exported_at INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE acts ADD COLUMN due_at INTEGER DEFAULT 0 NOT NULL",
)
