"""Does what the engine asks for: talks to the platform, reads and writes the store. No Qt, no threads.

``run`` blocks until the mailbox is stopped; tests call ``turn`` themselves and own the time.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from desktop_app.domain.acts import Act
from desktop_app.domain.clock import Clock, PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from local_store.changes import NOTHING, ChangeSet
from local_store.errors import StoreError
from local_store.rows import SyncPoint
from local_store.store import Store
from sync.client import events as ev
from sync.client.address import parse_address
from sync.client.authority import authority_of
from sync.client.batches import batch_of
from sync.client.chain_watch import ChainWatch
from sync.client.downloads import Downloader
from sync.client.engine import Engine
from sync.client.failures import TABLE, Failure, FailureKind, Problem, failure
from sync.client.identity import (
    Credentials,
    load_credentials,
    renew_credentials,
    save_anchor,
)
from sync.client.mailbox import Mailbox, Note
from sync.client.reactions import reaction_to
from sync.client.state import SyncState
from sync.client.stick_keys import device_key
from sync.client.transport import OpenLine, Transport
from sync.client.uploads import Uploader
from sync.protocol.folding import whole
from sync.protocol.messages import RawSyncAnswer, Refresh, SyncRequest

log = logging.getLogger("jiban.sync")
K = FailureKind
ANCHOR_EVERY = 900.0  # seconds between two notes of the platform's time in the store
PROMPT = 3.0  # seconds: the platform's time in an answer that took longer is not news
INDEX_CHUNK = 200
INDEX_BUDGET = 0.2  # seconds of indexing before a long poll
INDEX_AGAIN = 60.0  # seconds after which indexing that found no room is tried again


@dataclass(frozen=True, slots=True)
class Told:
    """To whom the runner reports, in the sync thread."""

    changed: Callable[[ChangeSet], None]
    state: Callable[[SyncState], None]
    notice: Callable[[Problem], None]


class Runner:
    """One seat's sync. Everything but the mailbox belongs to the thread that runs it."""

    def __init__(
        self,
        store: Store,
        time: PlatformTime,
        clock: Clock,
        mailbox: Mailbox,
        told: Told,
        *,
        dice: Callable[[], float] = random.random,
        open_line: OpenLine = Transport,
    ) -> None:
        self._store, self._time, self._clock = store, time, clock
        self._mailbox, self._told = mailbox, told
        self._dice = dice
        self._open_line = open_line
        self._credentials: Credentials | None = None
        self._unread = True  # the session in the store is still to be taken up
        self._transports: tuple[Transport, ...] = ()
        self._uploader: Uploader | None = None
        self._downloader: Downloader | None = None
        self._no_way: Failure | None = None
        self.engine = Engine(signed_in=True)
        self._held: dict[str, float] = {}
        self._sent: tuple[Act, ...] = ()
        self._restored = ("", "")
        self._refused: Failure | None = None
        self._anchored_at: float | None = None
        self._synced_at: float | None = None
        self._index_at = -math.inf  # when the search index has to catch up
        self._chain = ChainWatch(store, time, clock)
        self.takes_packs = True
        self.state = SyncState()
        self.task: ev.Task = ev.Wait()
        with suppress(StoreError):  # else at the first task
            self._signs_in()
        self._do(self.engine.start(clock.monotonic()))

    def run(self) -> None:
        """Sync until stopped."""
        self.report()
        while not self._mailbox.stopped:
            self.turn()
        self.close()

    def close(self) -> None:
        for transport in self._transports:
            transport.close()

    def turn(self) -> None:
        """Do the task that is under way to its end and take up the next one."""
        event = self._perform(self.task)
        if self._mailbox.stopped:
            return
        notes = self._mailbox.drain()
        for note in notes:
            self._take_note(note)
        if isinstance(event, ev.Failed) and Note.SIGNED_IN in notes:
            event = self._failed(failure(K.INTERRUPTED))  # it was about the session before
        self._do(self.engine.step(event))
        self.report()

    # --- around the engine ---

    def _take_note(self, note: Note) -> None:
        at = self._clock.monotonic()
        match note:
            case Note.WOKEN:
                self.engine.step(ev.Woken(at))
            case Note.ASKED:
                self._held.clear()
                if self._downloader is not None:
                    self._downloader.retry()
                self.engine.step(ev.SyncAsked(at))
            case Note.SIGNED_IN:
                self._unread = True
                self.engine.step(ev.SignedIn(at))
            case Note.FILES:
                self._ask_for(self._mailbox.wanted_files())
                self.engine.step(ev.FilesWanted(at))
            case Note.SIGNED_OUT:
                self._credentials, self._unread = None, False
                self.engine.step(ev.SignedOut(at))

    def _ask_for(self, order_ids: Sequence[OrderId]) -> None:
        if self._downloader is None:
            return
        try:
            self._downloader.ask_for(order_ids)
        except StoreError:
            log.warning("could not look for files")

    def _do(self, effects: list[ev.Effect]) -> None:
        for effect in effects:
            match effect:
                case ev.Hold(until):
                    self._held.update((act.id, until) for act in self._sent)
                case ev.Tell(kind) | ev.AskSignIn(kind):
                    self._told.notice(self._problem(kind))
                case _:
                    self.task = effect

    def _problem(self, kind: FailureKind) -> Problem:
        if self._refused is not None and self._refused.kind is kind:
            return self._refused.problem
        return Problem(kind, TABLE[kind].title, TABLE[kind].advice)

    def report(self) -> None:
        """Tell how things stand, if that is news."""
        engine, before = self.engine, self.state
        online = engine.online and engine.signed_in
        worth_saying = engine.attempt >= 2 or engine.stopped or not engine.signed_in
        synced = engine.synced_at != self._synced_at
        self._synced_at = engine.synced_at
        state = SyncState(
            online=online,
            since=before.since if online == before.online else self._time.now(),
            last_sync=self._time.now() if synced else before.last_sync,
            waiting=self._waiting(),
            problem=self._problem(engine.problem) if engine.problem and worth_saying else None,
            signed_in=engine.signed_in,
        )
        if state != before:
            self.state = state
            self._told.state(state)

    def _waiting(self) -> int:
        try:
            return self._store.pending_count()
        except StoreError:
            return self.state.waiting

    def _connect(self) -> None:
        self.close()
        self._transports, self._uploader, self._downloader = (), None, None
        self._no_way = None
        if self._credentials is None:
            return
        parsed, authority = parse_address(self._credentials.address), self._credentials.authority
        usable = authority_of(authority) if authority else None
        if isinstance(parsed, Failure) or isinstance(usable, Failure):
            self._no_way = parsed if isinstance(parsed, Failure) else failure(K.AUTHORITY)
            return
        # Whoever breaks a long poll off loses its connection; acts then go over one that is open.
        main, files, polls = (self._open_line(parsed, self._clock, authority) for _ in range(3))
        self._transports = (main, files, polls)
        self._uploader = Uploader(self._store, files, self._clock)
        person_id = PersonId(self._credentials.person_id)
        self._downloader = Downloader(self._store, files, self._clock, person_id)
        for transport in self._transports:
            self._mailbox.on_stop(transport.interrupt)

    # --- the tasks ---

    def _perform(self, task: ev.Task) -> ev.Event:
        try:
            if self._unread and not isinstance(task, ev.Wait) and not self._signs_in():
                return ev.Waited(self._clock.monotonic())
            return self._perform_unguarded(task)
        except StoreError as error:
            return self._failed(failure(K.LOCAL, title=error.title, advice=error.advice))
        except Exception:  # a fault of ours must not end the sync; it is tried again, slower
            log.exception("%s failed", task)
            return self._failed(failure(K.LOCAL))

    def _perform_unguarded(self, task: ev.Task) -> ev.Event:
        if self._no_way is not None and not isinstance(task, ev.Wait):
            return self._failed(self._no_way)
        match task:
            case ev.Wait(until):
                return self._wait(until)
            case ev.Greet():
                return self._greet()
            case ev.Refresh():
                return self._refresh()
            case ev.Replay():
                return self._replay()
            case ev.Exchange(acts, orders):
                return self._exchange(acts, orders)
            case ev.Poll(seconds, orders):
                return self._poll(seconds, orders)
            case ev.SendFile():
                return self._send_file()
            case ev.FetchFile():
                return self._fetch_file()

    def _signs_in(self) -> bool:
        """Take up the session that was put into the store; False when there is none any more."""
        self._credentials = load_credentials(self._store)
        self._connect()
        self._unread = False
        if self._credentials is None:
            self.engine.step(ev.SignedOut(self._clock.monotonic()))
        return self._credentials is not None

    def _failed(self, refused: Failure, sent: int = 0) -> ev.Failed:
        self._refused = refused
        return ev.Failed(self._clock.monotonic(), self._dice(), self.engine.doing, refused, sent)

    @property
    def _signed(self) -> Credentials:
        assert self._credentials is not None
        return self._credentials

    def _wait(self, until: float) -> ev.Event:
        while self._behind and not self._mailbox.waiting and self._clock.monotonic() < until:
            self._index()
        self._mailbox.wait(max(0.0, until - self._clock.monotonic()))
        return ev.Waited(self._clock.monotonic())

    @property
    def _behind(self) -> bool:
        return self._clock.monotonic() >= self._index_at

    def _index(self) -> None:
        """Catch up a little. What finds no room now is no failure of the sync: it is tried later."""
        try:
            settled = self._store.settle_some(INDEX_CHUNK)
            more = self._store.index_some(INDEX_CHUNK) + settled > 0
        except StoreError as error:
            log.warning("the search could not catch up: %s", error.code)
            self._index_at = self._clock.monotonic() + INDEX_AGAIN
        else:
            self._index_at = -math.inf if more else math.inf

    def _greet(self) -> ev.Event:
        hello = self._transports[0].hello()
        if isinstance(hello, Failure):
            return self._failed(hello)
        known = self._store.sync_point().server_id or self._signed.server_id
        if known and hello.server_id != known:
            return self._failed(failure(K.OTHER_SERVER))
        return ev.Greeted(self._clock.monotonic(), hello.max_acts, hello.max_page)

    def _refresh(self) -> ev.Event:
        signed = self._signed
        spent = Refresh(
            refresh_token=signed.refresh_token,
            device_id=self._store.device_id,
            device_key=device_key(self._store),
        )
        session = self._transports[0].refresh(spent)
        if isinstance(session, Failure):
            return self._failed(session)
        if session.server_id != signed.server_id or session.person_id != signed.person_id:
            return self._failed(failure(K.OTHER_SERVER))
        renewed = replace(
            signed,
            access_token=session.access_token,
            refresh_token=session.refresh_token,
            seal_key=session.seal_key,
        )
        if renew_credentials(self._store, signed, renewed):
            self._credentials = renewed
        return ev.Refreshed(self._clock.monotonic())

    def _replay(self) -> ev.Event:
        changes = self._store.start_replay(*self._restored)
        self._told.changed(changes)
        return ev.Replayed(self._clock.monotonic())

    def _exchange(self, most: int, orders: int) -> ev.Event:
        point = self._store.sync_point()
        acts, full = self._batch(most) if most else ((), False)
        self._sent = acts
        request = SyncRequest(
            device_id=self._store.device_id,
            cursor=point.cursor,
            ack=point.ack,
            limit=orders,
            folds=True,
            brief=True,
            packs=self.takes_packs,
            acts=acts,
        )
        began = self._clock.monotonic()
        answer = self._transports[0].exchange(request, self._signed.access_token)
        if isinstance(answer, Failure):
            return self._failed(answer, len(acts))
        answer = msgspec.structs.replace(answer, results=whole(acts, answer.results))
        event = self._take(answer, point, acts, began)
        if isinstance(event, ev.Failed):
            return event
        settled = settled_by(answer, acts)
        return replace(
            event, pushed=most > 0, sent=len(acts), settled=settled, full=full, pulled=orders > 0
        )

    def _batch(self, most: int) -> tuple[tuple[Act, ...], bool]:
        """Return own acts to send, within the bounds of one request, and whether more may wait."""
        now = self._clock.monotonic()
        self._held = {act_id: until for act_id, until in self._held.items() if until > now}
        limit = most + 1  # the one beyond tells whether the last order is whole
        waiting = self._store.next_batch(limit, self._signed.person_id, self._held)
        return batch_of(waiting, most)

    def _poll(self, seconds: int, orders: int) -> ev.Event:
        transport, point = self._transports[2], self._store.sync_point()
        began = self._clock.monotonic()
        while self._behind and self._clock.monotonic() - began < INDEX_BUDGET:
            if self._mailbox.waiting:
                return ev.PollCut(self._clock.monotonic())
            self._index()
        if not self._mailbox.guard(transport.interrupt):
            return ev.PollCut(self._clock.monotonic())
        try:
            self._watch_chain(transport, point)
            began = self._clock.monotonic()
            wait = 0 if self._behind else seconds
            answer = transport.poll(point.cursor, wait, orders, self._signed.access_token)
        finally:
            self._mailbox.unguard(transport.resume)
        if not isinstance(answer, Failure):
            event = self._take(answer, point, (), began, prompt=True)
            return event if isinstance(event, ev.Failed) else replace(event, poll=True)
        if answer.kind is K.INTERRUPTED:
            return ev.PollCut(self._clock.monotonic())
        return self._failed(answer)

    def _watch_chain(self, transport: Transport, point: SyncPoint) -> None:
        due = self._chain.due and point.cursor
        problem = self._chain.look(transport, point, self._signed.access_token) if due else None
        if problem is not None:
            self._told.notice(problem)

    def _send_file(self) -> ev.Event:
        assert self._uploader is not None
        refused = self._uploader.send_piece(self._signed.access_token)
        if refused is not None:
            return self._failed(refused)
        return ev.FileSent(self._clock.monotonic(), files=self._uploader.more())

    def _fetch_file(self) -> ev.Event:
        """Fetch a piece. Whatever is asked for meanwhile breaks it off: it is the least urgent."""
        transport, downloader = self._transports[1], self._downloader
        assert downloader is not None
        if not self._mailbox.guard(transport.interrupt):
            return ev.FileFetched(self._clock.monotonic(), files=True)
        try:
            outcome = downloader.fetch_piece(self._signed.access_token)
        finally:
            self._mailbox.unguard(transport.resume)
        if isinstance(outcome, Failure):
            return self._failed(outcome)
        if outcome:
            self._told.changed(ChangeSet(outcome))
        return ev.FileFetched(self._clock.monotonic(), files=downloader.more())

    # --- answers ---

    def _take(
        self,
        answer: RawSyncAnswer,
        point: SyncPoint,
        acts: Sequence[Act],
        began: float,
        *,
        prompt: bool = False,
    ) -> ev.Exchanged | ev.Failed:
        """Check whose answer it is and take it in, whole or not at all."""
        wrong = source_of(answer, point, self._signed)
        if wrong is not None:
            self._restored = (answer.server_id, answer.epoch)
            return self._failed(failure(wrong), len(acts))
        arrived = self._clock.monotonic()
        try:
            changes = self._store.apply_answer(answer, acts)
        except (ValueError, msgspec.MsgspecError):
            return self._failed(failure(K.NOT_UNDERSTOOD), len(acts))
        if prompt or arrived - began < PROMPT:
            self._hear(answer, arrived)
        if changes != NOTHING:
            self._told.changed(changes)
        if answer.orders or answer.packs or answer.results:
            self._index_at = -math.inf
        assert self._downloader is not None
        self._downloader.look_at(changes)
        return ev.Exchanged(
            self._clock.monotonic(),
            self._dice(),
            pushed=False,
            more=answer.more or self._left_out(answer),
            moved=answer.cursor != point.cursor,
            took=arrived - began,
            fetch=self._downloader.more(),
        )

    def _left_out(self, answer: RawSyncAnswer) -> bool:
        """Whether an order was left out that this seat needs whole: the store kept the old cursor."""
        folded = any(result.state for result in answer.results)
        return folded and self._store.sync_point().cursor != answer.cursor

    def _hear(self, answer: RawSyncAnswer, arrived: float) -> None:
        now = self._clock.monotonic()
        # Taking in thousands of orders takes seconds, and the platform's clock ran on meanwhile.
        since = timedelta(seconds=(now - arrived) * answer.pace)
        self._time.hear(answer.now + since, answer.pace)
        anchor = self._time.anchor
        due = self._anchored_at is None or now - self._anchored_at >= ANCHOR_EVERY
        if anchor is not None and due:
            save_anchor(self._store, anchor)
            self._anchored_at = now


def source_of(answer: RawSyncAnswer, point: SyncPoint, signed: Credentials) -> FailureKind | None:
    """Return what is wrong with where ``answer`` comes from: another server, or one restored from a
    backup. A platform that holds less of this device's acts than it did has lost some.
    """
    if answer.server_id != (point.server_id or signed.server_id):
        return K.OTHER_SERVER
    if point.epoch and answer.epoch != point.epoch:
        return K.RESTORED
    return K.RESTORED if max(answer.ack, 0) < point.ack else None


def settled_by(answer: RawSyncAnswer, acts: Sequence[Act]) -> int:
    """Return how many of ``acts`` got their last word."""
    sent = {act.id for act in acts}
    return sum(1 for r in answer.results if r.act_id in sent and reaction_to(r).settles)
