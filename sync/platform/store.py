"""The platform's reads and writes: bytes in, bytes out, every statement in one place.

All but ``meta`` is of one township; every statement names it first, as every key does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Insert,
    Row,
    Update,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from desktop_app.domain.center import Center
from desktop_app.domain.intake import is_secret
from desktop_app.domain.orders import STAGE_TITLES, Order, Outcome
from sync.platform import feed
from sync.platform.judging import Known, Verdict
from sync.platform.order_cache import OrderCache
from sync.platform.tables import (
    acts,
    center,
    devices,
    meta,
    order_holders,
    orders,
)
from sync.protocol.codec import decode_center, decode_order, encode
from sync.protocol.messages import ActResult

CHUNK = 400


def chunks(ids: Iterable[str]) -> Iterable[Sequence[str]]:
    """Yield sorted slices small enough for one IN list."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def tidy(text: str, length: int) -> str:
    """Return ``text`` as a column can hold it: bounded, without NUL (PostgreSQL refuses that)."""
    return text.replace("\0", "")[:length]


def many(db: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute ``statement`` for each row, past SQLAlchemy's handling of each: that costs as much again.

    Rows name all parameters of the statement; their values are as the driver takes them.
    """
    if not rows:
        return
    text, names = _prepared(statement, db.dialect)
    if names is None:
        db.exec_driver_sql(text, list(rows))
    else:
        db.exec_driver_sql(text, [tuple(row[name] for name in names) for row in rows])


_PREPARED: dict[tuple[Insert | Update, str], tuple[str, Sequence[str] | None]] = {}


def _prepared(statement: Insert | Update, dialect: Dialect) -> tuple[str, Sequence[str] | None]:
    """Return the statement's text and, where parameters go by place, their names in order."""
    key = (statement, dialect.name)
    if key not in _PREPARED:
        compiled = statement.compile(dialect=dialect)
        _PREPARED[key] = (str(compiled), compiled.positiontup)
    return _PREPARED[key]


# --- meta -----------------------------------------------------------------------------------------


def get_meta(db: Connection, key: str) -> str | None:
    return db.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def set_meta(db: Connection, key: str, value: str) -> None:
    changed = db.execute(update(meta).where(meta.c.key == key).values(value=value))
    if changed.rowcount == 0:
        db.execute(insert(meta), {"key": key, "value": value})


# --- the center -----------------------------------------------------------------------------------


def load_center(db: Connection, township: str, *, lock: bool = False) -> tuple[Center, int] | None:
    """Return the center and its feed position, or None before it is set up."""
    statement = select(center.c.state, center.c.position).where(center.c.township == township)
    row = db.execute(statement.with_for_update() if lock else statement).one_or_none()
    return (decode_center(row.state), row.position) if row else None


def center_bytes(db: Connection, township: str) -> bytes:
    statement = select(center.c.state).where(center.c.township == township)
    return bytes(db.execute(statement).scalar_one())


def save_center(db: Connection, township: str, value: Center, position: int) -> bytes:
    """Write the center; return its bytes."""
    state = encode(value)
    values = {"state": state, "rev": value.rev, "position": position}
    own = update(center).where(center.c.township == township)
    if db.execute(own.values(**values)).rowcount == 0:
        db.execute(insert(center), {"township": township, **values})
    return state


# --- orders ---------------------------------------------------------------------------------------


def lock_orders(
    db: Connection, township: str, ids: Iterable[str], cache: OrderCache | None = None
) -> dict[str, Order]:
    """Return the known orders among ``ids``, locked in the order of their ids (PostgreSQL)."""
    found: dict[str, Order] = {}
    missing: list[str] = []
    here = orders.c.township == township
    for part in chunks(ids):
        statement = select(orders.c.id, orders.c.position).where(here, orders.c.id.in_(part))
        for row in db.execute(statement.order_by(orders.c.id).with_for_update()):
            order = cache.get(township, row.id, row.position) if cache else None
            if order is None:
                missing.append(row.id)
            else:
                found[row.id] = order
    for part in chunks(missing):
        states = select(orders.c.id, orders.c.state).where(here, orders.c.id.in_(part))
        found.update((row.id, decode_order(row.state)) for row in db.execute(states))
    return found


def order_by_number(db: Connection, township: str, number: str) -> Order | None:
    statement = select(orders.c.state).where(orders.c.township == township)
    state = db.execute(statement.where(orders.c.number == number)).scalar()
    return decode_order(state) if state is not None else None


def count_orders(db: Connection, township: str) -> int:
    statement = select(func.count()).select_from(orders).where(orders.c.township == township)
    return int(db.execute(statement).scalar_one())


def known_numbers(db: Connection, township: str, numbers: Iterable[str]) -> dict[str, str]:
    """Return number -> order id of those that are here."""
    found: dict[str, str] = {}
    for part in chunks(numbers):
        statement = select(orders.c.number, orders.c.id).where(
            orders.c.township == township, orders.c.number.in_(part)
        )
        found.update((row.number, row.id) for row in db.execute(statement))
    return found


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """By what an order is found again; "" finds nothing."""

    phone: str
    place: str
    matter: str


def link_keys(order: Order) -> LinkKeys:
    """Return the keys: the same telephone, the same address, the same matter in the same village."""
    place, category = order.place, "/".join(order.matter.category)
    village = place.village_id or place.village
    address = "".join(place.address.split())
    phone = "".join(c for c in order.petitioner.phone if c.isdigit())
    return LinkKeys(
        phone=phone[:32] if len(phone) >= 7 else "",
        place=tidy(f"{village}|{address}", 200) if len(address) >= 4 else "",
        matter=tidy(f"{village}|{category}", 200) if village and category else "",
    )


def summary(order: Order) -> str:
    """Return in one line how the order stands or ended, for whoever meets its successor."""
    text = STAGE_TITLES[order.stage]
    if order.callbacks and order.callbacks[-1].resolved is not None:
        text += "、已解决" if order.callbacks[-1].resolved else "、未解决"
    if order.conclusion is not None:
        text += f":{order.conclusion.measures[:60]}"
    return tidy(text, 100)


def order_values(order: Order) -> dict[str, Any]:
    """Return what an order's columns hold; all of it follows from the order."""
    keys = link_keys(order)
    return {
        "state": encode(order),
        "rev": order.rev,
        "secret": is_secret(order),
        "phone": keys.phone,
        "place": keys.place,
        "matter": keys.matter,
        "title": tidy(order.matter.title, 500),
        "summary": summary(order),
    }


def insert_orders(
    db: Connection, township: str, new: Sequence[Order]
) -> list[tuple[Order, int, bytes]]:
    """Add new orders at the next feed positions; return each with its position and its bytes."""
    if not new:
        return []
    rows = [{"township": township, "id": o.id, "number": o.number, **order_values(o)} for o in new]
    positions = feed.allocate(db, township, len(new))
    for row, position in zip(rows, positions, strict=True):
        row["position"] = row["serial"] = position
    many(db, _ADD, rows)
    return list(zip(new, positions, (row["state"] for row in rows), strict=True))


_ADD = insert(orders)
_CHANGING = ("state", "rev", "summary", "position")
_SAVE = (
    update(orders)
    .where(orders.c.township == bindparam("b_township"), orders.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in _CHANGING})
)


