"""A confidential or report-type order tells its handlers nothing about who complained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.intake import redacted
from desktop_app.domain.orders import Order, OrderKind, OrderLink
from desktop_app.domain.plain import to_plain
from desktop_app.domain.roles import Role
from tests.support.acts import step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
NAME, NEW_NAME, PHONE, NEW_PHONE, HOME = "张岩", "章研", "13800001234", "13911112222", "西巷 9 号"


def secret_order(kind: OrderKind = OrderKind.HELP, *, confidential: bool = True) -> Order:
    order = sample_order(START, center=C)
    who = replace(order.petitioner, name=NAME, phone=PHONE, address=HOME, confidential=confidential)
    place = replace(order.place, address=f"东街 12 号（{NAME}家，{PHONE}）")
    text = f"市民{NAME}反映，门前塌陷，联系电话{PHONE}，另一个 138-1234-5678、010-6996 1234。"
    matter = replace(order.matter, title=f"{NAME}反映道路塌陷", text=text, kind=kind)
    links = (
        OrderLink(OrderId("o1"), "20250101-0001", "person", f"{NAME}要求修路"),
        OrderLink(OrderId("o2"), "20250102-0002", "place", f"{NAME}家门前"),
    )
    tags = (f"{NAME}来电",)
    order = replace(order, petitioner=who, place=place, matter=matter, links=links, tags=tags)
    order = walk(order, C, K.ACCEPT)
    fixes = (
        ("诉求人", NAME, NEW_NAME),
        ("电话", PHONE, NEW_PHONE),
        ("地点", "东街 12 号", "东街 21 号"),
    )
    verified = p.Verify("corrected", f"{NAME}说改打{NEW_PHONE}", fixes)
    order = step(order, C, "dispatcher", K.VERIFY, verified).order
    order = step(order, C, "dispatcher", K.CALL, p.Call(f"{NEW_NAME} {NEW_PHONE}", True)).order
    note = p.Propose(HANDLERS, f"请先联系{NAME} {PHONE}")
    order = step(order, C, "dispatcher", K.PROPOSE, note).order
    order = step(order, C, "secretary", K.SIGN, p.Sign(f"同意，注意为{NAME}保密。")).order
    met = p.Meet(f"{NEW_NAME}家门口", NEW_NAME, f"见到{NEW_NAME}，电话{NEW_PHONE}")
    return step(order, C, "village", K.MEET, met).order


@pytest.mark.parametrize(
    "order", [secret_order(), secret_order(OrderKind.REPORT, confidential=False)]
)
def test_nothing_a_handler_holds_names_the_petitioner(order: Order) -> None:
    told = str(to_plain(redacted(order, Role.VILLAGE)))
    for ends in ("1234", "5678", "138", "139"):
        assert ends not in told.replace("12345", ""), "nothing is left of a number"
    for secret in (NAME, NEW_NAME, PHONE, NEW_PHONE, HOME):
        assert secret not in told
        assert secret in str(to_plain(redacted(order, Role.DISPATCHER)))


def test_what_the_handler_needs_stays() -> None:
    order = secret_order()
    seen = redacted(order, Role.VILLAGE)
    assert (seen.assignments, seen.clocks) == (order.assignments, order.clocks)
    assert seen.place == replace(order.place, address="东街 12 号（（已保密）家，（已保密））")
    assert [e.act_id for e in seen.history] == [e.act_id for e in order.history]
    assert seen.proposal is not None
    assert order.proposal is not None
    assert (seen.proposal.hash, seen.proposal.handlers) == (order.proposal.hash, HANDLERS)
    assert seen.verification is not None
    assert ("地点", "东街 12 号", "东街 21 号") in seen.verification.corrections
    assert "门前塌陷" in seen.matter.text
    assert [link.why for link in seen.links] == ["place"]
    assert redacted(seen, Role.VILLAGE) == seen


def test_an_open_order_is_not_touched() -> None:
    order = secret_order(confidential=False)
    assert redacted(order, Role.VILLAGE) == order
