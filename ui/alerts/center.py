"""The alert center: looks at every beat what is due, shows it, rings, and records the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_values import Alarm, Gathered
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order, Stage
from desktop_app.domain.refusals import Refusal
from desktop_app.services import alerts as verbs
from desktop_app.services import intake
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.errors import StoreError
from ui.alerts.alarm import NewOrderAlarm, Ringing
from ui.alerts.faces import page_of
from ui.alerts.gathering import Gatherer
from ui.alerts.reminder import ReminderPopup
from ui.sound.player import Sound, SoundPlayer
from ui.theme.theme import Theme
from ui.tray.tray import Tray

TICK_MS = 1000


class AlertCenter(QObject):
    """Made by ``app.py`` when the store is open. ``recompute`` hears the heartbeat, ``data_changed``
    the bridge. ``window`` is the main window, whose place in the taskbar asks for attention.
    """

    open_requested = Signal(str)
    page_requested = Signal(str, str)
    """(page key, order id): what is to be done about the order has its place there."""
    call_requested = Signal(str)
    """Open this order with its call form: it was taken to be phoned at once."""
    list_requested = Signal()
    """Show the countdown page."""
    acted = Signal(object)
    counted = Signal(int, int)
    """Orders that are due, and how many of them are overdue."""
    sound_changed = Signal(bool)

    def __init__(
        self,
        seat: Seat,
        theme: Theme,
        *,
        sound: SoundPlayer,
        tray: Tray | None = None,
        window: QWidget | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._seat, self._sound, self._tray, self._window = seat, sound, tray, window
        self._gatherer = Gatherer(seat)
        self._gathered = Gathered()
        self._announced: set[str] = set()
        self._rang: dict[str, datetime] = {}
        self._raised: datetime | None = None
        self.reminder = ReminderPopup(theme)
        self.alarm = NewOrderAlarm(theme)
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(self._on_tick)
        self._running = False
        self._connect()
        self.reminder.set_sound(on=sound.enabled)

    def _connect(self) -> None:
        self.reminder.open_requested.connect(self._on_open)
        self.reminder.list_requested.connect(self.list_requested)
        self.reminder.acknowledged.connect(self._on_acknowledged)
        self.reminder.snoozed.connect(self._on_snoozed)
        self.reminder.sound_toggled.connect(self._on_sound_toggled)
        self.reminder.focus_asked.connect(self._on_focus_asked)
        self.alarm.focus_asked.connect(self._on_focus_asked)
        self.alarm.take_requested.connect(self._on_take)
        self.alarm.take_and_call_requested.connect(self._on_take_and_call)
        self.alarm.known.connect(self._on_known)
        self.alarm.gone.connect(self.recompute)

    # life
    def start(self) -> None:
        """Look for the first time: everything that fell due while the client was closed comes up now."""
        self._running = True
        self._ticker.start()
        self.recompute()

    def stop(self) -> None:
        """Close both windows for good and fall silent."""
        if not self._running:
            return
        self._running = False
        self._ticker.stop()
        self._sound.stop()
        for window in (self.reminder, self.alarm):
            window.stop()
            window.deleteLater()  # they have no parent: nobody else takes them away

    def gathered(self) -> Gathered:
        """What is due, as of the last look."""
        return self._gathered

    # looking
    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Orders changed, here or on the platform."""
        self._gatherer.forget(changes)
        self.recompute()

    @Slot()
    def recompute(self) -> None:
        """Look again. Called at every beat, wake and change; looking twice shows nothing twice."""
        if not self._running:
            return
        now = self._seat.now()
        try:
            self._gathered = self._gatherer.gather(now)
        except (Refusal, StoreError):
            return  # before the first sync, or the disk is busy: the next beat looks again
        self._show_alarms(now)
        self._show_reminder(now)
        self.alarm.leave_free(self.reminder.width() if self.reminder.isVisible() else 0)
        # One key for both: two live shortcuts would only cancel each other.
        self.reminder.focus_shortcut.setEnabled(not self.alarm.isVisible())
        self._count()

    def _show_reminder(self, now: datetime) -> None:
        fresh = [a for a in self._gathered.fresh if a.id not in self._announced]
        person, rule = self._seat.person, self._seat.center.policy.alerts
        self.reminder.set_gathered(self._gathered, person, rule, now, fresh=bool(fresh))
        if fresh:
            self._remember(a.id for a in fresh)
            if any(a.audible for a in fresh):
                self._sound.play(Sound.REMINDER)
            self._ask_for_attention()
            self._raised = now
            self.alarm.stay_above()
        elif self.reminder.isVisible() and self._again(self._raised, now):
            self.reminder.insist()
            self._raised = now
            self.alarm.stay_above()

    def _remember(self, ids: Iterable[str]) -> None:
        """Mark as shown: after a restart they come up again, but do not sound as news."""
        keys = list(ids)
        self._announced.update(keys)
        try:
            verbs.shown(self._seat, keys)
        except (Refusal, StoreError):
            return
        self._gatherer.forget_marks()

    def _again(self, last: datetime | None, now: datetime) -> bool:
        seconds = self._seat.center.policy.alerts.repeat_seconds
        return last is None or now < last or now - last >= timedelta(seconds=seconds)

    def _show_alarms(self, now: datetime) -> None:
        alarms = {a.watch.order_id: a for a in self._gathered.alarms}
        present = self.alarm.shown_order()
        if present and present not in alarms:
            self._say_taken(present)
        if self.alarm.saying_taken():
            return
        if not alarms:
            self.alarm.clear()
            return
        alarm = alarms.get(present) or self._gathered.alarms[0]
        self._show_alarm(alarm, len(alarms) - 1, now)

    def _show_alarm(self, alarm: Alarm, behind: int, now: datetime) -> None:
        order = self._seat.store.view(OrderId(alarm.watch.order_id))
        if order is None:
            return
        if alarm.id not in self._announced:
            self._remember([alarm.id])
        self.alarm.show_alarm(Ringing(alarm, order, behind), self._seat.center, now)
        if self._again(self._rang.get(alarm.id), now):
            self._rang[alarm.id] = now
            self._sound.play(Sound.ALARM)
            self.alarm.insist()
            self._ask_for_attention()

    def _say_taken(self, order_id: str) -> None:
        order = self._seat.store.view(OrderId(order_id))
        words = taken_words(order, self._seat.person_id) if order is not None else ""
        if words:
            self.alarm.show_taken(words)
        else:
            self.alarm.clear()

    def _ask_for_attention(self) -> None:
        if self._window is not None:
            QApplication.alert(self._window)

    def _count(self) -> None:
        due = len(self._gathered.orders) + len(self._gathered.alarms)
        overdue = sum(o.worst.overdue for o in self._gathered.orders)
        self.counted.emit(due, overdue)
        if self._tray is not None:
            self._tray.set_counts(due, overdue)

    @Slot()
    def _on_tick(self) -> None:
        now = self._seat.now()
        if self.reminder.isVisible():
            self.reminder.tick(now)
        if self.alarm.isVisible():
            self.alarm.tick(now)

    # answers
    @Slot(object)
    def _on_acknowledged(self, shown: Gathered) -> None:
        refs = [(OrderId(a.watch.order_id), a.id) for a in shown.alerts]
        self._do(lambda: verbs.acknowledge(self._seat, refs), self.reminder.set_problem)

    @Slot(object)
    def _on_snoozed(self, shown: Gathered) -> None:
        rule = self._seat.center.policy.alerts
        until = self._seat.now() + timedelta(seconds=rule.snooze_seconds)
        orders = [o for o in shown.orders if o.may_snooze]
        refs = [(OrderId(o.order_id), key) for o in orders for key in o.ids]
        self._do(lambda: verbs.snooze(self._seat, refs, until), self.reminder.set_problem)

    @Slot(str)
    def _on_open(self, order_id: str) -> None:
        due = next((o for o in self._gathered.orders if o.order_id == order_id), None)
        page = page_of(due.worst) if due is not None else ""
        if page:
            self.page_requested.emit(page, order_id)
        else:
            self.open_requested.emit(order_id)

    @Slot(object)
    def _on_known(self, alarm: Alarm) -> None:
        refs = [(OrderId(alarm.watch.order_id), alarm.id)]
        self._do(lambda: verbs.acknowledge(self._seat, refs), self.alarm.set_problem)

    @Slot(str)
    def _on_take(self, order_id: str) -> None:
        self._take(order_id)

    @Slot(str)
    def _on_take_and_call(self, order_id: str) -> None:
        if self._take(order_id):
            self.open_requested.emit(order_id)
            self.call_requested.emit(order_id)

    def _take(self, order_id: str) -> bool:
        key = OrderId(order_id)
        return self._do(lambda: intake.accept(self._seat, key), self.alarm.set_problem)

    def _do(self, verb: Callable[[], ChangeSet], complain: Callable[[str], None]) -> bool:
        """Record; say what went wrong where the person is looking."""
        try:
            changes = verb()
        except (Refusal, StoreError) as error:
            complain(_words(error))
            self._gatherer.forget(ChangeSet(everything=True))
            self.recompute()
            return False
        complain("")
        self.data_changed(changes)
        self.acted.emit(changes)
        return True

    @Slot()
    def _on_sound_toggled(self) -> None:
        self._sound.set_enabled(not self._sound.enabled)
        self.reminder.set_sound(on=self._sound.enabled)
        self.sound_changed.emit(self._sound.enabled)

    @Slot()
    def _on_focus_asked(self) -> None:
        """Alt+P: the alarm first; pressed there again, the reminder."""
        both = self.alarm.isVisible() and self.reminder.isVisible()
        if self.alarm.isVisible() and not (both and self.alarm.isActiveWindow()):
            self.alarm.take_focus()
        elif self.reminder.isVisible():
            self.reminder.take_focus()


def taken_words(order: Order, own: str) -> str:
    """Who took an order; empty when it was this person, who knows."""
    if order.stage is Stage.WITHDRAWN:
        return "平台已撤回这件单。"
    takes = [e for e in order.history if e.kind is ActKind.ACCEPT and e.round == order.round]
    if not takes or takes[0].actor.person_id == own:
        return ""
    return f"{takes[0].actor.title} {takes[0].actor.name} 已签收。"


def _words(error: Refusal | StoreError) -> str:
    if isinstance(error, StoreError):
        return f"没有记下。{error.title}{error.advice}"
    return str(error)
