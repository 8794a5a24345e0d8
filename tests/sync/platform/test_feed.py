"""The feed: everything once, newest state, in commit order, and only what one may see."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.intake import redacted
from desktop_app.domain.orders import OrderKind, Stage
from desktop_app.domain.roles import Role
from sync.platform import feed
from sync.platform.platform import Platform
from sync.protocol.codec import decode, decode_order, encode
from sync.protocol.messages import SyncAnswer
from sync.protocol.packing import unpacked
from tests.support.acts import make_act
from tests.support.center import HANDLERS, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, make_platform
from tests.sync.platform.conftest import CENTER, act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


def drain(
    platform: Platform, person: str, cursor: str = "", limit: int = 7
) -> tuple[str, list[SyncAnswer]]:
    pages = []
    while True:
        answer = platform.pull(platform.caller(person), cursor, limit)
        pages.append(decode(encode(answer), SyncAnswer))
        cursor = answer.cursor
        if not answer.more:
            return cursor, pages


def test_pages_bring_every_order_once_and_the_center_first(platform: Platform) -> None:
    platform.dispatch([sample_intake(n) for n in range(30)])
    cursor, pages = drain(platform, "dispatcher")
    ids = [order.id for page in pages for order in page.orders]
    assert len(ids) == len(set(ids)) == 30
    assert len(pages) == 5
    assert pages[0].center is not None
    again = platform.pull(platform.caller("dispatcher"), cursor, 500)
    assert (again.orders, again.center, again.more, again.cursor) == ([], None, False, cursor)


def test_a_changed_order_comes_again_as_it_is_now(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher2")
    order = order_of(zhou.served.platform)
    for kind in (K.ACCEPT, K.VERIFY, K.PROPOSE):
        zhou.push(act_on(zhou, order_of(zhou.served.platform), kind))
    answer = sun.sync()
    assert [(o.id, o.stage, o.rev) for o in answer.orders] == [(order.id, Stage.PROPOSED, 4)]
    assert answer.center is None


def test_a_reader_between_concurrent_writers_misses_nothing(platform: Platform) -> None:
    """Negative control: the same reader with a plain counter is in ``test_postgres``."""
    done = threading.Event()
    seen: set[str] = set()

    def write(base: int) -> None:
        for n in range(20):
            platform.dispatch([sample_intake(base + n)])

    def read() -> None:
        cursor = ""
        while True:
            finished = done.is_set()
            cursor, pages = drain(platform, "dispatcher", cursor)
            seen.update(order.id for page in pages for order in page.orders)
            if finished:
                return

    writers = [threading.Thread(target=write, args=(base,)) for base in (100, 200, 300)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    reader.join(60)
    assert len(seen) == 60


def test_a_handler_sees_what_was_assigned_and_nothing_else(seat: Seats) -> None:
    zhou, boss, village, other = (
        seat(n) for n in ("dispatcher", "secretary", "village", "village2")
    )
    platform = zhou.served.platform
    assert village.orders == {}
    for kind in (K.ACCEPT, K.VERIFY, K.PROPOSE):
        zhou.push(act_on(zhou, order_of(platform), kind))
    assert village.sync().orders == ()
    boss.push(act_on(boss, order_of(platform), K.SIGN))
    assert [o.id for o in village.sync().orders] == [order_of(platform).id]
    assert other.sync().orders == ()
    assert {h.person_id for h in HANDLERS} == set(order_of(platform).past_handlers)


def test_handlers_do_not_learn_who_asked_for_secrecy(served: RunningPlatform) -> None:
    platform = served.platform
    intake = sample_intake(50)
    secret = replace(intake, petitioner=replace(intake.petitioner, confidential=True))
    report = replace(sample_intake(51), matter=replace(intake.matter, kind=OrderKind.REPORT))
    platform.dispatch([secret, report])
    for n in (50, 51):
        for kind, who in ((K.ACCEPT, "dispatcher"), (K.VERIFY, "dispatcher"),
                          (K.PROPOSE, "dispatcher"), (K.SIGN, "secretary")):  # fmt: skip
            seat = Seat(served, who)
            assert seat.push(act_on(seat, order_of(platform, n), kind))[0].outcome == "applied"
    village = Seat(served, "village")
    raw = village.get("/v1/snapshot").text
    assert "张女士" not in raw
    assert "13800001234" not in raw
    village.catch_up()
    assert len(village.orders) == 2
    for n in (50, 51):
        whole = order_of(platform, n)
        assert village.orders[whole.id] == redacted(whole, Role.VILLAGE)
    zhou = Seat(served, "dispatcher")
    zhou.catch_up()
    assert zhou.orders[order_of(platform, 50).id].petitioner.phone == "13800001234"


def test_a_new_role_begins_from_the_start(platform: Platform) -> None:
    platform.dispatch([sample_intake(1)])
    cursor, pages = drain(platform, "village")
    assert [o for page in pages for o in page.orders] == []
    center = platform.center()
    people = tuple(
        replace(x, role=Role.DISPATCHER) if x.id == "village" else x for x in center.people
    )
    platform.change_center(replace(center, people=people))
    _, pages = drain(platform, "village", cursor)
    assert len([o for page in pages for o in page.orders]) == 1


def test_unknown_cursors_begin_from_the_start(seat: Seats) -> None:
    zhou = seat("dispatcher")
    epoch = zhou.sync().epoch
    for cursor in ("x", "AAAA", "垃圾", "=" * 200, zhou.cursor[:-3] + "AAA", "x" * 100_000):
        answer = zhou.served.platform.pull(zhou.served.platform.caller("dispatcher"), cursor, 50)
        assert len(answer.orders) == 3
        assert answer.epoch == epoch


def test_a_cursor_that_somebody_made_himself_says_nothing(seat: Seats) -> None:
    """Ahead of the platform it would pass for the sign of a restored backup, and all seats replay."""
    zhou = seat("dispatcher")
    platform = zhou.served.platform
    place = feed.unseal(zhou.sync().cursor, platform._key)
    assert place is not None
    for position in (place.position, place.position + 1_000):
        forged = feed.seal(replace(place, position=position), b"another key")
        answer = platform.pull(platform.caller("dispatcher"), forged, 50)
        assert len(answer.orders) == 3
        assert answer.epoch == place.epoch


def test_only_ones_own_cursor_of_now_stands_at_the_end(platform: Platform) -> None:
    """A poll with any other is answered at once instead of sitting: there is something for it."""
    platform.dispatch([sample_intake(n) for n in (1, 2)])
    leader = platform.caller("leader")
    township = leader.township
    cursor = platform.pull(leader, "", 50).cursor
    news = platform.news(township, 0)
    assert platform.stands_at(leader, cursor, news)
    assert not platform.stands_at(replace(leader, deputy=True), cursor, news)
    assert not platform.stands_at(platform.caller("village"), cursor, news)
    assert not platform.stands_at(leader, "", news)
    assert not platform.stands_at(leader, cursor, replace(news, epoch="another"))
    platform.dispatch([sample_intake(3)])
    assert not platform.stands_at(leader, cursor, platform.news(township, 0))


def test_a_push_without_a_pull_leaves_the_cursor_where_it_was(seat: Seats) -> None:
    zhou = seat("dispatcher")
    before = zhou.cursor
    answer = zhou.sync(act_on(zhou, order_of(zhou.served.platform), K.NOTE), limit=0)
    assert (answer.orders, answer.more) == ((), True)
    place = feed.unseal(answer.cursor, zhou.served.platform._key)
    assert place == feed.unseal(before, zhou.served.platform._key)
    assert len(zhou.sync().orders) == 1


def test_a_restored_backup_is_noticed_even_after_it_has_grown_again(
    tmp_path: Path, clock: ManualClock
) -> None:
    database = tmp_path / "p.db"
    platform = make_platform(str(database), clock)
    platform.dispatch([sample_intake(1)])
    platform.close()
    shutil.copy(database, tmp_path / "backup.db")
    platform = make_platform(str(database), clock)
    platform.dispatch([sample_intake(n) for n in (2, 3)])
    ahead, _ = drain(platform, "dispatcher")
    epoch = platform.epoch()
    platform.close()

    for extra in ((), (7, 8, 9, 10)):  # the head is behind the cursor, then past it
        shutil.copy(tmp_path / "backup.db", database)
        Path(f"{database}-wal").unlink(missing_ok=True)
        restored = make_platform(str(database), clock)
        restored.dispatch([sample_intake(n) for n in extra])
        answer = restored.pull(restored.caller("dispatcher"), ahead, 500)
        assert answer.epoch != epoch
        assert len(answer.orders) == 1 + len(extra)
        assert restored.pull(restored.caller("dispatcher"), answer.cursor, 500).orders == []
        assert restored.epoch() == answer.epoch
        restored.close()


def test_a_restored_platform_takes_back_what_seats_kept(tmp_path: Path, clock: ManualClock) -> None:
    """The order is dispatched again under the same id, and the kept acts find it."""
    first = make_platform(str(tmp_path / "a.db"), clock)
    first.dispatch([sample_intake(1)])
    order = order_of(first)
    first.close()
    second = make_platform(str(tmp_path / "b.db"), clock)
    second.dispatch([sample_intake(1)])
    assert order_of(second).id == order.id
    second.close()


def test_page_limits_hold(seat: Seats, served: RunningPlatform) -> None:
    served.platform.dispatch([sample_intake(n) for n in range(100, 120)])
    zhou = Seat(served, "dispatcher")
    assert len(zhou.sync(limit=5).orders) == 5
    assert len(zhou.snapshot(limit=3).orders) == 3
    assert zhou.sync(limit=-4).orders == ()
    assert len(zhou.snapshot(limit=10**12).orders) == 15


def test_a_redacted_report_is_what_the_domain_says(platform: Platform) -> None:
    platform.dispatch([sample_intake(1)])
    order = order_of(platform)
    assert redacted(order, Role.VILLAGE) == order
    assert p.plain(p.Empty()) == {}


def test_a_snapshot_comes_packed_where_packs_are_asked_for(served: RunningPlatform) -> None:
    served.platform.dispatch([sample_intake(n) for n in range(1, 131)])
    zhou = Seat(served, "dispatcher")
    asked = {packs: zhou.take(zhou.get("/v1/snapshot", packs=packs)) for packs in ("", "0", "1")}
    assert [(len(a.orders), bool(a.packs)) for a in asked.values()] == [(130, False)] * 2 + [
        (0, True)
    ]
    states = [bytes(state) for pack in asked["1"].packs for state in unpacked(pack)]
    assert states == [encode(order) for order in asked["0"].orders]
    assert asked["1"].cursor == asked["0"].cursor


def test_many_orders_come_packed_to_who_takes_packs(platform: Platform) -> None:
    platform.dispatch([sample_intake(n) for n in range(120)])
    caller = platform.caller("dispatcher")
    plain = platform.pull(caller, "", 500)
    packed = decode(encode(platform.pull(caller, "", 500, packs=True)), SyncAnswer)
    states = [bytes(state) for pack in packed.packs for state in unpacked(pack)]
    assert states == [bytes(state) for state in plain.orders]
    assert (packed.orders, packed.more, packed.cursor) == ((), False, plain.cursor)
    few = platform.pull(caller, "", 50, packs=True)
    assert (len(few.orders), few.packs) == (50, [])
    handler = platform.pull(platform.caller("village"), "", 500, packs=True)
    assert (handler.orders, handler.packs) == ([], [])


def test_a_page_is_packed_once_for_all_and_anew_when_an_order_has_moved(platform: Platform) -> None:
    platform.dispatch([sample_intake(n) for n in range(150)])
    zhou, secretary = platform.caller("dispatcher"), platform.caller("secretary")
    first = platform.pull(zhou, "", 500, packs=True)
    assert platform.pull(secretary, "", 500, packs=True).packs is first.packs
    order = order_of(platform)
    platform.enact([make_act(order, CENTER, "dispatcher", K.ACCEPT, platform.now())])
    pages = [platform.pull(zhou, "", 120, packs=True)]
    pages.append(platform.pull(zhou, pages[0].cursor, 120, packs=True))
    brought = [bytes(s) for page in pages for pack in page.packs for s in unpacked(pack)]
    brought += [bytes(state) for state in pages[1].orders]
    states = {state.id: state for state in map(decode_order, brought)}
    assert len(brought) == len(states) == 150
    assert states[order.id] == platform.order_by_id(order.id)
