"""Orders that need not come back: the sender of an act has folded it already, and can prove it.

A seat shows its own acts by the same rules the platform judges them by. Where nobody else wrote
meanwhile, both come to the same state but for one thing: when the platform received the acts. So the
result carries a short digest of the state with those times taken out, and the answer carries the time.
A seat whose own state has that digest puts the time in and has, byte for byte, what the platform has;
any other seat lets the order come whole.

Where every act of an order was applied, its last result says all about those before it; ``brief`` and
``whole`` leave them out and put them in again.

An order's history is its last part, and an entry says ``"occurred_at":"…","received_at":"…"``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from desktop_app.domain.acts import Act
from desktop_app.domain.orders import Outcome
from sync.protocol.messages import ActResult

_OCCURRED, _RECEIVED = b'"occurred_at":"', b'"received_at":"'


def state_digest(state: bytes) -> str:
    """Return 72 bits of the SHA-256 of an order's bytes: enough where nobody means harm."""
    return base64.urlsafe_b64encode(hashlib.sha256(state).digest()[:9]).decode()


def as_folded(state: bytes, count: int) -> bytes:
    """Return an order's bytes as a seat folds its ``count`` last acts: received when they occurred.

    Raises ``ValueError`` when there are fewer, as do all functions here.
    """
    parts: list[bytes] = []
    end = len(state)
    for start, stop in _receipts(state, count):
        at = state.rindex(_OCCURRED, 0, start) + len(_OCCURRED)
        parts += (state[stop:end], state[at : state.index(b'"', at)])
        end = start
    parts.append(state[:end])
    return b"".join(reversed(parts))


def as_received(state: bytes, count: int, at: str) -> bytes:
    """Return an order's bytes with ``at`` as the time at which its ``count`` last acts were received."""
    parts: list[bytes] = []
    end = len(state)
    for start, stop in _receipts(state, count):
        parts += (state[stop:end], at.encode())
        end = start
    parts.append(state[:end])
    return b"".join(reversed(parts))


def brief(subjects: Sequence[str], results: Sequence[ActResult]) -> list[ActResult]:
    """Return the results without those that a digest stands for. ``subjects``: of each one's act."""
    about = list(zip(subjects, results, strict=True))
    proved = {subject for subject, result in about if result.state}
    return [result for subject, result in about if result.state or subject not in proved]


def whole(acts: Sequence[Act], results: Sequence[ActResult]) -> tuple[ActResult, ...]:
    """Return the results of a request with those that a digest stands for, whatever else is there."""
    told = {result.act_id: result for result in results}
    return (*_implied(acts, told), *results)


def _implied(acts: Sequence[Act], told: Mapping[str, ActResult]) -> Iterator[ActResult]:
    """Yield what the results with digests say of the acts before them, the last one first."""
    revs: dict[str, int] = {}
    for act in reversed(acts):
        result = told.get(act.id)
        if result is not None:
            revs[act.subject] = result.rev if result.state else 0
        elif (rev := revs.get(act.subject, 0) - 1) > 0:
            revs[act.subject] = rev
            yield ActResult(act_id=act.id, outcome=Outcome.APPLIED, rev=rev)


def wire_time(moment: datetime) -> str:
    """Return a time as it stands in the bytes of an order."""
    return msgspec.json.encode(moment)[1:-1].decode()


def _receipts(state: bytes, count: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where the last ``count`` times of receipt stand, the last one first."""
    before = len(state)
    for _ in range(count):
        before = state.rindex(_RECEIVED, 0, before)
        start = before + len(_RECEIVED)
        yield start, state.index(b'"', start)
