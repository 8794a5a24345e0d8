"""Orders in the file: their bytes, the columns derived from them, the view with own waiting acts."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from desktop_app.domain.apply import fold
from desktop_app.domain.center import Center
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from local_store import packs, search
from local_store.columns import COLUMNS, NEVER, NO_RANK, Frame, derive
from local_store.downloads import names_files
from local_store.heads import Head, read_head, read_heads
from local_store.pending import pending_acts
from local_store.receipts import resolved
from local_store.tx import Tx
from sync.protocol import codec
from sync.protocol.folding import state_digest
from sync.protocol.packing import content, split

INDEX_AT_ONCE = 50
"""Up to so many orders of one answer become searchable in its transaction; more wait for the background."""

_INSERT = (
    f"INSERT INTO orders (id, order_id, rev, {', '.join(COLUMNS)}, searchable, stamp, pack, place)"  # noqa: S608
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 7))})"
)
_INSERT_NEW = _INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
_UPDATE = (
    f"UPDATE orders SET {', '.join(f'{c} = ?' for c in COLUMNS)},"  # noqa: S608
    " rev = ?, pending = ?, searchable = min(searchable, ?), stamp = stamp + 1,"
    " own_digest = ?, receipt = '', rejected ="
    " (SELECT count(*) FROM acts WHERE status = 'rejected' AND subject = orders.order_id)"
    " WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """One order as kept: ``own`` is the view's bytes where it differs from ``base``.

    ``receipt``: not yet in the bytes of the file, but in ``base`` here (see ``receipts``). ``pack``:
    where ``base`` lies as long as it has not changed (see ``packs``), else 0.
    """

    rowid: int
    rev: int
    base: bytes
    own: bytes | None
    receipt: str = ""
    pack: int = 0

    @property
    def shown(self) -> bytes:
        return self.own or self.base


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order is kept, at which revision. ``doubted``: of a state that the platform lost."""

    rowid: int
    rev: int
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """Orders whose state was taken, and those of them that name files."""

    ids: list[OrderId] = field(default_factory=list)
    naming: list[OrderId] = field(default_factory=list)

    def __add__(self, other: Came) -> Came:
        return Came(self.ids + other.ids, self.naming + other.naming)


def load(tx: Tx, order_id: str) -> Stored | None:
    """Return the order's bytes, or None."""
    row = tx.one(
        f"SELECT o.id, o.rev, o.receipt, o.pack, {packs.BASE}, s.own"  # noqa: S608 - own text
        f" FROM orders o{packs.JOIN} WHERE o.order_id = ?",
        (order_id,),
    )
    if row is None:
        return None
    rowid, rev, receipt, pack, base, own = row
    return Stored(rowid, rev, *resolved(base, own, receipt), receipt, pack)


def put_bases(
    tx: Tx,
    incoming: Iterable[bytes | msgspec.Raw],
    frame: Frame,
    *,
    later: Container[str] = (),
) -> Came:
    """Store platform states; older ones than what is here are left out, unless what is here is from
    before the platform was restored.

    Views are left to ``refold``: the caller knows which orders have waiting acts. It has to follow
    for those in ``later``, whose columns still tell of the view there was.
    """
    heads = [(read_head(data), data) for data in incoming]
    known = _known(tx, [head.id for head, _ in heads])
    fresh: dict[str, tuple[Head, bytes | msgspec.Raw]] = {}
    taken: list[OrderId] = []
    for head, data in heads:
        stored = known.get(head.id)
        if stored is None:
            earlier = fresh.get(head.id)
            if earlier is None or earlier[0].rev <= head.rev:
                fresh[head.id] = (head, data)
        elif stored.doubted or head.rev >= stored.rev:
            if stored.doubted:
                tx.execute("UPDATE orders SET doubted = 0 WHERE id = ?", (stored.rowid,))
            _replace_base(tx, stored.rowid, bytes(data), head, frame, later=head.id in later)
            known[head.id] = Place(stored.rowid, head.rev)
            taken.append(OrderId(head.id))
    _insert_fresh(tx, list(fresh.values()), frame, small=len(heads) <= INDEX_AT_ONCE)
    tx.wrote(2 * len(heads))
    taken.extend(OrderId(order_id) for order_id in fresh)
    return Came(taken, [OrderId(head.id) for head, data in heads if names_files(data)])


