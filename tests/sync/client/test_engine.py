"""The engine alone: events in, tasks out."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest

from sync.client import events as ev
from sync.client.engine import EAGER, LEAST_PAGE, STOPPED_LOOK, Engine, Phase
from sync.client.events import Doing
from sync.client.failures import FailureKind as K
from sync.client.failures import failure
from tests.sync.client.engines import fails, polling, task


def test_a_seat_that_is_signed_out_sends_nothing() -> None:
    engine = Engine(signed_in=False)
    assert engine.start(0.0) == [ev.Wait()]
    engine.step(ev.Woken(1.0))
    engine.step(ev.SyncAsked(1.0))
    assert engine.step(ev.Waited(1.0)) == [ev.Wait()]
    assert engine.phase is Phase.SIGNED_OUT
    engine.step(ev.SignedIn(2.0))
    assert engine.step(ev.Waited(2.0)) == [ev.Greet()]


def test_on_start_it_greets_pushes_and_pulls_at_once_then_waits_at_the_platform() -> None:
    engine = polling()
    assert engine.phase is Phase.POLLING
    assert engine.online


def test_nothing_new_costs_one_request() -> None:
    engine = polling()
    quiet = ev.Exchanged(25.0, 0.0, pushed=False, moved=False, took=25.0, poll=True)
    assert engine.step(quiet) == [ev.Poll(25, 500)]


def test_a_new_act_cuts_the_long_poll_short_and_goes_out_at_once() -> None:
    engine = polling()
    assert engine.step(ev.Woken(3.0)) == []
    assert isinstance(task(engine.step(ev.PollCut(3.0))), ev.Exchange)


def test_acts_recorded_while_one_request_is_under_way_share_the_next() -> None:
    engine = polling()
    engine.step(ev.Woken(3.0))
    engine.step(ev.PollCut(3.0))
    for n in range(50):
        assert engine.step(ev.Woken(3.0 + n / 100)) == []
    assert isinstance(task(engine.step(ev.Exchanged(4.0, 0.0, sent=1, settled=1))), ev.Exchange)
    effects = engine.step(ev.Exchanged(4.1, 0.0, sent=50, settled=50))
    assert isinstance(task(effects), ev.SendFile)


def test_all_pages_are_fetched_and_pages_grow_while_they_come_quickly() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0, max_page=2000))
    sizes = []
    effects: list[ev.Effect] = []
    for n in range(4):
        effects = engine.step(ev.Exchanged(n * 1.0, 0.0, more=True, took=0.1))
        exchange = task(effects)
        assert isinstance(exchange, ev.Exchange)
        sizes.append(exchange.orders)
    assert sizes == [1000, 2000, 2000, 2000]


def test_a_slow_page_does_not_grow() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    effects = engine.step(ev.Exchanged(9.0, 0.0, more=True, took=9.0))
    assert effects == [ev.Exchange(0, 500)]


def test_the_platform_s_limits_hold() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    assert engine.step(ev.Greeted(0.0, max_acts=50, max_page=100)) == [ev.Exchange(50, 100)]


def test_more_that_never_moves_is_not_asked_again_at_once() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    engine.step(ev.Exchanged(0.0, 0.0, more=True, moved=False))
    assert not engine.pull.wanted


def test_a_platform_that_does_not_wait_is_not_polled_hot() -> None:
    engine = polling()
    quick = ev.Exchanged(0.01, 0.0, pushed=False, moved=False, took=0.01, poll=True)
    assert engine.step(quick) == [ev.Wait(1.0)]
    assert isinstance(task(engine.step(ev.Waited(1.0))), ev.Poll)


def test_a_long_queue_goes_out_batch_by_batch() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    again = engine.step(ev.Exchanged(0.0, 0.0, sent=500, settled=500, full=True))
    assert again == [ev.Exchange(500, 500)]


def test_batches_grow_while_they_are_quick_up_to_what_the_platform_takes() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    task(engine.step(ev.Greeted(0.0, max_acts=5000)))
    sizes = [engine.batch]
    for took in (3.0, 6.0, 4.0):
        engine.step(ev.Exchanged(0.0, 0.0, sent=100, settled=100, full=True, took=took))
        sizes.append(engine.batch)
    assert sizes == [2000, 4000, 4000, 5000]


# --- stuck acts ---


def test_an_act_that_stays_deferred_is_retried_slower_and_slower_and_never_hot() -> None:
    engine = polling()
    engine.step(ev.Woken(0.0))
    engine.step(ev.PollCut(0.0))
    at, tries = 0.0, []
    for _ in range(12):
        effect = task(engine.step(ev.Exchanged(at, 0.99, sent=1, settled=0)))
        while not (isinstance(effect, ev.Exchange) and effect.acts):
            if isinstance(effect, ev.Poll):
                at += effect.seconds
                quiet = ev.Exchanged(
                    at, 0.0, pushed=False, moved=False, took=effect.seconds, poll=True
                )
                effect = task(engine.step(quiet))
            elif isinstance(effect, ev.SendFile):
                effect = task(engine.step(ev.FileSent(at, files=False)))
            elif isinstance(effect, ev.Wait):
                assert effect.until > at
                at = effect.until
                effect = task(engine.step(ev.Waited(at)))
            else:
                effect = task(engine.step(ev.Exchanged(at, 0.0, pushed=False, moved=False)))
        tries.append(at)
    gaps = [b - a for a, b in itertools.pairwise(tries)]
    assert min(gaps) >= 1.0
    assert gaps == sorted(gaps)
    assert max(gaps) <= 326.0


def test_a_deferred_act_does_not_stop_the_long_poll() -> None:
    engine = polling()
    engine.step(ev.Woken(0.0))
    engine.step(ev.PollCut(0.0))
    engine.step(ev.Exchanged(0.0, 0.999, sent=1, settled=0))
    effect = task(engine.step(ev.FileSent(0.0, files=False)))
    assert isinstance(effect, ev.Poll)
    assert effect.seconds <= 2


def test_a_new_act_goes_out_although_an_older_one_is_deferred() -> None:
    engine = polling()
    engine.step(ev.Woken(0.0))
    engine.step(ev.PollCut(0.0))
    for n in range(8):
        engine.push.back_off(float(n), 0.99)
    engine.push.failed_at = 0.0
    engine.step(ev.Exchanged(20.0, 0.99, pushed=False))
    engine.step(ev.Woken(21.0))
    assert engine.push.due <= 21.0


# --- failures of the line ---


def test_after_a_failure_it_waits_and_then_tries_again() -> None:
    engine = polling()
    assert fails(engine, 10.0, K.REFUSED) == [ev.Wait(11.0)]
    assert engine.phase is Phase.BACKING_OFF
    shown = [engine.online]
    assert isinstance(task(engine.step(ev.Waited(11.0))), ev.Exchange)
    fails(engine, 11.0, K.REFUSED)
    shown.append(engine.online)
    assert shown == [True, False], "one failure alone does not flicker the banner"
    assert engine.problem is K.REFUSED


def test_thirty_days_without_a_network_stay_within_bounds() -> None:
    engine = Engine(signed_in=True)
    effects, at, tries = engine.start(0.0), 0.0, 0
    dice = random.Random(7)
    while at < 30 * 86400:
        effect = task(effects)
        if isinstance(effect, ev.Wait):
            assert effect.until - at <= 300
            at = max(at, effect.until)
            effects = engine.step(ev.Waited(at))
            continue
        tries += 1
        effects = fails(engine, at, K.NAME, jitter=dice.random())
    assert 8_000 < tries < 40_000


def _failing(kind: K, seconds: float, dice: random.Random) -> list[tuple[float, float]]:
    """Return each try and how long the wait after it was, until after ``seconds``."""
    engine = polling()
    at, tries = 0.0, []
    while at <= seconds:
        effect = task(fails(engine, at, kind, jitter=dice.random()))
        assert isinstance(effect, ev.Wait)
        tries.append((at, effect.until - at))
        at = effect.until
        engine.step(ev.Waited(at))
    return tries


def test_a_line_that_was_there_a_moment_ago_is_tried_again_soon() -> None:
    """However many tries in a row fail: on a line that comes and goes that happens."""
    tries = _failing(K.REFUSED, 4 * 3600, random.Random(3))
    assert len(tries) > 60
    for at, wait in tries:
        assert 1.0 <= wait <= min(300.0, max(8.0, at / 4))
    assert max(wait for _, wait in tries) > 200, "and one that stays away is left alone"


def test_a_platform_that_is_reached_and_cannot_is_left_alone_at_once() -> None:
    tries = _failing(K.SERVER_ERROR, 600, random.Random(3))
    assert len(tries) < 20


@pytest.mark.fault("server.reconnect_500")
@pytest.mark.parametrize(("away", "most"), [(20, 150), (60, 90), (600, 20), (7200, 12)])
def test_seats_that_lost_the_platform_together_come_back_spread_out(away: int, most: int) -> None:
    """Of 500, so many come within the busiest second after it was away for so many seconds."""
    dice = random.Random(11)
    back = [at for _ in range(500) for at in _first_after(away, dice)]
    busiest = Counter(int(at) for at in back).most_common(1)[0][1]
    assert busiest <= most


def _first_after(away: float, dice: random.Random) -> list[float]:
    last, wait = _failing(K.REFUSED, away, dice)[-1]
    return [last + wait]


def test_retry_after_is_a_floor_even_for_f5() -> None:
    engine = polling()
    assert fails(engine, 0.0, K.TOO_MANY, after=120.0) == [ev.Wait(120.0)]
    engine.step(ev.SyncAsked(5.0))
    assert engine.step(ev.Waited(5.0)) == [ev.Wait(120.0)]


def test_an_absurd_retry_after_is_capped() -> None:
    engine = polling()
    assert fails(engine, 0.0, K.TOO_MANY, after=1e12) == [ev.Wait(900.0)]


def test_f5_shortens_a_wait_but_not_below_a_second() -> None:
    engine = polling()
    for _ in range(8):
        fails(engine, 100.0, K.NO_NETWORK, jitter=0.9)
    engine.step(ev.SyncAsked(100.2))
    assert engine.step(ev.Waited(100.2)) == [ev.Wait(101.0)]


def test_a_new_act_shortens_a_long_wait_yet_stays_bounded() -> None:
    engine = polling()
    for _ in range(8):
        fails(engine, 100.0, K.SERVER_ERROR, jitter=0.9)
    engine.step(ev.Woken(101.0))
    assert engine.step(ev.Waited(101.0)) == [ev.Wait(100.0 + EAGER)]


def test_success_resets_the_backoff() -> None:
    engine = polling()
    for n in range(6):
        fails(engine, n * 10.0, K.SERVER_ERROR, jitter=0.5)
    engine.step(ev.Exchanged(100.0, 0.0))
    assert engine.attempt == 0
    assert engine.problem is None


# --- a failure that may lie in the push or in the pull ---


def test_after_a_cut_it_asks_for_less_and_pushes_and_pulls_by_turns() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    fails(engine, 0.0, K.CUT_OFF)
    assert engine.step(ev.Waited(1.0)) == [ev.Exchange(250, 0)]
    assert engine.step(ev.Exchanged(1.0, 0.0, sent=3, settled=3, pulled=False)) == [
        ev.Exchange(0, 250)
    ]
    engine.step(ev.Exchanged(1.0, 0.0, pushed=False))
    engine.step(ev.Woken(2.0))
    engine.step(ev.PollCut(2.0))
    assert engine.doing is Doing.EXCHANGE


def test_an_unreadable_page_does_not_hold_back_the_push() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    effects = engine.step(ev.Greeted(0.0))
    at, pushed = 0.0, []
    for _ in range(60):
        effect = task(effects)
        if isinstance(effect, ev.Exchange) and effect.orders:
            effects = fails(engine, at, K.NOT_UNDERSTOOD, jitter=0.5, sent=1)
        elif isinstance(effect, ev.Exchange):
            pushed.append(at)
            effects = engine.step(ev.Exchanged(at, 0.5, sent=1, settled=1, pulled=False))
            engine.step(ev.Woken(at))
        elif isinstance(effect, ev.Wait):
            at = effect.until
            effects = engine.step(ev.Waited(at))
        else:
            effects = engine.step(ev.FileSent(at, files=False))
    assert len(pushed) > 5


def test_a_stuck_push_does_not_hold_back_the_pull() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    effects = engine.step(ev.Greeted(0.0))
    at, pulled, pushes = 0.0, 0, []
    for _ in range(300):
        effect = task(effects)
        if isinstance(effect, ev.Exchange) and effect.acts:
            pushes.append(at)
            effects = fails(engine, at, K.CUT_OFF, jitter=0.5, sent=5)
        elif isinstance(effect, ev.Exchange):
            pulled += 1
            effects = engine.step(ev.Exchanged(at, 0.0, pushed=False))
        elif isinstance(effect, ev.Poll):
            pulled += 1
            at += effect.seconds
            effects = engine.step(
                ev.Exchanged(at, 0.0, pushed=False, moved=True, took=effect.seconds, poll=True)
            )
        elif isinstance(effect, ev.Wait):
            at = effect.until
            effects = engine.step(ev.Waited(at))
        else:
            effects = engine.step(ev.FileSent(at, files=False))
    assert pulled > 50
    gaps = [b - a for a, b in itertools.pairwise(pushes)]
    assert min(gaps) >= 1.0
    assert max(gaps) > 60.0


def test_the_record_the_platform_does_not_take_is_found_and_left_out() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    effects = engine.step(ev.Greeted(0.0, max_acts=8))
    queue, poison, at, held = list(range(8)), 5, 0.0, None
    for _ in range(60):
        effect = task(effects)
        if isinstance(effect, ev.Exchange):
            sent = [a for a in queue if a != held][: effect.acts]
            if poison in sent:
                effects = fails(engine, at, K.NOT_ACCEPTED, sent=len(sent))
                if any(isinstance(e, ev.Hold) for e in effects):
                    assert sent == [poison]
                    held = poison
            else:
                queue = [a for a in queue if a not in sent]
                full = len(sent) == effect.acts
                effects = engine.step(
                    ev.Exchanged(
                        at, 0.0, pushed=effect.acts > 0, sent=len(sent), settled=len(sent), full=full,
                        pulled=effect.orders > 0,
                    )
                )  # fmt: skip
        elif isinstance(effect, ev.Wait):
            at = effect.until
            effects = engine.step(ev.Waited(at))
        elif isinstance(effect, ev.SendFile):
            effects = engine.step(ev.FileSent(at, files=False))
        else:
            break
    assert held == poison
    assert queue == [poison]
    assert at < 20.0


# --- who we are, who they are ---


def test_an_expired_token_is_renewed_and_the_same_work_goes_on() -> None:
    engine = polling()
    engine.step(ev.Woken(1.0))
    engine.step(ev.PollCut(1.0))
    assert fails(engine, 1.0, K.UNAUTHORISED, sent=3) == [ev.Refresh()]
    effects = engine.step(ev.Refreshed(1.1))
    assert effects == [ev.Exchange(500, 500)]


def test_a_new_token_that_is_refused_too_asks_who_is_there_and_then_a_person() -> None:
    engine = polling()
    fails(engine, 1.0, K.UNAUTHORISED)
    engine.step(ev.Refreshed(1.1))
    assert fails(engine, 1.2, K.UNAUTHORISED) == [ev.Greet()]
    assert engine.step(ev.Greeted(1.3)) == [ev.AskSignIn(K.SIGN_IN_AGAIN), ev.Wait()]
    assert engine.phase is Phase.SIGNED_OUT


def test_a_new_token_that_expired_before_it_was_used_is_renewed_again() -> None:
    engine = polling()
    fails(engine, 1.0, K.UNAUTHORISED)
    engine.step(ev.Refreshed(1.1))
    fails(engine, 1.2, K.NO_NETWORK)
    engine.step(ev.Waited(9000.0))
    assert fails(engine, 9000.0, K.UNAUTHORISED) == [ev.Refresh()]


def test_a_refused_refresh_at_another_server_is_not_taken_for_a_wrong_password() -> None:
    engine = polling()
    fails(engine, 1.0, K.UNAUTHORISED)
    assert fails(engine, 1.1, K.SIGN_IN_AGAIN) == [ev.Greet()]
    effects = fails(engine, 1.2, K.OTHER_SERVER)
    assert ev.Tell(K.OTHER_SERVER) in effects
    assert engine.phase is Phase.STOPPED
    assert engine.signed_in
    engine.step(ev.Waited(400.0))
    assert isinstance(task(engine.step(ev.Greeted(400.0))), ev.Exchange), "back at our own"


def test_a_refresh_that_fails_for_the_network_is_tried_again() -> None:
    engine = polling()
    fails(engine, 1.0, K.UNAUTHORISED)
    fails(engine, 1.1, K.TIMEOUT)
    assert engine.step(ev.Waited(3.0)) == [ev.Refresh()]


def test_signing_in_again_goes_on_where_it_stopped() -> None:
    engine = polling()
    fails(engine, 1.0, K.FORBIDDEN)
    engine.step(ev.Greeted(1.1))
    engine.step(ev.SignedIn(50.0))
    assert engine.step(ev.Waited(50.0)) == [ev.Greet()]
    assert engine.step(ev.Greeted(50.1)) == [ev.Exchange(500, 500)]


def test_another_server_at_the_address_stops_everything_but_a_look_now_and_then() -> None:
    engine = polling()
    effects = fails(engine, 10.0, K.OTHER_SERVER)
    assert effects == [ev.Tell(K.OTHER_SERVER), ev.Wait(10.0 + STOPPED_LOOK)]
    engine.step(ev.Woken(11.0))
    assert engine.step(ev.Waited(11.0)) == [ev.Wait(10.0 + STOPPED_LOOK)]
    assert engine.step(ev.Waited(10.0 + STOPPED_LOOK)) == [ev.Greet()]
    fails(engine, 400.0, K.OTHER_SERVER)
    engine.step(ev.Waited(800.0))
    assert isinstance(task(engine.step(ev.Greeted(800.0))), ev.Exchange)
    assert engine.stopped is None


@pytest.mark.parametrize("kind", [K.TOO_OLD, K.TOO_NEW])
def test_a_protocol_we_do_not_speak_stops_politely(kind: K) -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    assert ev.Tell(kind) in fails(engine, 0.0, kind)
    assert engine.phase is Phase.STOPPED


def test_a_restored_platform_gets_everything_again_and_the_user_one_line() -> None:
    engine = polling()
    assert fails(engine, 1.0, K.RESTORED) == [ev.Tell(K.RESTORED), ev.Replay()]
    assert engine.step(ev.Replayed(1.1)) == [ev.Exchange(500, 500)]


def test_a_platform_that_always_says_restored_is_waited_out() -> None:
    engine = polling()
    fails(engine, 1.0, K.RESTORED)
    engine.step(ev.Replayed(1.1))
    assert isinstance(task(fails(engine, 1.2, K.RESTORED)), ev.Wait)


# --- any order of events ---

_KINDS = [k for k in K if k is not K.INTERRUPTED]


@pytest.mark.parametrize("seed", range(200))
def test_whatever_happens_one_task_is_under_way_and_the_rate_is_bounded(seed: int) -> None:
    dice = random.Random(seed)
    engine = Engine(signed_in=True)
    at, sent_at = 0.0, []
    effect = task(engine.start(at))
    trouble = dice.random()
    for _ in range(400):
        for note in (ev.Woken, ev.SyncAsked, ev.SignedIn, ev.SignedOut):
            if dice.random() < (0.1 if note in (ev.Woken, ev.SyncAsked) else 0.003):
                assert engine.step(note(at)) == []
        event: ev.Event
        if isinstance(effect, ev.Wait):
            cut = dice.random() < 0.2
            at = at + 0.01 if cut or effect.until == math.inf else max(at, effect.until)
            event = ev.Waited(at)
        elif dice.random() < trouble:
            sent_at.append(at)
            at += 0.001
            sent = dice.randrange(1, 9) if isinstance(effect, ev.Exchange) and effect.acts else 0
            after = dice.choice([None, 0.0, 3.0, 1e9])
            kind = dice.choice(_KINDS)
            event = ev.Failed(
                at, dice.random(), engine.doing, failure(kind, retry_after=after), sent
            )
        else:
            at += 0.001
            event = _well(effect, at, dice)
        effect = task(engine.step(event))
        assert engine.page >= LEAST_PAGE
        assert engine.batch >= 1
    for n, first in enumerate(sent_at):
        burst = [t for t in sent_at[n:] if t < first + 60]
        assert len(burst) <= 130, "failures per minute stay bounded"


def _well(effect: ev.Effect, at: float, dice: random.Random) -> ev.Event:
    match effect:
        case ev.Greet():
            return ev.Greeted(at)
        case ev.Refresh():
            return ev.Refreshed(at)
        case ev.Replay():
            return ev.Replayed(at)
        case ev.SendFile():
            return ev.FileSent(at, files=dice.random() < 0.5)
        case ev.Exchange(acts, orders):
            sent = dice.randrange(min(acts, 5) + 1)
            return ev.Exchanged(
                at, dice.random(), pushed=acts > 0, sent=sent, settled=dice.randrange(sent + 1),
                full=dice.random() < 0.1, pulled=orders > 0, moved=dice.random() < 0.5,
            )  # fmt: skip
        case _:
            return ev.Exchanged(at, 0.0, pushed=False, moved=False, took=25.0, poll=True)
