"""The real program, watched: ``python -m tests.benchmarks.launch REPORT [jiban's arguments]``.

Writes a line ``what when`` into REPORT for what can be seen on the screen; ``when`` is the machine's
monotonic clock, which a parent process can compare with its own.
"""

from __future__ import annotations

import sys
import time
from typing import IO, Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QTableView

from desktop_app import app, cli


class Report:
    """Where the moments go."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __call__(self, what: str) -> None:
        self._file.write(f"{what} {time.monotonic():.6f}\n")
        self._file.flush()


class ListWatch(QObject):
    """Says ``usable`` when the list was first painted with rows in it and the program listens again,
    and ``row N`` each time it has painted another number of rows.
    """

    def __init__(self, table: QTableView, say: Report) -> None:
        super().__init__(table)
        self._table, self._say = table, say
        self._rows = 0
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            rows = self._table.model().rowCount()
            if rows != self._rows:
                QTimer.singleShot(0, lambda: self._painted(rows))
        return False

    def _painted(self, rows: int) -> None:
        if rows == self._rows:
            return
        self._say(f"row {rows}" if self._rows else "usable")
        self._rows = rows


class AlarmWatch(QObject):
    """Says ``alarm`` when the alarm for a new order has painted itself, ``silence`` when it has gone."""

    def __init__(self, alarm: QObject, say: Report) -> None:
        super().__init__(alarm)
        self._say = say
        self._shown = False
        alarm.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self._shown = False
            self._say("silence")
        elif event.type() == QEvent.Type.Paint and not self._shown:
            self._shown = True
            QTimer.singleShot(0, lambda: self._say("alarm"))
        return False


def watch(say: Report) -> None:
    """Put the watches into the program where it shows things."""
    start, open_ = app.SeatProgram.start, app.SeatProgram._open

    def started(self: Any) -> None:
        start(self)
        say("painted")

    def opened(self: Any) -> None:
        open_(self)
        say("opened")
        table = self.shell.findChild(QTableView, "ordersTable")
        if table is not None:
            self.list_watch = ListWatch(table, say)
        if self.live is not None and self.live.alerts is not None:
            self.alarm_watch = AlarmWatch(self.live.alerts.alarm, say)

    app.SeatProgram.start = started  # type: ignore[method-assign]
    app.SeatProgram._open = opened  # type: ignore[method-assign]


def main() -> int:
    with open(sys.argv[1], "a", encoding="utf-8") as file:  # noqa: PTH123
        say = Report(file)
        say("python")
        watch(say)
        return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
