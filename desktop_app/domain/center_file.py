"""Reading a center file (TOML) into a ``Center`` and its logins; every mistake is named with its row.

The sample township (``resources/sample/township.toml``) is such a file and shows every entry:

    center, township          names
    villages                  id, name, pinyin, initials, patch leader (包片领导, may be "")
    stations                  id, name, pinyin, initials
    people                    id, name, role, title, unit ("" for none), account; the first heads the center
    duties                    [matter, …], leader, [station, …]
    catalogue                 matters, from the general to the particular
    shifts                    person, team, begin, end as "2026-11-21 08:00", Beijing time; may be absent
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, DutyRule, Person, Shift, Unit, UnitKind
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.policy import Policy
from desktop_app.domain.roles import Role

T = TypeVar("T")


class CenterFileError(ValueError):
    """The file cannot be used. ``str`` is Chinese and names the row."""


@dataclass(frozen=True, slots=True)
class CenterFile:
    """What a file says. ``accounts``: account → person id."""

    center: Center
    accounts: dict[str, PersonId]


def load_center(text: str, policy: Policy) -> CenterFile:
    """Parse a center file; the center is under ``policy``. Raises ``CenterFileError``."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CenterFileError(f"不是 TOML 文件：{error}。") from None
    people = _rows(data, "people", _person, required=True)
    units = [
        *_rows(data, "villages", _village, required=True),
        *_rows(data, "stations", _station),
    ]
    center = Center(
        name=_name(data, "center"),
        township=_name(data, "township"),
        rev=1,
        policy=policy,
        people=tuple(person for person, _ in people),
        units=tuple(units),
        duties=tuple(_rows(data, "duties", _duty)),
        shifts=tuple(_rows(data, "shifts", _shift)),
        catalogue=tuple(_rows(data, "catalogue", _matter)),
    )
    _check(center)
    accounts = {account: person.id for person, account in people if account}
    if len(accounts) != sum(bool(account) for _, account in people):
        raise CenterFileError("people 里有两个人用同一个账号。")
    return CenterFile(center, accounts)


def _name(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CenterFileError(f"缺少 {key}（名称）。")
    return value.strip()


def _rows(
    data: dict[str, Any], key: str, read: Callable[[Any, int], T], *, required: bool = False
) -> list[T]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or (required and not rows):
        raise CenterFileError(f"缺少 {key}。")
    found: list[T] = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(read(row, number))
        except CenterFileError as error:
            raise CenterFileError(f"{key} 第 {number} 行：{error}") from None
        except (TypeError, ValueError, AttributeError):
            raise CenterFileError(f"{key} 第 {number} 行的格式不对。请照样例乡镇的写法。") from None
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _id(value: object) -> str:
    text = _text(value)
    if not 0 < len(text) <= 64 or not text.isprintable() or "," in text:
        raise CenterFileError("没有可用的编号。")
    return text


def _person(row: list[Any], number: int) -> tuple[Person, str]:
    person_id, name, role, title, unit, account = row
    try:
        office = Role(role)
    except ValueError:
        known = "、".join(r.value for r in Role if r is not Role.PLATFORM)
        raise CenterFileError(f"没有“{role}”这个岗位。可选：{known}。") from None
    if office is Role.PLATFORM:
        raise CenterFileError("平台自己不是人员。")
    person = Person(
        PersonId(_id(person_id)), _text(name), office, _text(title),
        UnitId(_text(unit)) if unit else None, head=number == 1,
    )  # fmt: skip
    return person, _text(account)


def _village(row: list[Any], _number: int) -> Unit:
    unit_id, name, pinyin, initials, leader = row
    patch_leader = PersonId(_text(leader)) if leader else None
    return Unit(
        UnitId(_id(unit_id)), UnitKind.VILLAGE, _text(name), _text(pinyin), _text(initials),
        patch_leader,
    )  # fmt: skip


def _station(row: list[Any], _number: int) -> Unit:
    unit_id, name, pinyin, initials = row
    return Unit(UnitId(_id(unit_id)), UnitKind.STATION, _text(name), _text(pinyin), _text(initials))


def _duty(row: list[Any], _number: int) -> DutyRule:
    category, leader, stations = row
    return DutyRule(
        _matter(category, 0),
        PersonId(_text(leader)) if leader else None,
        tuple(UnitId(_text(s)) for s in stations),
    )


def _matter(row: Any, _number: int) -> tuple[str, ...]:
    if not isinstance(row, list) or not row:
        raise TypeError
    return tuple(_text(part) for part in row)


def _shift(row: list[Any], _number: int) -> Shift:
    person, team, begin, end = row
    starts, ends = (
        datetime.strptime(_text(moment), "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)
        for moment in (begin, end)
    )
    if ends <= starts:
        raise CenterFileError("班次的结束不晚于开始。")
    return Shift(PersonId(_text(person)), _text(team), starts, ends)


def _check(center: Center) -> None:
    """Refuse what would only be found out when somebody is looked for."""
    _unique("人员", (p.id for p in center.people))
    _unique("单位", (u.id for u in center.units))
    roles = {person.role for person in center.people}
    for role, words in ((Role.DISPATCHER, "派单员"), (Role.SECRETARY, "书记")):
        if role not in roles:
            raise CenterFileError(f"people 里没有{words}（{role.value}）。")
    people = {p.id for p in center.people}
    units = {u.id for u in center.units}
    for person in center.people:
        _known(person.unit_id, units, f"人员 {person.id} 的单位")
    for unit in center.units:
        _known(unit.patch_leader, people, f"{unit.name}的包片领导")
    for duty in center.duties:
        _known(duty.leader, people, f"“{'—'.join(duty.category)}”的主管领导")
        for station in duty.stations:
            _known(station, units, f"“{'—'.join(duty.category)}”的站所")
    for shift in center.shifts:
        _known(shift.person_id, people, "班次上的人员")


def _unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise CenterFileError(f"{what}编号 {one} 写了两次。")
        seen.add(one)


def _known(wanted: str | None, known: Iterable[str], what: str) -> None:
    if wanted is not None and wanted not in known:
        raise CenterFileError(f"{what} {wanted} 不在这个文件里。")
