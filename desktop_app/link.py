"""From what the sync tells and the store holds to what strip and banner say."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain.center import Center, Person
from desktop_app.domain.roles import Role
from sync.client.failures import FailureKind
from sync.client.state import SyncState
from ui.shell.status import Link
from ui.widgets.kinds import LinkState

_OFFLINE = frozenset(
    {FailureKind.NO_NETWORK, FailureKind.NAME, FailureKind.REFUSED, FailureKind.TIMEOUT}
)
"""Simply no way to the platform: the banner needs no further words for that."""


def link_of(state: SyncState) -> Link:
    """The connection in the shell's words."""
    problem = state.problem
    if not state.signed_in:
        title = problem.title if problem is not None else ""
        return Link(LinkState.SIGNED_OUT, state.since, state.last_sync, title)
    if state.online:
        return Link(LinkState.ONLINE, state.since, state.last_sync)
    if problem is None:
        return Link(LinkState.SYNCING, state.since, state.last_sync)  # not tried yet
    if problem.kind in _OFFLINE:
        return Link(LinkState.OFFLINE, state.since, state.last_sync)
    return Link(LinkState.UNREACHABLE, state.since, state.last_sync, problem.title, problem.advice)


def person_words(center: Center, person: Person, now: datetime) -> str:
    """Who sits here: a dispatcher with the shift that is on, others by their office."""
    if person.role is not Role.DISPATCHER:
        return person.title
    shift = next(
        (s for s in center.shifts if s.person_id == person.id and s.starts_at <= now < s.ends_at),
        None,
    )
    name = f"{person.title} {person.name}"
    return f"值班 {name} · {shift.team}" if shift is not None else name


def window_words(center: Center, person: Person) -> str:
    """Who the window belongs to: a village its village, everybody else the center."""
    if person.role is Role.VILLAGE and person.unit_id is not None:
        unit = center.unit(person.unit_id)
        if unit is not None:
            return unit.name
    return center.name