def save_orders(db: Connection, township: str, written: Sequence[tuple[Order, int, bytes]]) -> None:
    """Write changed orders: each with the feed position given to it, and its bytes."""
    rows = [
        {
            "b_township": township,
            "b_id": order.id,
            "b_state": state,
            "b_rev": order.rev,
            "b_summary": summary(order),
            "b_position": position,
        }
        for order, position, state in written
    ]
    many(db, _SAVE, rows)


def save_matters(db: Connection, township: str, changed: Iterable[Order]) -> None:
    """Write by what an order is found again, where its classification changed."""
    for order in changed:
        own = update(orders).where(orders.c.township == township, orders.c.id == order.id)
        db.execute(own.values(matter=link_keys(order).matter))


def add_holders(db: Connection, township: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Note (order id, person id) pairs that are new."""
    rows = [
        {"township": township, "order_id": order_id, "person_id": person_id}
        for order_id, person_id in pairs
    ]
    if rows:
        db.execute(insert(order_holders), rows)


# --- acts -----------------------------------------------------------------------------------------


def known_acts(db: Connection, township: str, ids: Iterable[str]) -> dict[str, Known]:
    """Return what became of those acts that were judged before."""
    found: dict[str, Known] = {}
    columns = (
        acts.c.act_id, acts.c.digest, acts.c.outcome, acts.c.rev, acts.c.code, acts.c.received_at,
    )  # fmt: skip
    for part in chunks(ids):
        statement = select(*columns, acts.c.reason, acts.c.by).where(
            acts.c.township == township, acts.c.act_id.in_(part)
        )
        found.update((row.act_id, _known(row)) for row in db.execute(statement))
    return found


def _known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(row.digest, _result(row), datetime.fromisoformat(row.received_at))


def _result(row: Row[*tuple[Any, ...]]) -> ActResult:
    return ActResult(
        act_id=row.act_id,
        outcome=Outcome(row.outcome),
        rev=row.rev,
        code=row.code,
        reason=row.reason,
        by=row.by,
    )


def rejected_owners(db: Connection, township: str, ids: Iterable[str]) -> dict[str, str]:
    """Return act id -> person id of the rejected acts among ``ids``."""
    found: dict[str, str] = {}
    for part in chunks(ids):
        statement = select(acts.c.act_id, acts.c.person_id).where(
            acts.c.township == township,
            acts.c.act_id.in_(part),
            acts.c.outcome == Outcome.REJECTED.value,
        )
        found.update((row.act_id, row.person_id) for row in db.execute(statement))
    return found


_KEEP = insert(acts)


def save_acts(
    db: Connection, township: str, verdicts: Iterable[Verdict], device_id: str, at: datetime
) -> list[dict[str, Any]]:
    """Keep judged acts with their outcome, for good; return the rows written."""
    received_at = at.isoformat()
    rows = [
        {"township": township, **_act_row(v, device_id, received_at)} for v in verdicts if v.store
    ]
    many(db, _KEEP, rows)
    return rows


def _act_row(verdict: Verdict, device_id: str, at: str) -> dict[str, Any]:
    act, result = verdict.submitted.act, verdict.result
    return {
        "act_id": act.id,
        "subject": tidy(act.subject, 64),
        "kind": act.kind.value,
        "person_id": tidy(act.actor.person_id, 64),
        "device_id": device_id,
        "device_seq": max(0, min(act.device_seq, 2**53)),
        "digest": verdict.submitted.digest,
        "body": verdict.submitted.body,
        "outcome": result.outcome.value,
        "rev": result.rev,
        "code": result.code,
        "reason": tidy(result.reason, 1000),
        "by": tidy(result.by, 64),
        "received_at": at,
        "resolved": result.outcome is not Outcome.REJECTED,
    }


def settle_rejections(db: Connection, township: str, act_ids: Iterable[str]) -> None:
    own = update(acts).where(acts.c.township == township)
    for part in chunks(act_ids):
        db.execute(own.where(acts.c.act_id.in_(part)).values(resolved=True))


def open_rejections(
    db: Connection, township: str, limit: int = 1000
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rejected acts that nobody has dealt with, oldest first."""
    statement = (
        select(acts.c.act_id, acts.c.body, acts.c.code, acts.c.reason, acts.c.received_at)
        .where(acts.c.township == township, acts.c.resolved.is_(False))
        .order_by(acts.c.received_at, acts.c.act_id)
        .limit(limit)
    )
    return db.execute(statement).all()


# --- devices --------------------------------------------------------------------------------------

_ACK = select(devices.c.max_seq).where(
    devices.c.township == bindparam("here"), devices.c.device_id == bindparam("device")
)


def device_ack(db: Connection, township: str, device_id: str) -> int:
    """Return the highest device_seq held of this device, -1 when it is unknown here."""
    found = db.execute(_ACK, {"here": township, "device": device_id}).scalar()
    return -1 if found is None else int(found)


def note_device(
    db: Connection, township: str, device_id: str, person_id: str, highest: int
) -> None:
    """Remember the device and the highest sequence number that came from it."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    new = dialect.insert(devices).values(
        township=township, device_id=device_id, person_id=person_id, max_seq=highest
    )
    larger = func.max if db.dialect.name == "sqlite" else func.greatest
    db.execute(
        new.on_conflict_do_update(
            index_elements=[devices.c.township, devices.c.device_id],
            set_={
                "person_id": person_id,
                "max_seq": larger(devices.c.max_seq, new.excluded.max_seq),
            },
        )
    )


# --- pages of the feed ----------------------------------------------------------------------------

_CHANGED = and_(
    orders.c.township == bindparam("here"),
    orders.c.position > bindparam("after"),
    orders.c.position <= bindparam("last"),
    ~orders.c.position.between(bindparam("beside_from"), bindparam("beside_to")),
)
_PAGE = (
    select(orders.c.state, orders.c.secret, orders.c.position)
    .where(_CHANGED)
    .order_by(orders.c.position)
    .limit(bindparam("limit"))
)
_PLACES = (
    select(orders.c.position, func.length(orders.c.state).label("size"))
    .where(_CHANGED)
    .order_by(orders.c.position)
    .limit(bindparam("limit"))
)
_HELD = and_(order_holders.c.township == orders.c.township, order_holders.c.order_id == orders.c.id)
_OWN_PAGE = _PAGE.join(order_holders, _HELD).where(order_holders.c.person_id == bindparam("person"))


def page(
    db: Connection,
    township: str,
    after: int,
    last: int,
    limit: int,
    person_id: str | None,
    beside: tuple[int, int] = (0, 0),
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (state, secret, position) of the orders that changed; of one person's unless None.

    Those at the positions from ``beside[0]`` to ``beside[1]`` are left out.
    """
    values = _bounds(township, after, last, limit, beside)
    if person_id is None:
        return db.execute(_PAGE, values).all()
    return db.execute(_OWN_PAGE, {**values, "person": person_id}).all()


def places(
    db: Connection, township: str, after: int, last: int, limit: int, beside: tuple[int, int]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (position, size) of the orders that ``page`` gives when it gives everybody's."""
    return db.execute(_PLACES, _bounds(township, after, last, limit, beside)).all()


def _bounds(
    township: str, after: int, last: int, limit: int, beside: tuple[int, int]
) -> dict[str, Any]:
    bounds: dict[str, Any] = {"here": township, "after": after, "last": last, "limit": limit}
    return bounds | {"beside_from": beside[0], "beside_to": beside[1]}


def orders_of_acts(
    db: Connection, township: str, act_ids: Iterable[str], person_id: str
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (state, secret) of the orders this person's acts are in and that are not theirs."""
    own = select(order_holders.c.order_id).where(
        order_holders.c.township == township, order_holders.c.person_id == person_id
    )
    found: list[Row[*tuple[Any, ...]]] = []
    for part in chunks(act_ids):
        subjects = select(acts.c.subject).where(
            acts.c.township == township,
            acts.c.act_id.in_(part),
            acts.c.person_id == person_id,
            acts.c.outcome != Outcome.REJECTED.value,
        )
        statement = select(orders.c.state, orders.c.secret).where(
            orders.c.township == township, orders.c.id.in_(subjects), orders.c.id.not_in(own)
        )
        found.extend(db.execute(statement))
    return found


_CONCERNED = (
    select(order_holders.c.person_id)
    .join(orders, _HELD)
    .where(orders.c.township == bindparam("here"), orders.c.position > bindparam("after"))
    .distinct()
)


def concerned(db: Connection, township: str, after: int) -> frozenset[str]:
    """Return the handlers whose orders changed after this position."""
    return frozenset(db.execute(_CONCERNED, {"here": township, "after": after}).scalars())
