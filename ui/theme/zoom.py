"""Ctrl +, Ctrl − and Ctrl 0: live change of size, installed once by the shell on its window."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme


def install_zoom(window: QWidget, theme: Theme) -> None:
    """Bind the three size keys to `window`; they work wherever the focus is in it."""
    # "Ctrl+=" is the unshifted plus of a main keyboard: nobody presses Shift to enlarge.
    for keys, action in (
        (("Ctrl++", "Ctrl+="), theme.zoom_in),
        (("Ctrl+-", "Ctrl+_"), theme.zoom_out),
        (("Ctrl+0",), theme.zoom_reset),
    ):
        shortcut = QShortcut(window)
        shortcut.setKeys([QKeySequence(key) for key in keys])
        shortcut.activated.connect(action)
