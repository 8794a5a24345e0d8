"""`python -m ui.gallery --out DIR [--theme dark] [--scale 1.5] [--only NAME]`: one PNG per board."""

import argparse
import os
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from ui.gallery.boards import BOARDS
from ui.theme.roles import ThemeName
from ui.theme.theme import Theme
from ui.widgets.focus_ring import FocusRing


def main(arguments: list[str]) -> int:
    """Draw the boards; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ui.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--theme", type=ThemeName, default=ThemeName.LIGHT, choices=list(ThemeName))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", choices=["", *BOARDS])
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    theme = Theme(chosen.theme, chosen.scale)
    theme.apply_to(application)
    ring = FocusRing(application, theme)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, build in BOARDS.items():
        if chosen.only in ("", name):
            board = build(theme)
            _shoot(application, board, chosen.out / f"{name}_{chosen.theme}_{theme.scale:g}.png")
    ring.deleteLater()
    return 0


def _shoot(application: QApplication, board: QWidget, target: Path) -> None:
    board.show()
    board.activateWindow()
    # Layouts settle in a few rounds: wrapped labels ask for their height after the first.
    for _ in range(5):
        application.processEvents()
    board.grab().save(str(target))
    board.close()
    board.deleteLater()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
