"""Working days of mainland China as a policy lists them: weekends, public holidays, make-up days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desktop_app.domain.policy import Counting, Policy
from desktop_app.domain.refusals import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")


PUBLISHED = 11  # the month the State Council usually publishes next year's holidays in


def how_to_complete(policy: Policy) -> str:
    """Say which file lacks a year, and how it gets to the platform."""
    name = f"{policy.id}.toml"
    return (
        f"请管理员在 {name} 的 [calendar] 补上该年放假安排，再运行 jiban platform policy {name}。"
    )


def counts_working_days(policy: Policy) -> bool:
    """Whether any limit is counted in working days."""
    return any(c.counting is Counting.WORKING_DAYS for t in policy.tiers for c in t.clocks)


def lacking_year(policy: Policy, now: datetime) -> int | None:
    """Return the year (this, from November on also the next) whose working days are not known."""
    today = now.astimezone(SHANGHAI)
    years = (today.year, today.year + 1) if today.month >= PUBLISHED else (today.year,)
    return next((year for year in years if year not in policy.calendar_years), None)


def is_working_day(policy: Policy, day: date) -> bool:
    """Whether ``day`` is worked. Raises ``Refusal`` for a year the policy has no calendar for."""
    if day.year not in policy.calendar_years:
        reason = f"{day.year} 年的工作日历还没有，时限算不出来。"
        raise Refusal("calendar", reason, how_to_complete(policy))
    text = day.isoformat()
    if text in policy.makeup_days:
        return True
    return day.weekday() < 5 and text not in policy.holidays


def add_working_days(policy: Policy, start: datetime, days: int) -> datetime:
    """Return the same time of day, ``days`` working days after ``start`` (aware; result in UTC).

    A start outside a working day counts from the beginning of the next one.
    """
    local = start.astimezone(SHANGHAI)
    if not is_working_day(policy, local.date()):
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
        while not is_working_day(policy, local.date()):
            local += timedelta(days=1)
    left = days
    while left:
        local += timedelta(days=1)
        if is_working_day(policy, local.date()):
            left -= 1
    return local.astimezone(start.tzinfo)


def working_days_between(policy: Policy, start: datetime, end: datetime) -> int:
    """Return how many working days began after ``start``'s day, up to ``end``'s day inclusive."""
    day, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += is_working_day(policy, day)
    return count


def office_time_after(policy: Policy, start: datetime, seconds: int) -> datetime:
    """Return when ``seconds`` of office time have passed since ``start`` (aware; policy ``[decisions]``).

    Never refuses: of a year without a calendar Monday to Friday count.
    """
    rule, left = policy.decisions, timedelta(seconds=seconds)
    opens, closes = time.fromisoformat(rule.opens), time.fromisoformat(rule.closes)
    local = start.astimezone(SHANGHAI)
    while True:
        day = local.date()
        begin = max(local, datetime.combine(day, opens, SHANGHAI))
        room = datetime.combine(day, closes, SHANGHAI) - begin
        if room > timedelta() and _office_day(policy, day):
            if left <= room:
                return (begin + left).astimezone(start.tzinfo)
            left -= room
        local = datetime.combine(day + timedelta(days=1), opens, SHANGHAI)


def _office_day(policy: Policy, day: date) -> bool:
    known = day.year in policy.calendar_years
    return is_working_day(policy, day) if known else day.weekday() < 5
