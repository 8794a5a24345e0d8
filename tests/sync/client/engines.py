"""Driving the engine by hand, for its tests."""

from __future__ import annotations

from sync.client import events as ev
from sync.client.engine import Engine
from sync.client.failures import FailureKind as K
from sync.client.failures import failure

TASKS = (ev.Greet, ev.Refresh, ev.Exchange, ev.Poll, ev.SendFile, ev.FetchFile, ev.Replay, ev.Wait)


def fails(
    engine: Engine,
    at: float,
    kind: K,
    *,
    jitter: float = 0.0,
    after: float | None = None,
    sent: int = 0,
) -> list[ev.Effect]:
    event = ev.Failed(at, jitter, engine.doing, failure(kind, retry_after=after), sent)
    return engine.step(event)


def task(effects: list[ev.Effect]) -> ev.Task:
    found = [e for e in effects if isinstance(e, TASKS)]
    assert len(found) == 1
    return found[0]


def polling(at: float = 0.0) -> Engine:
    """An engine that has synced everything and waits at the platform."""
    engine = Engine(signed_in=True)
    assert engine.start(at) == [ev.Greet()]
    assert engine.step(ev.Greeted(at)) == [ev.Exchange(500, 500)]
    assert engine.step(ev.Exchanged(at, 0.0)) == [ev.SendFile()]
    assert engine.step(ev.FileSent(at, files=False)) == [ev.Poll(25, 500)]
    return engine
