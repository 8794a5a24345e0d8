"""建议承办: who should handle an order, with the reasons, from the duty list, the roster and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.center import Center
from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import Duty, Handler, Order
from local_store.rows import Load, Similar


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is suggested. ``kind`` picks the icon: catalogue, patch, place, duty, history, star."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested handler. ``load``: 在办 n 件."""

    handler: Handler
    reasons: tuple[Reason, ...]
    load: int


@dataclass(frozen=True, slots=True)
class SuggestionGroup:
    """One complete set: a lead, at least one village, stations. The first group is the best."""

    suggestions: tuple[Suggestion, ...]

    @property
    def handlers(self) -> tuple[Handler, ...]:
        return tuple(s.handler for s in self.suggestions)

    def of(self, duty: Duty) -> tuple[Suggestion, ...]:
        return tuple(s for s in self.suggestions if s.handler.duty is duty)


def suggest_handlers(
    center: Center, order: Order, earlier: Sequence[Similar], load: Load, now: datetime
) -> tuple[SuggestionGroup, ...]:
    """Return one to three groups (Ctrl+G goes round). Pure: all it needs is handed in."""
    raise NotImplementedError


def candidates(center: Center, duty: Duty) -> tuple[Handler, ...]:
    """Return everybody who may be chosen for a duty, for the combo boxes."""
    raise NotImplementedError


def handler_for(center: Center, duty: Duty, person_id: PersonId) -> Handler:
    """Return the handler value of a person chosen by hand."""
    raise NotImplementedError
