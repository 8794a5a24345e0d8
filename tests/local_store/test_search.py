"""Search: words of one character and more, numbers by their end, phones, villages by initials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import CENTER as CENTER_FEED
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Matter, OrderLink, Petitioner
from local_store import search
from local_store.rows import ListQuery, SavedView
from local_store.store import Store
from tests.support.answering import Answering, pull, record
from tests.support.center import WATER, sample_center, sample_order
from tests.support.clock import START

CENTER = sample_center()
PERSON = CENTER.people[0]


@pytest.fixture
def platform() -> Answering:
    platform = Answering()
    first = sample_order(START, 31)
    second = replace(
        sample_order(START, 43),
        matter=Matter(
            "自来水管爆裂,半村停水", "东街 12 号门前 DN200 水管漏水,已停水两天。", category=WATER
        ),
        petitioner=Petitioner("郭先生", "139-0000-5678", "东街 12 号"),
        place=replace(first.place, village_id=CENTER.units[1].id, village="东沟村"),
    )
    platform.dispatch(first, second)
    return platform


def _found(store: Store, text: str) -> list[str]:
    query = ListQuery(view=SavedView.ALL, text=text)
    return [r.number[-4:] for r in store.rows(store.order_ids(query, START, PERSON))]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("停水", ["0043"]),
        ("半村停水", ["0043"]),
        ("自来水管爆裂", ["0043"]),
        ("水", ["0043"]),
        ("塌", ["0031"]),
        ("道路破损塌陷", ["0031"]),
        ("路破", ["0031"]),
        ("陷路", []),
        ("东街12号门前", ["0043", "0031"]),
        ("东街 12 号", ["0043", "0031"]),
        ("dn200", ["0043"]),
        ("DN2", ["0043"]),
        ("0043", ["0043"]),
        ("1120-0043", ["0043"]),
        ("20261120-0031", ["0031"]),
        ("43", ["0043"]),
        ("wjw", ["0031"]),
        ("weijia", ["0031"]),
        ("dg", ["0043"]),
        ("魏家湾", ["0031"]),
        ("东沟 停水", ["0043"]),
        ("魏家湾 停水", []),
        ("13900005678", ["0043"]),
        ("1390000", ["0043"]),
        ("郭先生", ["0043"]),
        ("供水", ["0043"]),
        ("没有这个词", []),
        ("!?", []),
        ('"停水" OR body', []),
        ("停水*", ["0043"]),
    ],
)
def test_what_is_found(store: Store, text: str, numbers: list[str]) -> None:
    assert sorted(_found(store, text)) == sorted(numbers)


def test_what_a_call_corrected_is_found_at_once(store: Store) -> None:
    later = START + timedelta(minutes=5)
    order = OrderId("order-31")
    record(store, "dispatcher", order, ActKind.ACCEPT, later)
    assert _found(store, "鱼塘") == []
    corrected = p.Verify("corrected", "", (("address", "东街 12 号门前", "北头鱼塘边"),))
    record(store, "dispatcher", order, ActKind.VERIFY, later, corrected)
    assert _found(store, "鱼塘边") == ["0031"]


def test_a_village_whose_pinyin_is_corrected_is_found_by_it(
    store: Store, platform: Answering
) -> None:
    assert _found(store, "dgb") == []
    one, two, *others = CENTER.units
    units = (one, replace(two, pinyin="dong gou bei"), *others)
    platform.center = replace(platform.center, rev=2, units=units)
    platform.feed.append(CENTER_FEED)
    pull(store, platform, START)
    assert store.index_some() == 1, "and no other village's orders are looked at again"
    assert _found(store, "dgb") == ["0043"]
    assert _found(store, "wjw") == ["0031"]


def test_a_bulk_load_is_caught_up_in_the_background(
    platform: Answering, open_store: Callable[[Answering], Store]
) -> None:
    platform.dispatch(*(sample_order(START, n) for n in range(100, 200)))
    store = open_store(platform)
    assert _found(store, "塌陷") == []
    assert "正在编入搜索" in store.doctor()[-1].text
    assert store.index_some(60) == 60
    assert store.index_some(60) == 42
    assert store.index_some(60) == 0
    assert len(_found(store, "塌陷")) == 101


_TEXT = st.text(
    alphabet=st.sampled_from("东街十二号门前道路塌陷水管 ab12,。-"), min_size=1, max_size=14
)


@given(_TEXT, st.data())
def test_any_piece_of_a_text_is_a_phrase_in_its_tokens(text: str, data: st.DataObject) -> None:
    """The phrase of a piece that begins at a word's or a character's start occurs among the tokens."""
    whole = " ".join(search.tokens(text))
    start = data.draw(st.integers(0, len(text) - 1))
    if start and text[start].isascii() and text[start - 1].isascii():
        return  # pieces begin where a word begins
    piece = text[start : data.draw(st.integers(start + 1, len(text)))]
    wanted = search.phrase(piece)
    if not wanted or piece[0] == " " or piece[-1] == " ":
        return
    words = wanted.rstrip("*").strip('"')
    end = "" if wanted.endswith("*") else " "
    assert f" {words}{end}" in f" {whole} "


def test_similar_orders_come_with_their_reason(store: Store, platform: Answering) -> None:
    again = replace(
        sample_order(START + timedelta(days=1), 50),
        petitioner=Petitioner("郭", "13900005678", ""),
    )
    found = store.similar(again)
    assert [(s.row.number[-4:], s.why) for s in found] == [("0043", "person"), ("0031", "place")]
    assert found[1].outcome == "待签收"
    assert not found[0].linked


def test_the_same_matter_comes_before_what_is_only_like_it(
    store: Store, platform: Answering
) -> None:
    plain = replace(
        sample_order(START + timedelta(days=1), 50),
        petitioner=Petitioner("郭", "13900005678", ""),
    )
    by_place = next(s for s in store.similar(plain) if s.why == "place")
    links = (OrderLink(by_place.row.order_id, by_place.row.number, "place", again=True),)
    found = store.similar(replace(plain, links=links))
    assert [(s.why, s.again) for s in found] == [("place", True), ("person", False)]
