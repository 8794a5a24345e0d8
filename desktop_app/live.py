"""A seat whose store is open: bridge, pages, sync thread, alerts and heartbeat, and who signs in."""

from __future__ import annotations

import logging
import weakref
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop_app import pages, shut
from desktop_app.about import About, about
from desktop_app.care import StoreCare
from desktop_app.desk_numbers import Numbers
from desktop_app.domain.clock import ClockQuality, PlatformTime, SystemClock
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.roles import CENTER_ROLES
from desktop_app.door import Door
from desktop_app.link import link_of
from desktop_app.scheduling import Heartbeat
from desktop_app.services import upkeep
from desktop_app.services.seat import Seat
from desktop_app.settings import Settings, SettingsFile
from desktop_app.store_backups import StoreBackups
from desktop_app.sync_thread import SyncThread
from local_store.changes import ChangeSet
from local_store.errors import StoreError
from local_store.opening import mark_suspect
from local_store.store import Store
from sync.client import identity, kept_out
from sync.client.failures import TABLE, FailureKind, Problem
from sync.client.identity import Credentials
from sync.client.state import SyncState
from ui.alerts.center import AlertCenter
from ui.bridge import Bridge
from ui.job import post
from ui.shell import nav
from ui.shell.stack import Factory
from ui.shell.status import Link
from ui.shell.window import LOGIN, Shell
from ui.sound.player import SoundPlayer
from ui.theme.theme import Theme
from ui.tray.tray import Tray
from ui.widgets.kinds import LinkState

if TYPE_CHECKING:
    from ui.unlock.kept_out import KeptOutPage

log = logging.getLogger("jiban")
_PERSON = "seat.person"
_TIDY = timedelta(hours=24)
_AFTER_PAINT_MS = 50
"""Looking through all clocks takes a moment in a large store: the list is on the screen first."""


