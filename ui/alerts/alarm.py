"""A new order of a 15-minute tier in the middle of the screen. It has no close button and rings on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.alert_values import Alarm
from desktop_app.domain.alert_words import limit_text, told_next
from desktop_app.domain.center import Center
from desktop_app.domain.orders import Order
from ui.alerts.band import BandFace, TierBand
from ui.alerts.faces import clock_face
from ui.alerts.window import PopupWindow
from ui.present.people import matter_text, matter_title, petitioner_text, place_text
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.kinds import Band, TierKind
from ui.widgets.labels import IconLabel, Label

WIDTH = 620
LINES = 6
TAKEN_MS = 5000


@dataclass(frozen=True, slots=True)
class Ringing:
    """What the alarm shows: the alarm, its order, and how many others wait behind it."""

    alarm: Alarm
    order: Order
    behind: int = 0


class TakeButton(PrimaryButton):
    """签收, in larger letters than any other button: it is the one thing to do."""

    token = FontToken.TITLE2


class NewOrderAlarm(PopupWindow):
    """``show_alarm`` shows one order; ``show_taken`` says who took it and goes after a few seconds."""

    take_requested = Signal(str)
    take_and_call_requested = Signal(str)
    known = Signal(object)
    """Alarm: somebody who cannot take it has seen it."""
    gone = Signal()
    """The few seconds of "taken by" are over."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._ringing: Ringing | None = None
        self._taken = QTimer(interval=TAKEN_MS, singleShot=True)
        super().__init__(theme, "新工单", width=WIDTH, edge=(Role.PRIMARY, 3), parent=parent)
        self.setObjectName("alarmPopup")
        self._taken.setParent(self)
        self._taken.timeout.connect(self._on_gone)
        self._build()
        self._lay_out()
        self._connect()
        self._restyle()

    def _build(self) -> None:
        theme = self._theme
        self.band = TierBand(theme, self)
        self.matter = Label(theme, "", Role.TEXT, FontToken.TITLE1, wrap=True)
        self.place_line = IconLabel(theme, "map-pin", "", Role.TEXT2, FontToken.BODY, 20)
        self.phone_line = IconLabel(theme, "phone", "", Role.TEXT2, FontToken.BODY, 20)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setObjectName("alarmText")
        self.text.setAccessibleName("诉求内容")
        self.told = IconLabel(theme, "alert-triangle", "", Role.NEAR, FontToken.STRONG, 20)
        self.told.setObjectName("alarmTold")
        self.behind = IconLabel(theme, "stack-2", "", Role.TEXT2, FontToken.STRONG, 20)
        self.problem = Label(theme, "", Role.NEAR, FontToken.STRONG, wrap=True)
        self.problem.setObjectName("alarmProblem")
        high = HEIGHT.accept
        self.take = TakeButton(theme, "签收", shortcut="Ctrl+Enter", bind_key=False, height=high)
        self.take.setObjectName("takeButton")
        self.call = PlainButton(
            theme, "签收并拨打", shortcut="F8", big=True, bind_key=False, height=high
        )
        self.call.setObjectName("takeAndCallButton")
        self.seen = PrimaryButton(
            theme, "知道了", shortcut="Ctrl+Enter", bind_key=False, height=high
        )
        self.seen.setObjectName("alarmKnownButton")
        self.foot = IconLabel(theme, "keyboard", "", Role.TEXT2, FontToken.BODY, 20)

    def _lay_out(self) -> None:
        self._where = QHBoxLayout()
        self._where.addWidget(self.place_line)
        self._where.addWidget(self.phone_line)
        self._where.addStretch(1)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.take, 1)
        self._buttons.addWidget(self.call)
        self._buttons.addWidget(self.seen, 1)
        self._inner = QVBoxLayout()
        self._inner.addWidget(self.matter)
        self._inner.addLayout(self._where)
        for widget in (self.text, self.told, self.behind, self.problem):
            self._inner.addWidget(widget)
        self._inner.addLayout(self._buttons)
        self._inner.addWidget(self.foot)
        self.body.addWidget(self.band)
        self.body.addLayout(self._inner)

    def _connect(self) -> None:
        self.take.clicked.connect(self._on_take)
        self.call.clicked.connect(self._on_call)
        self.seen.clicked.connect(self._on_seen)
        self.bind_key(self.take, "Ctrl+Enter").activated.connect(self._on_take_key)
        self.bind_key(self.call, "F8").activated.connect(self._on_call_key)
        self.bind_key(self.seen, "Ctrl+Enter").activated.connect(self._on_seen_key)
        for widget in (self.take, self.call, self.seen, self.text):
            self.guard(widget)

    def _restyle(self) -> None:
        super()._restyle()
        px = self._theme.px
        self._inner.setContentsMargins(px(24), px(14), px(24), px(14))
        self._inner.setSpacing(px(9))
        self._where.setSpacing(px(28))
        self._buttons.setSpacing(px(12))
        self.text.setFont(self._theme.font(FontToken.BODY))

    # content
    def show_alarm(self, ringing: Ringing, center: Center, now: datetime) -> None:
        """Show an order that waits to be taken, or bring what is shown up to date."""
        before = self._ringing
        other = before is None or before.alarm.id != ringing.alarm.id or self._taken.isActive()
        self._taken.stop()
        self._ringing = ringing
        self._center = center
        self._fill_clock(now)
        if other:
            self._fill_order(ringing.order)
            self.set_problem("")
            self.appear()
        elif before is not None and before.behind != ringing.behind:
            self.fit()

    def _fill_order(self, order: Order) -> None:
        self.matter.setText(matter_title(order))
        self.place_line.set_content("map-pin", place_text(order) or "地点待核", Role.TEXT2)
        self.phone_line.set_content("phone", petitioner_text(order), Role.TEXT2)
        self.text.setPlainText(matter_text(order))
        self.text.setVisible(bool(order.matter.text))
        self._offer()

    def _offer(self) -> None:
        assert self._ringing is not None
        can_take = self._ringing.alarm.can_take
        for button in (self.take, self.call):
            button.setVisible(True)
            if can_take:
                button.allow()
            else:
                button.refuse("由派单员来办")
        self.call.setVisible(can_take)
        self.seen.setVisible(not can_take)
        words = "没有关闭按钮。输入法选字时回车不会误签。"
        if not can_take:
            words = "派单员还没签收，请打电话催。"
        self.foot.set_content("keyboard" if can_take else "phone", words, Role.TEXT2)

    def tick(self, now: datetime) -> None:
        """Another second."""
        if self._ringing is not None and not self._taken.isActive():
            self._fill_clock(now)

    def _fill_clock(self, now: datetime) -> None:
        assert self._ringing is not None
        alarm, behind = self._ringing.alarm, self._ringing.behind
        watch, rule = alarm.watch, self._center.policy.alerts
        seconds = (watch.clock.safe_due_at - now).total_seconds()
        whole = (watch.clock.safe_due_at - watch.clock.started_at).total_seconds()
        band = Band(alarm.band.value)
        face = BandFace(
            kind=TierKind.of(watch.tier_style),
            title=f"新工单 · {watch.tier_title}",
            demand=limit_text(watch),
            clock=clock_face(seconds),
            clock_word="剩余" if seconds >= 0 else "超时",
            band=Band.OVER if seconds < 0 else band,
            share=seconds / whole if whole > 0 else 0.0,
        )
        self.band.set_face(face)
        self._edge = (self.band.fill(), 3)
        rung = alarm.rung(now, rule.repeat_seconds)
        told = told_next(alarm, self._center, rule, now)
        self.told.set_content("alert-triangle", f"已响 {rung} 次。{told}", Role.NEAR)
        self.behind.set_content("stack-2", f"后面还有 {behind} 件急件待签收", Role.TEXT2)
        self.behind.setVisible(behind > 0)

    def show_taken(self, words: str) -> None:
        """Say who took the order; then go by itself."""
        self.told.set_content("circle-check", words, Role.OK)
        for widget in (self.take, self.call, self.seen, self.behind):
            widget.setVisible(False)
        self.foot.set_content("info-circle", "本窗几秒后自动收起。", Role.TEXT2)
        self.set_problem("")
        self._taken.start()

    def set_problem(self, words: str) -> None:
        """Say why it could not be taken; empty takes it away."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if self.isVisible():
            self.fit()

    def clear(self) -> None:
        """Nothing rings any more."""
        self._taken.stop()
        self._ringing = None
        self.hide()

    def shown_order(self) -> str:
        """The order that is ringing here; empty when none is, or while it says who took one."""
        if self._ringing is None or self._taken.isActive():
            return ""
        return self._ringing.alarm.watch.order_id

    def saying_taken(self) -> bool:
        """Whether it is just telling who took the order."""
        return self._taken.isActive()

    def update_alarm(self, alarm: Alarm, behind: int) -> None:
        """The same order, looked at again."""
        if self._ringing is not None:
            self._ringing = replace(self._ringing, alarm=alarm, behind=behind)

    spares = LINES

    def spare(self, step: int) -> None:
        """The text as high as it is, at most six lines; what is longer scrolls. The foot goes last."""
        lines = max(1, LINES - step)
        self.foot.setVisible(step < LINES)
        px, metrics = self._theme.px, self._theme.metrics(FontToken.BODY)
        width = self.width() - 2 * px(24) - 2 * 3 - px(32)
        wrap = Qt.TextFlag.TextWordWrap
        text = self.text.toPlainText()
        high = metrics.boundingRect(QRect(0, 0, width, 100_000), wrap, text).height()
        self.text.setFixedHeight(min(high, lines * metrics.lineSpacing()) + px(24))

    def wanted(self) -> bool:
        return self._ringing is not None

    def first_focus(self) -> QWidget:
        return self.take if self.take.isEnabled() else self.seen

    def paint_ground(self, painter: QPainter) -> None:
        edge = self._edge[1]
        top = QRect(0, 0, self.width(), self.band.height() - self.band.bar_height() + edge)
        painter.fillRect(top, self._theme.color(self.band.fill()))

    def stop(self) -> None:
        self._taken.stop()
        super().stop()

    # answers
    @Slot()
    def _on_take(self) -> None:
        if self.shown_order():
            self.take_requested.emit(self.shown_order())

    @Slot()
    def _on_call(self) -> None:
        if self.shown_order():
            self.take_and_call_requested.emit(self.shown_order())

    @Slot()
    def _on_seen(self) -> None:
        if self._ringing is not None:
            self.known.emit(self._ringing.alarm)

    @Slot()
    def _on_take_key(self) -> None:
        if self.accepts_keys():
            self.take.click()

    @Slot()
    def _on_call_key(self) -> None:
        if self.accepts_keys():
            self.call.click()

    @Slot()
    def _on_seen_key(self) -> None:
        if self.accepts_keys():
            self.seen.click()

    @Slot()
    def _on_gone(self) -> None:
        self.clear()
        self.gone.emit()
