"""The child process that tries Qt. It may abort at any step: every step reached is printed at once.

Printed are JSON lines ``{"step": "import" | "screen" | "fonts", ...}``; Qt's own words go to stderr.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Try everything in order. Returns 1 where a library is missing; Qt itself aborts without a platform."""
    try:
        from PySide6 import QtCore, QtGui, QtNetwork, QtSvg, QtWidgets  # noqa: F401
    except ImportError as error:
        _say("import", error=str(error))
        return 1
    _say("import", version=QtCore.qVersion())
    application = QtWidgets.QApplication(["jiban-doctor"])
    _say("screen", platform=application.platformName(), screens=len(application.screens()))
    _say("fonts", **_fonts(QtGui))
    return 0


def _fonts(gui: object) -> dict[str, object]:
    """Load every bundled font as the program does."""
    import resources

    database = gui.QFontDatabase  # type: ignore[attr-defined]
    files = [n for n in resources.names("fonts") if n.endswith((".otf", ".ttf", ".ttc"))]
    bad = [n for n in files if database.addApplicationFont(str(resources.path(n))) < 0]
    return {"loaded": len(files) - len(bad), "bad": bad}


def _say(step: str, **what: object) -> None:
    print(json.dumps({"step": step, **what}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
