"""API outline; implementation follows."""

# ruff: noqa
# mypy: ignore-errors
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from ui.sheet.data import SheetData, SheetState
from ui.theme.theme import Theme


class SheetView(QWidget):
    """The sheet on screen. In WRITING 书记批示 is an IME-safe plain text field over its box."""

    instruction_changed = Signal(str)
    draft_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None: ...
    def set_sheet(self, data: SheetData, state: SheetState) -> None: ...
    def instruction(self) -> str: ...
    def focus_instruction(self) -> None: ...
    def flush(self) -> None: ...
