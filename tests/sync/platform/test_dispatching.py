"""Dispatching: each number once, bad records named, earlier orders linked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import UnitId
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Petitioner, Place
from sync.platform.dispatching import DispatchStatus as D
from sync.platform.platform import Platform
from sync.platform.problems import PlatformProblem
from sync.platform.sample import load_sample, next_arrival
from tests.support.acts import make_act
from tests.support.center import sample_intake
from tests.support.clock import START, ManualClock
from tests.sync.platform.conftest import order_of


def other_person(n: int, phone: str = "") -> Intake:
    """Return an intake that shares nothing with the sample's but what is put in."""
    base = sample_intake(n)
    return replace(
        base,
        petitioner=Petitioner("李先生", phone),
        place=Place(UnitId("dg"), "东沟村", f"西街 {n} 号"),
        matter=replace(base.matter, category=()),
    )


def test_a_number_is_dispatched_once(platform: Platform) -> None:
    one, two = sample_intake(1), sample_intake(2)
    assert [r.status for r in platform.dispatch([one, two, one])] == [D.NEW, D.NEW, D.KNOWN]
    again = platform.dispatch([one, sample_intake(3)])
    assert [r.status for r in again] == [D.KNOWN, D.NEW]
    assert again[0].order_id == order_of(platform, 1).id
    assert platform.order_count() == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tier": "宇宙级"}, "宇宙级"),
        ({"number": " "}, "编号"),
        ({"number": "1\0"}, "编号"),
        ({"number": "9" * 65}, "编号"),
        ({"called_at": datetime(2026, 1, 1)}, "时区"),  # noqa: DTZ001 - the point of it
        ({"matter": replace(sample_intake().matter, title="", text=" ")}, "空"),
        ({"matter": replace(sample_intake().matter, text="长" * 20_001)}, "太长"),
        ({"petitioner": Petitioner("长" * 501)}, "太长"),
        ({"petitioner": Petitioner("\ud800")}, "读不出来"),
    ],
)
def test_a_bad_record_is_named_and_stops_no_other(
    platform: Platform, change: dict[str, object], words: str
) -> None:
    bad = replace(sample_intake(1), **change)  # type: ignore[arg-type]
    results = platform.dispatch([bad, sample_intake(2)])
    assert [r.status for r in results] == [D.FAILED, D.NEW]
    assert words in results[0].reason


def test_earlier_orders_are_linked_with_the_reason(platform: Platform) -> None:
    platform.dispatch([sample_intake(1)])
    first = order_of(platform)
    at = platform.now()
    platform.enact([make_act(first, platform.center(), "dispatcher", K.ACCEPT, at)])
    phone = replace(other_person(2), petitioner=Petitioner("王女士", "138-0000-1234"))
    place = replace(other_person(3), place=Place(UnitId("wjw"), "魏家湾村", "东街12号 门前"))
    matter = replace(
        other_person(4),
        place=Place(UnitId("wjw"), "魏家湾村", "南坡"),
        matter=replace(sample_intake().matter),
    )
    platform.dispatch([phone, place, matter, other_person(5)])
    found = [order_of(platform, n).links for n in (2, 3, 4, 5)]
    assert [[(link.why, link.number) for link in links] for links in found[:2]] == [
        [("person", first.number)],
        [("place", first.number)],
    ]
    assert [link.why for link in found[2]] == ["matter"]
    assert found[0][0].outcome == "待核实"
    assert found[0][0].title == first.matter.title
    assert found[3] == ()


def test_links_within_one_file_and_given_links_are_kept(platform: Platform) -> None:
    platform.dispatch([other_person(1, "13900000001"), other_person(2, "13900000001")])
    (link,) = order_of(platform, 2).links
    assert link.number == sample_intake(1).number
    given = replace(other_person(3, "13900000001"), links=(replace(link, why="matter"),))
    platform.dispatch([given])
    assert order_of(platform, 3).links == given.links


def test_many_repeats_are_bounded_and_newest_first(platform: Platform) -> None:
    platform.dispatch([other_person(n, "13900000001") for n in range(1, 30)])
    links = order_of(platform, 29).links
    assert [link.number for link in links] == [sample_intake(n).number for n in (28, 27, 26, 25)]


def test_only_the_same_matter_is_a_repeat_and_it_comes_first(platform: Platform) -> None:
    """Five other calls of the same person do not hide the road, nor are they its second time."""
    road, pipe = ("公共设施", "道路"), ("公共设施", "供水")

    def call(n: int, category: tuple[str, ...], phone: str = "13900000001") -> Intake:
        matter = replace(sample_intake().matter, category=category)
        place = Place(UnitId("wjw"), "魏家湾村", f"第{n}巷{n}号")
        return replace(other_person(n, phone), matter=matter, place=place)

    platform.dispatch([call(1, road), *(call(n, pipe) for n in range(2, 7))])
    platform.dispatch([call(7, road), call(8, road, "13900000002")])
    links = order_of(platform, 7).links
    assert [(link.number, link.why) for link in links if link.again] == [
        (sample_intake(1).number, "person")
    ]
    assert links[0].again
    assert order_of(platform, 7).times == 2
    # A neighbour's road elsewhere in the village is the same kind of matter, not this one again.
    assert order_of(platform, 8).times == 1
    assert {link.why for link in order_of(platform, 8).links} == {"matter"}


def test_without_a_category_the_same_person_at_the_same_place_repeats(platform: Platform) -> None:
    def call(n: int, address: str) -> Intake:
        matter = replace(sample_intake().matter, category=())
        place = Place(UnitId("wjw"), "魏家湾村", address)
        return replace(other_person(n, "13900000001"), matter=matter, place=place)

    platform.dispatch([call(1, "东街12号"), call(2, "东街12号"), call(3, "西街8号")])
    assert [order_of(platform, n).times for n in (2, 3)] == [2, 1]


def test_no_number_is_no_person(platform: Platform) -> None:
    """Names and short numbers are shared by too many."""
    platform.dispatch([other_person(1, "110"), other_person(2, "110"), other_person(3)])
    assert [order_of(platform, n).links for n in (2, 3)] == [(), ()]


def test_the_clocks_start_when_dispatched(platform: Platform) -> None:
    at = START.replace(hour=1)
    platform.dispatch([sample_intake(1)], at)
    order = order_of(platform)
    assert order.dispatched_at == at
    assert {clock.started_at for clock in order.clocks} == {at}


@pytest.mark.parametrize("policy", ["pinggu", "xining"])
def test_the_sample_township_is_made_by_the_ordinary_rules(platform: Platform, policy: str) -> None:
    load_sample(platform, policy, 24)
    assert platform.order_count() == 24
    assert platform.rejected() == []
    with platform.database.read() as db:
        outcomes = {row[0] for row in db.exec_driver_sql("select outcome from acts")}
        stages = {row[0] for row in db.exec_driver_sql("select summary from orders")}
    assert outcomes == {"applied"}
    assert len(stages) > 6
    for _ in range(3):
        (result,) = platform.dispatch([next_arrival(platform)])
        assert result.status is D.NEW


def test_a_platform_without_a_center_says_so(tmp_path: Path) -> None:
    bare = Platform(str(tmp_path / "bare.db"), ManualClock())
    with pytest.raises(PlatformProblem, match="no_center"):
        bare.dispatch([sample_intake(1)])
    assert bare.hello().center == ""
    bare.close()
