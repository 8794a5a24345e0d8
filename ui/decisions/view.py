"""The right side of 裁定: the head, 甲 and 乙 or the refused record, the choices, the button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui.decisions.choices import Offer
from ui.decisions.refused import RefusedPanel
from ui.forms.notice_bar import NoticeBar
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import SyncBadge
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, PrimaryButton, SealButton
from ui.widgets.choice_cards import CardButton, ChoiceCards
from ui.widgets.empty_state import EmptyState
from ui.widgets.ime import ImeLineEdit
from ui.widgets.kinds import SyncMark
from ui.widgets.labels import Ground, Label
from ui.widgets.pair_card import PairCard
from ui.widgets.values import PairSide, SyncFace

_BESIDE, _LOW = 1040, 440
_NAMES = {0: "choiceFirst", 1: "choiceSecond", 2: "choicePutOff"}


class DecisionView(Themed):
    """Shows what it is told and says what was chosen and written."""

    decide_requested = Signal()
    choice_changed = Signal(str)
    text_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._offer = Offer((), {})
        self._make_parts()
        self._lay_out()
        self._connect()
        self._restyle()
        self.show_nothing("")

    def _make_parts(self) -> None:
        theme = self._theme
        self._told = NoticeBar(theme, "decisionNotice")
        self.notice = self._told.notice
        self._badge = SyncBadge(theme, SyncFace(SyncMark.CONFLICT))
        self._title = Label(theme, "", token=FontToken.TITLE1, wrap=True)
        self._facts = Label(theme, "", Role.TEXT2)
        self._words = Label(theme, "", Role.TEXT2, wrap=True)
        self.first, self.second = PairCard(theme), PairCard(theme)
        self.refused = RefusedPanel(theme)
        self._ask = Label(theme, "选哪条作数", token=FontToken.TITLE3)
        self._ask_hint = Label(theme, "选定也是一条记录，写明谁选的、为什么", Role.TEXT2, wrap=True)
        self.cards = ChoiceCards(theme)
        self.cards.setObjectName("decisionChoices")
        self._label = Label(theme, "理由", Role.TEXT)
        self.text = ImeLineEdit()
        self.text.setObjectName("decisionReason")
        self.text.setMaxLength(500)
        self.decide = PrimaryButton(theme, "先选一条", shortcut="Ctrl+Enter", bind_key=False)
        self.decide.setObjectName("decideButton")
        self.seal = SealButton(theme, "按新版签批", shortcut="Ctrl+Enter", bind_key=False)
        self.seal.setObjectName("decideSeal")
        self.copy = PlainButton(theme, "复制文字", icon="copy", big=True)
        self.copy.setObjectName("decisionCopy")
        self._empty = EmptyState(theme, "git-merge", "没有要选定的，也没有没被采用的记录。")

    def _lay_out(self) -> None:
        head = self._top = Ground(self._theme, Role.SURFACE, "b")
        self._head = QVBoxLayout(head)
        self._line = QHBoxLayout()
        self._line.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self._title, 1)
        self._head.addLayout(self._line)
        self._head.addWidget(self._facts)
        self._head.addWidget(self._words)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._body = QVBoxLayout(inside)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.addWidget(self.first, 1)
        self._pair.addWidget(self.second, 1)
        self._body.addLayout(self._pair)
        self._body.addWidget(self.refused)
        asked = QHBoxLayout()
        asked.addWidget(self._ask)
        asked.addWidget(self._ask_hint, 1)
        self._asked = asked
        self._body.addLayout(asked)
        self._body.addWidget(self.cards)
        self._body.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        whole = QWidget()
        column = self._whole = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (head, scroll, self._lay_out_foot()):
            column.addWidget(part, 1 if part is scroll else 0)
        self._stack = QStackedLayout()
        self._stack.addWidget(whole)
        self._stack.addWidget(self._empty)
        above = QVBoxLayout(self)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self._told)
        above.addLayout(self._stack, 1)

    def _lay_out_foot(self) -> QWidget:
        foot = Ground(self._theme, Role.SURFACE, "t")
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight, foot)
        self._written = QHBoxLayout()
        self._written.addWidget(self._label)
        self._written.addWidget(self.text, 1)
        self._foot.addLayout(self._written, 1)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        for button in (self.copy, self.decide, self.seal):
            self._buttons.addWidget(button)
        self._foot.addLayout(self._buttons)
        return foot

    def _connect(self) -> None:
        self.cards.choice_changed.connect(self._on_choice)
        self.text.committed.connect(self.text_changed)
        self.decide.clicked.connect(self.decide_requested)
        self.seal.clicked.connect(self.decide_requested)
        self.copy.clicked.connect(self._on_copy)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(20), px(8), px(20), px(8))
        self._head.setSpacing(px(2))
        self._body.setContentsMargins(px(20), px(10), px(20), px(8))
        self._foot.setContentsMargins(px(20), px(12), px(20), px(12))
        for layout, gap in ((self._line, 10), (self._body, 8), (self._pair, 16), (self._asked, 8)):
            layout.setSpacing(px(gap))
        for row in (self._foot, self._written, self._buttons):
            row.setSpacing(px(12))

    # --- what is shown ------------------------------------------------------------------------

    def show_nothing(self, sentence: str) -> None:
        """No question is open."""
        if sentence:
            self._empty.set_content("git-merge", sentence)
        self._stack.setCurrentIndex(1)

    def show_head(self, face: SyncFace, title: str, facts: str, words: str) -> None:
        """What it is about."""
        self._stack.setCurrentIndex(0)
        self._badge.set_face(face)
        self._title.setText(title)
        self._facts.setText(facts)
        self._words.setText(words)

    def show_pair(self, sides: tuple[PairSide, PairSide] | None) -> None:
        """甲 and 乙; None where a single record is shown."""
        for card in (self.first, self.second):
            card.setVisible(sides is not None)
        self.refused.setVisible(sides is None)
        self.copy.setVisible(sides is None)
        if sides is not None:
            self.first.set_side(sides[0])
            self.second.set_side(sides[1])

    def show_choices(self, offer: Offer, current: str, ask: str, hint: str) -> None:
        """What may be chosen."""
        self._ask.setText(ask)
        self._ask_hint.setText(hint)
        if offer != self._offer:
            self._offer = offer
            self.cards.set_choices(offer.cards)
            for n, button in enumerate(self.cards.findChildren(CardButton)[-len(offer.cards) :]):
                button.setObjectName(_NAMES.get(n, ""))
        self.cards.set_current(current)
        self._mark()

    def choice(self) -> str:
        """Key of the chosen one."""
        return self.cards.current()

    def show_button(self, words: str, reason: str, *, seal: bool) -> None:
        """The button says what will happen, or why it cannot."""
        self.decide.setVisible(not seal)
        self.seal.setVisible(seal)
        button = self.seal if seal else self.decide
        button.set_text(words)
        if reason:
            button.refuse(reason)
        else:
            button.allow()

    def _mark(self) -> None:
        key = self.choice()
        self.first.set_chosen(key in ("first", "sign_again"))
        self.second.set_chosen(key == "second")
        label = self._offer.fields.get(key, "" if not self._offer.fields else "理由")
        for part in (self._label, self.text):
            part.setVisible(bool(label))
        self._label.setText(label)
        self.text.setAccessibleName(label)
        self.text.setPlaceholderText("要写明要改什么" if key == "send_back" else "")

    @Slot(str)
    def _on_choice(self, key: str) -> None:
        self._mark()
        self.choice_changed.emit(key)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.refused.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside, way = self.width() >= self._theme.px(_BESIDE), QBoxLayout.Direction
        for row in (self._pair, self._foot):
            row.setDirection(way.LeftToRight if beside else way.TopToBottom)
        self._place_head(low=self.height() < self._theme.px(_LOW))

    def _place_head(self, *, low: bool) -> None:
        """In a low window the head scrolls away with the rest."""
        if low != (self._body.indexOf(self._top) >= 0):
            if low:
                self._body.insertWidget(0, self._top)
            else:
                self._whole.insertWidget(0, self._top)
