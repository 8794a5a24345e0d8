"""Seats are witnesses: a chain that was rewritten whole no longer is what they noted; a restored one is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from desktop_app import cli
from desktop_app.checks import seat as seats
from desktop_app.services import intake, notes
from local_store.keys import KEY_FILE
from sync.client import witness
from sync.client.chain_watch import AGAIN, EVERY, FIRST, restored_words
from sync.client.failures import FailureKind
from sync.client.witness import KEPT, Kept, Seen, take, to_ask
from sync.platform.chain import START, entry_hash
from sync.platform.digests import Algorithm, digest_of
from sync.platform.oversight import Oversight
from sync.platform.security_tables import chain, chain_heads
from sync.protocol.witness import MOST, Witnessed, mark
from tests.support.center import sample_intake
from tests.support.clock import START as NOW
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, running_platform
from tests.support.synced import SyncedSeat
from tests.sync.platform.seats import Seat

pytestmark = pytest.mark.fault("security.rewritten_chain")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def served(tmp_path: Path, clock: ManualClock) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, clock) as running:
        running.platform.dispatch([sample_intake(n) for n in (1, 2)])
        yield running


@pytest.fixture
def seat(served: RunningPlatform, clock: ManualClock, tmp_path: Path) -> Iterator[SyncedSeat]:
    made = SyncedSeat(tmp_path / "seat", clock, "dispatcher", served.url)
    made.sign_in()
    made.turns()
    yield made
    made.close()


def look(seat: SyncedSeat, after: float = EVERY) -> Kept:
    """Let the next look come, and return what the seat keeps after it."""
    seat.clock.advance(timedelta(seconds=max(after, FIRST, AGAIN)))
    seat.sync()
    seat.runner._poll(0, 500)
    return witness.load(seat.store)


def rehash(db: Connection) -> None:
    """What somebody with SQL and time does: change what was recorded, and make every later hash fit."""
    digest, before = digest_of(Algorithm.SHA256), START
    for row in db.execute(select(chain).order_by(chain.c.number)).all():
        named = (row.what, row.ref, row.subject)
        record = digest(bytes(row.record)) if row.number == 1 else bytes(row.record)
        before = entry_hash(digest, before, row.number, named, record, bytes(row.state))
        here = chain.c.number == row.number
        db.execute(update(chain).where(here).values(record=record, hash=before))
    db.execute(update(chain_heads).values(hash=before))


# --- a seat at a real platform --------------------------------------------------------------------


def test_a_seat_notes_where_the_chain_stands_and_asks_for_it_again(
    served: RunningPlatform, seat: SyncedSeat
) -> None:
    kept = look(seat)
    head = Oversight(served.platform).verify()
    (noted,) = kept.seen
    assert f"{noted.number}:{noted.hash}" == head.head
    intake.accept(seat.seat, seat.orders()[0])
    seat.sync()
    assert [s.number for s in look(seat).seen] == [noted.number, noted.number + 1]
    assert seat.notices == []


def test_nothing_is_asked_between_two_looks(seat: SyncedSeat) -> None:
    kept = look(seat)
    seat.clock.advance(timedelta(seconds=EVERY - 60))
    seat.runner._poll(0, 500)
    assert witness.load(seat.store) == kept


def test_a_chain_rewritten_whole_is_no_news_to_verify_but_to_every_seat(
    served: RunningPlatform, seat: SyncedSeat
) -> None:
    before = look(seat)
    served.platform.database.write(rehash)
    kept = look(seat)
    assert kept.found is not None
    assert kept.found.kind == "rewritten"
    assert kept.seen == before.seen, "what was noted is the evidence"
    (told,) = seat.notices
    assert told.kind is FailureKind.CHAIN
    assert "平台的留痕与本机记下的不一致" in told.title


def test_cutting_off_the_newest_entries_is_seen_too(
    served: RunningPlatform, seat: SyncedSeat
) -> None:
    noted = look(seat).seen[-1]

    def cut(db: Connection) -> None:
        db.execute(delete(chain).where(chain.c.number == noted.number))
        last = db.execute(select(chain.c.hash).where(chain.c.number == noted.number - 1)).scalar()
        db.execute(update(chain_heads).values(number=noted.number - 1, hash=last))

    served.platform.database.write(cut)
    found = look(seat).found
    assert found is not None
    assert found.kind == "rewritten"


def test_what_was_repaired_is_no_longer_said(served: RunningPlatform, seat: SyncedSeat) -> None:
    look(seat)
    with served.platform.database.read() as db:
        good = {row.number: row for row in db.execute(select(chain))}
    served.platform.database.write(rehash)
    assert look(seat).found is not None

    def repair(db: Connection) -> None:
        for number, row in good.items():
            here = update(chain).where(chain.c.number == number)
            db.execute(here.values(record=row.record, hash=row.hash))

    served.platform.database.write(repair)
    assert look(seat).found is None


def test_a_platform_restored_from_a_backup_is_no_false_alarm(
    served: RunningPlatform, seat: SyncedSeat, tmp_path: Path
) -> None:
    before = look(seat)
    database = Path(served.database.removeprefix("sqlite:///"))
    backup = tmp_path / "backup.db"
    with sqlite3.connect(database) as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    db.close()
    intake.accept(seat.seat, seat.orders()[0])
    seat.sync()
    lost = look(seat)
    assert len(lost.seen) == 2
    served.platform.close()
    for each in database.parent.glob(f"{database.name}*"):
        if each.is_file():
            each.unlink()
    backup.replace(database)
    runner, token = seat.runner, Seat(served, "dispatcher").session.access_token
    runner._chain.look(runner._transports[2], seat.store.sync_point(), token)
    assert witness.load(seat.store) == lost, "no cursor has shown it yet"
    seat.sign_in()
    kept = look(seat)
    assert kept.found is not None
    assert kept.found.kind == "restored"
    assert kept.found.good is not None
    assert kept.found.good.number == before.seen[-1].number
    told = [notice for notice in seat.notices if notice.kind is FailureKind.CHAIN]
    assert [f"第 {before.seen[-1].number} 条" in notice.advice for notice in told] == [True]
    assert look(seat).found == kept.found, "said once"
    assert len([n for n in seat.notices if n.kind is FailureKind.CHAIN]) == 1
    assert Oversight(served.platform).verify().findings == []


def test_a_refused_act_alone_is_nothing_a_backup_must_hold(
    served: RunningPlatform, seat: SyncedSeat
) -> None:
    """It moves no cursor: a backup without it is not shown to be one."""
    order_id = seat.orders()[0]
    look(seat)
    noted = witness.load(seat.store).seen[-1].number
    notes.note(seat.seat, order_id, "一笔")
    seat.sync()
    served.platform.database.write(lambda db: _refused(db, noted + 2))
    assert look(seat).seen[-1].number == noted + 1


def _refused(db: Connection, number: int) -> None:
    row = {"township": "local", "number": number, "what": "act", "ref": "x", "subject": "y"}
    db.execute(chain.insert().values(**row, record=b"r", state=b"", hash=bytes(32)))


@pytest.mark.parametrize("at", ["", "x", "-1", "9" * 400, "1,2,,", ",".join("1" * 900), "１"])
def test_numbers_are_bounded_and_rubbish_is_left_out(served: RunningPlatform, at: str) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.catch_up()
    answer = zhou.get("/v1/chain", cursor=zhou.cursor, at=at)
    assert len(answer.json()["entries"]) <= MOST
    zhou.http.headers.pop("Authorization")
    zhou.refused("GET", "/v1/chain", 401, "not_signed_in")


# --- told by the command line ---------------------------------------------------------------------


@pytest.fixture
def profile(seat: SyncedSeat) -> Path:
    (seat.profile / KEY_FILE).write_text(seat.key.hex())
    return seat.profile


def test_what_a_seat_noted_is_exported_and_the_platform_is_held_to_it(
    served: RunningPlatform,
    seat: SyncedSeat,
    profile: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    exported = profile.parent / "heads.txt"
    export = ["chain-heads", "--profile", str(profile), "--out", str(exported)]
    check = ["platform", "verify", "--database", served.database, "--heads", str(exported)]
    assert cli.main(export) == 1, "nothing noted yet"
    look(seat)
    assert cli.main(export) == 0
    assert cli.main(check) == 0
    other = profile.parent / "other.txt"
    other.write_text("开会记录\n", "utf-8")
    assert cli.main([*check[:-1], str(other)]) != 0, "nothing was noted in it"
    assert "不是坐席导出的留痕凭据" in "".join(capsys.readouterr())
    served.platform.database.write(rehash)
    assert cli.main(check) == 1
    assert "与抄存的不符" in capsys.readouterr().out
    other.write_text(exported.read_text("utf-8"), "utf-8-sig")
    assert cli.main([*check[:-1], str(other)]) == 1, "as some editors save it"
    assert "与抄存的不符" in capsys.readouterr().out
    assert cli.main(["chain-heads", "--profile", str(profile)]) == 0
    assert exported.read_text("utf-8").strip() == capsys.readouterr().out.strip()
    assert cli.main([*export[:-1], str(profile)]) == 1, "a folder is no file"
    assert cli.main(["chain-heads", "--profile", str(profile / "none")]) == 1


def test_the_doctor_says_how_it_stands(
    served: RunningPlatform,
    seat: SyncedSeat,
    profile: Path,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    def told() -> str:
        return "\n".join(
            line for c in seats.check(profile, clock.now()).found for line in c.lines()
        )

    assert "留痕" not in told()
    look(seat)
    assert "与平台相符" in told()
    served.platform.database.write(rehash)
    look(seat)
    assert "平台的留痕与本机记下的不一致" in told()


# --- what is kept ---------------------------------------------------------------------------------


def entry(number: int, epoch: str = "e") -> Seen:
    return Seen(number, f"{number:064x}", epoch, NOW + timedelta(minutes=number))


def answered(
    kept: Kept, *, epoch: str = "e", head: int = 0, upto: int = 10**6, known: bool = True
) -> Witnessed:
    """What an honest platform answers whose entries from ``upto`` on are others."""
    stands = [n for n in to_ask(kept, epoch) if n <= upto]
    return Witnessed(
        server_id="s", epoch=epoch, known=known, end=epoch,
        head=mark(head, bytes.fromhex(f"{head:064x}")) if head else "",
        entries=tuple(mark(n, bytes.fromhex(f"{n:064x}")) for n in stands),
    )  # fmt: skip


def grown(numbers: range) -> Kept:
    kept = Kept()
    for n in numbers:
        kept = take(kept, "e", answered(kept, head=n), NOW)
    return kept


def test_the_first_and_the_newest_stay_and_the_number_is_bounded() -> None:
    kept = grown(range(1, 2000))
    assert len(kept.seen) <= KEPT
    numbers = [seen.number for seen in kept.seen]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (1, 1999)
    assert len(to_ask(kept, "e")) <= 10
    assert {1, 1999} <= set(to_ask(kept, "e"))
    assert to_ask(kept, "f") == numbers


@pytest.mark.parametrize("upto", [0, 1, 500, 1990, 1998])
def test_within_an_epoch_every_rewriting_shows_wherever_it_began(upto: int) -> None:
    kept = grown(range(1, 2000))
    after = take(kept, "e", answered(kept, upto=upto, head=3000), NOW)
    assert after.found is not None
    assert after.found.kind == "rewritten"
    assert after.seen == kept.seen


def test_after_a_restoration_what_still_stands_belongs_to_the_new_epoch() -> None:
    kept = grown(range(1, 41))
    after = take(kept, "f", answered(kept, epoch="f", upto=30, head=31), NOW)
    assert after.found is not None
    assert after.found.kind == "restored"
    assert after.found.seen.number == 40
    again = take(after, "f", answered(after, epoch="f", upto=31), NOW)
    for _ in range(10):
        again = take(again, "f", answered(again, epoch="f", upto=31), NOW)
    assert again.found == after.found
    broken = take(again, "f", answered(again, epoch="f", upto=3), NOW)
    assert broken.found is not None
    assert broken.found.kind == "rewritten"


def test_a_restoration_to_before_everything_noted_says_so() -> None:
    kept = grown(range(5, 10))
    after = take(kept, "f", answered(kept, epoch="f", upto=0), NOW)
    assert after.found is not None
    assert after.found.good is None
    assert "没有一条相符" in restored_words(after.found)


@pytest.mark.parametrize("known", [True, False])
def test_an_answer_of_another_epoch_or_about_no_cursor_counts_nothing(known: bool) -> None:
    kept = grown(range(1, 10))
    other = "f" if known else "e"
    assert take(kept, "e", answered(kept, epoch=other, upto=0, known=known), NOW) == kept


def test_an_answer_that_is_no_entry_is_an_error() -> None:
    kept = grown(range(1, 3))
    for bad in ("x", "1:zz", "0:" + "0" * 64, "1:00"):
        answer = Witnessed(server_id="s", epoch="e", known=True, entries=(bad,), end="e")
        with pytest.raises(ValueError):  # noqa: PT011
            take(kept, "e", answer, NOW)
