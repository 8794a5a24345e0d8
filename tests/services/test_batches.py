"""批签: only ordinary, first-time orders whose proposal still is what was shown (*ours*)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order, OrderLink, Stage
from desktop_app.services import signoff
from local_store.store import Store
from tests.services.conftest import SeatOf
from tests.support.acts import walk
from tests.support.answering import Answering, pull
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

CENTER = sample_center()
K = ActKind


def _proposed(n: int, tier: str = "general") -> Order:
    return walk(sample_order(START, n, tier, CENTER), CENTER, K.PROPOSE)


def _hash(order: Order) -> str:
    assert order.proposal is not None
    return order.proposal.hash


@pytest.fixture
def platform() -> Answering:
    platform = Answering()
    platform.dispatch(
        _proposed(1), _proposed(2, "complex"), _proposed(3, "livelihood"), _proposed(4)
    )
    return platform


def test_what_may_not_be_signed_together_is_refused_with_its_reason(
    seat_of: SeatOf, platform: Answering, store: Store
) -> None:
    shown = [(o.id, _hash(o)) for o in platform.orders.values()]
    link = OrderLink(OrderId("order-1"), "20261120-0001", "matter")
    later = START + timedelta(hours=1)
    platform.dispatch(replace(platform.orders[OrderId("order-4")], links=(link,)))
    pull(store, platform, later)
    result = signoff.sign_batch(seat_of("secretary"), shown, "同意。")
    assert result.signed == ("order-1", "order-2")
    reasons = dict(result.refused)
    assert reasons == {"order-3": "民生件须逐件签。", "order-4": "重复诉求须逐件签。"}
    assert result.changes.orders == {"order-1", "order-2"}
    assert store.view(OrderId("order-1")).stage is Stage.SIGNED  # type: ignore[union-attr]
    assert store.pending_count() == 2


@pytest.mark.parametrize(("again", "reason"), [(True, "重复诉求须逐件签。"), (False, "")])
def test_only_the_same_matter_again_is_a_repeat(again: bool, reason: str) -> None:
    """A burst pipe of somebody who once complained of a road is no second time of the road."""
    link = OrderLink(OrderId("order-1"), "20261120-0001", "person", again=again)
    order = replace(_proposed(4), links=(link,))
    assert signoff.why_not_batch(order, CENTER.policy) == reason


def test_a_proposal_changed_since_seen_is_not_signed(
    seat_of: SeatOf, platform: Answering, store: Store
) -> None:
    shown = [(OrderId("order-1"), _hash(platform.orders[OrderId("order-1")]))]
    later = START + timedelta(hours=1)
    platform.do("order-1", "dispatcher", K.WITHDRAW_PROPOSAL, later)
    platform.do("order-1", "dispatcher", K.PROPOSE, later, p.Propose(HANDLERS, "换了说明"))
    pull(store, platform, later)
    result = signoff.sign_batch(seat_of("secretary"), shown, "同意。")
    assert result.signed == ()
    assert len(result.refused) == 1
    assert store.pending_count() == 0


def test_who_may_not_sign_signs_nothing(seat_of: SeatOf, platform: Answering) -> None:
    shown = [(o.id, _hash(o)) for o in platform.orders.values()]
    result = signoff.sign_batch(seat_of("dispatcher"), [*shown, (OrderId("gone"), "")], "同意。")
    assert result.signed == ()
    reasons = dict(result.refused)
    assert "书记" in reasons[OrderId("order-1")]
    assert "没有这件单" in reasons[OrderId("gone")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"round": 2}, "二次办理"),
        ({"tier": "emergency", "tier_title": "紧急"}, "紧急件"),
    ],
)
def test_each_reason(change: dict[str, object], reason: str) -> None:
    order = replace(_proposed(1), **change)  # type: ignore[arg-type]
    said = signoff.why_not_batch(order, CENTER.policy)
    assert reason in said
    assert bool(said) == bool(reason)
    assert "刚改过" in signoff.why_not_batch(_proposed(1), CENTER.policy, "another hash")
