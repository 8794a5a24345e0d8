"""The window: strip, banner and notice on top, rail and pages in the middle, keys below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QProcess, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QIcon
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

import resources
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.roles import Role
from desktop_app.settings import SettingsKeeper
from ui.alerts.window import on_a_screen
from ui.shell import nav
from ui.shell.help import HelpSheet
from ui.shell.stack import Factory, PageStack
from ui.shell.status import Desk, Link, back_words, banner_words, status_facts
from ui.theme.theme import Theme
from ui.theme.zoom import install_zoom
from ui.widgets.key_bar import KeyBar
from ui.widgets.keys import bind
from ui.widgets.kinds import LinkState, NoticeKind
from ui.widgets.nav_rail import NavButton, NavRail
from ui.widgets.notice import Notice
from ui.widgets.offline_banner import OfflineBanner
from ui.widgets.photo_view import PhotoView
from ui.widgets.status_strip import StatusStrip
from ui.widgets.values import KeyHint, NavItem, StatusFacts

if TYPE_CHECKING:
    from local_store.changes import ChangeSet

TITLE = "接诉即办工作台"
LOGIN = "login"
SEATS = "seats"
_NOTICE_MS = 12_000
_FRAME = 48
"""About what a desktop's title bar takes, in px."""
_UNKNOWN = StatusFacts(LinkState.OFFLINE)
_GOOD = (LinkState.ONLINE, LinkState.SYNCING)
Now = Callable[[], tuple[datetime, ClockQuality]]


