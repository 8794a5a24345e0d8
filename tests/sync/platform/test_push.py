"""Pushing acts: once each, by the rules, in the own name, one never holding up another."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event, func, select

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.apply import decide
from desktop_app.domain.ids import CENTER as CENTER_SUBJECT
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.domain.orders import Order, Outcome, Stage
from desktop_app.domain.roles import Role
from sync.platform import judging
from sync.platform.platform import Platform
from sync.platform.security_tables import file_claims
from sync.protocol.codec import encode
from sync.protocol.messages import ActResult
from tests.support.acts import actor_of, make_act
from tests.support.center import HANDLERS, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, make_platform
from tests.sync.platform.conftest import CENTER, act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


def outcomes(results: object) -> list[str]:
    return [r.outcome.value for r in results]  # type: ignore[attr-defined]


def test_an_act_is_applied_and_comes_back_in_the_same_answer(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    answer = zhou.sync(act_on(zhou, order, K.ACCEPT))
    assert outcomes(answer.results) == ["applied"]
    assert answer.results[0].rev == 2
    assert zhou.orders[order.id].stage is Stage.ACCEPTED
    assert zhou.orders[order.id].rev == 2


def test_a_duplicate_gets_the_original_result_for_good(
    seat: Seats, clock: ManualClock, served: RunningPlatform
) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(served.platform), K.ACCEPT)
    bad = act_on(zhou, order_of(served.platform), K.ARCHIVE)
    first = zhou.push(act, bad)
    assert outcomes(first) == ["applied", "rejected"]
    again = make_platform(served.database, clock)  # another process, later
    repeated = again.sync(again.caller("dispatcher", zhou.device), "", [act, bad]).results
    again.close()
    assert outcomes(repeated) == ["duplicate", "duplicate"]
    assert [r.original for r in repeated] == [Outcome.APPLIED, Outcome.REJECTED]
    assert repeated[0].rev == first[0].rev
    assert repeated[1].reason == first[1].reason
    assert order_of(served.platform).rev == 2


def test_the_same_act_twice_in_one_batch_counts_once(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.NOTE)
    assert outcomes(zhou.push(act, act)) == ["applied", "duplicate"]


def test_a_known_act_with_other_content_is_rejected_and_the_first_stays(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.NOTE, p.Text("先"))
    zhou.push(act)
    (result,) = zhou.push(replace(act, payload={"text": "后"}))
    assert (result.outcome, result.code) == (Outcome.REJECTED, "changed")
    assert outcomes(zhou.push(act)) == ["duplicate"]
    entry = order_of(zhou.served.platform).entry(act.id)
    assert entry is not None
    assert entry.payload == {"text": "先"}


def test_one_post_replayed_three_times_at_once_has_one_effect(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    acts = tuple(act_on(zhou, order, K.NOTE, p.Text(f"第 {n} 条")) for n in range(50))
    seats = [zhou, *(Seat(zhou.served, "dispatcher", zhou.device) for _ in range(2))]
    results: list[list[ActResult]] = []
    barrier = threading.Barrier(3)

    def send(mine: Seat) -> None:
        barrier.wait(10)
        results.append(list(mine.push(*acts)))

    threads = [threading.Thread(target=send, args=(s,)) for s in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    per_act = zip(*results, strict=True)
    for three in per_act:
        counted = sorted(outcomes(three))
        assert counted in (
            ["applied", "duplicate", "duplicate"],
            ["duplicate", "duplicate", "merged"],
        )
        assert len({r.rev for r in three}) == 1
    final = order_of(zhou.served.platform)
    assert final.rev == 51
    assert [e.rev for e in final.history] == list(range(1, 52))


def test_nobody_acts_in_anothers_name(seat: Seats, served: RunningPlatform) -> None:
    zhou = seat("dispatcher")
    order = order_of(served.platform)
    forged = make_act(order, CENTER, "dispatcher2", K.ACCEPT, served.platform.now())
    (result,) = zhou.push(forged)
    assert (result.outcome, result.code) == (Outcome.REJECTED, "foreign")
    # It was not kept: its true author can still send it.
    sun = seat("dispatcher2")
    assert outcomes(sun.push(forged)) == ["applied"]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.PLATFORM, Role.ADMIN])
def test_nobody_gives_himself_an_office(seat: Seats, role: Role) -> None:
    village = seat("village")
    order = order_of(village.served.platform)
    act = act_on(village, order, K.NOTE)
    (result,) = village.push(replace(act, actor=replace(act.actor, role=role)))
    assert (result.outcome, result.code) == (Outcome.REJECTED, "actor")


def test_name_and_title_are_the_registers(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    act = act_on(zhou, order, K.NOTE)
    zhou.push(replace(act, actor=replace(act.actor, name="县长", title="县长")))
    entry = order_of(zhou.served.platform).entry(act.id)
    assert entry is not None
    assert (entry.actor.name, entry.actor.title) == ("周女士", "派单员")


def test_an_order_one_may_not_see_takes_no_acts(seat: Seats) -> None:
    village = seat("village")
    act = act_on(village, order_of(village.served.platform), K.NOTE)
    (result,) = village.push(act)
    assert (result.outcome, result.code) == (Outcome.REJECTED, "not_visible")


def test_an_order_that_is_not_here_waits_and_blocks_only_itself(seat: Seats) -> None:
    zhou = seat("dispatcher")
    here = order_of(zhou.served.platform)
    lost = replace(here, id=OrderId("lost-order"))
    acts = [act_on(zhou, o, K.NOTE) for o in (lost, lost, here)]
    results = zhou.push(*acts)
    assert outcomes(results) == ["deferred", "blocked", "applied"]
    assert results[1].by == acts[0].id
    assert zhou.served.platform.rejected() == []


def test_a_bug_on_one_act_defers_it_and_stops_no_other(
    seat: Seats, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhou = seat("dispatcher")
    one, two = (order_of(zhou.served.platform, n) for n in (1, 2))
    broken = act_on(zhou, one, K.NOTE, p.Text("出错"))

    def wrong(order: Order, act: object, center: object, at: datetime) -> object:
        if getattr(act, "id", "") == broken.id:
            raise ZeroDivisionError
        return decide(order, act, center, at)  # type: ignore[arg-type]

    batch = (broken, act_on(zhou, one, K.NOTE), act_on(zhou, two, K.NOTE))
    monkeypatch.setattr(judging, "decide", wrong)
    assert outcomes(zhou.push(*batch)) == ["deferred", "blocked", "applied"]
    monkeypatch.setattr(judging, "decide", decide)
    assert outcomes(zhou.push(*batch)) == ["applied", "applied", "duplicate"]


def test_an_act_that_cannot_be_read_stops_no_other(seat: Seats) -> None:
    zhou = seat("dispatcher")
    good = act_on(zhou, order_of(zhou.served.platform), K.NOTE)
    body = b'{"device_id":"%s","acts":[{"id":"bad-1","kind":"fly"},7,%s]}' % (
        zhou.device.encode(),
        encode(good),
    )
    answer = zhou.take(zhou.send("POST", "/v1/sync", 200, data=body))
    by_id = {r.act_id: r for r in answer.results}
    assert by_id[good.id].outcome is Outcome.APPLIED
    assert by_id["bad-1"].code == "unreadable"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("occurred_at", datetime(2026, 11, 20, 8, 0), "time"),  # noqa: DTZ001 - the point of it
        ("occurred_at", datetime.fromisoformat("1901-01-01T00:00:00+00:00"), "time"),
        ("device_seq", -1, "payload"),
        ("needs_files", ("../../etc/passwd",), "files"),
        ("id", ActId("x" * 65), "act_id"),
        ("id", ActId("a\0b"), "act_id"),
        ("subject", OrderId(""), "payload"),
        ("subject", OrderId("a\0b"), "payload"),
        ("payload", {"text": "x" * 5000}, "payload"),
        ("payload", {"text": "x", "more": 1}, "payload"),
    ],
)
def test_values_out_of_bounds_are_rejected_with_the_reason(
    seat: Seats, field: str, value: object, code: str
) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.NOTE)
    (result,) = zhou.push(replace(act, **{field: value}))  # type: ignore[arg-type]
    assert (result.outcome, result.code) == (Outcome.REJECTED, code)
    assert result.reason


def test_a_rejected_act_stays_open_until_it_is_set_aside(seat: Seats) -> None:
    village, zhou = seat("village"), seat("dispatcher")
    platform = zhou.served.platform
    order = order_of(platform)
    lost = act_on(village, order, K.NOTE)
    village.push(lost)
    assert [r.act.id for r in platform.rejected()] == [lost.id]
    assert platform.rejected()[0].code == "not_visible"
    # The village may not see the order, and may still deal with its own record.
    done = act_on(village, order, K.SET_ASIDE, p.SetAside(lost.id, "已电话说明"))
    assert outcomes(village.push(done)) == ["applied"]
    assert platform.rejected() == []
    assert order_of(platform).rev == 1


def test_nobody_sets_anothers_record_aside_but_the_center(seat: Seats) -> None:
    village, station = seat("village"), seat("station")
    platform = village.served.platform
    order = order_of(platform)
    lost = act_on(village, order, K.NOTE)
    village.push(lost)
    station.push(act_on(station, order, K.SET_ASIDE, p.SetAside(lost.id)))
    assert len(platform.rejected()) == 1
    zhou = seat("dispatcher")
    zhou.push(act_on(zhou, order_of(platform), K.SET_ASIDE, p.SetAside(lost.id)))
    assert platform.rejected() == []


def test_two_accept_and_the_second_is_already_done(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher2")
    order = order_of(zhou.served.platform)
    assert outcomes(zhou.push(act_on(zhou, order, K.ACCEPT))) == ["applied"]
    (result,) = sun.push(act_on(sun, order, K.ACCEPT))
    assert (result.outcome, result.by) == (Outcome.ALREADY, "周女士")


def test_a_deputy_is_authorised_and_every_seat_hears_of_it(seat: Seats) -> None:
    secretary, village = seat("secretary"), seat("village")
    now = secretary.served.platform.now()
    end = now.replace(day=25)
    act = replace(
        act_on(secretary, order_of(secretary.served.platform), K.AUTHORISE_DEPUTY,
               p.AuthoriseDeputy(PersonId("leader"), now, end, "出差")),
        subject=CENTER_SUBJECT,
    )  # fmt: skip
    assert outcomes(secretary.push(act, act)) == ["applied", "duplicate"]
    assert outcomes(secretary.push(act)) == ["duplicate"]
    center = village.sync().center
    assert center is not None
    assert [d.deputy for d in center.delegations] == ["leader"]
    assert center.rev == 2


def test_device_sequence_numbers_are_acknowledged(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    assert zhou.sync().ack == -1
    acts = [replace(act_on(zhou, order, K.NOTE), device_seq=n) for n in (4, 5)]
    assert zhou.sync(*acts).ack == -1, "what was held before, or a backup's loss would be hidden"
    assert zhou.changes(0).ack == 5
    assert seat("dispatcher", "other").sync().ack == -1


def test_the_main_path_over_http(seat: Seats) -> None:
    zhou, boss, village, leader = (
        seat(n) for n in ("dispatcher", "secretary", "village", "leader")
    )
    number = order_of(zhou.served.platform).number
    path = (
        (zhou, K.ACCEPT), (zhou, K.VERIFY), (zhou, K.PROPOSE), (boss, K.SIGN),
        (village, K.HANDLER_ACCEPT), (village, K.MEET), (village, K.EXPLAIN),
        (leader, K.DETERMINE), (village, K.CONCLUDE), (zhou, K.REVIEW), (zhou, K.REPORT_BACK),
    )  # fmt: skip
    for who, kind in path:
        order = zhou.served.platform.order(number)
        assert order is not None
        (result,) = who.sync(act_on(who, order, kind)).results
        assert result.outcome is Outcome.APPLIED, (kind, result)
    platform = zhou.served.platform
    said = p.plain(p.CallBackResult(True, False, False, "路还没修好"))
    assert platform.act_as_platform(K.CALL_BACK, number, said).outcome is Outcome.APPLIED
    round_two = platform.act_as_platform(K.SECOND_ROUND, number, p.plain(p.Reason("未解决")))
    assert round_two.outcome is Outcome.APPLIED
    village.catch_up()
    assert village.orders[order_of(platform).id].round == 2


def test_a_refused_act_of_the_platform_itself_is_told_and_not_kept(seat: Seats) -> None:
    platform = seat("dispatcher").served.platform
    number = order_of(platform).number
    result = platform.act_as_platform(K.CALL_BACK, number, {})
    assert (result.outcome, result.code) == (Outcome.REJECTED, "stage")
    assert platform.rejected() == []
    with pytest.raises(LookupError):
        platform.act_as_platform(K.CALL_BACK, "没有", {})


def test_handlers_by_name_are_those_of_the_sample() -> None:
    assert {h.person_id for h in HANDLERS} <= {p.id for p in CENTER.people}
    assert actor_of(CENTER, "platform").role is Role.PLATFORM


def test_many_files_of_one_batch_are_named_in_few_statements(platform: Platform) -> None:
    """The township is locked meanwhile: a request may name 100,000 files."""
    platform.dispatch([sample_intake(n) for n in range(1, 11)])
    shas = [hashlib.sha256(bytes([n // 256, n % 256])).hexdigest() for n in range(500)]
    acts = [
        replace(
            make_act(order_of(platform, n), CENTER, "dispatcher", K.NOTE, platform.now(), seat="d"),
            needs_files=tuple(shas[n * 50 - 50 : n * 50]),
        )
        for n in range(1, 11)
    ]
    statements: list[str] = []
    event.listen(
        platform.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    results = platform.sync(platform.caller("dispatcher", "d"), "", acts, 0).results
    assert {r.outcome.value for r in results} == {"applied"}
    assert len([s for s in statements if "file" in s]) < 10
    with platform.database.read() as db:
        assert db.execute(select(func.count()).select_from(file_claims)).scalar_one() == 500
