"""What the foreign system sends: each record has its effect once, what is wrong is listed."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.orders import Order, Stage
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.rows import RecordState
from sync.platform.gateway.tables import records
from sync.platform.platform import Platform
from sync.platform.tables import orders
from tests.support.acts import PATH, make_act
from tests.support.center import sample_center
from tests.support.clock import ManualClock
from tests.support.foreign import Foreign, Weather
from tests.support.platform import make_platform
from tests.sync.platform.gateway.conftest import (
    TERMS,
    http_port,
    put_orders,
    reported_orders,
    rounds,
)

CENTER = sample_center()


def order_of(platform: Platform, number: str) -> Order:
    order = platform.order(number)
    assert order is not None
    return order


def walk_to(platform: Platform, clock: ManualClock, number: str, until: K) -> None:
    """Let the township's people take the order up to and including ``until``."""
    for kind, person in PATH:
        clock.advance(timedelta(minutes=5))
        act = make_act(order_of(platform, number), CENTER, person, kind, clock.now())
        (result,) = platform.enact([act])
        assert result.outcome == "applied", result
        if kind is until:
            return


def kinds(platform: Platform, number: str) -> list[K]:
    return [entry.kind for entry in order_of(platform, number).history]


def test_the_whole_way_from_the_call_to_the_second_round_and_back(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch(
        "N-1", 标题="路灯不亮", 主要内容="东街路灯不亮", 来电人="张女士", 村="魏家湾村"
    )
    gateway.round()
    walk_to(platform, clock, "N-1", K.ACCEPT)
    foreign.say("urge", "N-1", text="市民又来电")
    gateway.round()
    for kind, person in PATH[1:11]:
        clock.advance(timedelta(minutes=5))
        act = make_act(order_of(platform, "N-1"), CENTER, person, kind, clock.now())
        platform.enact([act])
    gateway.round()
    (body,) = [body for _, body in foreign.accepted]
    assert (body["number"], body["text"], body["round"]) == ("N-1", "已办结", 1)
    foreign.say("call_back", "N-1", responded=True, resolved=False, satisfied=False, text="没修好")
    foreign.say("second_round", "N-1", text="回访未解决")
    gateway.round()
    assert order_of(platform, "N-1").stage is Stage.DISPATCHED
    assert order_of(platform, "N-1").round == 2
    assert order_of(platform, "N-1").callbacks[0].text == "没修好"
    walk_to(platform, clock, "N-1", K.REPORT_BACK)
    rounds(gateway, clock, 2)
    assert [body["round"] for _, body in foreign.accepted] == [1, 2]
    assert K.URGE in kinds(platform, "N-1")


def test_an_act_that_overtook_its_order_waits_for_it(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.say("withdraw", "N-1", text="重复派单")
    foreign.say("urge", "N-2")
    gateway.round()
    assert gateway.ledger.count_records(RecordState.WAITING) == 2
    foreign.dispatch("N-1", 标题="甲")
    foreign.dispatch("N-2", 标题="乙")
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-1").stage is Stage.WITHDRAWN
    assert kinds(platform, "N-2") == [K.DISPATCH, K.URGE]
    assert gateway.ledger.count_records(RecordState.WAITING) == 0


def test_what_the_rules_refuse_waits_and_then_goes_to_a_person(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", 标题="甲")
    foreign.say("call_back", "N-1", resolved=True)
    rounds(gateway, clock, 3)
    (waiting,) = gateway.ledger.kept_records(RecordState.WAITING)
    assert "待签收" in waiting.reason
    clock.advance(timedelta(days=8))
    gateway.round()
    (left,) = gateway.ledger.kept_records(RecordState.REFUSED)
    assert left.number == "N-1"
    assert gateway.ledger.set_aside(left.key)
    assert gateway.ledger.count_records(RecordState.REFUSED) == 0


@pytest.mark.fault("gateway.rubbish_in")
@pytest.mark.parametrize("seed", range(3))
def test_repeated_shuffled_and_spoilt_records(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock, seed: int
) -> None:
    foreign.weather = Weather(repeated=0.8, shuffled=1.0, spoilt=1.0, failed_query=0.3)
    dice = random.Random(seed)
    for n in range(30):
        foreign.dispatch(f"N-{n}", 标题=f"第 {n} 件", 主要内容="说明")
        if dice.random() < 0.5:
            foreign.say("urge", f"N-{dice.randrange(n + 1)}", f"u-{n}")
        if n % 7 == 0:
            rounds(gateway, clock, 2)
    rounds(gateway, clock, 12)
    urged = {r["id"]: r["number"] for r in foreign.records if r["kind"] == "urge"}
    for n in range(30):
        expected = sum(number == f"N-{n}" for number in urged.values())
        assert kinds(platform, f"N-{n}") == [K.DISPATCH] + [K.URGE] * expected
    assert platform.order_count() == 30
    listed = gateway.ledger.kept_records(RecordState.REFUSED)
    assert 0 < len(listed) <= 12
    assert all(any("一" <= c <= "鿿" for c in record.reason) for record in listed)


def test_the_same_number_under_another_id_is_another_round_only_when_one_is_due(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", "o-1", 标题="甲")
    foreign.dispatch("N-1", "o-2", 标题="甲")
    gateway.round()
    assert kinds(platform, "N-1") == [K.DISPATCH]
    walk_to(platform, clock, "N-1", K.REPORT_BACK)
    foreign.say("call_back", "N-1", resolved=False)
    foreign.dispatch("N-1", "o-1", 标题="甲")
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-1").round == 1
    foreign.dispatch("N-1", "o-3", 标题="甲")
    foreign.dispatch("N-1", "o-3", 标题="甲")
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-1").round == 2


def test_a_corrected_dispatch_is_a_correction_on_the_order(
    platform: Platform, gateway: Gateway, foreign: Foreign
) -> None:
    foreign.dispatch(
        "N-1", "o-1", 标题="甲", 主要内容="一号楼", 来电人="张女士", 号码="13800001234"
    )
    foreign.dispatch(
        "N-1", "o-2", 标题="甲", 主要内容="二号楼", 来电人="张女士", 号码="13800001234"
    )
    gateway.round()
    (_, correction) = order_of(platform, "N-1").history
    assert correction.kind is K.CORRECT
    assert correction.payload["text"] == "12345 更正来件：内容改为“二号楼”"


def test_a_withdrawn_order_that_is_sent_again_with_other_words_is_shown(
    platform: Platform, gateway: Gateway, foreign: Foreign
) -> None:
    foreign.dispatch("N-1", "o-1", 标题="甲")
    foreign.say("withdraw", "N-1")
    gateway.round()
    foreign.dispatch("N-1", "o-2", 标题="乙")
    gateway.round()
    (waiting,) = gateway.ledger.kept_records(RecordState.WAITING)
    assert "平台已撤回" in waiting.reason


@pytest.fixture
def elsewhere(tmp_path: Path, clock: ManualClock) -> Iterator[Platform]:
    made = make_platform(str(tmp_path / "two.db"), clock, township="110117001")
    made.setup_center(CENTER, township="110117002")
    yield made
    made.close()


def test_each_township_has_its_own_gateway(
    elsewhere: Platform, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", 标题="甲")
    for township in ("110117001", "110117002"):
        desk = Desk(elsewhere, township)
        Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, township).round()
        assert elsewhere.order_count(township=township) == 1
    first = elsewhere.order("N-1", township="110117001")
    second = elsewhere.order("N-1", township="110117002")
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_logs_and_lists_name_no_people(
    platform: Platform, gateway: Gateway, foreign: Foreign, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = {"来电人": "张女士", "号码": "13800001234"}
    foreign.dispatch("N-1", 标题="甲", 主要内容="我是张女士，13800001234", **person)
    foreign.dispatch("N-2", 标题="", 主要内容="", **person)
    foreign.dispatch("N-3", 标题="长" * 600, **person)
    foreign.say("urge", "N-9", text="张女士 13800001234 又来电")
    foreign.records.append({"id": "x", "kind": "order", "number": 13800001234, "name": "张女士"})
    gateway.round()
    listed = [
        record.reason + record.number
        for state in (RecordState.REFUSED, RecordState.WAITING)
        for record in gateway.ledger.kept_records(state)
    ]
    assert len(listed) == 4
    told = caplog.text + json.dumps(listed, ensure_ascii=False)
    assert "张女士" not in told
    assert "13800001234" not in told


def test_one_spoilt_order_in_the_database_holds_nothing_else_up(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", "o-1", 标题="甲")
    gateway.round()
    spoilt = update(orders).where(orders.c.number == "N-1").values(state=b"{", position=99)
    platform.database.write(lambda db: db.execute(spoilt))
    foreign.dispatch("N-1", "o-2", 标题="甲的另一种说法")
    foreign.say("urge", "N-1")
    foreign.dispatch("N-2", "o-3", 标题="乙")
    put_orders(platform, reported_orders(1))
    platform.database.write(
        lambda db: db.execute(update(orders).values(position=orders.c.position + 200))
    )
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-2").rev == 1
    assert len(foreign.accepted) == 1
    waiting = gateway.ledger.kept_records(RecordState.WAITING)
    assert [r.reason for r in waiting] == ["处理时出错，稍后再试。"] * 2
    (listed,) = gateway.ledger.kept_records(RecordState.REFUSED)
    assert listed.number == "N-1"
    assert "人工核对" in listed.reason


def test_what_the_rules_did_not_allow_yet_has_its_effect_when_they_do(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", 标题="甲")
    foreign.say("call_back", "N-1", resolved=True)
    rounds(gateway, clock, 2)
    walk_to(platform, clock, "N-1", K.REPORT_BACK)
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-1").stage is Stage.CALLED_BACK
    assert gateway.ledger.count_records(RecordState.WAITING) == 0


def test_what_another_round_says_otherwise_is_on_the_order(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    foreign.dispatch("N-1", "o-1", 标题="甲", 主要内容="灯不亮")
    gateway.round()
    walk_to(platform, clock, "N-1", K.REPORT_BACK)
    foreign.say("call_back", "N-1", resolved=False)
    foreign.dispatch("N-1", "o-2", 标题="甲", 主要内容="换了灯还是不亮")
    rounds(gateway, clock, 2)
    order = order_of(platform, "N-1")
    assert order.round == 2
    assert order.history[-1].payload["reason"] == (
        "12345 再次派单。12345 更正来件：内容改为“换了灯还是不亮”"
    )
    gateway.ledger.database.write(lambda db: db.execute(delete(records)))
    (record,) = [r for r in foreign.page("", 10)["records"] if r["id"] == "o-2"]
    foreign.records.append(record)
    rounds(gateway, clock, 2)
    assert order_of(platform, "N-1") == order, "a kill between effect and note repeats nothing"


def test_a_record_that_waits_in_another_shape_stops_no_other(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    """What an older program has kept, or a spoilt row."""
    foreign.say("urge", "N-1")
    foreign.say("urge", "N-2")
    gateway.round()
    spoilt = update(records).where(records.c.number == "N-1").values(body=b'{"id": 7}')
    gateway.ledger.database.write(lambda db: db.execute(spoilt))
    foreign.dispatch("N-1", 标题="甲")
    foreign.dispatch("N-2", 标题="乙")
    tally = gateway.round()
    assert kinds(platform, "N-2") == [K.DISPATCH, K.URGE]
    assert tally.problems == []
    (left,) = gateway.ledger.kept_records(RecordState.REFUSED)
    assert (left.number, "读不出来" in left.reason) == ("N-1", True)
    assert gateway.ledger.count_records(RecordState.WAITING) == 0
