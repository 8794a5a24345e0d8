"""The sync engine: decides what to do next and what an answer means. No clock, no dice, no I/O.

Exactly one task is under way at any time, so answers cannot overtake each other. When it ends, the
next one is chosen by priority: acts, then pull, then own files, then files of others, else the long
poll. What happens outside
(an act was recorded, F5) is only noted; the runner cuts a wait or a long poll short for it.
"""

from __future__ import annotations

import math
from enum import StrEnum

from sync.client import events as ev
from sync.client.backoff import FLOOR, delay, longest
from sync.client.events import Doing
from sync.client.failures import LINE_GONE, OF_THE_LINE, TABLE, FailureKind, Then
from sync.client.lanes import Lane

POLL_SECONDS = 25
STOPPED_LOOK = 300.0  # how often a seat that stopped looks who is at the address now
HOLD_SECONDS = 3600.0  # how long a record the platform does not take is left out
EAGER = 10.0  # a new act shortens a wait to this after the last failure
FRESH_PULL = 2.0  # between pieces of files the pull is never older than this
FIRST_PAGE, LEAST_PAGE = 500, 5
FIRST_BATCH = 2000  # acts; a village's line takes them in three seconds
QUICK = 5.0  # seconds; what took longer does not grow
FRESH_TOKEN = 60.0  # seconds; a token refused sooner than this has not expired
REPLAY_AGAIN = 60.0  # a platform that says "restored" sooner than this after a replay is waited out


class Phase(StrEnum):
    SIGNED_OUT = "signed_out"
    IDLE = "idle"
    SYNCING = "syncing"
    POLLING = "polling"
    BACKING_OFF = "backing_off"
    STOPPED = "stopped"


class Half(StrEnum):
    """Push and pull go together; after a failure that may lie in one of them they go by turns, so
    that a stuck upload does not hold back the reading, nor an unreadable page the upload.
    """

    BOTH = "both"
    PUSH = "push"
    PULL = "pull"


_OTHER_HALF = {Half.BOTH: Half.PUSH, Half.PUSH: Half.PULL, Half.PULL: Half.PUSH}


