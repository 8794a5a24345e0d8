"""Faces of the detail: masked, and never more than the data says."""

from dataclasses import replace
from datetime import timedelta

from desktop_app.domain.orders import Order
from tests.support.center import sample_order
from tests.support.clock import START
from ui.order.facts import facts, tags, track_title
from ui.widgets.kinds import Tone


def _order() -> Order:
    return sample_order(START)


def test_phone_is_masked_and_can_be_asked_for() -> None:
    first = facts(_order(), wide=True)[0]
    assert "13800001234" not in first.value
    assert first.action


def test_a_confidential_petitioner_is_hidden_whole() -> None:
    order = _order()
    order = replace(order, petitioner=replace(order.petitioner, confidential=True))
    first = facts(order, wide=True)[0]
    assert "张" not in first.value
    assert not first.action


def test_day_two_of_seven() -> None:
    heading, hint = track_title(_order(), START + timedelta(hours=30))
    assert heading == "一三五七"
    assert hint == "第 2 天 · 共 7 天"


def test_a_returned_proposal_is_a_tag() -> None:
    order = replace(_order(), returned="领办应为分管领导")
    assert [t.text for t in tags(order, None)] == ["拟办退回"]
    assert tags(order, None)[0].tone is Tone.NEAR
