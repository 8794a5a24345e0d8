"""The rule book, whole: every stage × act × person, against a table that a person can read and check."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.orders import STAGE_TITLES, Order, Outcome, Stage
from desktop_app.domain.refusals import Refusal
from tests.support.acts import PATH, make_act, step, walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

K = ActKind
MATRIX = Path(__file__).with_name("lifecycle_matrix.txt")
PEOPLE = (
    "dispatcher", "secretary", "leader", "leader2", "village", "village2", "station", "station2",
    "department", "grid", "inspector", "admin", "platform",
)  # fmt: skip
ORDER_KINDS = tuple(
    k for k in ActKind if k not in (K.DISPATCH, K.AUTHORISE_DEPUTY, K.REVOKE_DEPUTY)
)


def _orders(center: Center) -> dict[str, Order]:
    """One order per situation: each stage of the main path, and the forks beside it."""
    fresh = sample_order(START, center=center)
    found = {"dispatched": fresh}
    order = fresh
    for kind, person in PATH:
        order = step(order, center, person, kind).order
        found.setdefault(order.stage.value, order)
    found["ready to conclude"] = walk(fresh, center, K.DETERMINE)
    accepted = walk(fresh, center, K.ACCEPT)
    found["emergency, unsigned"] = step(accepted, center, "dispatcher", K.EMERGENCY).order
    found["emergency, proposed"] = step(
        found["emergency, unsigned"], center, "dispatcher", K.PROPOSE
    ).order
    found["clock stopped"] = step(
        walk(fresh, center, K.MEET), center, "platform", K.STOP_CLOCK
    ).order
    found["withdrawn"] = step(walk(fresh, center, K.MEET), center, "platform", K.WITHDRAW).order
    return found


def _verdict(order: Order, center: Center, person: str, kind: ActKind) -> str:
    """Return "" for a refusal, else the stage the act leads to."""
    at = order.history[-1].received_at + timedelta(minutes=1)
    act = make_act(order, center, person, kind, at)
    before = order
    try:
        decision = decide(order, act, center, at)
    except Refusal as refusal:
        _said_why(refusal)
        assert order == before
        return ""
    assert decision.outcome is Outcome.APPLIED
    assert decision.order.rev == order.rev + 1
    assert decision.order.history[:-1] == order.history
    return decision.order.stage.value


def _said_why(refusal: Refusal) -> None:
    assert any("一" <= ch <= "鿿" for ch in refusal.reason), "a refusal says why, in Chinese"


def _matrix(center: Center) -> str:
    lines = []
    for name, order in _orders(center).items():
        lines.append(f"== {name} ({STAGE_TITLES[order.stage]})")
        for person in PEOPLE:
            allowed = []
            for kind in ORDER_KINDS:
                stage = _verdict(order, center, person, kind)
                if stage:
                    to = "" if stage == order.stage.value else f"→{stage}"
                    allowed.append(f"{kind.value}{to}")
            lines.append(f"{person:11} {' '.join(allowed)}".rstrip())
    return "\n".join(lines) + "\n"


def test_the_full_matrix_is_what_the_table_in_the_repository_says() -> None:
    """A changed rule must change ``lifecycle_matrix.txt`` too, where a reviewer sees it."""
    assert _matrix(sample_center()) == MATRIX.read_text(encoding="utf-8")


def test_every_stage_is_covered() -> None:
    covered = {order.stage for order in _orders(sample_center()).values()}
    assert covered == set(Stage)


@pytest.mark.parametrize("kind", list(ActKind))
def test_every_act_has_a_chinese_name(kind: ActKind) -> None:
    assert ACT_TITLES[kind]


if __name__ == "__main__":  # rewrites the table: read the difference before committing it
    MATRIX.write_text(_matrix(sample_center()), encoding="utf-8")
