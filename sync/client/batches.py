"""Which of the acts that wait go along in one request."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from desktop_app.domain.acts import Act
from sync.protocol.codec import encode

ACT_BYTES = 512
"""Of an ordinary act: a batch of n acts is also full at n times as much."""


def batch_of(waiting: Sequence[Act], most: int) -> tuple[tuple[Act, ...], bool]:
    """Return the acts to send, at most ``most``, and whether one of ``waiting`` stays behind for want of
    room.

    Of an order go all acts or, if others go already, none: with some of them still here its digest
    proves nothing, and all orders of the batch would come back whole. They keep their sequence and lie
    together, which makes them pack a third smaller.
    """
    queues = _queues(waiting)
    chosen: list[Sequence[Act]] = []
    count = size = 0
    for queue in queues:
        count += len(queue)
        size += sum(len(encode(act)) for act in queue)
        if count > most or size > most * ACT_BYTES:
            chosen = chosen or [_first(queue, most)]
            break
        chosen.append(queue)
    acts = tuple(chain.from_iterable(chosen))
    return acts, len(acts) < sum(map(len, queues))


def _queues(waiting: Sequence[Act]) -> list[list[Act]]:
    queues: dict[str, list[Act]] = {}
    for act in waiting:
        queues.setdefault(act.subject, []).append(act)
    return list(queues.values())


def _first(queue: Sequence[Act], most: int) -> Sequence[Act]:
    """Return as many of an order's acts as a batch holds, one at least."""
    count = size = 0
    for act in queue[:most]:
        size += len(encode(act))
        if count and size > most * ACT_BYTES:
            break
        count += 1
    return queue[:count]
