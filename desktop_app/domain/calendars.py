"""Working days of mainland China as a policy lists them: weekends, public holidays, make-up days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop_app.domain.policy import Policy
from desktop_app.domain.refusals import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")


def is_working_day(policy: Policy, day: date) -> bool:
    """Whether ``day`` is worked. Raises ``Refusal`` for a year the policy has no calendar for."""
    if day.year not in policy.calendar_years:
        raise Refusal(
            "calendar", f"{day.year} 年的工作日历还没有。", "请管理员在政策文件中补上该年放假安排。"
        )
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
