"""From a profile to a working seat: the passphrase, a damaged store, and nothing readable left behind."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import SeatProgram
from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import OrderId
from desktop_app.domain.payloads import Text
from desktop_app.live import LiveSeat
from desktop_app.settings import SettingsFile
from desktop_app.single_instance import SingleInstance
from local_store import keys, passphrase
from local_store.backups import backups
from local_store.migrations import MODULES
from local_store.opening import SUSPECT
from local_store.progress import Step
from local_store.store import FILE_NAME, Store
from local_store.successor import set_aside
from resources.sample import sample_accounts, sample_center, sample_lives
from sync.client import identity
from tests.support.pages import click, part
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from ui.shell import nav
from ui.shell.window import LOGIN
from ui.upkeep.work_page import WorkPage
from ui.widgets.kinds import LinkState
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

WAIT = 20_000
WORDS = "槐树下乘凉 2026"
DRAFT = "说到一半，电话 13900004321"
NOTE = "张女士说水管又裂了，身份证 110117198001011234"
PHOTO = b"\xff\xd8 EXIF Wang Xiansheng 13911112222 " * 500

Start = Callable[[], SeatProgram]


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    monkeypatch.setattr(passphrase, "COST", 1 << 10)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    made = tmp_path / "seat"
    made.mkdir()
    return made


@pytest.fixture
def start(profile: Path, qapp: QApplication) -> Iterator[Start]:
    """Start the program on the profile; an earlier one is stopped first."""
    made: list[SeatProgram] = []

    def stop() -> None:
        for program in made:
            program.stop()
            program.shell.close()
            qapp.aboutToQuit.disconnect(program.stop)
            program.shell.deleteLater()
        made.clear()

    def starter() -> SeatProgram:
        stop()
        instance = SingleInstance(profile)
        assert instance.take()
        program = SeatProgram(qapp, profile, instance)
        made.append(program)
        program.start()
        return program

    yield starter
    stop()
    qapp.setStyleSheet("")
    qapp.setQuitOnLastWindowClosed(True)


def page_of(program: SeatProgram, qtbot: QtBot, name: str) -> QWidget:
    """Wait until this page is the one in the window."""

    def shown() -> list[QWidget]:
        return [w for w in program.shell.findChildren(QWidget, name) if w.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=WAIT)
    return shown()[0]


def live_of(program: SeatProgram, qtbot: QtBot) -> LiveSeat:
    qtbot.waitUntil(lambda: program.live is not None, timeout=WAIT)
    assert program.live is not None
    return program.live


def typed(page: QWidget, *texts: str) -> None:
    for edit, text in zip(("passphraseEdit", "againEdit"), texts, strict=False):
        part(page, QLineEdit, edit).setText(text)
    click(page, "unlockButton")


def set_first(program: SeatProgram, qtbot: QtBot) -> LiveSeat:
    """The first start: a passphrase is set."""
    typed(page_of(program, qtbot, "unlockPage"), WORDS, WORDS)
    return live_of(program, qtbot)


def unlocked(program: SeatProgram, qtbot: QtBot) -> LiveSeat:
    typed(page_of(program, qtbot, "unlockPage"), WORDS)
    return live_of(program, qtbot)


def backs(page: QWidget) -> list[QWidget]:
    """The buttons that go back to a backup."""
    return page.findChildren(QWidget, "backupBack_0")


def read(page: QWidget) -> str:
    return "\n".join(label.full_text() for label in page.findChildren(Label))


def test_a_passphrase_is_set_once_and_asked_for_from_then_on(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    device = set_first(start(), qtbot).store.device_id
    assert passphrase.is_set(profile)
    assert not (profile / keys.KEY_FILE).exists()
    program = start()
    page = page_of(program, qtbot, "unlockPage")
    typed(page, "不是这一句 1")
    assert "口令不对" in part(page, Notice, "unlockProblem").accessibleName()
    assert program.live is None
    assert unlocked(program, qtbot).store.device_id == device


def test_starting_again_does_not_end_the_wait(start: Start, qtbot: QtBot) -> None:
    set_first(start(), qtbot)
    page = page_of(start(), qtbot, "unlockPage")
    for _ in range(passphrase.FREE_TRIES):
        typed(page, "不是这一句 1")
    page = page_of(start(), qtbot, "unlockPage")
    assert "还不能试" in part(page, Notice, "unlockProblem").accessibleName()


def test_a_forgotten_passphrase_has_a_way_out_that_deletes_nothing(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    live = set_first(start(), qtbot)
    device = live.store.device_id
    program = start()
    click(page_of(program, qtbot, "unlockPage"), "forgottenButton")
    page = page_of(program, qtbot, "giveUpPage")
    part(page, QCheckBox, "sureBox").setChecked(True)
    click(page, "giveUpButton")
    typed(page_of(program, qtbot, "unlockPage"), "另一句新的口令 9", "另一句新的口令 9")
    assert live_of(program, qtbot).store.device_id != device
    (aside,) = set_aside(profile)
    assert {FILE_NAME, passphrase.SEALED_FILE, "journal"} <= {p.name for p in aside.iterdir()}
    assert len(passphrase.open_key(aside, WORDS, SystemClock().now())) == 32


def test_the_passphrase_is_changed_and_taken_on_in_the_settings(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    SettingsFile(profile).change(key_in_file=True)
    program = start()
    live = live_of(program, qtbot)
    assert (profile / keys.KEY_FILE).exists()
    live._door.change_passphrase("", WORDS)
    assert not (profile / keys.KEY_FILE).exists()
    device = live.store.device_id
    assert unlocked(start(), qtbot).store.device_id == device


def spoil(profile: Path) -> None:
    content = bytearray((profile / FILE_NAME).read_bytes())
    content[4096 : 4096 * 6] = bytes(4096 * 5)
    (profile / FILE_NAME).write_bytes(content)


@pytest.mark.fault("storage.zeroed_page")
def test_a_damaged_store_is_rebuilt_and_the_window_says_what_was_saved(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    program = start()
    live = set_first(program, qtbot)
    live.store.save_draft(OrderId("order-1"), "note", {"text": DRAFT}, SystemClock().now())
    device = live.store.device_id
    program.stop()
    spoil(profile)
    program = start()
    typed(page_of(program, qtbot, "unlockPage"), WORDS)
    page = page_of(program, qtbot, "recoveredPage")
    assert program.live is None
    assert "1 篇都在" in read(page)
    assert "请重新登录一次" in read(page)
    click(page, "continueButton")
    live = live_of(program, qtbot)
    assert live.store.device_id == device
    assert [d.values["text"] for d in live.store.drafts()] == [DRAFT]
    assert program.shell.stack.current_key() == LOGIN


@pytest.mark.fault("storage.zeroed_page")
def test_damage_while_it_is_open_is_noticed_and_mended_on_the_spot(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    program = start()
    live = set_first(program, qtbot)
    live.store.save_draft(OrderId("order-1"), "note", {"text": DRAFT}, SystemClock().now())
    live.store._db.fold_log_away()
    spoil(profile)
    live.care._examine = True
    live.care.look()
    page = page_of(program, qtbot, "recoveredPage")
    click(page, "continueButton")
    qtbot.waitUntil(lambda: program.live not in (None, live), timeout=WAIT)
    assert program.live is not None
    assert [d.values["text"] for d in program.live.store.drafts()] == [DRAFT]


@pytest.mark.fault("storage.zeroed_page")
def test_damage_is_mended_also_where_it_cannot_be_noted(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    """On a full disk the mark is not written: the seat opened the same store again and again, without a pause."""
    program = start()
    live = set_first(program, qtbot)
    live.store.save_draft(OrderId("order-1"), "note", {"text": DRAFT}, SystemClock().now())
    (profile / SUSPECT).symlink_to(profile / "nowhere" / "at-all")
    live._on_damage()
    click(page_of(program, qtbot, "recoveredPage"), "continueButton")
    again = live_of(program, qtbot)
    assert [d.values["text"] for d in again.store.drafts()] == [DRAFT]


def held_up(profile: Path) -> Path:
    """A backup that cannot be read until somebody writes to it: the work on the store stands still."""
    (profile / "backups").mkdir(exist_ok=True)
    pipe = profile / "backups" / "store-20261120T034000Z.db"
    os.mkfifo(pipe)
    return pipe


def work_page(program: SeatProgram, qtbot: QtBot, step: Step) -> WorkPage:
    page = page_of(program, qtbot, "workPage")
    assert isinstance(page, WorkPage)
    qtbot.waitUntil(lambda: page.step is step, timeout=WAIT)
    return page


def let_go(pipe: Path, after: threading.Event | None = None) -> None:
    if after is not None:
        after.wait(20)
    pipe.write_bytes(b"no backup")
    pipe.unlink()


@pytest.mark.fault("storage.zeroed_page")
def test_the_window_lives_while_the_store_is_rebuilt(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    SettingsFile(profile).change(key_in_file=True)
    program = start()
    live_of(program, qtbot)
    program.stop()
    spoil(profile)
    pipe = held_up(profile)
    program = start()
    page = work_page(program, qtbot, Step.COPY)
    assert "请不要关机" in read(page)
    program.shell.resize(1000, 700)  # it answers
    let_go(pipe)
    click(page_of(program, qtbot, "recoveredPage"), "continueButton")
    live_of(program, qtbot)


@pytest.mark.fault("storage.kill_each_step")
@pytest.mark.parametrize("how", ["button", "closed"])
def test_a_rebuild_that_is_left_is_done_at_the_next_start(
    start: Start, qtbot: QtBot, profile: Path, how: str
) -> None:
    SettingsFile(profile).change(key_in_file=True)
    program = start()
    live = live_of(program, qtbot)
    live.store.save_draft(OrderId("order-1"), "note", {"text": DRAFT}, SystemClock().now())
    program.stop()
    spoil(profile)
    before = (profile / FILE_NAME).read_bytes()
    pipe = held_up(profile)
    program = start()
    page = work_page(program, qtbot, Step.COPY)
    if how == "button":
        click(page, "workLeave")
        let_go(pipe)
        qtbot.waitUntil(lambda: not program.shell.isVisible(), timeout=WAIT)
    else:
        renewal = program._door._renewal
        assert renewal is not None
        ended = threading.Thread(target=let_go, args=(pipe, renewal._stopping))
        ended.start()
        program.stop()
        ended.join()
    assert (profile / FILE_NAME).read_bytes() == before
    program = start()
    click(page_of(program, qtbot, "recoveredPage"), "continueButton")
    assert [d.values["text"] for d in live_of(program, qtbot).store.drafts()] == [DRAFT]


def test_a_store_of_an_older_shape_is_migrated_with_the_window_alive(
    start: Start, qtbot: QtBot, profile: Path
) -> None:
    SettingsFile(profile).change(key_in_file=True)
    old = Store.open(profile, keys.load_or_create(profile, keyring=False).value, MODULES[:1])
    device = old.device_id
    old.close()
    program = start()
    assert live_of(program, qtbot).store.device_id == device
    assert [folder.name.endswith("migrated") for folder in set_aside(profile)] == [True]


# --- nothing readable -----------------------------------------------------------------------------


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    clock = SystemClock()
    center = sample_center("pinggu", clock.now())
    logins = [(a.account, PASSWORD, str(a.person_id)) for a in sample_accounts()]
    with running_platform(tmp_path, clock, center, logins) as running:
        for life in sample_lives(center, clock.now(), 24):
            running.platform.dispatch([life.intake], life.dispatched_at)
        yield running


def found_in(folder: Path, secrets: set[bytes]) -> set[tuple[str, bytes]]:
    files = [f for f in folder.rglob("*") if f.is_file()]
    contents = {str(f.relative_to(folder)): f.read_bytes() for f in files}
    return {(n, s) for n, content in contents.items() for s in secrets if s in content}


def encoded(texts: set[str]) -> set[bytes]:
    codes = ("utf-8", "utf-16-le", "utf-16-be", "gbk")
    return {text.encode(code) for text in texts for code in codes}


def work(live: LiveSeat) -> None:
    """An act with a photo, a draft, a backup."""
    assert live.seat is not None
    store, now, order_id = live.store, live.time.now(), live.store.open_orders()[0]
    photo = store.add_file(PHOTO, "张女士家现场.jpg")
    live.seat.record(order_id, ActKind.NOTE, Text(NOTE), files=(photo.sha256,))
    store.save_draft(order_id, "note", {"text": DRAFT}, now)
    store.back_up(now)


def signed_in(program: SeatProgram, live: LiveSeat, qtbot: QtBot) -> None:
    program.shell.stack.page(LOGIN).sign_in_with(PASSWORD)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    qtbot.waitUntil(lambda: live.seat is not None and bool(live.store.open_orders()), timeout=WAIT)


@pytest.mark.fault("storage.zeroed_page")
def test_a_seat_that_syncs_comes_back_by_itself_signed_in_and_with_every_act_once(
    start: Start, qtbot: QtBot, profile: Path, platform: RunningPlatform
) -> None:
    SettingsFile(profile).change(address=platform.url, account="zhou")
    program = start()
    first = set_first(program, qtbot)
    signed_in(program, first, qtbot)
    assert first.seat is not None
    order_id = first.store.open_orders()[0]
    first.seat.record(order_id, ActKind.NOTE, Text(NOTE))
    first.store._db.fold_log_away()
    spoil(profile)
    first.care._examine = True
    first.care.look()
    page = page_of(program, qtbot, "recoveredPage")
    assert "您不用做什么" in read(page)
    click(page, "continueButton")
    qtbot.waitUntil(lambda: program.live not in (None, first), timeout=WAIT)
    again = live_of(program, qtbot)
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    # The sync thread empties the outbox; the window hears of it afterwards.
    qtbot.waitUntil(lambda: again.seat is not None and not again.store.outbox(), timeout=WAIT)
    there = platform.platform.order_by_id(order_id)
    assert there is not None
    assert sum(NOTE in str(entry.payload) for entry in there.history) == 1
    assert again.seat is not None
    assert again.store.view(order_id) == there


def test_going_back_to_a_backup_keeps_what_was_recorded_since(
    start: Start, qtbot: QtBot, profile: Path, platform: RunningPlatform
) -> None:
    SettingsFile(profile).change(address=platform.url, account="zhou", key_in_file=True)
    program = start()
    first = live_of(program, qtbot)
    signed_in(program, first, qtbot)
    assert first.seat is not None
    order_id = first.store.open_orders()[0]
    program.shell.show_page(nav.SETTINGS)
    page = page_of(program, qtbot, "settingsPage")
    click(page, "backupNow")
    qtbot.waitUntil(lambda: any(b.isVisible() for b in backs(page)), timeout=WAIT)
    first.store.save_draft(order_id, "note", {"text": DRAFT}, first.time.now())
    first.seat.record(order_id, ActKind.NOTE, Text(NOTE))
    click(page, "backupBack_0")
    click(page, "backupGo")
    told = page_of(program, qtbot, "recoveredPage")
    assert "已退回" in read(told)
    assert "1 篇都在" in read(told)
    click(told, "continueButton")
    qtbot.waitUntil(lambda: program.live not in (None, first), timeout=WAIT)
    again = live_of(program, qtbot)
    assert [d.values["text"] for d in again.store.drafts()] == [DRAFT]
    # The sync thread empties the outbox; the window hears of it afterwards.
    qtbot.waitUntil(lambda: again.seat is not None and not again.store.outbox(), timeout=WAIT)
    there = platform.platform.order_by_id(order_id)
    assert there is not None
    assert sum(NOTE in str(entry.payload) for entry in there.history) == 1
    program.settings.change(sound=not program.settings.now.sound)
    assert again.sound.enabled is program.settings.now.sound
    assert first.sound.enabled is not program.settings.now.sound, "it hears of nothing any more"


@pytest.mark.parametrize("way", ["left", "spoilt"])
def test_when_going_back_comes_to_nothing_the_seat_goes_on_as_before(
    start: Start, qtbot: QtBot, profile: Path, way: str
) -> None:
    SettingsFile(profile).change(key_in_file=True)
    program = start()
    first = live_of(program, qtbot)
    first.store.save_draft(OrderId("order-1"), "note", {"text": DRAFT}, SystemClock().now())
    pipe = held_up(profile)
    (backup,) = backups(profile)
    program._door.going_back.emit(backup)
    page = work_page(program, qtbot, Step.COPY)
    if way == "left":
        click(page, "workLeave")
    let_go(pipe)
    qtbot.waitUntil(lambda: program.live not in (None, first), timeout=WAIT)
    again = live_of(program, qtbot)
    assert [d.values["text"] for d in again.store.drafts()] == [DRAFT]
    assert set_aside(profile) == []
    said = program.shell.notice.accessibleName() if program.shell.notice.isVisible() else ""
    assert ("备份有损坏" in said) is (way == "spoilt")


@pytest.mark.fault("storage.nothing_readable")
def test_nothing_readable_is_left_anywhere(
    start: Start,
    qtbot: QtBot,
    profile: Path,
    tmp_path: Path,
    platform: RunningPlatform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    SettingsFile(profile).change(address=platform.url, account="zhou")
    program = start()
    live = set_first(program, qtbot)
    signed_in(program, live, qtbot)
    work(live)
    session = identity.load_credentials(live.store)
    assert session is not None
    assert program._door._key is not None
    key = program._door._key.value
    orders = [live.store.view(order_id) for order_id in live.store.open_orders()]
    petitioners = {o.petitioner for o in orders if o is not None}
    texts = {p.name for p in petitioners} | {p.phone for p in petitioners}
    texts |= {o.matter.title for o in orders if o is not None}
    texts |= {session.access_token, session.refresh_token, WORDS, PASSWORD, key.hex()}
    texts |= {"13900004321", "110117198001011234", "水管又裂", "张女士", "说到一半", "现场.jpg"}
    secrets = encoded({text for text in texts if text}) | {key, PHOTO[:40], b"SQLite format"}
    assert len(secrets) > 60
    # As it stands while the program runs: this is also what a killed program leaves.
    killed = tmp_path / "killed"
    shutil.copytree(profile, killed, ignore=shutil.ignore_patterns("*.lock"))
    assert (killed / "store.db-wal").stat().st_size > 0
    assert list((killed / "journal" / "files").iterdir())
    assert list((killed / "backups").iterdir())
    assert found_in(killed, secrets) == set()
    program.stop()
    spoil(profile)
    program = start()
    typed(page_of(program, qtbot, "unlockPage"), WORDS)
    click(page_of(program, qtbot, "recoveredPage"), "continueButton")
    live_of(program, qtbot)
    program.stop()
    assert (profile / "log" / "jiban.log").stat().st_size > 0
    assert found_in(profile, secrets) == set()
    assert found_in(temporary, secrets) == set()


def test_the_search_for_readable_things_finds_them(tmp_path: Path) -> None:
    """The test above would see one secret in any file, in any of the encodings."""
    for n, content in enumerate(sorted(encoded({"张女士"}))):
        (tmp_path / "deep").mkdir(exist_ok=True)
        (tmp_path / "deep" / str(n)).write_bytes(b"\0\1" + content + b"\2")
    assert len(found_in(tmp_path, encoded({"张女士"}))) == 4
