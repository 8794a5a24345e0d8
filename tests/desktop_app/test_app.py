"""The composed seat: real store, real platform over HTTP, real threads, and a clean stop."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app import faults
from desktop_app.app import SeatProgram
from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Delegation
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import Stage
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from desktop_app.live import LiveSeat
from desktop_app.settings import SettingsFile
from desktop_app.single_instance import SingleInstance
from local_store import keys
from local_store.errors import StoreError, StoreProblem
from local_store.rows import SavedView
from local_store.store import Store
from resources.sample import sample_accounts, sample_center, sample_lives
from sync.client import identity
from sync.client.authority import Authority, read_authority
from tests.support.certificates import make_authority
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from ui.shell import nav
from ui.shell.window import LOGIN
from ui.widgets.kinds import LinkState
from ui.widgets.nav_rail import NavButton
from ui.workbench.page import WorkbenchPage

WAIT = 20_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    clock = SystemClock()
    center = sample_center("pinggu", clock.now())
    logins = [(a.account, PASSWORD, str(a.person_id)) for a in sample_accounts()]
    with running_platform(folder, clock, center, logins) as running:
        for life in sample_lives(center, clock.now(), 24):
            running.platform.dispatch([life.intake], life.dispatched_at)
        yield running


@pytest.fixture
def program(
    tmp_path: Path, platform: RunningPlatform, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SeatProgram]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    profile = tmp_path / "seat"
    profile.mkdir()
    SettingsFile(profile).change(address=platform.url, account="zhou", key_in_file=True)
    instance = SingleInstance(profile)
    assert instance.take()
    made = SeatProgram(qapp, profile, instance)
    yield made
    made.stop()
    made.shell.close()
    qapp.aboutToQuit.disconnect(made.stop)
    qapp.setStyleSheet("")
    qapp.setQuitOnLastWindowClosed(True)
    made.shell.deleteLater()


def live_of(program: SeatProgram, qtbot: QtBot) -> LiveSeat:
    if program.live is None:
        program.start()
    qtbot.waitUntil(lambda: program.live is not None, timeout=WAIT)
    assert program.live is not None
    return program.live


def signed_in(program: SeatProgram, qtbot: QtBot) -> LiveSeat:
    live = live_of(program, qtbot)
    page = program.shell.stack.page(LOGIN)
    page.sign_in_with(PASSWORD)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: live.seat is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    return live


def test_first_run_signs_in_and_comes_to_life(program: SeatProgram, qtbot: QtBot) -> None:
    live = live_of(program, qtbot)
    assert program.shell.stack.current_key() == LOGIN
    signed_in(program, qtbot)
    assert live.seat is not None
    assert program.shell.stack.current_key() == nav.ORDERS
    assert "周" in program.shell.desk.person
    assert program.settings.now.role == "dispatcher"


def test_an_act_goes_up_and_every_thread_ends(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    live = signed_in(program, qtbot)
    page = program.shell.stack.page(nav.ORDERS)
    assert isinstance(page, WorkbenchPage)
    qtbot.waitUntil(lambda: page.list.table.orders.rowCount() > 0, timeout=WAIT)
    page.list.show_view(SavedView.TO_ACCEPT.value)
    row = page.list.table.orders.row_at(0)
    assert row is not None
    page.open_order(row.order_id)
    page.primary()
    assert program.shell.desk.waiting >= 0
    qtbot.waitUntil(lambda: live.store.pending_count() == 0, timeout=WAIT)
    there = platform.platform.order(row.number)
    assert there is not None
    assert there.stage is Stage.ACCEPTED
    assert there.history[-1].kind is ActKind.ACCEPT
    program.stop()
    assert not live.heartbeat.running
    assert live.sync._thread.isFinished()


def test_a_leader_finds_signing_in_the_rail_while_authorised(
    program: SeatProgram, platform: RunningPlatform, qtbot: QtBot
) -> None:
    central = platform.platform
    center, now = central.center(), central.now()
    account, leader = next(
        (a.account, person)
        for a in sample_accounts()
        if (person := center.person(a.person_id)) is not None and person.role is Role.LEADER
    )
    program.settings.change(account=account)
    live = signed_in(program, qtbot)
    rail = program.shell.rail

    def offered() -> bool:
        return any(b.item.key == nav.SIGNOFF and b.isVisibleTo(rail) for b in buttons())

    def buttons() -> list[NavButton]:
        return rail.findChildren(NavButton)

    assert not offered()
    secretary = next(p for p in center.people if p.role is Role.SECRETARY)
    grant = Delegation(
        ActId("grant"), secretary.id, leader.id, now, now + timedelta(hours=8), "外出开会"
    )
    central.change_center(replace(center, delegations=(grant,)))
    qtbot.waitUntil(offered, timeout=WAIT)
    program.shell.show_page(nav.SIGNOFF)
    assert program.shell.stack.current_key() == nav.SIGNOFF
    assert live.seat is not None
    assert live.seat.is_deputy
    central.change_center(replace(center, delegations=(replace(grant, revoked_at=now),)))
    qtbot.waitUntil(lambda: not offered(), timeout=WAIT)
    assert program.shell.stack.current_key() == nav.MINE


def test_the_second_start_needs_no_network_and_shows_everything(
    program: SeatProgram, qtbot: QtBot, qapp: QApplication
) -> None:
    live = signed_in(program, qtbot)
    orders = live.store.counts([SavedView.ALL], live.time.now(), live.seat.person)  # type: ignore[union-attr]
    profile = live.store.profile
    program.stop()
    assert not program.shell.isVisible()  # a repaint would look into the closed store
    SettingsFile(profile).change(address="http://127.0.0.1:1")
    instance = SingleInstance(profile)
    assert instance.take()
    again = SeatProgram(qapp, profile, instance)
    try:
        second = live_of(again, qtbot)
        assert second.seat is not None
        assert second.store.counts([SavedView.ALL], second.time.now(), second.seat.person) == orders
        assert again.shell.stack.current_key() == nav.ORDERS
    finally:
        again.stop()
        qapp.aboutToQuit.disconnect(again.stop)
        again.shell.close()
        again.shell.deleteLater()


def test_a_demonstration_whose_platform_moved_goes_on(
    program: SeatProgram, qtbot: QtBot, qapp: QApplication
) -> None:
    live = signed_in(program, qtbot)
    profile, kept = live.store.profile, identity.load_credentials(live.store)
    assert kept is not None
    identity.save_credentials(live.store, replace(kept, address="http://127.0.0.1:1"))
    program.stop()
    SettingsFile(profile).change(demo_password=PASSWORD)
    instance = SingleInstance(profile)
    assert instance.take()
    again = SeatProgram(qapp, profile, instance)
    try:
        live_of(again, qtbot)
        qtbot.waitUntil(lambda: again.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    finally:
        again.stop()
        qapp.aboutToQuit.disconnect(again.stop)
        again.shell.close()
        again.shell.deleteLater()


def test_a_damaged_store_is_said_politely_and_left_alone(
    program: SeatProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    damaged = tmp_path / "seat" / "store.db"
    (tmp_path / "seat" / "store.key").write_text("00" * 32)
    damaged.write_bytes(b"not a store at all" * 500)
    before = damaged.read_bytes()
    program.start()
    qtbot.waitUntil(lambda: program.shell.stack.current_key() == LOGIN, timeout=WAIT)
    page = program.shell.stack.page(LOGIN)
    assert page.objectName() == "stoppedPage"
    assert program.live is None
    assert damaged.exists()
    assert before in {p.read_bytes() for p in (tmp_path / "seat").iterdir() if p.is_file()}


def test_known_errors_have_words_and_faults_say_nothing_was_lost() -> None:
    store = StoreError(StoreProblem.FULL, "磁盘满了", "请腾出空间。")
    assert faults.words_of(store) == ("磁盘满了", "请腾出空间。")
    assert faults.words_of(Refusal("x", "不行。", "这样办。")) == ("不行。", "这样办。")
    assert "没有丢" in faults.words_of(ZeroDivisionError())[1]


def test_closing_in_the_middle_of_a_sentence_keeps_it(
    program: SeatProgram, qtbot: QtBot, qapp: QApplication
) -> None:
    live = signed_in(program, qtbot)
    page = program.shell.stack.page(nav.ORDERS)
    assert isinstance(page, WorkbenchPage)
    qtbot.waitUntil(lambda: page.list.table.orders.rowCount() > 0, timeout=WAIT)
    row = page.list.table.orders.row_at(0)
    assert row is not None
    page.open_order(row.order_id)
    page.pane.start(ActKind.NOTE)
    form = page.pane.forms.form
    assert form is not None
    form._write["text"]("说到一半")
    form.touched()
    profile = live.store.profile
    program.shell.close()
    program.stop()
    store = Store.open(profile, keys.load_or_create(profile).value)
    draft = store.load_draft(row.order_id, "note")
    store.close()
    assert draft is not None
    assert draft.values["text"] == "说到一半"


def test_another_authority_in_the_settings_counts_for_the_session_under_way(
    program: SeatProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    live = signed_in(program, qtbot)
    program.settings.change(authority="no certificate")
    qtbot.waitUntil(
        lambda: program.shell.link.state is LinkState.UNREACHABLE, timeout=WAIT
    )  # nothing is sent on the word of an authority that cannot be read
    assert "证书文件读不了" in program.shell.link.title
    own = read_authority(make_authority(tmp_path, "192.0.2.1").root)
    assert isinstance(own, Authority)
    program.settings.change(authority=own.pem)
    qtbot.waitUntil(lambda: program.shell.link.state is LinkState.ONLINE, timeout=WAIT)
    kept = identity.load_credentials(live.store)
    assert kept is not None
    assert kept.authority == own.pem