class LiveSeat(QObject):
    """Works with an open store and closes it. ``damaged`` once when the file turns out to be."""

    damaged = Signal()

    def __init__(
        self, store: Store, shell: Shell, theme: Theme, settings: SettingsFile, door: Door
    ) -> None:
        super().__init__()
        self._shell, self._theme, self._settings = shell, theme, settings
        self._clock = SystemClock()
        self.store, self._door = store, door
        self._post, self._self = post(), weakref.ref(self)
        store.watch_damage(self._on_damage)
        self.time = PlatformTime(self._clock, identity.load_anchor(self.store))
        self.seat: Seat | None = None
        self.alerts: AlertCenter | None = None
        self.bridge = Bridge(self)
        self.sync = SyncThread(self.store, self.time, self._clock)
        self.heartbeat = Heartbeat(self._clock, self)
        self.care = StoreCare(store, self._clock)
        self.sound = SoundPlayer(enabled=settings.now.sound, parent=self)
        self.tray = Tray(theme, self)
        self._signed_in = self._damage_told = self._stopped = False
        self._numbers: Numbers | None = None
        self._tidied: datetime | None = None
        self._connect()
        settings.listen(self._on_settings)

    def _connect(self) -> None:
        shell, worker = self._shell, self.sync.worker
        worker.changed.connect(self.bridge.on_synced)
        worker.state_changed.connect(self._on_sync_state)
        worker.noticed.connect(self._on_noticed)
        self.bridge.data_changed.connect(self._on_data_changed)
        self.bridge.data_changed.connect(shell.data_changed)
        shell.acted.connect(self._on_acted)
        shell.sync_requested.connect(self._on_sync_requested)
        shell.files_wanted.connect(self._on_files_wanted)
        shell.page_changed.connect(self._on_page_changed)
        self.heartbeat.alerts_due.connect(self._on_alerts_due)
        self.heartbeat.upkeep_due.connect(self._on_upkeep)
        self.heartbeat.woke.connect(self._on_woke)
        self.tray.show_requested.connect(shell.bring_to_front)
        self.tray.list_requested.connect(self._on_list_requested)

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Furnish the shell with what is here, then start to sync."""
        credentials = self._credentials()
        self._signed_in = credentials is not None
        first = Link(LinkState.SYNCING if credentials else LinkState.SIGNED_OUT)
        self._shell.set_link(first)
        self._settle_in(credentials.person_id if credentials else self._last_person())
        self.sync.start()
        self.heartbeat.start()
        self.care.start()
        self.tray.start()
        if credentials is None and self._settings.now.demo_password:
            self._sign_in_by_itself()

    def _credentials(self) -> Credentials | None:
        """The kept session. A demonstration's platform may have moved to another port since."""
        kept, settings = identity.load_credentials(self.store), self._settings.now
        if kept is None or not settings.demo_password or kept.address == settings.address:
            return kept
        moved = replace(kept, address=settings.address)
        identity.save_credentials(self.store, moved)
        return moved

    def stop(self) -> None:
        """Keep drafts, stop the threads, close the store. Nothing is heard of afterwards."""
        self._stopped = True
        self._settings.unlisten(self._on_settings)
        self.bridge.stop()
        with suppress(StoreError):  # a damaged store takes no drafts any more
            self._shell.stack.flush()
        self.heartbeat.stop()
        if self.alerts is not None:
            self.alerts.stop()
            self.alerts = None
        self.tray.stop()
        self.sound.stop()
        if not self.sync.stop():
            log.error("the sync thread did not end")
        if not self.care.stop():
            log.error("the care for the store did not end")
        self.store.close()

    def _on_damage(self) -> None:
        """In whatever thread it was seen. The next opening builds the store anew."""
        if not self._damage_told:
            self._damage_told = True
            mark_suspect(self.store.profile)
            self._post.tell(self._self, "damaged")

    def _last_person(self) -> PersonId | None:
        kept = self.store.get_meta(_PERSON)
        return PersonId(kept) if kept else None

    def _settle_in(self, person_id: PersonId | None) -> None:
        """Show the pages of this person, or the login when nobody is known here yet."""
        if kept_out.load(self.store) is not None:
            self._shut()
            return
        center = self.store.center()
        person = center.person(person_id) if center is not None and person_id else None
        if person is None or person_id is None:
            self._shell.furnish({LOGIN: self._login}, None, self._now)
            return
        self.store.set_meta(_PERSON, person_id)
        self._settings.change(role=person.role.value)
        self.seat = Seat(self.store, self.time, person_id)
        self._numbers = Numbers(self.seat, self._shell)
        built: dict[str, Factory] = {
            **pages.factories(self.seat, self._theme),
            nav.SETTINGS: self._settings_page,
            LOGIN: self._login,
        }
        self._shell.furnish(built, person.role, self._now)
        self._start_alerts(self.seat)
        self._count()

    @Slot()
    def _shut(self) -> None:
        """An administrator keeps this computer out: nothing personal is on the screen from now on."""
        said = kept_out.load(self.store)
        if said is None:
            shut.remember(self.store, self._settings)
            self.sync.worker.signed_out()
        if self.alerts is not None:
            self.alerts.stop()
            self.alerts.deleteLater()
        self.alerts = self.seat = None
        self.tray.set_counts(0, 0)
        known = said or kept_out.load(self.store)
        assert known is not None
        page = shut.shut(self.store, self._shell, self._theme, known, self._now)
        page.signed_in.connect(partial(self._on_let_in, page))

    def _on_let_in(self, page: KeptOutPage, credentials: Credentials) -> None:
        """The platform that kept this computer out has signed somebody in again."""
        said = kept_out.load(self.store)
        if said is not None and said.server_id not in ("", credentials.server_id):
            words = TABLE[FailureKind.OTHER_SERVER]
            page.refuse(words.title, words.advice)
            return
        kept_out.forget(self.store)
        self._on_signed_in(credentials)

    def _now(self) -> tuple[datetime, ClockQuality]:
        return self.time.now(), self.time.quality()

    def _start_alerts(self, seat: Seat) -> None:
        if self.alerts is not None:
            self.alerts.stop()
            self.alerts.deleteLater()
        alerts = AlertCenter(
            seat, self._theme, sound=self.sound, tray=self.tray, window=self._shell, parent=self
        )
        alerts.open_requested.connect(self._on_alert_open)
        alerts.page_requested.connect(self._on_alert_page)
        alerts.call_requested.connect(self._on_alert_call)
        alerts.list_requested.connect(self._on_list_requested)
        alerts.acted.connect(self._on_acted)
        alerts.counted.connect(self._on_alerts_counted)
        alerts.sound_changed.connect(self._on_sound_changed)
        self.alerts = alerts
        QTimer.singleShot(_AFTER_PAINT_MS, self._first_look)

    @Slot()
    def _first_look(self) -> None:
        if self.alerts is not None:
            self.alerts.start()

    # --- pages of the composition root --------------------------------------------------------

    def _login(self, parent: QWidget) -> QWidget:
        from sync.client.stick_keys import device_key
        from ui.login.page import LoginPage

        now = self._settings.now
        page = LoginPage(
            self._theme, self._settings, self.store.device_id, now.address, now.account, parent,
            device_key=partial(device_key, self.store),
        )  # fmt: skip
        page.signed_in.connect(self._on_signed_in)
        page.kept_out.connect(self._shut)
        return page

    def _settings_page(self, parent: QWidget) -> QWidget:
        from ui.settings.page import SettingsPage

        keeper = None if self._settings.now.demo_password else self._door
        page = SettingsPage(
            self._theme, self._settings, self._about(), parent,
            keeper=keeper, backups=StoreBackups(self.store, self._door, self._clock),
        )  # fmt: skip
        page.sign_out_requested.connect(self._on_sign_out)
        return page

    def _about(self) -> About:
        return about(self.store, self.seat)

    def _sign_in_by_itself(self) -> None:
        page = self._shell.stack.page(LOGIN)
        sign_in = getattr(page, "sign_in_with", None)
        if callable(sign_in):
            sign_in(self._settings.now.demo_password)

    @Slot(object)
    def _on_signed_in(self, credentials: Credentials) -> None:
        identity.save_credentials(self.store, credentials)
        self._settings.change(address=credentials.address, account=credentials.account)
        self._signed_in = True
        self.sync.worker.signed_in()
        self._shell.set_link(Link(LinkState.SYNCING))
        if self.seat is None or self.seat.person_id != credentials.person_id:
            self.seat = None
            self._settle_if_known(credentials.person_id)
        elif self._shell.stack.current_key() == LOGIN:
            self._shell.show_page(nav.plan_for(self.seat.person.role).pages[0])

    def _settle_if_known(self, person_id: PersonId) -> None:
        center = self.store.center()
        if center is not None and center.person(person_id) is not None:
            self._settle_in(person_id)

    @Slot()
    def _on_sign_out(self) -> None:
        identity.forget_credentials(self.store)
        self.sync.worker.signed_out()

    @Slot()
    def _on_sync_requested(self) -> None:
        # Called, not connected: the worker's thread is busy in its own loop and would never hear a
        # queued signal.
        self.sync.worker.sync_now()

    # --- what happens -------------------------------------------------------------------------

    @Slot(object)
    def _on_acted(self, changes: ChangeSet) -> None:
        self.sync.worker.wake()
        self.bridge.on_acted(changes)

    @Slot(str)
    def _on_files_wanted(self, order_id: str) -> None:
        self.sync.worker.want_files(OrderId(order_id))

    @Slot(object)
    def _on_data_changed(self, changes: ChangeSet) -> None:
        if self.seat is None:
            credentials = identity.load_credentials(self.store)
            if credentials is not None:
                self._settle_if_known(credentials.person_id)
            return
        if self.alerts is not None:
            self.alerts.data_changed(changes)
        self._count()

    @Slot(object)
    def _on_sync_state(self, state: SyncState) -> None:
        if self._stopped:
            return  # was on its way when the thread ended
        was, self._signed_in = self._signed_in, state.signed_in
        if self.seat is not None and self._numbers is not None:
            self._numbers.count_waiting()
        self._shell.set_link(link_of(state))
        if was and not state.signed_in and state.problem is not None:
            if state.problem.kind is FailureKind.BLOCKED:
                self._shut()
                return
            if self._settings.now.demo_password:
                self._sign_in_by_itself()
                return
            ask = getattr(self._shell.stack.page(LOGIN), "ask", None)
            if callable(ask):
                ask(state.problem.title.rstrip("。") + "。")

    @Slot(object)
    def _on_noticed(self, problem: Problem) -> None:
        if self._stopped or problem.kind is FailureKind.BLOCKED:
            return  # the page says it
        if problem.kind is FailureKind.CHAIN:
            self._tell_of_the_chain(problem)
            return
        self._shell.show_notice(problem.title, problem.advice)

    def _tell_of_the_chain(self, problem: Problem) -> None:
        """It concerns whoever answers for the platform; a village could do nothing about it."""
        if self.seat is not None and self.seat.person.role in CENTER_ROLES:
            self._shell.show_problem(problem.title, problem.advice)

    @Slot(str)
    def _on_page_changed(self, _key: str) -> None:
        self._count()

    # --- counts -------------------------------------------------------------------------------

    def _count(self) -> None:
        """Numbers of the rail and the strip."""
        if self.seat is not None and self._numbers is not None:
            self._numbers.count()

    @Slot(int, int)
    def _on_alerts_counted(self, due: int, _overdue: int) -> None:
        self._shell.set_count(nav.COUNTDOWN, due)

    # --- alerts and beats ---------------------------------------------------------------------

    @Slot(str)
    def _on_alert_open(self, order_id: str) -> None:
        self._shell.bring_to_front()
        self._shell.open_order(order_id)

    @Slot(str, str)
    def _on_alert_page(self, page: str, order_id: str) -> None:
        self._shell.bring_to_front()
        self._shell.open_on_page(page, order_id)

    @Slot(str)
    def _on_alert_call(self, order_id: str) -> None:
        if self.seat is None:
            return
        page = self._shell.stack.page(nav.page_showing_orders(self.seat.person.role))
        call = getattr(page, "open_call", None)
        if callable(call):
            call(OrderId(order_id))

    @Slot()
    def _on_list_requested(self) -> None:
        self._shell.bring_to_front()
        self._shell.show_page(nav.COUNTDOWN)

    def _trust(self, authority: str) -> None:
        """Let the session under way be vouched for as the settings say now."""
        kept = identity.load_credentials(self.store)
        if kept is not None and kept.authority != authority:
            identity.save_credentials(self.store, replace(kept, authority=authority))
            self.sync.worker.signed_in()

    def _on_settings(self, now: Settings) -> None:
        self._trust(now.authority)
        if now.sound != self.sound.enabled:
            self.sound.set_enabled(now.sound)
            if self.alerts is not None:
                self.alerts.reminder.set_sound(on=now.sound)

    @Slot(bool)
    def _on_sound_changed(self, on: bool) -> None:
        self._settings.change(sound=on)

    @Slot()
    def _on_alerts_due(self) -> None:
        if self.alerts is not None:
            self.alerts.recompute()
        if self.seat is not None and self._numbers is not None:
            self._numbers.count_if_old()

    @Slot()
    def _on_upkeep(self) -> None:
        now = self._clock.now()
        if self._tidied is None or now - self._tidied > _TIDY:
            try:
                if upkeep.tidy(self.store, self.time):
                    self._tidied = now
            except StoreError as error:
                log.warning("tidying failed: %s", error.code)

    @Slot(float)
    def _on_woke(self, _gap: float) -> None:
        self.sync.worker.sync_now()
        self._on_alerts_due()