class Shell(QWidget):
    """Painted empty at once; ``furnish`` brings it to life when the store is open."""

    sync_requested = Signal()
    files_wanted = Signal(str)
    """Order id: a page looks for its photos."""
    sign_in_requested = Signal()
    acted = Signal(object)
    page_changed = Signal(str)
    closing = Signal()

    def __init__(self, theme: Theme, keeper: SettingsKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._keeper = theme, keeper
        self._now: Now | None = None
        self._link, self._desk = Link(), Desk()
        self._waiting_before = 0
        self._role: Role | None = None
        self._deputy = False
        self.setObjectName("shell")
        self.setWindowTitle(TITLE)
        self.setWindowIcon(QIcon(str(resources.path("icons/app.svg"))))
        self._build()
        self._connect()
        self._place()
        self._announce_role(_role_of(keeper.now.role))

    def _build(self) -> None:
        theme = self._theme
        self.strip = StatusStrip(theme, _UNKNOWN)
        self.banner = OfflineBanner(theme)
        self.notice = Notice(theme)
        self.rail = NavRail(theme)
        self.stack = PageStack()
        self.key_bar = KeyBar(theme)
        for name in ("strip", "banner", "notice", "rail", "stack", "key_bar"):
            getattr(self, name).setObjectName({"key_bar": "keyBar"}.get(name, name))
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.strip, self.banner, self.notice):
            column.addWidget(widget)
        column.addLayout(middle, 1)
        column.addWidget(self.key_bar)
        self._help = HelpSheet(theme, self)
        self._seats = QMenu(self)
        self._seats.setObjectName("seatsMenu")

    def _connect(self) -> None:
        self.rail.entry_chosen.connect(self._on_entry_chosen)
        self.banner.retry_requested.connect(self._on_retry)
        self.strip.sync_requested.connect(self.sync_requested)
        self.strip.waiting_requested.connect(self._on_waiting)
        self.strip.conflicts_requested.connect(self._on_conflicts)
        self.notice.action_requested.connect(self.notice.clear)
        self.stack.acted.connect(self.acted)
        self.stack.files_wanted.connect(self.files_wanted)
        self.stack.notice.connect(self.show_notice)
        self.stack.keys_changed.connect(self._on_keys_changed)
        self.stack.sync_requested.connect(self._on_retry)
        self.stack.page_changed.connect(self._on_page_changed)
        self.stack.open_requested.connect(self.open_order)
        self.stack.page_requested.connect(self.open_on_page)
        self._seats.triggered.connect(self._on_seat_chosen)
        bind(self, "F5").activated.connect(self._on_retry)
        bind(self, "F1").activated.connect(self._help.toggle)
        install_zoom(self, self._theme)
        self._theme.changed.connect(self._on_theme_changed)
        self._ticker = QTimer(self, interval=1000, timerType=Qt.TimerType.PreciseTimer)
        self._ticker.timeout.connect(self._on_tick)
        self._notice_timer = QTimer(self, singleShot=True, interval=_NOTICE_MS)
        self._notice_timer.timeout.connect(self.notice.clear)

    # --- window -------------------------------------------------------------------------------

    def _place(self) -> None:
        settings, screen = self._keeper.now, self.screen().availableGeometry()
        self.setMinimumSize(720, 480)
        if len(settings.window) == 4:
            wanted = QRect(*settings.window)
            # A screen that is gone must not take the window with it.
            self.setGeometry(wanted if screen.intersects(wanted) else screen)
        else:
            self.resize(min(1440, screen.width()), min(900, screen.height()))
        # A first window as large as the screen would have its keys below the edge: frames count too.
        framed = QRect(0, 0, 1440, 900 + _FRAME)
        first = not settings.window and not (
            screen.width() >= framed.width() and screen.height() >= framed.height()
        )
        if settings.maximized or (first and on_a_screen()):
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        self.closing.emit()
        super().closeEvent(event)

    def remember(self) -> None:
        """Keep size, theme and last page for the next start."""
        place = self.normalGeometry() if self.isMaximized() else self.geometry()
        page = self.stack.current_key()
        self._keeper.change(
            window=(place.x(), place.y(), place.width(), place.height()),
            maximized=self.isMaximized(),
            page=page if page and page != LOGIN else self._keeper.now.page,
        )

    @Slot()
    def bring_to_front(self) -> None:
        """Show the window over the others, also when it was minimised."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def _on_theme_changed(self) -> None:
        self._keeper.change(theme=self._theme.name.value, scale=self._theme.scale)
        self.update()

    # --- life ---------------------------------------------------------------------------------

    def furnish(self, factories: dict[str, Factory], role: Role | None, now: Now) -> None:
        """Take the pages. Without a role (nobody has signed in here yet) only the login is there."""
        self.put_away_above()
        self._now, self._role, self._deputy = now, role, False
        self.strip.show()
        self.stack.set_factories(factories)
        self._announce_role(role)
        self._on_tick()
        self._ticker.start()
        self.show_page(self._first_page(role))

    def show_only(self, key: str, factory: Factory) -> None:
        """Nothing works but this one page (the store could not be opened)."""
        self.put_away_above()
        self._ticker.stop()
        self._now = self._role = None
        self.strip.set_facts(_UNKNOWN)
        self.strip.hide()  # it would tell counts that nobody knows and a clock that stands still
        self.stack.set_factories({key: factory})
        self._announce_role(None)
        self.banner.hide_now()
        self.show_page(key)

    def put_away_above(self) -> None:
        """Put away what lies over the pages: the sheet of keys, a photo."""
        if self._help.isVisible():
            self._help.put_away()
        for view in self.findChildren(PhotoView):
            view.put_away()

    def _first_page(self, role: Role | None) -> str:
        if role is None:
            return LOGIN
        known = nav.plan_for(role).pages
        last = self._keeper.now.page
        return last if last in known and last != nav.SETTINGS else known[0]

    def _announce_role(self, role: Role | None) -> None:
        items = nav.items_for(role, deputy=self._deputy) if role is not None else ()
        if self._keeper.now.demo_seats:
            items = (*items, NavItem(SEATS, "切换席位", "switch-horizontal", at_end=True))
        self.rail.set_items(items)
        self.rail.setVisible(bool(items))
        for button in self.rail.findChildren(NavButton):
            button.setObjectName(f"nav_{button.item.key}" if button.item.key else "nav_more")

    def set_deputy(self, *, on: bool) -> None:
        """代签 begins or ends: 签批 comes into the rail of a handler, or leaves it."""
        if self._role is None or on == self._deputy:
            return
        self._deputy = on
        self._announce_role(self._role)
        pages, current = nav.plan_for(self._role, deputy=on).pages, self.stack.current_key()
        if current == nav.SIGNOFF and current not in pages:
            self.show_page(pages[0])
        else:
            self.rail.set_current(current)

    def set_title(self, who: str) -> None:
        """``who``: the center, or the village of this seat."""
        self.setWindowTitle(f"{who} — {TITLE}" if who else TITLE)

    def stop(self) -> None:
        """No more ticks: the program ends."""
        self._ticker.stop()

    # --- pages --------------------------------------------------------------------------------

    def show_page(self, key: str) -> None:
        """Bring a page to the front; an unknown key is ignored."""
        if self.stack.has(key):
            page = self.stack.show_page(key)
            if page.focusWidget() is None:
                page.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def open_order(self, order_id: str) -> None:
        """Show an order in the screen where this role works on orders."""
        key = nav.page_showing_orders(self._role) if self._role is not None else LOGIN
        self.open_on_page(key, order_id)

    @Slot(str, str)
    def open_on_page(self, key: str, order_id: str) -> None:
        """Show an order on a page."""
        if not self.stack.has(key):
            return
        self.show_page(key)
        opener = getattr(self.stack.page(key), "open_order", None)
        if callable(opener):
            opener(order_id)

    @Slot(str)
    def _on_entry_chosen(self, key: str) -> None:
        if key == SEATS:
            self.rail.set_current(self.stack.current_key())
            self._open_seats()
            return
        self.show_page(key)

    @Slot(str)
    def _on_page_changed(self, key: str) -> None:
        self.rail.set_current(key)
        self._on_keys_changed()
        self.page_changed.emit(key)

    @Slot()
    def _on_keys_changed(self) -> None:
        hints = [KeyHint(tuple(key.split(" ")), words) for key, words in self.stack.page_keys()]
        known = {key for hint in hints for key in hint.keys}
        tail = (*((("F5", "同步"),) if self._now is not None else ()), ("F1", "全部快捷键"))
        hints += [KeyHint((key,), words) for key, words in tail if key not in known]
        self.key_bar.set_hints(tuple(hints))

    # --- what the world says ------------------------------------------------------------------

    def set_link(self, link: Link) -> None:
        """The connection changed."""
        came_back = link.state in _GOOD and self._link.state not in _GOOD
        if link.state not in _GOOD and self._link.state in _GOOD:
            self._waiting_before = self._desk.waiting
        self._link = link
        if came_back and self.banner.isVisible():
            self._say_back()
        self._refresh()

    def set_desk(self, desk: Desk) -> None:
        """Who sits here, or what waits, changed."""
        before, self._desk = self._desk.waiting, desk
        if self._link.state not in _GOOD:
            self._waiting_before = max(self._waiting_before, desk.waiting)
        elif self.banner.says_back and desk.waiting < before:
            self._say_back()
        self._refresh()

    def _say_back(self) -> None:
        """The connection came back first, what waited goes out after it."""
        sent = max(0, self._waiting_before - self._desk.waiting)
        self.banner.show_back(back_words(sent, self._desk.waiting))

    def set_count(self, key: str, count: int) -> None:
        """A number on the rail."""
        self.rail.set_count(key, count)

    @property
    def link(self) -> Link:
        return self._link

    @property
    def desk(self) -> Desk:
        return self._desk

    @Slot(str, str)
    def show_notice(self, title: str, advice: str = "") -> None:
        """Say something that needs no answer; it goes by itself."""
        self.notice.show_notice(NoticeKind.INFO, title, advice, "知道了")
        self._notice_timer.start()

    def show_problem(self, title: str, advice: str = "") -> None:
        """Say what went wrong and what to do; it stays until put away."""
        self._notice_timer.stop()
        self.notice.show_notice(NoticeKind.ERROR, title, advice, "知道了")

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Pass on what was stored."""
        self.stack.data_changed(changes)

    @Slot()
    def _on_tick(self) -> None:
        if self._now is None or self.isMinimized():
            return
        self._refresh()
        self.stack.tick(self._now()[0])

    def _refresh(self) -> None:
        if self._now is None:
            return
        now, quality = self._now()
        self.strip.set_facts(status_facts(self._link, self._desk, now, quality))
        words = banner_words(self._link, self._desk, now) if self._role is not None else None
        if words is not None:
            self.banner.show_offline(words.title, words.text, words.waiting, words.button)
        elif self._link.state in _GOOD and self.banner.isVisible() and not self._coming_back():
            self.banner.hide_now()

    def _coming_back(self) -> bool:
        return self.banner.accessibleName().startswith("已连上")

    @Slot()
    def _on_retry(self) -> None:
        if self._link.state is LinkState.SIGNED_OUT:
            self.show_page(LOGIN)
            self.sign_in_requested.emit()
        else:
            self.sync_requested.emit()

    @Slot()
    def _on_waiting(self) -> None:
        self.show_page(nav.OUTBOX)

    @Slot()
    def _on_conflicts(self) -> None:
        self.show_page(nav.DECISIONS)

    # --- demonstration ------------------------------------------------------------------------

    def seats_menu(self) -> QMenu:
        """The seats of the demonstration."""
        self._seats.clear()
        for number, seat in enumerate(self._keeper.now.demo_seats):
            self._seats.addAction(seat.label).setData(number)
        return self._seats

    def _open_seats(self) -> None:
        button = self.rail.findChild(NavButton, f"nav_{SEATS}")
        if button is not None:
            self.seats_menu().popup(button.mapToGlobal(button.rect().topRight()))

    @Slot(QAction)
    def _on_seat_chosen(self, action: QAction) -> None:
        seat = self._keeper.now.demo_seats[int(action.data())]
        program, *arguments = seat.command
        # A seat that already runs is raised by its own single-instance guard.
        if not QProcess.startDetached(program, arguments)[0]:
            self.show_problem("这个席位没有打开", "请关掉演示重新启动。")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and not self.isMinimized():
            self._on_tick()

    def grab_state(self) -> dict[str, Any]:
        """What the control channel tells about the window."""
        return {
            "online": self._link.state is LinkState.ONLINE,
            "link": self._link.state.value,
            "waiting": self._desk.waiting,
            "decisions": self._desk.decisions,
            "page": self.stack.current_key(),
            "title": self.windowTitle(),
        }


def _role_of(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None
