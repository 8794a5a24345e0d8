"""How each page of the rail is built, when it is first opened. Imports are inside: most are never needed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop_app.services.seat import Seat
from ui.shell import nav
from ui.shell.stack import Factory
from ui.theme.theme import Theme

Make = Callable[[Seat, Theme, QWidget], QWidget]


def _orders(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.workbench.page import WorkbenchPage

    return WorkbenchPage(seat, theme, parent)


def _signoff(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.signoff.page import SignoffPage

    return SignoffPage(seat, theme, parent)


def _mine(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.field.page import FieldPage

    return FieldPage(seat, theme, parent)


def _countdown(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.countdown.page import CountdownPage

    return CountdownPage(seat, theme, parent)


def _decisions(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.decisions.page import DecisionsPage

    return DecisionsPage(seat, theme, parent)


def _outbox(seat: Seat, theme: Theme, parent: QWidget) -> QWidget:
    from ui.outbox.page import OutboxPage

    return OutboxPage(seat, theme, parent)


_MAKERS: dict[str, Make] = {
    nav.ORDERS: _orders,
    nav.SIGNOFF: _signoff,
    nav.MINE: _mine,
    nav.COUNTDOWN: _countdown,
    nav.DECISIONS: _decisions,
    nav.OUTBOX: _outbox,
}


def factories(seat: Seat, theme: Theme) -> dict[str, Factory]:
    """One factory per page this person may find in the rail, now or as the secretary's deputy."""
    wanted = nav.plan_for(seat.person.role, deputy=True).pages
    return {key: _bound(make, seat, theme) for key, make in _MAKERS.items() if key in wanted}


def _bound(make: Make, seat: Seat, theme: Theme) -> Factory:
    def build(parent: QWidget) -> QWidget:
        return make(seat, theme, parent)

    return build
