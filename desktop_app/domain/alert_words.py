"""What an alert says: what is due, where it stands, who holds it, what to do next."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop_app.domain.alert_values import Alarm, Alert, AlertKind, Watch
from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, Person
from desktop_app.domain.orders import STAGE_TITLES, Stage
from desktop_app.domain.policy import AlertRule, Milestone
from desktop_app.domain.roles import HANDLER_ROLES, ROLE_TITLES, Role

_DESK = {
    Stage.DISPATCHED: "签收",
    Stage.ACCEPTED: "打电话核实",
    Stage.VERIFIED: "拟办",
    Stage.CONCLUDED: "回访复查",
    Stage.REVIEWED: "反馈平台",
    Stage.CALLED_BACK: "归档",
}
_FIELD = {
    Milestone.MET: "登记见面",
    Milestone.PLANNED: "登记方案",
    Milestone.PROGRESSED: "登记进展",
    Milestone.EXPLAINED: "登记说明情况",
    Milestone.DETERMINED: "登记定性",
}
_MAY_URGE = frozenset({Role.DISPATCHER, Role.SECRETARY, Role.INSPECTOR})


def moment_text(moment: datetime, now: datetime) -> str:
    """Return a time as people say it: 今天 14:10, 明天 08:15, 11-25 08:15 (Shanghai)."""
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    days = (local.date() - today) // timedelta(days=1)
    day = {0: "今天", 1: "明天", -1: "昨天"}.get(days, f"{local:%m-%d}")
    return f"{day} {local:%H:%M}"


def node_text(watch: Watch) -> str:
    """Return the node as shown in a row: 第三天 定性办结, or the label alone."""
    day = _DAYS.get(watch.clock.node, "")
    return f"{day} {watch.clock.label}" if day else watch.clock.label


_NUMBERS = "零一二三四五六七八九十"
_DAYS = {
    str(n): f"第{(_NUMBERS[n] if n <= 10 else '十' + _NUMBERS[n - 10])}天" for n in range(1, 20)
}


def next_words(watch: Watch, person: Person) -> str:
    """Return what ``person`` can do next about it, as one short sentence."""
    if watch.kind is AlertKind.CONFLICT:
        return _decide_words(watch, person)
    if watch.kind is AlertKind.REFUSED:
        return "请到“裁定”里看，选怎么办。"
    if watch.paused:
        return "停表中，续表后再办。"
    if watch.stage is Stage.REPORTED:
        return "等平台回访。"
    step = _DESK.get(watch.stage, "")
    if step:
        return f"请{step}。" if person.role is Role.DISPATCHER else f"等派单员{step}。"
    if watch.stage is Stage.PROPOSED:
        if watch.signs and person.role is not Role.SECRETARY:
            return "请代签。"
        return "请签批。" if person.role is Role.SECRETARY else "等书记签批。"
    step = "接办" if watch.stage is Stage.SIGNED else _FIELD.get(watch.clock.closed_by, "办结")
    if watch.mine and person.role in HANDLER_ROLES:
        return f"请{step}。"
    urge = "可催办" if person.role in _MAY_URGE else "可打电话催"
    return f"等{watch.holder}{step}，{urge}。"


def _decide_words(watch: Watch, person: Person) -> str:
    if watch.mine:
        return "请选哪条作数。"
    instead = "，也可代为选定" if person.role is Role.DISPATCHER else ""
    return f"还没有人选定，可打电话催{instead}。"


def why(alert: Alert, person: Person, now: datetime) -> str:
    """Return the whole reason of an alert in a few short sentences."""
    watch = alert.watch
    return f"{_due(alert, now)}{_stands(watch)}{next_words(watch, person)}"


def _due(alert: Alert, now: datetime) -> str:
    watch = alert.watch
    at = moment_text(watch.clock.safe_due_at, now)
    if alert.kind is AlertKind.NEW:
        return f"{moment_text(watch.clock.started_at, now)}派来，“{watch.clock.label}”限{at}。"
    if alert.kind is AlertKind.CONFLICT:
        return f"两条记录对不上，限{at}选定。"
    if alert.kind is AlertKind.REFUSED:
        return f"{watch.clock.label}，限{at}处理。"
    word = "已过" if alert.overdue else "限"
    word += " " if at[0].isdigit() else ""
    return f"“{watch.clock.label}”{word}{at}。"


def _stands(watch: Watch) -> str:
    stage = STAGE_TITLES[watch.stage]
    held = f"，在{watch.holder}处" if watch.holder else ""
    return f"现在{stage}{held}。"


def limit_text(watch: Watch) -> str:
    """Return what a new order demands: 须 15 分钟内落实承办."""
    seconds = int((watch.clock.safe_due_at - watch.clock.started_at).total_seconds())
    return f"须 {span_text(seconds)}内{watch.clock.label}"


def span_text(seconds: int) -> str:
    """Return a round length of time: 3 分钟, 2 小时, 7 天."""
    for size, word in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds // 60} 分 {seconds % 60:02d} 秒" if seconds >= 60 else f"{seconds} 秒"


def told_next(alarm: Alarm, center: Center, rule: AlertRule, now: datetime) -> str:
    """Return who is told next when nobody takes the order, and when."""
    people = _heads(center)
    left = alarm.since + timedelta(seconds=rule.head_after_seconds) - now
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return f"无人签收：已同时提醒 {people}"
    return f"无人签收：{span_text(seconds)}后同时提醒 {people}"


def _heads(center: Center) -> str:
    people = [p for p in center.people if p.active and (p.head or p.role is Role.SECRETARY)]
    names = ["中心负责人"] if any(p.head for p in people) else []
    names += [ROLE_TITLES[Role.SECRETARY]] if any(p.role is Role.SECRETARY for p in people) else []
    return "、".join(names) or "其他派单员"
