"""代签: who may sign for the secretary, from when to when and why; every seat can see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, Delegation
from desktop_app.domain.ids import ActId, PersonId
from desktop_app.domain.masking import mask_text
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role as Office
from desktop_app.services import deputies
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.present.times import day_time, local
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import Tag
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.choices import ChoiceRow
from ui.widgets.combo import Combo
from ui.widgets.ime import ImeLineEdit
from ui.widgets.kinds import Tone
from ui.widgets.labels import Label
from ui.widgets.panel import Panel
from ui.widgets.values import Choice, Option, TagFace

_LENGTHS = {"1": "一天", "3": "三天", "7": "一周"}
NOT_SECRETARY = "代签由乡党委书记授权"


class MomentEdit(ImeLineEdit):
    """A moment on the center's wall clock, whatever zone the machine is set to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setInputMask("0000-00-00 00:00")
        self.setAccessibleName(name)

    def set_moment(self, moment: datetime) -> None:
        """Show an aware moment."""
        self.set_quietly(f"{local(moment):%Y-%m-%d %H:%M}")

    def moment(self) -> datetime | None:
        """The shown moment, aware; None if there is no such time."""
        try:
            return datetime.strptime(self.text(), "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
        except ValueError:
            return None


class DelegationLine(Themed):
    """One authorisation with its period, reason and state."""

    revoke_requested = Signal(str)

    def __init__(
        self,
        theme: Theme,
        grant: Delegation,
        center: Center,
        now: datetime,
        *,
        mine: bool,
        parent: QWidget,
    ) -> None:
        super().__init__(theme, parent)
        self._grant = grant
        person = center.person(grant.deputy)
        words, tone = grant_state(grant, now)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        row.setSpacing(theme.px(12))
        row.addWidget(
            Label(theme, person.title if person else grant.deputy, token=FontToken.STRONG)
        )
        row.addWidget(Tag(theme, TagFace(words, tone)))
        row.addWidget(
            Label(theme, f"{day_time(grant.starts_at)} 至 {day_time(grant.ends_at)}", Role.TEXT2)
        )
        row.addWidget(Label(theme, mask_text(grant.reason), Role.TEXT2, elide=True), 1)
        if mine and grant.revoked_at is None and now < grant.ends_at:
            revoke = PlainButton(theme, "收回", icon="x")
            revoke.setObjectName(f"deputyRevoke_{grant.act_id}")
            revoke.clicked.connect(self._on_revoke)
            row.addWidget(revoke)

    @Slot()
    def _on_revoke(self) -> None:
        self.revoke_requested.emit(self._grant.act_id)


def grant_state(grant: Delegation, now: datetime) -> tuple[str, Tone]:
    """How an authorisation stands at ``now``."""
    if grant.revoked_at is not None:
        return f"{day_time(grant.revoked_at)} 收回", Tone.PLAIN
    if now < grant.starts_at:
        return "未开始", Tone.HALF
    return ("有效", Tone.OK) if now < grant.ends_at else ("已到期", Tone.PLAIN)


class DeputyPane(Themed):
    """The form above, the list below. Verbs are carried out by the page."""

    authorise_requested = Signal()
    revoke_requested = Signal(str)
    closed = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._seat = seat
        self._lines: list[QWidget] = []
        self._form = Panel(
            theme, "授权代签", "期间内代签人签批同样算数，签批单上写明代谁签。", "user-check"
        )
        self._list = Panel(theme, "代签记录", icon="history")
        self._make_fields()
        self._lay_out()
        self._restyle()

    def _make_fields(self) -> None:
        theme = self._theme
        self.deputy = Combo(theme)
        self.deputy.setObjectName("deputyPerson")
        self.deputy.setAccessibleName("代签人")
        self.deputy.setPlaceholderText("选代签人")
        self.starts, self.ends = MomentEdit("起"), MomentEdit("止")
        self.starts.setObjectName("deputyFrom")
        self.ends.setObjectName("deputyTo")
        self._length = ChoiceRow(theme, tuple(Choice(k, w) for k, w in _LENGTHS.items()))
        self._length.choice_changed.connect(self._on_length)
        self.reason = ImeLineEdit()
        self.reason.setObjectName("deputyReason")
        self.reason.setAccessibleName("授权理由")
        self.reason.setPlaceholderText("如：外出开会")
        self.reason.committed.connect(self._check)
        self.deputy.option_chosen.connect(self._check)
        self.authorise = PrimaryButton(theme, "授权代签", shortcut="Ctrl+Enter", bind_key=False)
        self.authorise.setObjectName("deputyAuthorise")
        self.authorise.clicked.connect(self.authorise_requested)
        self._back = PlainButton(
            theme, "回到签批单", icon="arrow-left", shortcut="Esc", bind_key=False
        )
        self._back.setObjectName("deputyClose")
        self._back.clicked.connect(self.closed)

    def _lay_out(self) -> None:
        theme, grid = self._theme, QGridLayout()
        grid.setColumnStretch(1, 1)
        period = QHBoxLayout()
        for part in (self.starts, Label(theme, "至", Role.TEXT2), self.ends, self._length):
            period.addWidget(part)
        for n, word in enumerate(("代签人", "期间", "理由")):
            grid.addWidget(Label(theme, word, Role.TEXT3), n, 0)
        grid.addWidget(self.deputy, 0, 1)
        grid.addLayout(period, 1, 1)
        grid.addWidget(self.reason, 2, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.authorise)
        self._form.body.addLayout(grid)
        self._form.body.addLayout(foot)
        self._form.add_at_right(self._back)
        self._spaced = (grid, period)
        self._lay_out_list()

    def _lay_out_list(self) -> None:
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._grants = QVBoxLayout(inside)
        self._grants.setContentsMargins(0, 0, 0, 0)
        self._grants.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self._list.body.addWidget(scroll)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._form)
        self._column.addWidget(self._list, 1)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(14), px(20), px(12))
        self._column.setSpacing(px(12))
        for layout in self._spaced:
            layout.setSpacing(px(10))

    def refresh(self) -> None:
        """Show who may be chosen and what has been given."""
        center, now = self._seat.center, self._seat.now()
        people = [
            q for q in center.people if q.active and q.role in (Office.LEADER, Office.DISPATCHER)
        ]
        self.deputy.set_options(tuple(Option(q.id, f"{q.title} {q.name}") for q in people))
        mine = self._seat.person.role is Office.SECRETARY
        for line in self._lines:
            self._grants.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(g, center, now, mine=mine) for g in center.delegations]
        for n, line in enumerate(reversed(self._lines)):
            self._grants.insertWidget(n, line)
        self._list.set_title("代签记录", "" if self._lines else "还没有授权过代签。")
        self._check()

    def _line(
        self, grant: Delegation, center: Center, now: datetime, *, mine: bool
    ) -> DelegationLine:
        line = DelegationLine(self._theme, grant, center, now, mine=mine, parent=self._list)
        line.revoke_requested.connect(self.revoke_requested)
        return line

    def open(self) -> None:
        """Start a new form: from now, for a day."""
        self.starts.set_moment(self._seat.now())
        self._length.set_current("1")
        self._on_length("1")
        self.reason.set_quietly("")
        self.deputy.setCurrentIndex(-1)
        self.refresh()
        self.deputy.setFocus()

    def authorise_now(self) -> ChangeSet:
        """Record the authorisation as filled in. Raises ``Refusal``."""
        deputy = PersonId(self.deputy.current_key())
        starts, ends = self.starts.moment(), self.ends.moment()
        if starts is None or ends is None:
            raise Refusal("period", "没有这个时间。", "写成 2026-11-20 09:00 这样。")
        return deputies.authorise(self._seat, deputy, starts, ends, self.reason.text().strip())

    def revoke_now(self, act_id: str) -> ChangeSet:
        """Record that an authorisation is taken back. Raises ``Refusal``."""
        return deputies.revoke(self._seat, ActId(act_id), "书记收回")

    @Slot(str)
    def _on_length(self, days: str) -> None:
        starts = self.starts.moment() or self._seat.now()
        self.ends.set_moment(starts + timedelta(days=int(days)))

    @Slot()
    def _check(self) -> None:
        if self._seat.person.role is not Office.SECRETARY:
            self.authorise.refuse(NOT_SECRETARY)
        elif not self.deputy.current_key():
            self.authorise.refuse("先选代签人")
        elif not self.reason.text().strip():
            self.authorise.refuse("先写理由")
        else:
            self.authorise.allow()