def doubt_all(tx: Tx) -> None:
    """The platform was restored: what it sends of an order next replaces what is here, whatever the
    revision and however long it takes to come: a handler's order comes only once the signature is back.
    """
    tx.execute("UPDATE orders SET doubted = 1")


def put_packs(
    tx: Tx, incoming: Iterable[bytes], frame: Frame, *, later: Container[str] = ()
) -> Came:
    """Keep packs of platform states. An order that is here already is taken out of its pack."""
    came = Came()
    for pack in incoming:
        array = content(pack)
        heads = read_heads(array)
        if not _insert_packed(tx, pack, heads, frame):
            came += put_bases(tx, split(array), frame, later=later)
            continue
        came.ids.extend(OrderId(head.id) for head in heads)
        if names_files(array):
            named = zip(heads, split(array), strict=True)
            came.naming.extend(OrderId(head.id) for head, data in named if names_files(data))
    return came


def _insert_packed(tx: Tx, pack: bytes, heads: Sequence[Head], frame: Frame) -> bool:
    """Keep a pack none of whose orders is here; else write nothing and return False."""
    first: int = tx.one("SELECT coalesce(max(id), 0) + 1 FROM orders")[0]
    number = packs.add(tx, pack)
    rows = (
        (first + n, head.id, head.rev, *derive(head, frame), 0, 1, number, n)
        for n, head in enumerate(heads)
    )
    if tx.many(_INSERT_NEW, rows) < len(heads):
        tx.execute("DELETE FROM orders WHERE id >= ? AND pack = ?", (first, number))
        tx.execute("DELETE FROM packs WHERE id = ?", (number,))
        return False
    tx.wrote(len(heads) + 1)
    return True


def _known(tx: Tx, order_ids: Sequence[str]) -> dict[str, Place]:
    if tx.one("SELECT 1 FROM orders LIMIT 1") is None:
        return {}
    rows = tx.all(
        "SELECT o.order_id, o.id, o.rev, o.doubted FROM json_each(?) j"
        " JOIN orders o ON o.order_id = j.value",
        (codec.encode(order_ids).decode(),),
    )
    return {order_id: Place(rowid, rev, bool(doubted)) for order_id, rowid, rev, doubted in rows}


def _insert_fresh(
    tx: Tx, fresh: Sequence[tuple[Head, bytes | msgspec.Raw]], frame: Frame, *, small: bool
) -> None:
    first = tx.one("SELECT coalesce(max(id), 0) + 1 FROM orders")[0]
    found = 1 if small else 0
    tx.many(
        _INSERT,
        (
            (first + n, head.id, head.rev, *derive(head, frame), found, 1, 0, 0)
            for n, (head, _) in enumerate(fresh)
        ),
    )
    tx.many(
        "INSERT INTO states (id, base) VALUES (?, ?)",
        ((first + n, bytes(data)) for n, (_, data) in enumerate(fresh)),
    )
    if small:
        for n, (head, _) in enumerate(fresh):
            search.put(tx, first + n, head, frame)


def _replace_base(
    tx: Tx, rowid: int, data: bytes, head: Head, frame: Frame, *, later: bool
) -> None:
    base, own, pack = tx.one(
        f"SELECT {packs.BASE}, s.own, o.pack FROM orders o{packs.JOIN} WHERE o.id = ?",  # noqa: S608
        (rowid,),
    )
    if later and own is not None:  # the view stays for refold to compare with
        tx.execute("UPDATE states SET base = ? WHERE id = ?", (data, rowid))
        tx.execute("UPDATE orders SET rev = ?, receipt = '' WHERE id = ?", (head.rev, rowid))
        return
    _keep(tx, rowid, pack, data, None)
    _describe(tx, rowid, head, frame, own or base, None, rev=head.rev)


