"""The foot of the detail: what comes next, its button, urging, and everything else behind 更多."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from ui.order.forms.base import StepForm
from ui.order.forms.book import OFFERED, STEPS_END
from ui.order.next_words import NextWords
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.labels import Ground, IconLabel, Label

_SHORTCUTS = {ActKind.URGE: "F7", ActKind.CALL: "F8", ActKind.PROPOSE: "F9"}


class OrderFoot(Ground):
    """``primary_clicked`` for the big button, ``step_chosen`` with the value of an act kind else."""

    primary_clicked = Signal()
    step_chosen = Signal(str)
    back_clicked = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, Role.ALT, "t", parent)
        self._seat = seat
        self._order: Order | None = None
        self._narrow = False
        self._words = IconLabel(theme, "flag", "下一步", Role.TEXT, FontToken.STRONG, ICON.normal)
        self._sentence = Label(theme, "", Role.TEXT2, elide=True)
        self._sentence.setObjectName("nextSentence")
        self.primary = PrimaryButton(theme, "", shortcut="Ctrl+Enter", bind_key=False)
        self.primary.setObjectName("primaryButton")
        self.urge = PlainButton(theme, "催办", shortcut="F7", big=True)
        self.urge.setObjectName("urgeButton")
        self.more = PlainButton(theme, "更多", menu=True, big=True)
        self.more.setObjectName("moreButton")
        self.back = PlainButton(theme, "返回", shortcut="Esc", big=True, bind_key=False)
        self.back.setObjectName("formBackButton")
        self._menu = QMenu(self)
        self._menu.setObjectName("moreMenu")
        self._lay_out()
        self._connect()
        self._restyle()

    def _lay_out(self) -> None:
        self._line, self._row = QHBoxLayout(), QHBoxLayout()
        self._line.addWidget(self._words)
        self._line.addWidget(self._sentence, 1)
        self._row.addWidget(self.primary, 1)
        for button in (self.urge, self.more, self.back):
            self._row.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._line)
        self._column.addLayout(self._row)

    def _connect(self) -> None:
        self.primary.clicked.connect(self.primary_clicked)
        self.urge.clicked.connect(self._on_urge)
        self.more.clicked.connect(self._on_more)
        self.back.clicked.connect(self.back_clicked)
        self._menu.triggered.connect(self._on_menu)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(10), px(16), px(12))
        self._column.setSpacing(px(8))
        self._row.setSpacing(px(8))
        self._line.setSpacing(px(8))

    def set_narrow(self, narrow: bool) -> None:
        """Where a button would be cut off, whom the order waits for is said in the line above."""
        self._narrow = narrow

    def show_next(self, order: Order, words: NextWords) -> None:
        """Nothing is open: say what comes next."""
        self._order = order
        self._words.set_content("flag", "下一步", Role.TEXT)
        self._say(words)
        self.primary.set_text(words.button)
        self.primary.set_icon(words.icon)
        if words.kind is None:
            self.primary.refuse(words.reason)
        else:
            self.primary.allow()
        why = self._seat.why_not(order, ActKind.URGE)
        if why:
            self.urge.refuse("还不用催" if not order.assignments else "不能催")
            self.urge.setToolTip(why)
        else:
            self.urge.allow()
        self._show(form=False)
        # A refused button carries its reason; when nobody can be urged the menu still says so.
        self.urge.setVisible(not why)
        self.primary.setVisible(words.kind is not None or bool(why) or not self._narrow)

    def say_time(self, words: NextWords) -> None:
        """The sentence counts down."""
        if self.back.isHidden():
            self._say(words)

    def _say(self, words: NextWords) -> None:
        waits = self._narrow and words.button.startswith("等")
        text = f"{words.button}，{words.sentence}" if waits else words.sentence
        self._sentence.setText(text)

    def show_form(self, form: StepForm) -> None:
        """A form is open: its verb, or what is still missing."""
        missing = form.missing()
        self._words.set_content("pencil", form.title, Role.TEXT)
        self._sentence.setText("草稿自动保存，返回也不丢")
        self.primary.set_text(form.verb)
        self.primary.set_icon(form.icon)
        if missing:
            self.primary.refuse(missing)
        else:
            self.primary.allow()
        self._show(form=True)

    def _show(self, *, form: bool) -> None:
        self.back.setVisible(form)
        self.more.setVisible(not form)
        self.primary.show()
        if form:
            self.urge.setVisible(False)

    @Slot()
    def _on_urge(self) -> None:
        self.step_chosen.emit(ActKind.URGE.value)

    @Slot()
    def _on_more(self) -> None:
        self.fill_menu()
        self._menu.popup(self.more.mapToGlobal(QPoint(0, -self._menu.sizeHint().height())))

    def fill_menu(self) -> QMenu:
        """Every step, possible or not; what is not possible says why."""
        self._menu.clear()
        order = self._order
        if order is None:
            return self._menu
        for kind in OFFERED:
            if kind is STEPS_END:
                self._menu.addSeparator()
            why = self._seat.why_not(order, kind)
            key = f"  {_SHORTCUTS[kind]}" if kind in _SHORTCUTS else ""
            text = f"{ACT_TITLES[kind]}{key}" if not why else f"{ACT_TITLES[kind]} · {why}"
            action = self._menu.addAction(text.replace("&", "&&"))
            action.setData(kind.value)
            action.setEnabled(not why)
        return self._menu

    @Slot(QAction)
    def _on_menu(self, action: QAction) -> None:
        self.step_chosen.emit(str(action.data()))
