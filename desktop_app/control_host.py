"""What the composition root lends the control channel: pages, orders and state of the running seat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QWidget

from ui.shell import nav

if TYPE_CHECKING:
    from desktop_app.live import LiveSeat
    from ui.shell.window import Shell


class Program(Protocol):
    """What of the composition root is lent."""

    shell: Shell
    live: LiveSeat | None


class ControlHost:
    """Goes only where a person could go: through the rail and the pages' own doors."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def main_window(self) -> QWidget:
        return self._program.shell

    def open_order(self, number: str) -> bool:
        """Select the order of this number in the list of this seat. False while it is not here."""
        live = self._program.live
        if live is None or live.seat is None:
            return False
        order_id = live.store.order_id_of_number(number)
        if order_id is None:
            return False
        shell = self._program.shell
        page = shell.stack.current_key()
        if page in (nav.ORDERS, nav.SIGNOFF, nav.MINE):
            shell.open_on_page(page, order_id)
        else:
            shell.open_order(order_id)
        return True

    def go_to_page(self, name: str) -> bool:
        """Choose an entry of the rail. False when this role has none of that name."""
        shell = self._program.shell
        if not shell.stack.has(name):
            return False
        shell.show_page(name)
        return True

    def add_photos(self, files: list[Path]) -> bool:
        """Hand files to the page in front, as its file dialog would."""
        stack = self._program.shell.stack
        page = stack.page(stack.current_key())
        take = getattr(page, "add_photos", None)
        if not callable(take):
            return False
        take(files)
        return True

    def state(self) -> dict[str, Any]:
        live = self._program.live
        return {
            **self._program.shell.grab_state(),
            "ready": live is not None and live.seat is not None,
            "role": live.seat.person.role.value if live is not None and live.seat else "",
        }

    def quit(self) -> None:
        self._program.shell.close()
