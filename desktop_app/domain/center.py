"""The center and its people: who answers for which village and which matter, who may sign for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desktop_app.domain.ids import ActId, PersonId, UnitId
from desktop_app.domain.policy import Policy
from desktop_app.domain.roles import Role


class UnitKind(StrEnum):
    TOWNSHIP = "township"
    VILLAGE = "village"
    STATION = "station"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Unit:
    """A village, station or department. ``patch_leader`` answers for it in the township (包片责任)."""

    id: UnitId
    kind: UnitKind
    name: str
    pinyin: str = ""
    initials: str = ""
    patch_leader: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person by name and office. ``head``: rings when a 15-minute order is not taken in time."""

    id: PersonId
    name: str
    role: Role
    title: str
    unit_id: UnitId | None = None
    head: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class DutyRule:
    """One line of the duty list (谁主管谁负责): matters below ``category`` go to these people."""

    category: tuple[str, ...]
    leader: PersonId | None = None
    stations: tuple[UnitId, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty from ``starts_at`` to ``ends_at`` (aware UTC)."""

    person_id: PersonId
    team: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """代签: ``deputy`` may sign for the secretary ``by`` in this period; a record like any other act."""

    act_id: ActId
    by: PersonId
    deputy: PersonId
    starts_at: datetime
    ends_at: datetime
    reason: str
    revoked_at: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether a signature given at ``moment`` is covered."""
        return self.starts_at <= moment < self.over_at

    @property
    def over_at(self) -> datetime:
        """When it ends, or was taken back."""
        return min(self.ends_at, self.revoked_at) if self.revoked_at else self.ends_at


@dataclass(frozen=True, slots=True)
class Center:
    """A township's disposal center as every seat knows it. ``rev`` counts its changes without gaps."""

    name: str
    township: str
    rev: int
    policy: Policy
    people: tuple[Person, ...] = ()
    units: tuple[Unit, ...] = ()
    duties: tuple[DutyRule, ...] = ()
    shifts: tuple[Shift, ...] = ()
    catalogue: tuple[tuple[str, ...], ...] = ()
    delegations: tuple[Delegation, ...] = ()

    def person(self, person_id: str) -> Person | None:
        return next((p for p in self.people if p.id == person_id), None)

    def unit(self, unit_id: str) -> Unit | None:
        return next((u for u in self.units if u.id == unit_id), None)

    def may_sign(self, person: Person, moment: datetime) -> Delegation | bool:
        """Whether ``person`` may sign at ``moment``: the secretary, or a deputy by a delegation."""
        if person.role is Role.SECRETARY:
            return True
        return self.delegation(person.id, moment) or False

    def delegation(self, person_id: str, moment: datetime) -> Delegation | None:
        """Return the authorisation by which this person is the secretary's deputy at ``moment``."""
        own = (d for d in self.delegations if d.deputy == person_id)
        return next((d for d in own if d.holds_at(moment)), None)

    def was_deputy(self, person_id: str) -> bool:
        """Whether this person was ever authorised to sign for the secretary."""
        return any(d.deputy == person_id for d in self.delegations)

    def deputy_until(self, person_id: str) -> datetime | None:
        """Return when the last authorisation of this person ends or ended, None for none."""
        return max((d.over_at for d in self.delegations if d.deputy == person_id), default=None)
