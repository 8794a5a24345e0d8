"""The top strip: connection, what waits, conflicts, last sync, person, platform time."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, NAV_WIDTH
from ui.widgets.base import Themed
from ui.widgets.kinds import LinkState
from ui.widgets.paint_base import paint_icon, paint_text
from ui.widgets.values import StatusFacts

_LINK: dict[LinkState, tuple[str, str, Role]] = {
    LinkState.ONLINE: ("wifi", "在线", Role.OK),
    LinkState.SYNCING: ("refresh", "正在同步", Role.OK),
    LinkState.OFFLINE: ("player-pause", "离线", Role.HALF),
    LinkState.UNREACHABLE: ("player-pause", "平台连不上", Role.HALF),
    LinkState.SIGNED_OUT: ("lock", "未登录", Role.HALF),
}
_WORD, _NUMBER, _QUIET, _CLOCK = FontToken.BODY, FontToken.STRONG, FontToken.BODY, FontToken.TITLE3


@dataclass(frozen=True, slots=True)
class _Cell:
    """One part of the strip: icon and runs of text, each with its role and style."""

    icon: str
    role: Role
    runs: tuple[tuple[str, Role, FontToken], ...]
    name: str = ""


class StatusStrip(Themed):
    """One painted line; waiting, conflicts and last sync can be clicked (the keys are in the screens)."""

    waiting_requested = Signal()
    conflicts_requested = Signal()
    sync_requested = Signal()

    def __init__(self, theme: Theme, facts: StatusFacts, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._places: list[tuple[QRect, str]] = []
        self.set_facts(facts)

    def set_facts(self, facts: StatusFacts) -> None:
        """Change everything; called every second for the clock."""
        self._facts = facts
        word = _LINK[facts.link][1]
        self.setAccessibleName(
            f"{word} {facts.link_note}，待上传 {facts.waiting}，冲突 {facts.conflicts}，"
            f"最近同步 {facts.last_sync}，{facts.person}，{facts.clock_label} {facts.date} {facts.time}"
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(880), self._theme.px(HEIGHT.strip))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._theme.px(HEIGHT.strip))

    def _left_cells(self) -> list[_Cell]:
        facts = self._facts
        icon, word, role = _LINK[facts.link]
        note = ((f" {facts.link_note}", role, _WORD),) if facts.link_note else ()
        waiting_role = Role.HALF if facts.waiting else Role.TEXT
        waiting_icon = "cloud-up" if facts.waiting else "cloud-check"
        cells = [
            _Cell(icon, role, ((word, role, _NUMBER), *note)),
            _count_cell(waiting_icon, "待上传", facts.waiting, waiting_role, "waiting"),
        ]
        if facts.conflicts:
            cells.append(_count_cell("git-merge", "冲突", facts.conflicts, Role.OVER, "conflicts"))
        if facts.last_sync:
            words = ((f"最近同步 {facts.last_sync}", Role.TEXT, _WORD),)
            cells.append(_Cell("refresh", Role.TEXT, words, "sync"))
        return cells

    def _right_cells(self, *, narrow: bool) -> list[_Cell]:
        facts = self._facts
        label = "平台" if narrow else facts.clock_label
        runs = [(f"{label} ", Role.TEXT2, _QUIET)]
        if facts.date and not narrow:
            runs.append((f"{facts.date} ", Role.TEXT, _WORD))
        runs.append((facts.time, Role.TEXT, _CLOCK))
        clock = _Cell("", Role.TEXT, tuple(runs))
        if not facts.person:
            return [clock]
        return [_Cell("user-check", Role.TEXT, ((facts.person, Role.TEXT, _WORD),)), clock]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color(Role.SURFACE))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.color(Role.LINE))
        side = theme.px(ICON.large)
        middle = (theme.px(NAV_WIDTH) - side) // 2
        paint_icon(painter, self.rect(), theme, "building-community", Role.TEXT, ICON.large, middle)
        left, right = self._cells_that_fit()
        self._places = []
        at = theme.px(NAV_WIDTH)
        for cell in left:
            at = self._paint_cell(painter, at, cell)
        at = self.width() - sum(self._cell_width(cell) for cell in right)
        for cell in right:
            at = self._paint_cell(painter, at, cell)

    def _cells_that_fit(self) -> tuple[list[_Cell], list[_Cell]]:
        """All cells; where room is short the date goes first, then the last sync, then the person."""
        left, right = self._left_cells(), self._right_cells(narrow=False)
        room = self.width() - self._theme.px(NAV_WIDTH)
        if self._needed(left + right) > room:
            right = self._right_cells(narrow=True)
        if self._needed(left + right) > room and left[-1].name == "sync":
            left.pop()
        if self._needed(left + right) > room and len(right) > 1:
            right.pop(0)
        return left, right

    def _needed(self, cells: list[_Cell]) -> int:
        return sum(self._cell_width(cell) for cell in cells)

    def _cell_width(self, cell: _Cell) -> int:
        icon = self._theme.px(ICON.normal + 6) if cell.icon else 0
        return (
            2 * self._theme.px(16)
            + icon
            + sum(self._theme.width(run[2], run[0]) for run in cell.runs)
        )

    def _paint_cell(self, painter: QPainter, left: int, cell: _Cell) -> int:
        theme, width = self._theme, self._cell_width(cell)
        high = theme.px(28)
        painter.fillRect(QRect(left, (self.height() - high) // 2, 1, high), theme.color(Role.LINE))
        self._places.append((QRect(left, 0, width, self.height()), cell.name))
        at = left + theme.px(16)
        if cell.icon:
            at += paint_icon(
                painter, self.rect(), theme, cell.icon, cell.role, ICON.normal, at
            ) + theme.px(6)
        for text, role, token in cell.runs:
            paint_text(
                painter, QRect(at, 0, self.width() - at, self.height()), theme, text, role, token
            )
            at += theme.width(token, text)
        return left + width

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position().toPoint())

    def _click(self, place: QPoint) -> None:
        signals = {
            "waiting": self.waiting_requested,
            "conflicts": self.conflicts_requested,
            "sync": self.sync_requested,
        }
        for rect, name in self._places:
            if name in signals and rect.contains(place):
                signals[name].emit()


def _count_cell(icon: str, word: str, count: int, role: Role, name: str) -> _Cell:
    return _Cell(icon, role, ((f"{word} ", role, _WORD), (str(count), role, _NUMBER)), name)
