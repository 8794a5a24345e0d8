"""The right side of 签批: the sheet, what may be done with it, and the panels that open below it."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop_app.services.seat import Seat
from ui.forms.flow import FlowLayout
from ui.forms.notice_bar import NoticeBar
from ui.sheet.data import SheetData, SheetState
from ui.sheet.view import SheetView
from ui.signoff.handlers_panel import HandlersPanel
from ui.signoff.return_panel import ReturnPanel
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton, SealButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.keys import bind
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label

_ROOMY, _PRINTS, _HIGH = 940, 740, 480


class Mode(StrEnum):
    """What Ctrl+Enter does now."""

    SIGN = "sign"
    CHANGE = "change"
    RETURN = "return"


class SignDesk(Themed):
    """Shows what it is told; asks for everything by signals."""

    sign_requested = Signal()
    return_requested = Signal()
    print_requested = Signal()
    look_requested = Signal()
    """The notice's button: show me what changed."""
    change_opened = Signal()
    """修改后签批 opens: give it the handlers to start from."""
    mode_changed = Signal()

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.mode = Mode.SIGN
        self._refusals = ("", "")
        self._told = NoticeBar(theme, "signoffNotice")
        self.notice = self._told.notice
        self.sheet = SheetView(theme)
        self.sheet.setObjectName("sheetView")
        self.sheet.field().setObjectName("sheetOpinion")
        self.returning = ReturnPanel(seat, theme)
        self.changing = HandlersPanel(theme)
        self._empty = EmptyState(theme, "rubber-stamp", "左边选一件，签批单就在这里。")
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._restyle()
        self.set_mode(Mode.SIGN)
        self.show_nothing()

    def _make_buttons(self) -> None:
        theme = self._theme
        self.return_button = PlainButton(
            theme, "退回", icon="arrow-back-up", shortcut="Ctrl+B", big=True
        )
        self.print_button = PlainButton(theme, "打印", icon="printer", big=True)
        self.change_button = PlainButton(
            theme, "修改后签批", icon="pencil", shortcut="Ctrl+M", big=True
        )
        self.sign_button = SealButton(theme, "同意签批", shortcut="Ctrl+Enter", bind_key=False)
        self._hint = Label(theme, "退回须写理由", Role.TEXT2)
        names = ("return_button", "print_button", "change_button", "sign_button")
        for name, shown in zip(
            names, ("returnButton", "printButton", "changeButton", "signButton"), strict=True
        ):
            getattr(self, name).setObjectName(shown)

    def _lay_out(self) -> None:
        self._actions = FlowLayout(split=2)
        self._actions.addWidget(self.return_button)
        self._actions.addWidget(self._hint)
        self._actions.addWidget(self.print_button)
        self._actions.addWidget(self.change_button)
        self._actions.addWidget(self.sign_button)
        work = QWidget()
        self._column = QVBoxLayout(work)
        for part in (self.sheet, self.changing, self.returning):
            self._column.addWidget(part, 1 if part is self.sheet else 0)
        self._column.addLayout(self._actions)
        self._stack = QStackedLayout()
        self._stack.addWidget(work)
        self._stack.addWidget(self._empty)
        # Above both: what became of the last order is told also when no other one waits.
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._told)
        whole.addLayout(self._stack, 1)

    def _connect(self) -> None:
        self.return_button.clicked.connect(self._on_return)
        self.change_button.clicked.connect(self._on_change)
        self.print_button.clicked.connect(self.print_requested)
        bind(self, "Ctrl+P").activated.connect(self.print_requested)
        self.sign_button.clicked.connect(self.sign_requested)
        self.returning.submitted.connect(self.return_requested)
        self.returning.closed.connect(self.close_panels)
        self.changing.closed.connect(self.close_panels)
        self.changing.changed.connect(self.mode_changed)
        self.notice.action_requested.connect(self.look_requested)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(12), px(20), px(12))
        self._column.setSpacing(px(12))
        self._actions.set_gap(px(12))
        self._hint.setFixedHeight(px(44))

    def show_nothing(self) -> None:
        """No order is on the desk."""
        self._stack.setCurrentIndex(1)

    def show_sheet(self, data: SheetData, state: SheetState) -> None:
        """Put a sheet on the desk."""
        self._stack.setCurrentIndex(0)
        self.sheet.set_sheet(data, state)

    def refuse(self, sign: str, send_back: str) -> None:
        """Why it cannot be signed or returned now ("": it can); the buttons say so themselves."""
        self._refusals = (sign, send_back)
        _allow_or(self.sign_button, sign)
        # Twice the same reason side by side reads badly: the sign button tells it.
        _allow_or(self.change_button, "" if not sign else "现在不能改")
        _allow_or(self.return_button, "" if not send_back else "现在不能退")
        self._fit()
        self.set_words()

    def set_words(self) -> None:
        """The seal button names what it does."""
        self.sign_button.set_text("按改后签批" if self.mode is Mode.CHANGE else "同意签批")

    def set_mode(self, mode: Mode) -> None:
        """Open or close the panels."""
        self.mode = mode
        if mode is not Mode.SIGN:
            self.notice.clear()
        self.returning.setVisible(mode is Mode.RETURN)
        self.changing.setVisible(mode is Mode.CHANGE)
        for button in (self.return_button, self.change_button, self.sign_button):
            button.setVisible(mode is not Mode.RETURN)
        self._fit()
        self.set_words()
        self.mode_changed.emit()

    def _fit(self) -> None:
        """In a narrow window the buttons stand on one line without the words and 打印 (Ctrl+P still prints);
        in a low one an open panel takes the place of the sheet.
        """
        px, plain = self._theme.px, self.mode is Mode.SIGN
        self._hint.setVisible(self.width() >= px(_ROOMY) and plain and not self._refusals[1])
        self.print_button.setVisible(self.width() >= px(_PRINTS) and plain)
        self.sheet.setVisible(plain or self.height() >= px(_HIGH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def say(self, kind: NoticeKind, title: str, text: str = "", button: str = "") -> None:
        """A notice above the sheet."""
        self.notice.show_notice(kind, title, text, button)

    @Slot()
    def close_panels(self) -> None:
        """Back to the sheet; what was written stays as a draft."""
        self.returning.drafts.flush()
        self.set_mode(Mode.SIGN)
        self.sheet.focus_instruction()

    @Slot()
    def _on_return(self) -> None:
        self.set_mode(Mode.RETURN)
        self.returning.setFocus()

    @Slot()
    def _on_change(self) -> None:
        if self.mode is Mode.CHANGE:
            self.close_panels()
            return
        self.change_opened.emit()
        self.set_mode(Mode.CHANGE)
        self.changing.setFocus()


def _allow_or(button: PlainButton | SealButton, reason: str) -> None:
    if reason:
        button.refuse(reason.rstrip("。"))
    else:
        button.allow()
