"""What the rules make of the second of two acts, for every pair, as a table that a person can read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desktop_app.domain.acts import ACT_TITLES, Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.conflicts import why_not_decide
from desktop_app.domain.orders import Conflict, ConflictKind, Order, Outcome
from desktop_app.domain.refusals import Refusal
from tests.pairs.situations import (
    CENTER,
    FROM_ABOVE,
    GAP,
    KINDS,
    SITUATIONS,
    WHO,
    Doing,
    done,
    firsts,
    leads_to,
    order_in,
    seconds,
    who_can,
)

BETWEEN = tuple(
    k for k in KINDS if k not in (ActKind.WITHDRAW, ActKind.SECOND_ROUND, ActKind.ARCHIVE)
)
"""What comes last before a late act; an order that is closed or begun anew is a situation of its own."""


@dataclass(frozen=True, slots=True)
class Case:
    """``first`` arrives, then ``second``, which was made in ``base`` without seeing it.

    ``first`` is made in ``base`` too, or in ``then`` when the order had moved on by that time.
    """

    base: str
    first: Doing
    first_by: str
    second: Doing
    second_by: str
    verdict: str
    then: str = ""


def decider(order: Order, conflict: Conflict) -> str:
    """Return by role who decides: there is somebody, and nobody in another role."""
    people = [q for q in CENTER.people if not why_not_decide(order, conflict, q.id, q.role)]
    (role,) = {q.role for q in people}
    return role.value


def verdict(order: Order, act: Act) -> str:
    """Return in words what becomes of ``act`` when it reaches ``order``."""
    at = max(order.history[-1].received_at, act.occurred_at) + GAP
    try:
        decision = decide(order, act, CENTER, at)
    except Refusal as refusal:
        return f"rejected: {refusal.code}"
    if decision.outcome is not Outcome.CONFLICT:
        return decision.outcome.value
    conflict = decision.order.open_conflicts[-1]
    what = "stale" if conflict.kind is ConflictKind.STALE_SIGNATURE else "conflict"
    return f"{what}: {decider(decision.order, conflict)}"


@cache
def made(base: str, doing: Doing, seat: str, first_by: str = "") -> tuple[str, Act, Order] | None:
    """Return who does it in this situation, the act and what it leads to; None: nobody can."""
    by = who_can(order_in(base), doing, first_by)
    found = done(order_in(base), doing, by, seat) if by is not None else None
    return (by, *found) if by is not None and found is not None else None


def beside(kind: ActKind) -> Iterator[Case]:
    """Yield every case in which an act of ``kind`` comes first and both were made on the same order."""
    for base in SITUATIONS:
        for first in firsts(kind):
            began = made(base, first, "first")
            if began is None:
                continue
            for second in (d for other in KINDS for d in seconds(other, kind)):
                other = made(base, second, "second", began[0])
                if other is not None:
                    found = _second(began[2], second, other)
                    yield Case(base, first, began[0], second, other[0], found)


def _second(after: Order, second: Doing, other: tuple[str, Act, Order]) -> str:
    if second.kind in FROM_ABOVE:  # the platform sees what has come
        return "done" if done(after, second, other[0]) is not None else "not offered"
    return verdict(after, other[1])


def late(kind: ActKind) -> Iterator[Case]:
    """Yield every case in which an act of ``kind`` made in one situation arrives in a later one."""
    for base in SITUATIONS:
        for second in seconds(kind):
            other = made(base, second, "second")
            if other is None:
                continue
            for then in (name for name in SITUATIONS if leads_to(base, name)):
                for first in map(Doing, BETWEEN):
                    began = made(then, first, "first")
                    if began is not None:
                        found = verdict(began[2], other[1])
                        yield Case(base, first, began[0], second, other[0], found, then)


# --- as text --------------------------------------------------------------------------------------


def table() -> str:
    """Return the whole table."""
    lines = [_HEAD]
    for kind in KINDS:
        lines.append(f"== {kind.value} first ({ACT_TITLES[kind]})")
        lines += _beside_lines(beside(kind))
    lines.append("\n#### late")
    for kind in KINDS:
        if kind not in FROM_ABOVE:
            lines += _late_lines(kind)
    return "\n".join(lines) + "\n"


def _beside_lines(cases: Iterable[Case]) -> Iterator[str]:
    where: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        where[case.first.name, case.second.name][case.verdict].append(case.base)
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (first, second), verdicts in where.items():
        for found, bases in verdicts.items():
            at = "" if len(verdicts) == 1 else f"@({', '.join(bases)})"
            rows[first, found].append(second + at)
    for (first, found), names in sorted(rows.items()):
        yield f"  {first:18} {found:22} {' '.join(names)}"


def _late_lines(kind: ActKind) -> Iterator[str]:
    where: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    verdicts: dict[str, set[str]] = defaultdict(set)
    for case in late(kind):
        where[case.second.name, case.base, case.then][case.verdict].append(case.first.name)
        verdicts[case.second.name].add(case.verdict)
    if not where:
        return
    yield f"== {kind.value} last ({ACT_TITLES[kind]})"
    for second, found in verdicts.items():
        if len(found) == 1:
            yield f"  {second:18} {'any':22} {min(found):22} everywhere"
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (second, base, then), by in where.items():
        most = max(by, key=lambda v: len(by[v]))
        for word, names in by.items():
            if len(verdicts[second]) > 1:
                rows[second, base, word].append(
                    then + ("" if word == most else f"/{'/'.join(names)}")
                )
    for (second, base, word), thens in sorted(rows.items()):
        everywhere = set(thens) == {then for then in SITUATIONS if leads_to(base, then)}
        yield f"  {second:18} {base:22} {word:22} {'everywhere' if everywhere else ', '.join(thens)}"


_HEAD = """\
# What becomes of the second of two acts on one order. `name≠`: in other words than the usual;
# `name²`: the same person on another seat. Rewritten by `python -m tests.pairs.judged`; a changed
# line is a changed rule and is read before it is committed.
#
#### beside
# Both made on the same order, in whatever situation both are possible, without seeing each other:
# first act, verdict on the second, second acts. `@(…)`: only in these situations.
#
#### late (below)
# The second was made in a situation; then the order moved on and the first was done knowing that:
# second act, its situation, verdict, later situations. `/name`: only when this act came in between."""


def distinct(cases: Iterable[Case]) -> list[Case]:
    """Return one case for each pair of doings and verdict: what is played on real seats."""
    found: dict[tuple[str, str, str], Case] = {}
    for case in cases:
        found.setdefault((case.first.name, case.second.name, case.verdict), case)
    return list(found.values())


def distinct_late(cases: Iterable[Case]) -> list[Case]:
    """Return one late case for each second act and verdict."""
    found: dict[tuple[str, str], Case] = {}
    for case in cases:
        if WHO[case.first.kind] != ("platform",):
            found.setdefault((case.second.name, case.verdict), case)
    return list(found.values())


if __name__ == "__main__":
    Path(__file__).with_name("pairs.txt").write_text(table(), encoding="utf-8")
