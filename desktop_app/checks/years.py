"""Whether the policy knows the working days of this year and, when it is published, of the next."""

from __future__ import annotations

from datetime import datetime

from desktop_app.checks.result import Check, fine, warn
from desktop_app.domain.calendars import (
    SHANGHAI,
    counts_working_days,
    how_to_complete,
    lacking_year,
)
from desktop_app.domain.policy import Policy


def check(policy: Policy, now: datetime) -> list[Check]:
    """Look at the years of ``now`` (aware) and the one after, in Beijing time."""
    year, lack = now.astimezone(SHANGHAI).year, lacking_year(policy, now)
    advice = f"{how_to_complete(policy)}联网后本机自动更新。"
    if lack is not None:
        what = f"时限算到 {lack} 年的单派不出去" if counts_working_days(policy) else "眼下用不到"
        return [warn(f"政策里还没有 {lack} 年的工作日历，{what}。", advice)]
    if year + 1 not in policy.calendar_years:
        return [fine(f"{year} 年的工作日历已有；{year + 1} 年的等放假安排公布。")]
    return [fine(f"{year}、{year + 1} 年的工作日历都有。")]
