"""Which orders are from before the platform was restored: whatever it sends of them is newer."""

from __future__ import annotations

STATEMENTS = ("ALTER TABLE orders ADD COLUMN doubted INTEGER DEFAULT 0 NOT NULL",)
