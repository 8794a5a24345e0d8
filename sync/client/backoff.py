"""How long to wait before the next try. Pure: the time and the dice come in."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

FLOOR = 1.0
"""Seconds. Nothing is ever tried again sooner (I12)."""
CAP = 300.0
PATIENT = 8.0
"""Seconds. While the line comes and goes, no wait is longer; then a quarter of how long it is gone."""
RETRY_AFTER_CAP = 900.0


def delay(
    attempt: int, jitter: float, retry_after: float | None = None, most: float = CAP
) -> float:
    """Return the seconds to wait after the ``attempt``-th failure in a row (1 is the first).

    Full jitter: evenly spread over [0, 2^attempt], at most ``most``, so that seats that lost the
    platform together do not come back together. ``jitter`` is in [0, 1). What the platform asked for
    is a floor, up to ``RETRY_AFTER_CAP``.
    """
    spread = jitter * min(most, 2.0 ** min(attempt, 20))
    asked = min(retry_after or 0.0, RETRY_AFTER_CAP)
    return max(FLOOR, spread, asked)


def longest(failing: float, *, gone: bool) -> float:
    """Return the longest wait when it has been failing for so many seconds.

    A platform that is reached and cannot is left alone longer and longer. A line that is ``gone`` costs
    nobody anything: it may be back in a moment, and on one that comes and goes ten tries in a row fail
    now and then. The longer it is gone, the more seats may come back at once, and the wider they spread.
    """
    return min(CAP, max(PATIENT, failing / 4)) if gone else CAP


def parse_retry_after(value: str | None, date: str | None, now: datetime) -> float | None:
    """Return ``Retry-After`` in seconds, within [0, ``RETRY_AFTER_CAP``]; None when absent or absurd.

    A date is measured against the answer's own ``Date``, because this machine's clock may be wrong;
    ``now`` (aware) stands in when the answer has none.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), RETRY_AFTER_CAP)
    until = _http_date(text)
    if until is None:
        return None
    seconds = (until - (_http_date(date or "") or now)).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_CAP)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo is not None else None
