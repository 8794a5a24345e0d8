"""Reading a policy file (TOML) into a ``Policy``; every mistake is named with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from desktop_app.domain.policy import (
    AlertMoment,
    AlertRule,
    Bands,
    ClockRule,
    Counting,
    DecisionRule,
    Milestone,
    Policy,
    TierRule,
)
from desktop_app.domain.roles import Role

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class PolicyError(ValueError):
    """A policy file does not say what it must; the message names the place."""


def load_policy(text: str) -> Policy:
    """Parse a policy file. Raises ``PolicyError``."""
    try:
        data = tomllib.loads(text)
        return _checked(_policy(data))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not TOML: {error}") from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(f"{type(error).__name__}: {error}") from error


def _checked(policy: Policy) -> Policy:
    """Refuse what could only be found out when an order comes in."""
    _unique("tier", [tier.id for tier in policy.tiers])
    for tier in policy.tiers:
        _unique(f"clock of {tier.id}", [clock.id for clock in tier.clocks])
        for clock in tier.clocks:
            if clock.limit <= 0:
                raise ValueError(f"{tier.id}.{clock.id}: limit {clock.limit}")
            if clock.counting is Counting.WORKING_DAYS and not policy.calendar_years:
                raise ValueError(f"{tier.id}.{clock.id}: working days without a calendar")
    if not 0 <= policy.bands.near <= policy.bands.half <= 1:
        raise ValueError(f"bands: {policy.bands}")
    if policy.safety_margin < 0:
        raise ValueError(f"safety_margin: {policy.safety_margin}")
    for day in (*policy.holidays, *policy.makeup_days):
        if date.fromisoformat(day).isoformat() != day:
            raise ValueError(f"calendar: {day}")
    for moment in (policy.alerts.quiet_from, policy.alerts.quiet_to):
        time.fromisoformat(moment)
    _check_decisions(policy.decisions)
    return policy


def _check_decisions(rule: DecisionRule) -> None:
    opens, closes = time.fromisoformat(rule.opens), time.fromisoformat(rule.closes)
    if rule.within_seconds <= 0 or opens >= closes:
        raise ValueError(f"decisions: {rule}")


def _unique(what: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise ValueError(f"{what}: the same id twice in {ids}")


def seconds(text: str) -> int:
    """Return the seconds of "15m", "2h", "-30m", "0". Raises ``ValueError``."""
    if text == "0":
        return 0
    return int(text[:-1]) * _UNITS[text[-1]]


def _policy(data: Mapping[str, Any]) -> Policy:
    bands = data.get("bands", {})
    calendar = data.get("calendar", {})
    profiles = data.get("alert_profiles", {})
    return Policy(
        id=data["id"],
        title=data["title"],
        version=str(data["version"]),
        tiers=tuple(_tier(t, profiles) for t in data["tier"]),
        bands=Bands(float(bands.get("half", 0.5)), float(bands.get("near", 0.2))),
        alerts=_alert_rule(data.get("alerts", {})),
        decisions=_decision_rule(data.get("decisions", {}), profiles),
        safety_margin=seconds(data.get("safety_margin", "0")),
        unreachable_attempts=int(data.get("unreachable_attempts", 3)),
        clock_stop_roles=tuple(Role(r) for r in data.get("clock_stop_roles", ["platform"])),
        batch_tiers=tuple(data.get("batch_tiers", ())),
        rate_weights=tuple((k, float(v)) for k, v in data.get("rates", {}).items()),
        holidays=tuple(calendar.get("holidays", ())),
        makeup_days=tuple(calendar.get("makeup_days", ())),
        calendar_years=tuple(calendar.get("years", ())),
    )


def _alert_rule(data: Mapping[str, Any]) -> AlertRule:
    default = AlertRule()
    quiet = data.get("quiet", [default.quiet_from, default.quiet_to])
    return AlertRule(
        repeat_seconds=seconds(data.get("repeat", f"{default.repeat_seconds}s")),
        head_after_seconds=seconds(data.get("head_after", f"{default.head_after_seconds}s")),
        snooze_seconds=seconds(data.get("snooze", f"{default.snooze_seconds}s")),
        snoozes=int(data.get("snoozes", default.snoozes)),
        quiet_from=quiet[0],
        quiet_to=quiet[1],
    )


def _decision_rule(data: Mapping[str, Any], profiles: Mapping[str, Any]) -> DecisionRule:
    default = DecisionRule()
    opens, closes = data.get("office", [default.opens, default.closes])
    return DecisionRule(
        within_seconds=seconds(data.get("within", f"{default.within_seconds}s")),
        opens=opens,
        closes=closes,
        alerts=_moments(profiles[data["alerts"]]) if "alerts" in data else default.alerts,
        then=tuple(Role(r) for r in data["then"]) if "then" in data else default.then,
    )


def _moments(rows: Iterable[Mapping[str, Any]]) -> tuple[AlertMoment, ...]:
    return tuple(AlertMoment(seconds(m["at"]), tuple(Role(r) for r in m["tell"])) for m in rows)


def _tier(data: Mapping[str, Any], profiles: Mapping[str, Any]) -> TierRule:
    return TierRule(
        id=data["id"],
        title=data["title"],
        style=data.get("style", "general"),
        insistent=bool(data.get("insistent", False)),
        clocks=tuple(_clock(c, profiles) for c in data["clock"]),
        conclude_needs=tuple(Milestone(m) for m in data.get("conclude_needs", ())),
        words=tuple(data.get("words", ())),
    )


def _clock(data: Mapping[str, Any], profiles: Mapping[str, Any]) -> ClockRule:
    counting = Counting(data.get("counting", "elapsed"))
    limit = data["limit"]
    return ClockRule(
        id=data["id"],
        label=data["label"],
        node=data.get("node", ""),
        closed_by=Milestone(data["closed_by"]),
        counting=counting,
        limit=seconds(limit) if counting is Counting.ELAPSED else int(limit),
        alerts=_moments(profiles[data["alerts"]]) if "alerts" in data else (),
    )
