"""The handlers' verbs: take the order, meet the petitioner, explain, determine, conclude."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services.intake import form
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet

Files = tuple[str, ...]
"""SHA-256 of files already in the store."""


def accept(seat: Seat, order_id: OrderId) -> ChangeSet:
    """接办."""
    return seat.record(order_id, ActKind.HANDLER_ACCEPT, p.Empty())


def meet(
    seat: Seat,
    order_id: OrderId,
    place: str,
    met_whom: str,
    text: str,
    together_with: str = "",
    *,
    files: Files = (),
    drops: str = "",
) -> ChangeSet:
    """见面沟通."""
    payload = p.Meet(place, met_whom, text, together_with)
    return seat.record(order_id, ActKind.MEET, payload, files=files, drops=form(order_id, drops))


def plan(
    seat: Seat, order_id: OrderId, text: str, *, files: Files = (), drops: str = ""
) -> ChangeSet:
    """办理方案."""
    return seat.record(
        order_id, ActKind.PLAN, p.Text(text), files=files, drops=form(order_id, drops)
    )


def progress(
    seat: Seat, order_id: OrderId, text: str, *, files: Files = (), drops: str = ""
) -> ChangeSet:
    """办理进展."""
    return seat.record(
        order_id, ActKind.PROGRESS, p.Text(text), files=files, drops=form(order_id, drops)
    )


def explain(
    seat: Seat,
    order_id: OrderId,
    by_whom: str,
    text: str,
    taken: str,
    *,
    files: Files = (),
    drops: str = "",
) -> ChangeSet:
    """说明情况(按耳膜). ``taken``: accepted, objects, refuses."""
    payload = p.Explain(by_whom, text, taken)
    return seat.record(order_id, ActKind.EXPLAIN, payload, files=files, drops=form(order_id, drops))


def add_photo(
    seat: Seat, order_id: OrderId, source: Path | bytes, name: str, caption: str = ""
) -> ChangeSet:
    """Take a photo into the store and put it on the order."""
    stored = seat.store.add_file(source, name)
    return seat.record(order_id, ActKind.PHOTO, p.Photo(caption), files=(stored.sha256,))


def determine(
    seat: Seat, order_id: OrderId, nature: str, text: str = "", *, drops: str = ""
) -> ChangeSet:
    """定性. ``nature``: reasonable, unreasonable, beyond, disputed."""
    payload = p.Determine(nature, text)
    return seat.record(order_id, ActKind.DETERMINE, payload, drops=form(order_id, drops))


def conclude(
    seat: Seat,
    order_id: OrderId,
    measures: str,
    promise: str = "",
    *,
    finished: bool = True,
    files: Files = (),
    drops: str = "",
) -> ChangeSet:
    """办结, or with ``finished`` False 阶段性办结."""
    payload = p.Conclude(measures, finished, promise)
    return seat.record(
        order_id, ActKind.CONCLUDE, payload, files=files, drops=form(order_id, drops)
    )
