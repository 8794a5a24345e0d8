"""A migration that loses an act: the check of the copy has to see it."""

from __future__ import annotations

STATEMENTS = ("DELETE FROM acts WHERE seq = (SELECT max(seq) FROM acts)",)
