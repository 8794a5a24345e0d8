"""The reminder in the corner: what is due, worst first, in at most six rows."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPoint, QRect, Signal, Slot
from PySide6.QtGui import QPainter, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.alert_values import Gathered, OrderAlerts
from desktop_app.domain.center import Person
from desktop_app.domain.policy import AlertRule
from ui.alerts.faces import (
    ROWS,
    clock_step,
    gathered_while_away,
    head_tags,
    row_face,
    rule_words,
    snooze_refusal,
    worst_words,
)
from ui.alerts.row import AlertRow
from ui.alerts.window import PopupWindow
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import Tag
from ui.widgets.buttons import LinkButton, PlainButton, PrimaryButton
from ui.widgets.labels import IconLabel, Label

TITLE = "一三五七提醒"
SHORT_TITLE = "提醒"
WIDTH = 500
# Rows, and whether the reason of the first is written out: from ample to scarce.
_SPARES = ((ROWS, True), (5, True), (4, True), (4, False), (3, False), (2, False))


class ReminderPopup(PopupWindow):
    """``set_gathered`` shows it or hides it; what to do with the answers is the center's business."""

    open_requested = Signal(str)
    list_requested = Signal()
    acknowledged = Signal(object)
    """Gathered: exactly what was on the screen."""
    snoozed = Signal(object)
    sound_toggled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._gathered = Gathered()
        self._person: Person | None = None
        self._late = 0
        self._limit, self._says_worst = _SPARES[0]
        self._now: datetime | None = None
        self._told: dict[int, tuple[OrderAlerts, int]] = {}
        super().__init__(theme, TITLE, width=WIDTH, edge=(Role.TEXT2, 2), parent=parent)
        self.setObjectName("reminderPopup")
        self._head = QWidget(self)
        self._tags: list[Tag] = []
        self._rows = [AlertRow(theme, str(n), self) for n in range(1, ROWS + 1)]
        self._build_head()
        self._build_foot()
        self._lay_out()
        self._connect()
        self._restyle()

    # building
    def _build_head(self) -> None:
        theme = self._theme
        self._bell = IconLabel(theme, "bell", TITLE, Role.TEXT, FontToken.TITLE3, 22)
        self._sound = LinkButton(theme, "", icon="volume")
        self._sound.setObjectName("soundButton")
        self._sound.clicked.connect(self.sound_toggled)
        self.head_row = QHBoxLayout(self._head)
        self.head_row.addWidget(self._bell)
        self.head_row.addStretch(1)
        self.head_row.addWidget(self._sound)

    def _build_foot(self) -> None:
        theme = self._theme
        self.note = Label(theme, "", Role.TEXT2, wrap=True)
        self.note.setObjectName("reminderNote")
        self.problem = Label(theme, "", Role.NEAR, FontToken.STRONG, wrap=True)
        self.problem.setObjectName("reminderProblem")
        self.problem.hide()
        self.ack = PrimaryButton(theme, "全部知道了", shortcut="Ctrl+Enter", bind_key=False)
        self.ack.setObjectName("ackAllButton")
        self.snooze = PlainButton(theme, "稍后 10 分", shortcut="F12", big=True, bind_key=False)
        self.snooze.setObjectName("snoozeButton")
        self._rule = IconLabel(theme, "lock", "", Role.TEXT2)

    def _lay_out(self) -> None:
        self.body.addWidget(self._head)
        for row in self._rows:
            row.setObjectName(f"reminderRow{self._rows.index(row) + 1}")
            self.body.addWidget(row)
        self._words = QVBoxLayout()
        self._words.addWidget(self.note)
        self._words.addWidget(self.problem)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.ack, 1)
        self._buttons.addWidget(self.snooze)
        self._words.addLayout(self._buttons)
        self._words.addWidget(self._rule)
        self.body.addLayout(self._words)

    def _connect(self) -> None:
        self.ack.clicked.connect(self._on_ack)
        self.snooze.clicked.connect(self._on_snooze)
        self.bind_key(self.ack, "Ctrl+Enter").activated.connect(self._on_ack_key)
        self.bind_key(self.snooze, "F12").activated.connect(self._on_snooze_key)
        for number, row in enumerate(self._rows, start=1):
            row.clicked.connect(self._on_row)
            self.bind_key(row, str(number)).activated.connect(self._on_digit)
            self.guard(row)
        for button in (self.ack, self.snooze, self._sound):
            self.guard(button)

    def _restyle(self) -> None:
        super()._restyle()
        px = self._theme.px
        self.head_row.setContentsMargins(px(16), px(8), px(10), px(8))
        self.head_row.setSpacing(px(8))
        self._words.setContentsMargins(px(16), px(8), px(16), px(10))
        self._words.setSpacing(px(8))
        self._buttons.setSpacing(px(8))

    # content
    def set_gathered(
        self, gathered: Gathered, person: Person, rule: AlertRule, now: datetime, *, fresh: bool
    ) -> None:
        """Show what is due; ``fresh``: something of it has not been on this screen before."""
        before = [o.ids for o in self._gathered.orders]
        self._gathered, self._person, self._rule_of = gathered, person, rule
        if not gathered.orders:
            self._late = 0
            self.hide()
            return
        if fresh:
            self._late = max(self._late, gathered_while_away(gathered))
        self._fill(now)
        if not self.isVisible() or fresh:
            self.appear()
        elif before != [o.ids for o in gathered.orders]:
            self.listen_later()
            self.fit()

    def tick(self, now: datetime) -> None:
        """Another second: only the clocks move."""
        if self._gathered.orders and self._person is not None:
            self._fill_rows(now)

    def _fill(self, now: datetime) -> None:
        assert self._person is not None
        self._fill_tags()
        self._fill_rows(now)
        self._rule.set_content("lock", rule_words(self._rule_of), Role.TEXT2)
        self._fill_note(now)
        refusal = snooze_refusal(self._gathered, self._rule_of)
        minutes = self._rule_of.snooze_seconds // 60
        self.snooze.set_text(f"稍后 {minutes} 分")
        if refusal:
            self.snooze.refuse(refusal)
        else:
            self.snooze.allow()

    def _fill_note(self, now: datetime) -> None:
        words = self._note_words(now)
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _note_words(self, now: datetime) -> str:
        assert self._person is not None
        worst = worst_words(self._gathered, self._person, now)
        lines = [worst] if self._says_worst else []
        if self._late:
            lines.insert(0, f"离开期间到期的 {self._late} 件已并入本窗，只提醒一次。")
        if self._gathered.held:
            until = self._rule_of.quiet_to
            lines.append(f"另有 {self._gathered.held} 件不急，{until} 再提醒。")
        return "\n".join(lines)

    def _fill_tags(self) -> None:
        faces = head_tags(self._gathered)
        while len(self._tags) < len(faces):
            tag = Tag(self._theme, faces[0])
            self.head_row.insertWidget(1 + len(self._tags), tag)
            self._tags.append(tag)
        for n, tag in enumerate(self._tags):
            tag.setVisible(n < len(faces))
            if n < len(faces):
                tag.set_face(faces[n])
        self._fit_title()

    def _fit_title(self) -> None:
        """With many tags the short title: half a word helps nobody."""
        margins = self.head_row.contentsMargins()
        shown = [self._sound, *(tag for tag in self._tags if not tag.isHidden())]
        taken = sum(w.sizeHint().width() + self.head_row.spacing() for w in shown)
        self._bell.set_content("bell", TITLE, Role.TEXT)
        room = self._theme.px(self._width) - margins.left() - margins.right() - taken
        if self._bell.sizeHint().width() > room:
            self._bell.set_content("bell", SHORT_TITLE, Role.TEXT)

    spares = len(_SPARES) - 1

    def spare(self, step: int) -> None:
        """On a small screen or in large type fewer rows are shown, and the last one counts the rest."""
        if _SPARES[step] == (self._limit, self._says_worst):
            return
        self._limit, self._says_worst = _SPARES[step]
        if self._gathered.orders and self._now is not None:
            self._fill_rows(self._now)
            self._fill_note(self._now)

    def _fill_rows(self, now: datetime) -> None:
        assert self._person is not None
        self._now = now
        orders = self._gathered.orders
        shown = self._limit if len(orders) <= self._limit else self._limit - 1
        for n, row in enumerate(self._rows):
            if n < min(shown, len(orders)):
                self._fill_row(n, row, orders[n], now)
            elif n == shown and len(orders) > self._limit:
                self._told.pop(n, None)
                row.set_more(f"另有 {len(orders) - shown} 件")
            row.setVisible(n < min(len(orders), self._limit))

    def _fill_row(self, n: int, row: AlertRow, order: OrderAlerts, now: datetime) -> None:
        """Make the face anew only when its clock shows another time."""
        assert self._person is not None
        step = clock_step(order, now)
        known = self._told.get(n)
        if known is None or known[0] is not order or known[1] != step:
            self._told[n] = (order, step)
            row.set_face(row_face(order, self._person, now))

    def set_problem(self, words: str) -> None:
        """Say why something could not be kept; empty takes it away."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if self.isVisible():
            self.fit()

    def set_sound(self, *, on: bool) -> None:
        """Show whether there is sound."""
        self._sound.set_icon("volume" if on else "volume-off")
        self._sound.setAccessibleName("声音：开" if on else "声音：关")
        self._sound.setToolTip("声音：开" if on else "声音：关")

    def gathered(self) -> Gathered:
        """What is on the screen."""
        return self._gathered

    def wanted(self) -> bool:
        return bool(self._gathered.orders)

    def first_focus(self) -> QWidget:
        return self.ack

    def place(self, room: QRect) -> QPoint:
        return QPoint(room.right() + 1 - self.width(), room.bottom() + 1 - self.height())

    def paint_ground(self, painter: QPainter) -> None:
        head = self._head.geometry()
        top = QRect(0, 0, self.width(), head.bottom() + 1)
        painter.fillRect(top, self._theme.color(Role.ALT))
        painter.fillRect(QRect(0, top.bottom(), self.width(), 1), self._theme.color(Role.LINE))

    # answers
    @Slot()
    def _on_ack(self) -> None:
        self.acknowledged.emit(self._gathered)

    @Slot()
    def _on_snooze(self) -> None:
        self.snoozed.emit(self._gathered)

    @Slot()
    def _on_ack_key(self) -> None:
        if self.accepts_keys():
            self.ack.click()

    @Slot()
    def _on_snooze_key(self) -> None:
        if self.accepts_keys():
            self.snooze.click()

    @Slot()
    def _on_digit(self) -> None:
        key = self.sender()
        row = key.parent() if isinstance(key, QShortcut) else None
        if isinstance(row, AlertRow) and self.accepts_keys():
            row.click()

    @Slot()
    def _on_row(self) -> None:
        row = self.sender()
        if isinstance(row, AlertRow):
            if row.order_id:
                self.open_requested.emit(row.order_id)
            else:
                self.list_requested.emit()