def _keep(tx: Tx, rowid: int, pack: int, base: bytes, own: bytes | None) -> None:
    """Write an order's bytes; one that was packed until now gets a row of its own."""
    if not pack:
        tx.execute("UPDATE states SET base = ?, own = ? WHERE id = ?", (base, own, rowid))
        return
    tx.execute("INSERT INTO states (id, base, own) VALUES (?, ?, ?)", (rowid, base, own))
    tx.execute("UPDATE orders SET pack = 0 WHERE id = ?", (rowid,))


def refold(tx: Tx, order_id: str, center: Center | None, frame: Frame) -> Order | None:
    """Compute the view anew from base and waiting acts; return it, or None when unknown."""
    stored = load(tx, order_id)
    if stored is None:
        return None
    acts = pending_acts(tx, order_id)
    if not acts or center is None:
        put_view(tx, stored, None, frame, pending=len(acts))
        return None
    view = fold(codec.decode_order(stored.base), acts, center)
    put_view(tx, stored, codec.encode(view), frame, pending=len(acts))
    return view


def put_view(tx: Tx, stored: Stored, own: bytes | None, frame: Frame, *, pending: int) -> None:
    """Store the view's bytes (None: same as base) and what lists show of it."""
    head = read_head(own or stored.base)
    if stored.receipt or (stored.pack and own is not None):
        _keep(tx, stored.rowid, stored.pack, stored.base, own)
    elif own != stored.own:
        tx.execute("UPDATE states SET own = ? WHERE id = ?", (own, stored.rowid))
    _describe(tx, stored.rowid, head, frame, stored.shown, own, rev=stored.rev, pending=pending)


def _describe(
    tx: Tx,
    rowid: int,
    head: Head,
    frame: Frame,
    before: bytes,
    own: bytes | None,
    *,
    rev: int,
    pending: int = 0,
) -> None:
    changed = search.changed(read_head(before), head)
    digest = state_digest(own) if own else ""
    values = (*derive(head, frame), rev, pending, 0 if changed else 1, digest, rowid)
    tx.execute(_UPDATE, values)
    if changed:
        search.put(tx, rowid, head, frame)
        tx.execute("UPDATE orders SET searchable = 1 WHERE id = ?", (rowid,))
    tx.wrote(2)


def describe_all(tx: Tx, before: Frame, after: Frame) -> None:
    """Bring the columns of all orders up to a center whose bands, tiers or villages have changed.

    Nobody can record meanwhile: almost all of it follows from the columns themselves, and no order is
    unpacked but those of villages that are gone.
    """
    if after.bands != before.bands:
        tx.execute(
            "UPDATE orders SET near_at = cur_safe - CAST((cur_safe - cur_start) * ? AS INTEGER)"
            " WHERE cur_safe < ?",
            (after.bands.near, NEVER),
        )
    for tier in _differing(before.tiers, after.tiers):
        rank = after.tiers.get(tier, NO_RANK)
        tx.execute("UPDATE orders SET tier_rank = ? WHERE tier = ?", (rank, tier))
    renamed = _differing(before.villages, after.villages)
    tx.many(
        "UPDATE orders SET village_key = ? WHERE village_id = ?",
        [(after.villages[v], v) for v in renamed if v in after.villages],
    )
    _name_themselves(tx, [v for v in renamed if v not in after.villages])
    tx.wrote(tx.one("SELECT count(*) FROM orders")[0])


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def _name_themselves(tx: Tx, villages: Sequence[str]) -> None:
    """Sort the orders of villages that the center does not know any more by what they say themselves."""
    rows = tx.execute(
        f"SELECT o.id, {packs.SHOWN} FROM json_each(?) j"  # noqa: S608 - own text
        f" JOIN orders o ON o.village_id = j.value{packs.JOIN}",
        (codec.encode(villages).decode(),),
    )
    names = [(read_head(shown).place.village, rowid) for rowid, shown in rows]
    tx.many("UPDATE orders SET village_key = ? WHERE id = ?", names)
