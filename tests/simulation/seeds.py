"""Seeds that once found something: every test run plays them again.

A seed stands for a run of today's world; when the world's own rules change it becomes another run. The
fault it found has a test of its own, which does not change.
"""

from __future__ import annotations

FOUND: dict[int, str] = {
    8: "a seat lost the key the platform knows it by: with a backup put back, or with the power",
    18: "rebuilt from a journal with the platform's name and not its epoch, a seat took no answer any more",
    23: "an older file put back had gaps in its numbers that doctor took for damage",
    43: "after a restore a new act hid from the seat that the platform had lost an earlier one",
    395: "on a full disk a damaged store was opened again and again, as no mark of it could be written",
    1103: "what a killed platform had written and not synced was served, then gone with the power",
    3157: "a conflict that an own act opened carried a time limit of the seat's own until the next fold",
}
"""Seed → what it found."""
