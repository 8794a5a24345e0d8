"""What this seat has seen of the township's chain, and whether the platform still shows it. Pure but for the keeper.

A chain without a secret can be rewritten whole by somebody with the platform's database. He cannot
rewrite what seats have noted. Every entry's hash covers all before it, so one that still stands
vouches for everything up to it.

A platform that was restored from a backup ends earlier, rightly. It shows as a new epoch; what no
longer stands was then lost, not rewritten, and people are told since when, who know whether there was
a restoration. Within an epoch nothing may change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from sync.client.identity import Keeper
from sync.protocol.witness import MOST, Witnessed, parse_mark

_KEY = "sync.witness"
KEPT = MOST
"""Entries; from then on every second one of the older half goes."""


class Seen(msgspec.Struct, frozen=True):
    """An entry as the platform showed it; ``at``: platform time, ``hash`` in hex."""

    number: int
    hash: str
    epoch: str
    at: datetime


class Found(msgspec.Struct, frozen=True):
    """That an entry no longer stands. ``kind``: within an epoch ("rewritten"), or by a restoration
    ("restored"). ``good``: the newest entry that still stands, if any does.
    """

    kind: Literal["rewritten", "restored"]
    at: datetime
    seen: Seen
    good: Seen | None = None


class Kept(msgspec.Struct, frozen=True):
    """Entries in the order of their numbers. ``found``: what is wrong now, or was restored last."""

    seen: tuple[Seen, ...] = ()
    found: Found | None = None
    checked_at: datetime | None = None


def load(keeper: Keeper) -> Kept:
    """Return what is kept; what cannot be read counts as nothing."""
    text = keeper.get_meta(_KEY)
    if text is None:
        return Kept()
    try:
        return msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError:
        return Kept()


def save(keeper: Keeper, kept: Kept) -> None:
    keeper.set_meta(_KEY, msgspec.json.encode(kept).decode())


def to_ask(kept: Kept, epoch: str) -> list[int]:
    """Return the numbers to ask for: the newest, ever fewer before it, and the first; all of them after
    a restoration, to know exactly how far it went back.
    """
    if any(seen.epoch != epoch for seen in kept.seen):
        return [seen.number for seen in kept.seen]
    back, chosen = 1, set[int]()
    while back <= len(kept.seen):
        chosen.add(kept.seen[-back].number)
        back *= 2
    return sorted(chosen | {seen.number for seen in kept.seen[:1]})


@dataclass(frozen=True, slots=True)
class _Looked:
    """What an answer says about the entries it was asked for."""

    good: tuple[Seen, ...]
    gone: tuple[Seen, ...]


def take(kept: Kept, epoch: str, answer: Witnessed, at: datetime) -> Kept:
    """Return what is kept after ``answer``. ``epoch``: the one this seat knows; ``at``: platform time.

    An answer counts only where the platform knows this seat's cursor: until a restored one does, the
    seat brings back what was lost. ``ValueError``: the answer holds what is no entry.
    """
    if not answer.known or answer.epoch != epoch:
        return kept
    looked = _looked(kept, epoch, answer)
    broken = [seen for seen in looked.gone if seen.epoch == epoch]
    good = max(looked.good, key=lambda seen: seen.number, default=None)
    if broken:
        # What was seen stays as it is: it is the evidence.
        return Kept(kept.seen, Found("rewritten", at, broken[0], good), at)
    seen, found = kept.seen, kept.found
    if looked.gone:
        first = looked.gone[0]
        found = Found("restored", at, seen[-1], good)
        seen = tuple(each for each in seen if each.number < first.number)
    elif found is not None and found.kind == "rewritten":
        found = None  # what had been rewritten stands again
    if good is not None:  # what it covers belongs to this epoch too
        proved = good.number
        seen = tuple(_of(each, epoch) if each.number <= proved else each for each in seen)
    return Kept(_with_head(seen, answer, at), found, at)


def _looked(kept: Kept, epoch: str, answer: Witnessed) -> _Looked:
    stands = {number: digest.hex() for number, digest in map(parse_mark, answer.entries)}
    asked = set(to_ask(kept, epoch))
    looked = [seen for seen in kept.seen if seen.number in asked]
    return _Looked(
        tuple(seen for seen in looked if stands.get(seen.number) == seen.hash),
        tuple(seen for seen in looked if stands.get(seen.number) != seen.hash),
    )


def _of(seen: Seen, epoch: str) -> Seen:
    return msgspec.structs.replace(seen, epoch=epoch)


def _with_head(seen: tuple[Seen, ...], answer: Witnessed, at: datetime) -> tuple[Seen, ...]:
    if not answer.head:
        return seen
    number, digest = parse_mark(answer.head)
    if seen and seen[-1].number >= number:
        return seen
    grown = (*seen, Seen(number, digest.hex(), answer.epoch, at))
    half = KEPT // 2
    return grown if len(grown) <= KEPT else (*grown[:half:2], *grown[half:])
