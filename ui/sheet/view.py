"""The sheet on screen: paper in every theme, 书记批示 as the only field that can be written in."""

from dataclasses import replace

from PySide6.QtCore import QMargins, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.sheet.data import SheetData, SheetState
from ui.sheet.layout import INSTRUCTION, LABEL, PAD_X
from ui.sheet.render import paint_sheet, screen_page, sheet_height
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.badges import SyncBadge
from ui.widgets.base import Themed
from ui.widgets.ime import ImePlainTextEdit
from ui.widgets.kinds import NoticeKind, SyncMark
from ui.widgets.note_edit import DraftTimer
from ui.widgets.notice import Notice
from ui.widgets.values import SyncFace

_BLANK = SheetData("", "", "", "", "", "", "", "", "", "", (), "")


class InstructionField(ImePlainTextEdit):
    """The secretary's field; its text stands in the middle of the box, as it will print."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("paper", True)
        self.setProperty("ringInside", True)
        self._side = 0
        self.setAccessibleName(INSTRUCTION)
        self.setAccessibleDescription("写批示；Ctrl+Enter 同意签批")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self.center)

    def text_height(self) -> int:
        """Height of the text as broken to the present width."""
        lines = 0
        block = self.document().firstBlock()
        while block.isValid():
            lines += max(1, block.lineCount())
            block = block.next()
        return lines * self.fontMetrics().lineSpacing()

    @Slot()
    def center(self) -> None:
        """Push the text down to the middle."""
        margin = max(0, (self.height() - self.text_height()) // 2)
        margins = QMargins(self._side, margin, self._side, 0)
        if self.viewportMargins() != margins:
            self.setViewportMargins(margins)

    def set_side(self, side: int) -> None:
        """Room left and right of the text, so that it stands where it will be printed."""
        self._side = side
        self.setCursorWidth(2)
        self.center()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.center()


class SheetPaper(Themed):
    """The paper itself, as high as its texts need, at least as high as its surroundings."""

    def __init__(
        self, theme: Theme, field: InstructionField, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._field = field
        self._data, self._writing = _BLANK, False
        field.setParent(self)
        field.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_sheet(self, data: SheetData, *, writing: bool) -> None:
        """Show other texts; `writing` opens 书记批示."""
        self._data, self._writing = data, writing
        self._field.setVisible(writing)
        self.setAccessibleName(_spoken(data))
        self._restyle()
        self.updateGeometry()
        self.update()

    def _shown(self) -> SheetData:
        text = self._field.toPlainText() if self._writing else self._data.instruction
        return replace(self._data, instruction=text)

    def heightForWidth(self, width: int) -> int:
        return round(sheet_height(width, self._shown(), self._theme))

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        width = self.width() or self._theme.px(912)
        return QSize(self._theme.px(912), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self._theme.px(560), self.heightForWidth(max(self.width(), self._theme.px(560)))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def follow_text(self) -> None:
        """The secretary wrote: the paper grows with the text."""
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self._restyle()

    def _restyle(self) -> None:
        page, measure = screen_page(QRectF(self.rect()), self._shown(), self._theme)
        if page.note is None:
            return
        self._field.setFont(measure.font(FontToken.SHEET_NOTE))
        box = page.note.adjusted(measure.px(LABEL) + 2, 2, -2, -2).toRect()
        self._field.setGeometry(box)
        self._field.set_side(round(measure.px(PAD_X)) - 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._writing:
            self._field.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        paint_sheet(painter, QRectF(self.rect()), self._shown(), theme, open_note=self._writing)
        painter.setPen(theme.color(Role.LINE))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class SheetView(Themed):
    """Paper with what stands around it: 待上传 outside the paper, the reason of a return above it."""

    instruction_changed = Signal(str)
    """Every committed change of 书记批示."""
    draft_changed = Signal(str)
    """At most every 2 s, never half a word."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._state = SheetState.READING
        self._field = InstructionField()
        self._drafts = DraftTimer(self._field)
        self._drafts.draft_changed.connect(self.draft_changed)
        self._field.committed.connect(self._on_committed)
        self._paper = SheetPaper(theme, self._field)
        self._notice = Notice(theme)
        self._badge = SyncBadge(theme, SyncFace(SyncMark.PENDING, "已签，待上传"))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._paper)
        above = QHBoxLayout()
        above.addStretch(1)
        above.addWidget(self._badge)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._notice)
        column.addLayout(above)
        column.addWidget(self._scroll, 1)
        self._badge.hide()
        self._restyle()

    def _restyle(self) -> None:
        column = self.layout()
        if column is not None:
            column.setSpacing(self._theme.px(8))

    def set_sheet(self, data: SheetData, state: SheetState) -> None:
        """Show a sheet. In WRITING 书记批示 starts with `data.instruction` (a draft or a stock phrase)."""
        self._drafts.flush()
        self._state = state
        self._field.set_quietly(data.instruction)
        self._drafts.forget()
        self._paper.set_sheet(data, writing=state is SheetState.WRITING)
        self._badge.setVisible(state is SheetState.PENDING)
        if state is SheetState.RETURNED:
            self._notice.show_notice(NoticeKind.WARN, "已退回", data.return_reason)
        else:
            self._notice.clear()

    def state(self) -> SheetState:
        """The state shown."""
        return self._state

    def instruction(self) -> str:
        """The committed text of 书记批示."""
        return self._field.toPlainText()

    def composing(self) -> bool:
        """Whether an input method is composing in the field: then nothing may be signed."""
        return self._field.composing()

    def focus_instruction(self) -> None:
        """Put the cursor into 书记批示, at its end."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        cursor = self._field.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self._field.setTextCursor(cursor)

    def flush(self) -> None:
        """Emit a waiting draft now."""
        self._drafts.flush()

    def field(self) -> InstructionField:
        """The field, for the tab order."""
        return self._field

    @Slot(str)
    def _on_committed(self, text: str) -> None:
        self._paper.follow_text()
        self.instruction_changed.emit(text)


def _spoken(data: SheetData) -> str:
    handlers = "，".join(f"{role} {name}" for role, name in data.handlers)
    fields = (
        data.matter,
        data.petitioner,
        data.place,
        data.limit,
        data.verified,
        handlers,
        data.proposal,
    )
    return f"{data.title} {data.number}。" + "。".join(text for text in fields if text)
