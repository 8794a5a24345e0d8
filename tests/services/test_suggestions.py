"""建议承办: duty list, place, 包片, history, roster; every suggestion says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Shift
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import CallBack, Duty, Order, Place
from desktop_app.domain.refusals import Refusal
from desktop_app.services.suggestions import (
    SuggestionGroup,
    candidates,
    handler_for,
    suggest_handlers,
)
from local_store.rows import Load
from local_store.store import Store
from tests.support.acts import walk
from tests.support.answering import Answering, pull
from tests.support.center import ROAD, WATER, sample_center, sample_order
from tests.support.clock import START

CENTER = sample_center()
NOW = START + timedelta(hours=1)
ORDER = sample_order(START, 1)


def _ids(group: SuggestionGroup, duty: Duty) -> list[str]:
    return [s.handler.person_id for s in group.of(duty)]


def _texts(group: SuggestionGroup, duty: Duty) -> list[str]:
    return [r.text for s in group.of(duty) for r in s.reasons]


def test_the_duty_list_names_the_lead_and_the_stations_the_place_the_village() -> None:
    first, *others = suggest_handlers(CENTER, ORDER, (), Load(), NOW)
    assert _ids(first, Duty.LEAD) == ["leader"]
    assert _ids(first, Duty.ASSIST) == ["village"]
    assert _ids(first, Duty.HELP) == ["station"]
    assert _texts(first, Duty.LEAD) == ["目录对应 农村管理", "包片 魏家湾村"]
    assert _texts(first, Duty.ASSIST) == ["事发地在本村"]
    assert [h.duty for h in first.handlers] == [Duty.LEAD, Duty.ASSIST, Duty.HELP]
    assert [_ids(g, Duty.LEAD) for g in others] == [["leader2"]]
    assert all(_ids(g, Duty.ASSIST) == ["village"] for g in others)


def test_the_longest_line_of_the_duty_list_counts() -> None:
    water = replace(ORDER, matter=replace(ORDER.matter, category=WATER))
    first, second = suggest_handlers(CENTER, water, (), Load(), NOW)
    assert _ids(first, Duty.LEAD) == ["leader2"]
    assert _ids(first, Duty.HELP) == ["station2"]
    assert _texts(second, Duty.LEAD) == ["包片 魏家湾村"]


def test_without_a_line_the_patch_leads_and_a_village_is_found_by_name() -> None:
    unknown = replace(
        ORDER,
        matter=replace(ORDER.matter, category=()),
        place=Place(None, "", "东沟村后街 7 号"),
    )
    first = suggest_handlers(CENTER, unknown, (), Load(), NOW)[0]
    assert _ids(first, Duty.LEAD) == ["leader2"]
    assert _ids(first, Duty.ASSIST) == ["village2"]
    assert _ids(first, Duty.HELP) == []


def test_nothing_known_prefers_who_is_on_duty_then_who_has_less() -> None:
    nowhere = replace(ORDER, matter=replace(ORDER.matter, category=()), place=Place())
    load = Load({PersonId("leader"): 2, PersonId("leader2"): 3})
    groups = suggest_handlers(CENTER, nowhere, (), load, NOW)
    assert [_ids(g, Duty.LEAD) for g in groups] == [["leader"], ["leader2"]]
    assert _texts(groups[0], Duty.LEAD) == ["在办 2 件"]
    assert groups[0].suggestions[0].load == 2
    shift = Shift(PersonId("leader2"), "甲班", START, START + timedelta(hours=8))
    groups = suggest_handlers(replace(CENTER, shifts=(shift,)), nowhere, (), load, NOW)
    assert _ids(groups[0], Duty.LEAD) == ["leader2"]
    assert _texts(groups[0], Duty.LEAD) == ["今日在岗"]


def test_history_adds_its_reasons(store: Store, platform: Answering) -> None:
    def done(n: int) -> Order:
        order = walk(sample_order(START - timedelta(days=n), n + 10), CENTER, ActKind.REPORT_BACK)
        return replace(order, callbacks=(CallBack(START, 1, True, True, True),))

    platform.dispatch(done(1), done(2), done(3))
    pull(store, platform, START)
    order = store.view(OrderId("order-1"))
    assert order is not None
    plain = replace(CENTER, duties=())
    earlier = [s for s in store.similar(order) if s.lead]
    assert len(earlier) == 3
    assert {s.outcome for s in earlier} == {"已办结 · 满意"}
    first = suggest_handlers(plain, order, earlier, store.load(), NOW)[0]
    assert "同类 3 件由其领办" in _texts(first, Duty.LEAD)
    assert "上次由其办理" in _texts(first, Duty.ASSIST)
    assert _texts(first, Duty.HELP) == ["同类 3 件有乡农办参与，均办结"]


def test_people_who_left_are_never_suggested() -> None:
    people = tuple(replace(p, active=p.id != "leader") for p in CENTER.people)
    center = replace(CENTER, people=people)
    groups = suggest_handlers(center, ORDER, (), Load(), NOW)
    assert [_ids(g, Duty.LEAD) for g in groups] == [["leader2"]]
    assert "leader" not in [h.person_id for h in candidates(center, Duty.LEAD)]
    with pytest.raises(Refusal, match="名册"):
        handler_for(center, Duty.LEAD, PersonId("leader"))
    assert handler_for(CENTER, Duty.ASSIST, PersonId("village")).unit_id == "wjw"


def test_the_category_of_the_sample_is_in_the_catalogue() -> None:
    assert ROAD in CENTER.catalogue
