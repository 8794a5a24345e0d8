"""Whether the policy knows the working days of this year and, when it is published, of the next."""

from __future__ import annotations

from datetime import datetime

from desktop_app.checks.result import Check, fine, warn
from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.policy import Policy

PUBLISHED = 11  # the month the State Council usually publishes next year's holidays in
_ADVICE = "请管理员在平台的政策文件里补上该年放假安排，联网后本机自动更新。"


def check(policy: Policy, now: datetime) -> list[Check]:
    """Look at the years of ``now`` (aware) and the one after, in Beijing time."""
    today = now.astimezone(SHANGHAI)
    lack = [year for year in (today.year, today.year + 1) if year not in policy.calendar_years]
    if today.year in lack:
        return [warn(f"政策里没有 {today.year} 年的工作日历，按工作日算的时限算不出来。", _ADVICE)]
    if lack and today.month >= PUBLISHED:
        return [warn(f"政策里还没有 {lack[0]} 年的工作日历。", _ADVICE)]
    if lack:
        return [fine(f"{today.year} 年的工作日历已有；{lack[0]} 年的等放假安排公布。")]
    return [fine(f"{today.year}、{today.year + 1} 年的工作日历都有。")]
