"""Who sits at the seat changes while its session is being renewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.ids import PersonId
from sync.client import identity, login
from sync.client.failures import Failure
from sync.client.mailbox import Note
from sync.client.runner import Runner, Told
from sync.client.stick_keys import device_key
from sync.client.transport import Transport
from sync.protocol.messages import Refresh, Session
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform
from tests.support.synced import SyncedSeat


def renewing(seat: SyncedSeat, meanwhile: Callable[[], None]) -> None:
    """Let the seat's session expire and be renewed; ``meanwhile`` happens as the answer travels."""

    class Slow(Transport):
        def refresh(self, spent: Refresh) -> Session | Failure:
            answer = super().refresh(spent)
            meanwhile()
            return answer

    seat.runner.close()
    seat.runner = Runner(
        seat.store, seat.time, seat.clock, seat.mailbox,
        Told(seat.changes.append, seat.states.append, seat.notices.append),
        dice=seat.dice, open_line=Slow,
    )  # fmt: skip
    seat.clock.advance(timedelta(minutes=20))
    seat.sync()


def test_who_signs_out_while_the_session_is_renewed_stays_signed_out(
    tmp_path: Path, clock: ManualClock, running: RunningPlatform
) -> None:
    seat = SyncedSeat(tmp_path / "seat", clock, "dispatcher", running.url)
    seat.sign_in()
    seat.sync()

    def sign_out() -> None:
        identity.forget_credentials(seat.store)
        seat.mailbox.post(Note.SIGNED_OUT)

    try:
        renewing_until_signed_out(seat, sign_out)
        assert identity.load_credentials(seat.store) is None
        assert not seat.runner.engine.signed_in
    finally:
        seat.close()


def renewing_until_signed_out(seat: SyncedSeat, sign_out: Callable[[], None]) -> None:
    try:
        renewing(seat, sign_out)
    except AssertionError:
        assert not seat.runner.engine.signed_in, "it comes to rest only when somebody signs in"


def test_who_signs_in_while_the_last_session_is_renewed_is_not_pushed_out(
    tmp_path: Path, clock: ManualClock, running: RunningPlatform
) -> None:
    seat = SyncedSeat(tmp_path / "seat", clock, "dispatcher", running.url)
    seat.sign_in()
    seat.sync()

    def secretary_signs_in() -> None:
        credentials = login.sign_in(
            running.url, "secretary", PASSWORD, seat.store.device_id, "测试坐席",
            device_key=device_key(seat.store),
        )  # fmt: skip
        identity.save_credentials(seat.store, credentials)
        seat.mailbox.post(Note.SIGNED_IN)

    try:
        renewing(seat, secretary_signs_in)
        kept = identity.load_credentials(seat.store)
        assert kept is not None
        assert kept.person_id == PersonId("secretary")
        assert seat.runner._signed.person_id == PersonId("secretary")
    finally:
        seat.close()
