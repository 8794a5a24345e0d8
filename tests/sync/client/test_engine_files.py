"""Files of one's own and of others: after everything else, and in nobody's way."""

from __future__ import annotations

from sync.client import events as ev
from sync.client.engine import Engine
from sync.client.failures import FailureKind as K
from tests.sync.client.engines import fails, polling, task


def test_files_come_last_and_the_pull_stays_fresh_between_their_pieces() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    effects = engine.step(ev.Exchanged(0.0, 0.0))
    at, kinds = 0.0, []
    for _ in range(20):
        effect = task(effects)
        kinds.append(type(effect).__name__)
        at += 0.8
        if isinstance(effect, ev.SendFile):
            effects = engine.step(ev.FileSent(at, files=True))
        else:
            effects = engine.step(ev.Exchanged(at, 0.0, moved=False))
    assert kinds.count("Exchange") >= 5
    assert kinds.count("SendFile") >= 10


def test_an_act_goes_out_between_two_pieces_of_a_file() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    engine.step(ev.Exchanged(0.0, 0.0))
    engine.step(ev.Woken(0.1))
    assert isinstance(task(engine.step(ev.FileSent(0.2, files=True))), ev.Exchange)


def test_a_file_that_fails_holds_up_nothing() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    engine.step(ev.Exchanged(0.0, 0.0))
    effect = task(fails(engine, 0.1, K.CUT_OFF, jitter=0.9))
    assert isinstance(effect, ev.Poll)
    assert effect.seconds <= 2
    assert engine.online


def test_a_file_that_fails_for_want_of_a_network_backs_everything_off() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    engine.step(ev.Exchanged(0.0, 0.0))
    assert isinstance(task(fails(engine, 0.1, K.NO_NETWORK)), ev.Wait)


def fetching(at: float = 0.0) -> Engine:
    """An engine that has nothing else to do than to fetch."""
    engine = polling(at)
    assert engine.step(ev.Exchanged(at, 0.0, poll=True, fetch=True)) == [ev.FetchFile()]
    return engine


def test_files_of_others_come_after_acts_pull_and_own_files() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    assert engine.step(ev.Exchanged(0.0, 0.0, more=True, fetch=True)) == [ev.Exchange(0, 1000)]
    assert engine.step(ev.Exchanged(0.1, 0.0, pushed=False)) == [ev.SendFile()]
    assert engine.step(ev.FileSent(0.2, files=True)) == [ev.SendFile()]
    assert engine.step(ev.FileSent(0.3, files=False)) == [ev.FetchFile()]
    engine.step(ev.Woken(0.4))
    assert engine.step(ev.FileFetched(0.5, files=True)) == [ev.Exchange(500, 1000)]
    assert engine.step(ev.Exchanged(0.6, 0.0)) == [ev.SendFile()]
    assert engine.step(ev.FileSent(0.7, files=False)) == [ev.FetchFile()]
    assert engine.step(ev.FileFetched(0.8, files=False)) == [ev.Poll(25, 1000)]


def test_between_pieces_of_others_files_the_pull_stays_fresh() -> None:
    engine = fetching()
    assert engine.step(ev.FileFetched(1.0, files=True)) == [ev.FetchFile()]
    assert engine.step(ev.FileFetched(2.5, files=True)) == [ev.Exchange(0, 500)]


def test_a_fetch_that_fails_holds_nothing_up_and_comes_again_later() -> None:
    engine = fetching()
    assert fails(engine, 0.0, K.CUT_OFF, jitter=0.9) == [ev.Poll(2, 500)]
    assert engine.online
    assert engine.problem is None
    engine.step(ev.Woken(0.5))
    assert engine.step(ev.PollCut(0.5)) == [ev.Exchange(500, 500)]
    assert engine.step(ev.Exchanged(0.6, 0.0)) == [ev.SendFile()]
    assert engine.step(ev.FileSent(0.7, files=False)) == [ev.Poll(2, 500)]
    assert engine.step(ev.PollCut(1.9)) == [ev.FetchFile()]


def test_the_line_going_while_fetching_is_a_failure_of_the_line() -> None:
    engine = fetching()
    assert isinstance(task(fails(engine, 0.0, K.NO_NETWORK, jitter=0.5)), ev.Wait)
    assert engine.problem is K.NO_NETWORK
    assert engine.step(ev.Waited(1.0)) == [ev.FetchFile()]


def test_opening_an_order_fetches_at_once_but_does_not_wake_a_line_that_is_away() -> None:
    engine = polling()
    engine.step(ev.FilesWanted(1.0))
    assert engine.step(ev.PollCut(1.0)) == [ev.FetchFile()]
    assert fails(engine, 1.0, K.NO_NETWORK, jitter=0.99) == [ev.Wait(1.0 + 0.99 * 2)]
    engine.step(ev.FilesWanted(1.1))
    assert engine.step(ev.Waited(1.1)) == [ev.Wait(1.0 + 0.99 * 2)]
    assert engine.step(ev.Waited(3.0)) != [ev.FetchFile()], "the pull is older than it may be"
    assert engine.step(ev.Exchanged(3.1, 0.0)) == [ev.FetchFile()]


def test_what_the_platform_asked_for_about_a_file_is_a_floor_even_for_f5() -> None:
    engine = Engine(signed_in=True)
    engine.start(0.0)
    engine.step(ev.Greeted(0.0))
    assert task(engine.step(ev.Exchanged(0.0, 0.0))) == ev.SendFile()
    fails(engine, 0.0, K.SERVER_ERROR, after=120.0)
    engine.step(ev.SyncAsked(5.0))
    effects = engine.step(ev.PollCut(5.0))
    assert task(engine.step(ev.Exchanged(5.0, 0.0, moved=False))) != ev.SendFile(), effects
    assert engine.files.due == 120.0
    engine.step(ev.SignedIn(6.0))
    assert engine.files.due == 120.0
    engine.files.clear()
    assert engine.files.ready(7.0)
