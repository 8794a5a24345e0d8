"""Which of the acts that wait go along in one request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

from desktop_app.domain.acts import Act
from sync.protocol.codec import encode

ACT_BYTES = 512
"""Of an ordinary act: a batch of n acts is also full at n times as much."""


def batch_of(
    waiting: Sequence[Act], person_id: str, held: Collection[str], most: int
) -> tuple[tuple[Act, ...], bool]:
    """Return the person's own acts to send, at most ``most``, and whether one of ``waiting`` stays behind
    for want of room. ``held``: acts left out for now, and with them those of the same order.

    Of an order the acts keep their sequence and lie together, which makes them pack a third smaller.
    """
    left_out = {act.subject for act in waiting if act.id in held}
    queues: dict[str, list[Act]] = {}
    count = size = 0
    full = False
    for act in waiting:
        if act.subject in left_out or act.actor.person_id != person_id:
            continue
        size += len(encode(act))
        full = count == most or (count > 0 and size > most * ACT_BYTES)
        if full:
            break
        queues.setdefault(act.subject, []).append(act)
        count += 1
    return tuple(chain.from_iterable(queues.values())), full
