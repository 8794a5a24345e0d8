"""Giving the focus back to where it came from, and bringing what has it into sight."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid


def give_back(before: QWidget | None) -> None:
    """Focus ``before`` if it still is there to be seen; news may have rebuilt what it stood in."""
    if before is not None and isValid(before) and before.isVisible():
        before.setFocus(Qt.FocusReason.OtherFocusReason)


def reveal(widget: QWidget) -> None:
    """Scroll the area that ``widget`` stands in, if there is one, so that all of it can be seen."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if above is not None:
        above.ensureWidgetVisible(widget)
