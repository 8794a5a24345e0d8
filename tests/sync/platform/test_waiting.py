"""Who waits is woken for what happened while nobody did: the gap between two long polls loses no wake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from sync.platform.waiting import News, Waiters

HERE = "local"
EVERYTHING = (HERE, None)


class Feed:
    """The feed of one township."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.position = 1
        self.broken = False
        self.refused = asyncio.Event()

    def positions(self) -> dict[str, int]:
        self._answer()
        return {HERE: self.position}

    def _answer(self) -> None:
        if self.broken:
            self._loop.call_soon_threadsafe(self.refused.set)
            raise OSError

    def news(self, township: str, _after: int) -> News:
        assert township == HERE
        self._answer()
        return News(self.position, "epoch", None)


class Notices:
    """A line over which notices come: on PostgreSQL nobody looks by himself meanwhile."""

    connected = True

    def __init__(self, heard: Callable[[str | None], None]) -> None:
        self.heard = heard

    async def run(self) -> None:
        await asyncio.Event().wait()


def played(scene: Callable[[Feed, Waiters], Coroutine[None, None, None]]) -> None:
    async def play() -> None:
        feed = Feed()
        waiters = Waiters(feed, Notices)  # type: ignore[arg-type]
        waiters.start()
        try:
            await asyncio.wait_for(scene(feed, waiters), 60)
        finally:
            await waiters.stop()

    asyncio.run(play())


async def _woken(waiters: Waiters) -> None:
    change = waiters.listen(EVERYTHING)
    waiters.notify(HERE)
    await change


async def _moved_unheard(feed: Feed, waiters: Waiters, notice: str | None) -> None:
    """Let the feed move on while nobody waits, and the notice of it be worked off."""
    feed.position += 1
    waiters._hear(notice)
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize("notice", [HERE, None], ids=["a notice", "the line is back"])
def test_what_came_while_nobody_waited_is_not_taken_for_seen(notice: str | None) -> None:
    async def scene(feed: Feed, waiters: Waiters) -> None:
        await _woken(waiters)
        before = waiters.seen(HERE)
        assert before is not None
        assert before.position == 1
        await _moved_unheard(feed, waiters, notice)
        # Who comes now with a cursor at 1 must look, not sit and wait for the next change.
        after = waiters.seen(HERE)
        assert after is None or after.position == 2

    played(scene)


def test_a_store_that_failed_is_looked_at_again_without_another_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.platform.waiting.REST_SECONDS", 0.0)
    monkeypatch.setattr("sync.platform.waiting.SELDOM_SECONDS", 3600.0)

    async def scene(feed: Feed, waiters: Waiters) -> None:
        await _woken(waiters)
        change = waiters.listen(EVERYTHING)
        feed.position, feed.broken = 2, True
        waiters.notify(HERE)
        await feed.refused.wait()
        feed.broken = False
        await change

    played(scene)