class Engine:
    """Feed it events with ``step``; do what it returns. ``start`` gives the first task."""

    def __init__(self, *, signed_in: bool) -> None:
        self.signed_in = signed_in
        self.stopped: FailureKind | None = None
        self.problem: FailureKind | None = None
        self.last_contact: float | None = None
        self.synced_at: float | None = None
        self.attempt = 0
        self.page, self.batch = FIRST_PAGE, FIRST_BATCH
        self.doing = Doing.WAIT
        self.push, self.pull, self.files = Lane(), Lane(), Lane()
        self.fetch = Lane(wanted=False)
        self._half = Half.BOTH
        self._max_page, self._max_batch = 2000, FIRST_BATCH
        self._due = -math.inf  # nothing goes out before this ...
        self._floor = -math.inf  # ... and not before this even when a person asks
        self._failed_at = self._failing_since = -math.inf
        self._greeted = False
        self._refresh = False
        self._unproved = False  # a new token that has not been accepted yet
        self._refreshed_at = -math.inf
        self._doubt: FailureKind | None = None  # ask hello first, then a person to sign in
        self._replay = False
        self._replayed_at = -math.inf
        self._pulled_at = -math.inf
        self._poll_at = -math.inf

    @property
    def phase(self) -> Phase:
        """Where the engine stands, for the status line."""
        if not self.signed_in:
            return Phase.SIGNED_OUT
        if self.stopped is not None:
            return Phase.STOPPED
        if self.doing is Doing.WAIT:
            return Phase.BACKING_OFF if self.attempt else Phase.IDLE
        return Phase.POLLING if self.doing is Doing.POLL else Phase.SYNCING

    @property
    def online(self) -> bool:
        """Whether the platform was reached last time. One failure alone does not count yet."""
        return self.last_contact is not None and self.attempt < 2 and self.stopped is None

    def start(self, at: float) -> list[ev.Effect]:
        """Return the first task."""
        return [self._next(at)]

    def step(self, event: ev.Event) -> list[ev.Effect]:
        """Take in one event. Returns the next task when one has ended, and what to do beside it."""
        beside: list[ev.Effect] = []
        match event:
            case ev.SignedIn() | ev.SignedOut() | ev.Woken() | ev.SyncAsked() | ev.FilesWanted():
                self._note(event)
                return []
            case ev.Failed():
                beside = self._fail(event)
            case ev.Exchanged():
                self._exchanged(event)
            case ev.Greeted():
                beside = self._greet(event)
            case ev.Refreshed():
                self._refresh, self._unproved, self._refreshed_at = False, True, event.at
                self._recover(event.at)
            case ev.FileSent():
                self.files.clear()
                self.files.wanted, self._unproved = event.files, False
            case ev.FileFetched():
                self.fetch.clear()
                self.fetch.wanted = event.files
            case ev.Replayed():
                self._restart(event.at)
            case ev.PollCut() | ev.Waited():
                pass
        return [*beside, self._next(event.at)]

    # --- what happens outside ---

    def _note(
        self, event: ev.SignedIn | ev.SignedOut | ev.Woken | ev.SyncAsked | ev.FilesWanted
    ) -> None:
        match event:
            case ev.SignedIn():
                self.signed_in, self.stopped, self.problem = True, None, None
                self._greeted, self._refresh, self._doubt = False, False, None
                self._unproved = False
                self.attempt, self._due = 0, self._floor
                self._want_all(-math.inf)
            case ev.SignedOut():
                self.signed_in, self._doubt, self._refresh = False, None, False
            case ev.Woken():
                self.push.hurry(FLOOR if self.attempt == 0 else EAGER)
                self.files.wanted = True
                if self.stopped is None:
                    self._hurry(EAGER)
            case ev.SyncAsked():
                self._want_all(FLOOR)
                self._hurry(FLOOR)
            case ev.FilesWanted():
                self.fetch.hurry(EAGER)

    def _want_all(self, after: float) -> None:
        for lane in (self.push, self.pull, self.files):
            lane.hurry(after)
        self.fetch.shorten(after)

    def _hurry(self, after: float) -> None:
        self._due = max(self._floor, min(self._due, self._failed_at + after))

    # --- what to do next ---

    def _next(self, at: float) -> ev.Task:
        task = self._choose(at)
        self.doing = _DOING[type(task)]
        return task

    def _choose(self, at: float) -> ev.Task:
        if not self.signed_in:
            return ev.Wait()
        if at < self._due:
            return ev.Wait(self._due)
        if self.stopped is not None or not self._greeted or self._doubt is not None:
            return ev.Greet()
        if self._refresh:
            return ev.Refresh()
        if self._replay:
            return ev.Replay()
        return self._choose_sync(at)

    def _choose_sync(self, at: float) -> ev.Task:
        files, fetch = self.files.ready(at), self.fetch.ready(at)
        if (files or fetch) and at - self._pulled_at >= FRESH_PULL:
            self.pull.wanted = True
        push, pull = self.push.ready(at), self.pull.ready(at)
        if push or pull:
            return self._exchange(push=push, pull=pull)
        if files:
            return ev.SendFile()
        if fetch:
            return ev.FetchFile()
        return self._poll(at)

    def _exchange(self, *, push: bool, pull: bool) -> ev.Exchange:
        if self._half is Half.BOTH:  # together they cost one round trip
            self.push.wanted = self.push.wanted and not push
            self.pull.wanted = False
            return ev.Exchange(self.batch if push else 0, self.page)
        if not (push and pull):
            self._half = Half.PUSH if push else Half.PULL
        if self._half is Half.PUSH:
            self.push.wanted = False
            return ev.Exchange(self.batch, 0)
        self.pull.wanted = False
        return ev.Exchange(0, self.page)

    def _poll(self, at: float) -> ev.Task:
        until = min(lane.waits_until() for lane in self._lanes)
        if self.pull.wanted:
            return ev.Wait(until)
        if at < self._poll_at:
            return ev.Wait(min(self._poll_at, until))
        return ev.Poll(math.ceil(min(POLL_SECONDS, max(FLOOR, until - at))), self.page)

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return (self.push, self.pull, self.files, self.fetch)

    # --- how it ended ---

    def _recover(self, at: float) -> None:
        self.attempt, self._due, self._floor = 0, -math.inf, -math.inf
        self.problem, self.last_contact = None, at

    def _restart(self, at: float) -> None:
        self._replay, self._replayed_at, self._half = False, at, Half.BOTH
        self.push, self.pull = Lane(), Lane()

    def _greet(self, event: ev.Greeted) -> list[ev.Effect]:
        self._recover(event.at)
        self._greeted, self.stopped = True, None
        self._max_page, self._max_batch = max(1, event.max_page), max(1, event.max_acts)
        self.page, self.batch = min(self.page, self._max_page), min(self.batch, self._max_batch)
        doubt, self._doubt = self._doubt, None
        if doubt is None:
            return []
        self.signed_in, self.problem = False, doubt
        return [ev.AskSignIn(doubt)]

    def _exchanged(self, event: ev.Exchanged) -> None:
        self._recover(event.at)
        self.synced_at, self._unproved = event.at, False
        self.fetch.wanted = self.fetch.wanted or event.fetch
        if event.pulled:
            self._after_pull(event)
        if event.pushed:
            self._after_push(event)
        if self._half is Half.PUSH:
            self._half = Half.PULL
        elif self._half is Half.PULL and not self.push.wanted:
            self._half = Half.BOTH

    def _after_pull(self, event: ev.Exchanged) -> None:
        self._pulled_at = event.at
        self.pull.clear()
        if event.moved:
            self.pull.wanted = self.pull.wanted or event.more
            if event.more and event.took < QUICK:
                self.page = min(self._max_page, self.page * 2)
        elif event.poll and event.took < FLOOR:
            # A platform that answers "nothing" at once instead of waiting is not asked hot.
            self._poll_at = event.at + FLOOR - event.took

    def _after_push(self, event: ev.Exchanged) -> None:
        if event.settled or not event.sent:
            self.push.clear()
        if event.settled:
            self.push.wanted = self.push.wanted or event.full
            if event.took < QUICK:
                self.batch = min(self._max_batch, self.batch * 2)
        if event.settled < event.sent and not self.push.wanted:
            self.push.back_off(event.at, event.jitter)

    def _fail(self, event: ev.Failed) -> list[ev.Effect]:
        kind = event.failure.kind
        self._want_again(event)
        if kind is FailureKind.INTERRUPTED:
            return []
        gone = kind in LINE_GONE
        files = {Doing.FILE: self.files, Doing.FETCH: self.fetch}.get(event.doing)
        if files is not None and kind not in OF_THE_LINE:
            files.back_off(event.at, event.jitter, event.failure.retry_after, gone=gone)
            return []
        if self.attempt == 0:
            self._failing_since = event.at
        self.attempt += 1
        self.problem, self._failed_at = kind, event.at
        most = longest(event.at - self._failing_since, gone=gone)
        self._due = event.at + delay(self.attempt, event.jitter, event.failure.retry_after, most)
        if event.failure.retry_after:
            self._floor = event.at + delay(0, 0.0, event.failure.retry_after)
        return self._then(event, TABLE[kind].then)

    def _want_again(self, event: ev.Failed) -> None:
        if event.doing is Doing.EXCHANGE:
            self.push.wanted = self.push.wanted or self._half is not Half.PULL
            self.pull.wanted = self.pull.wanted or self._half is not Half.PUSH
        elif event.doing is Doing.POLL:
            self.pull.wanted = True

    def _then(self, event: ev.Failed, then: Then) -> list[ev.Effect]:
        kind = event.failure.kind
        match then:
            case Then.SHRINK:
                self._shrink(event)
            case Then.REFRESH:
                self._token_refused(event)
            case Then.SIGN_IN:
                self._doubt, self._refresh = kind, False
                self._due = max(event.at, self._floor)
            case Then.STOP:
                # What somebody else's server said about our token says nothing about it.
                self.stopped, self._greeted, self._doubt = kind, False, None
                self._due = max(self._due, event.at + STOPPED_LOOK)
                return [ev.Tell(kind)]
            case Then.REPLAY:
                self._replay = True
                if event.at - self._replayed_at > REPLAY_AGAIN:
                    self._due = event.at
                return [ev.Tell(kind)]
            case Then.ISOLATE:
                return self._isolate(event)
            case Then.RETRY:
                pass
        return []

    def _shrink(self, event: ev.Failed) -> None:
        """Ask for less at a time, and find out which half it is."""
        if event.doing not in (Doing.EXCHANGE, Doing.POLL):
            return
        if self._half is not Half.PUSH:
            self.page = max(LEAST_PAGE, self.page // 2)
        if event.doing is Doing.POLL:
            return
        if self._half is not Half.PULL:
            self.batch = max(1, self.batch // 2)
        self._lane_failed(event)
        self._half = _OTHER_HALF[self._half]

    def _lane_failed(self, event: ev.Failed) -> None:
        gone = event.failure.kind in LINE_GONE
        if self._half is Half.PUSH:
            self.push.back_off(event.at, event.jitter, gone=gone)
        elif self._half is Half.PULL:
            self.pull.back_off(event.at, event.jitter, gone=gone)

    def _token_refused(self, event: ev.Failed) -> None:
        """A first refusal means expired. A new token that is refused too is no matter of time,
        unless the line was away so long that it expired unused.
        """
        if self._unproved and event.at - self._refreshed_at < FRESH_TOKEN:
            self._doubt = FailureKind.SIGN_IN_AGAIN
        else:
            self._refresh, self.problem = True, None
            self.attempt -= 1
        self._due = max(event.at, self._floor)

    def _isolate(self, event: ev.Failed) -> list[ev.Effect]:
        """Halve the batch until the record that is not accepted goes alone, then leave it out."""
        if event.doing is not Doing.EXCHANGE or event.sent == 0:
            self._lane_failed(event)
            self._half = _OTHER_HALF[self._half]
            return []
        self._half = Half.PULL
        self.push.pause(event.at)
        self.batch = max(1, min(self.batch, event.sent) // 2)
        if event.sent > 1:
            return []
        return [ev.Hold(event.at + HOLD_SECONDS), ev.Tell(event.failure.kind)]


_DOING: dict[type[ev.Task], Doing] = {
    ev.Greet: Doing.GREET,
    ev.Refresh: Doing.REFRESH,
    ev.Exchange: Doing.EXCHANGE,
    ev.Poll: Doing.POLL,
    ev.SendFile: Doing.FILE,
    ev.FetchFile: Doing.FETCH,
    ev.Replay: Doing.REPLAY,
    ev.Wait: Doing.WAIT,
}
