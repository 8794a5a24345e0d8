"""拟办: the proposal for the secretary. Opened by the workbench in place of list and detail."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from desktop_app.services import intake
from desktop_app.services.seat import Seat
from desktop_app.services.suggestions import SuggestionGroup, suggest_handlers
from local_store.changes import ChangeSet
from ui.forms import phrases
from ui.forms.drafts import DraftKeeper
from ui.forms.page import Page
from ui.order.body import FittingScroll
from ui.order.facts import source_line
from ui.present.people import matter_text
from ui.present.times import clock_time
from ui.propose.head import ProposeHead
from ui.propose.picker import HandlerPicker
from ui.propose.similar import SimilarPanel
from ui.propose.verified import VerifiedPanel
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.buttons import LinkButton, PlainButton, PrimaryButton
from ui.widgets.ime import ImeLineEdit
from ui.widgets.keys import bind
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Ground, IconLabel, Label
from ui.widgets.note_edit import NoteEdit
from ui.widgets.notice import Notice
from ui.widgets.panel import Panel

FORM = "propose"
NOTE_LIMIT = 200
PHRASES = (
    "请村里今天见面，先看现场，再说办法。",
    "请农办、村里同去，能修先修，不能修的讲清安排。",
    "同一件事再次反映，请领办牵头，把前次办法说清楚。",
)
_LEFT, _TWO_COLUMNS = 592, 1000


class ProposePage(Page):
    """``done`` when it is submitted or left; the draft is kept until it is submitted."""

    done = Signal()
    opened_other = Signal(str)

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self.setObjectName("proposePage")
        self._order: Order | None = None
        self._groups: tuple[SuggestionGroup, ...] = ()
        self._group = 0
        self._keeper = DraftKeeper(seat, self._values, self._composing, self)
        self._keeper.kept.connect(self._on_kept)
        self._keeper.failed.connect(self.refused)
        self._make_panels()
        self._make_foot()
        self._lay_out()
        self._connect()
        self._restyle()

    # --- parts --------------------------------------------------------------------------------

    def _make_panels(self) -> None:
        theme = self._theme
        self._head = ProposeHead(theme)
        self._notice = Notice(theme)
        self._notice.setObjectName("proposeNotice")
        self._verified = VerifiedPanel(theme)
        self._similar = SimilarPanel(theme)
        self._source = Panel(theme, "诉求原文")
        self._source.add_at_right(IconLabel(theme, "lock", "号码已掩码", Role.TEXT2))
        self._text = Label(theme, "", wrap=True)
        self._source.body.addWidget(self._text)
        self._suggest = Panel(theme, "三、建议承办", "理由来自派单目录、值班表和历史办理")
        self._other = LinkButton(theme, "换一组", shortcut="Ctrl+G")
        self._other.setObjectName("otherGroupButton")
        self._suggest.add_at_right(self._other)
        self.picker = HandlerPicker(self._seat, theme)
        self._suggest.body.addWidget(self.picker)
        self._words = Panel(theme, "四、给书记的话")
        self._phrases = LinkButton(theme, "常用语", shortcut="Ctrl+J")
        self._phrases.setObjectName("phrasesButton")
        self._words.add_at_right(self._phrases)
        self.note = NoteEdit(
            theme, limit=NOTE_LIMIT, name="给书记的话", hint="全文印在签批单“拟办意见”栏"
        )
        self.note.setObjectName("proposeNote")
        self.note.field().setObjectName("proposeNoteEdit")
        self._words.body.addWidget(self.note, 1)

    def _make_foot(self) -> None:
        theme = self._theme
        self._foot = Ground(theme, Role.SURFACE, "t")
        self._rule = IconLabel(
            theme, "shield-check", "书记签批后才派单。紧急情况可先处置，签批须补。"
        )
        self._urgent = PlainButton(theme, "紧急处置", icon="bolt", big=True)
        self._urgent.setObjectName("emergencyButton")
        self._keep = PlainButton(theme, "存草稿", shortcut="Ctrl+S", big=True)
        self._keep.setObjectName("saveDraftButton")
        self._submit = PrimaryButton(
            theme, "提交签批", icon="send", shortcut="Ctrl+Enter", bind_key=False
        )
        self._submit.setObjectName("submitProposalButton")
        self._why_row = Ground(theme, Role.ALT, "t")
        self._why = ImeLineEdit()
        self._why.setObjectName("emergencyReasonEdit")
        self._why.setPlaceholderText("为什么等不到签批：危及什么、多急")
        self._start = PlainButton(theme, "开始紧急处置", icon="bolt")
        self._start.setObjectName("startEmergencyButton")
        self._why_row.hide()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        self._left = QWidget()
        self._left.setLayout(left)
        for panel in (self._verified, self._similar, self._source):
            left.addWidget(panel)
        left.addStretch(1)
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self._suggest)
        right.addWidget(self._words, 1)
        holder = QWidget()
        self._columns = QGridLayout(holder)
        self._scroll = FittingScroll(holder)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        foot = QHBoxLayout(self._foot)
        foot.addWidget(self._rule)
        foot.addStretch(1)
        for button in (self._urgent, self._keep, self._submit):
            foot.addWidget(button)
        why = QHBoxLayout(self._why_row)
        why.addWidget(Label(self._theme, "紧急理由", Role.TEXT3))
        why.addWidget(self._why, 1)
        why.addWidget(self._start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._notice)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._why_row)
        column.addWidget(self._foot)

    def _connect(self) -> None:
        self._similar.opened.connect(self.opened_other)
        self.picker.changed.connect(self._on_changed)
        self.note.text_changed.connect(self._on_changed)
        self._other.clicked.connect(self._on_other_group)
        self._phrases.clicked.connect(self._on_phrases)
        self._keep.clicked.connect(self._on_keep)
        self._urgent.clicked.connect(self._on_urgent)
        self._start.clicked.connect(self._on_start_emergency)
        self._submit.clicked.connect(self.primary)
        self._notice.action_requested.connect(self._notice.clear)
        bind(self, "F8").activated.connect(self._on_phone)

    def _restyle(self) -> None:
        super()._restyle()
        px = self._theme.px
        if not hasattr(self, "_columns"):
            return
        self._columns.setContentsMargins(px(20), px(12), px(20), px(12))
        self._columns.setSpacing(px(12))
        for holder in (self._left, self._right):
            layout = holder.layout()
            if layout is not None:
                layout.setSpacing(px(12))
        for row in (self._foot, self._why_row):
            layout = row.layout()
            if layout is not None:
                layout.setContentsMargins(px(20), px(12), px(20), px(12))
                layout.setSpacing(px(12))
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() / self._theme.scale >= _TWO_COLUMNS
        self._rule.setVisible(wide)
        for part in (self._left, self._right):
            self._columns.removeWidget(part)
        if wide:
            share = min(self._theme.px(_LEFT), self.width() * 45 // 100)
            self._left.setFixedWidth(share)
            self._columns.addWidget(self._left, 0, 0)
            self._columns.addWidget(self._right, 0, 1)
        else:
            # What has to be filled in comes first; what it rests on is below, in the same scroll.
            self._left.setMinimumWidth(0)
            self._left.setMaximumWidth(16777215)
            self._columns.addWidget(self._right, 0, 0)
            self._columns.addWidget(self._left, 1, 0)
        self._columns.setColumnStretch(0, 0 if wide else 1)
        self._columns.setColumnStretch(1, 1 if wide else 0)
        self._scroll.refit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # --- order --------------------------------------------------------------------------------

    @property
    def order_id(self) -> OrderId | None:
        return self._order.id if self._order is not None else None

    def open(self, order_id: OrderId) -> None:
        """Show an order: its draft if there is one, else the first suggestion."""
        order = self._seat.order(order_id)
        self._order = order
        self._why_row.hide()
        self._show_facts(order)
        earlier = self._seat.store.similar(order)
        row = self._seat.store.row(order_id)
        self._similar.set_similar(earlier, row.repeat if row is not None else 1)
        self._groups = suggest_handlers(
            self._seat.center, order, earlier, self._seat.store.load(), self._seat.now()
        )
        self._group = 0
        self._start_from(order)
        self._put_draft_back()
        self.tick(self._seat.now())
        self._say_ready()

    def _show_facts(self, order: Order) -> None:
        self._head.set_order(order)
        self._verified.set_order(order)
        self._source.set_title("诉求原文", source_line(order))
        self._text.setText(matter_text(order))
        self._notice.clear()
        if order.returned:
            self._notice.show_notice(
                NoticeKind.WARN, f"书记退回：{order.returned}", "按退回理由改好，再提交签批。"
            )

    def _start_from(self, order: Order) -> None:
        if order.proposal is not None:
            self.picker.set_handlers(order.proposal.handlers)
            self.note.set_text(order.proposal.note)
            return
        self.note.set_text("")
        self._show_group()

    def _put_draft_back(self) -> None:
        assert self._order is not None
        draft = self._keeper.turn_to(self._order.id, FORM)
        if not draft:
            self.note.set_saved_at("")
            return
        self.picker.restore(draft.get("handlers"))
        self.note.set_text(str(draft.get("note", "")))
        kept = self._seat.store.load_draft(self._order.id, FORM)
        self.note.set_saved_at(clock_time(kept.saved_at) if kept is not None else "")

    def _show_group(self) -> None:
        self._other.setVisible(len(self._groups) > 1)
        if self._groups:
            group = self._groups[self._group % len(self._groups)]
            self.picker.set_handlers(group.handlers, group.suggestions)

    def focus_note(self) -> None:
        """Where writing begins."""
        self.note.field().setFocus(Qt.FocusReason.OtherFocusReason)

    # --- shell --------------------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        return [
            ("Ctrl+Enter", "提交"), ("Tab", "下一项"), ("Ctrl+G", "换建议"), ("F8", "再拨电话"),
            ("Ctrl+J", "常用语"), ("Ctrl+S", "存草稿"), ("Esc", "返回（草稿保留）"),
        ]  # fmt: skip

    def tick(self, now: datetime) -> None:
        """A second."""
        if self._order is not None:
            self._head.tick(self._order, now, self._seat.center.policy.bands)

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Somebody else moved this order on: say so, and leave what was written where it is."""
        if self._order is None or not changes.touches(self._order.id):
            return
        order = self._seat.store.view(self._order.id)
        if order is None:
            return
        self._order = order
        self._head.set_order(order)
        self._verified.set_order(order)
        self._say_ready()

    def _say_ready(self) -> None:
        if self._order is None:
            return
        why = self._seat.why_not(self._order, ActKind.PROPOSE)
        missing = self.picker.missing()
        if why:
            self._submit.refuse("现在不能拟办")
            self._notice.show_notice(NoticeKind.WARN, "现在不能拟办", f"{why}写的都在草稿里。")
        elif missing:
            self._submit.refuse(f"先{missing}")
        else:
            self._submit.allow()
        if self._seat.why_not(self._order, ActKind.EMERGENCY):
            self._urgent.refuse("已不适用")
        else:
            self._urgent.allow()

    def primary(self) -> None:
        """Submit for signature."""
        order = self._order
        if order is None or not self._submit.isEnabled():
            return
        note = self.note.text().strip()
        if len(note) > NOTE_LIMIT:
            self.refused(f"给书记的话超过 {NOTE_LIMIT} 字", "请再短些，签批单上才放得下。")
            return
        handlers = self.picker.handlers()
        verb_done = self.carry_out(
            lambda: intake.propose(self._seat, order.id, handlers, note, drops=FORM)
        )
        if verb_done is not None:
            self._finish()

    def _finish(self) -> None:
        self._keeper.forget()
        self._order = None
        self.done.emit()

    def refused(self, title: str, advice: str) -> None:
        self._notice.show_notice(NoticeKind.WARN, title, advice, "知道了")

    def flush(self) -> None:
        self._keeper.flush()

    # --- use ----------------------------------------------------------------------------------

    def _values(self) -> dict[str, object]:
        return {"handlers": self.picker.plain(), "note": self.note.text()}

    def _composing(self) -> bool:
        return self.note.composing()

    @Slot()
    def _on_changed(self) -> None:
        self._keeper.touch()
        self._say_ready()

    @Slot()
    def _on_kept(self) -> None:
        self.note.set_saved_at(clock_time(self._seat.now()))

    @Slot()
    def _on_keep(self) -> None:
        self._keeper.touch()
        self._keeper.flush()

    @Slot()
    def _on_other_group(self) -> None:
        self._group += 1
        self._show_group()
        self._on_changed()

    @Slot()
    def _on_phrases(self) -> None:
        menu = phrases.menu(
            self, self._seat.store, "proposing", PHRASES, self.note.text(), self._insert
        )
        menu.popup(self._phrases.mapToGlobal(self._phrases.rect().bottomLeft()))

    def _insert(self, text: str) -> None:
        self.note.field().insertPlainText(text)
        self.focus_note()

    @Slot()
    def _on_urgent(self) -> None:
        self._why_row.setVisible(not self._why_row.isVisible())
        if self._why_row.isVisible():
            self._why.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_start_emergency(self) -> None:
        order, reason = self._order, self._why.text().strip()
        if order is None:
            return
        if not reason:
            self.refused("少填一项：紧急理由。", "写清危及什么，签批时书记要看。")
            return
        handlers = self.picker.handlers()
        started = self.carry_out(
            lambda: intake.start_emergency(self._seat, order.id, handlers, reason, drops=FORM)
        )
        if started is not None:
            self._why.clear()
            self._finish()

    @Slot()
    def _on_phone(self) -> None:
        """Logging a call has its form in the detail."""
        self.done.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit()
            return
        super().keyPressEvent(event)
