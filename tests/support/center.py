"""A small invented center for tests: one township, two villages, two leaders, two stations."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain.center import Center, DutyRule, Person, Unit, UnitKind
from desktop_app.domain.ids import ActId, OrderId, PersonId, UnitId
from desktop_app.domain.intake import Intake, new_order
from desktop_app.domain.orders import Duty, Handler, Matter, Order, Petitioner, Place
from desktop_app.domain.policy_file import load_policy
from desktop_app.domain.roles import Role
from resources import read_text

PEOPLE = (
    Person(PersonId("dispatcher"), "周女士", Role.DISPATCHER, "派单员", head=True),
    Person(PersonId("dispatcher2"), "孙先生", Role.DISPATCHER, "派单员"),
    Person(PersonId("secretary"), "乡书记", Role.SECRETARY, "乡党委书记"),
    Person(PersonId("leader"), "李领导", Role.LEADER, "分管农业领导"),
    Person(PersonId("leader2"), "王领导", Role.LEADER, "分管村镇建设领导"),
    Person(PersonId("village"), "魏书记", Role.VILLAGE, "魏家湾村书记", UnitId("wjw")),
    Person(PersonId("village2"), "东书记", Role.VILLAGE, "东沟村书记", UnitId("dg")),
    Person(PersonId("station"), "农办", Role.STATION, "乡农办", UnitId("nb")),
    Person(PersonId("station2"), "供水", Role.STATION, "供水站", UnitId("gs")),
    Person(PersonId("inspector"), "督查", Role.INSPECTOR, "督查"),
    Person(PersonId("admin"), "管理员", Role.ADMIN, "系统管理员"),
    Person(PersonId("grid"), "网格员", Role.GRID, "网格员"),
    Person(PersonId("department"), "公路分局", Role.DEPARTMENT, "公路分局"),
)
UNITS = (
    Unit(UnitId("wjw"), UnitKind.VILLAGE, "魏家湾村", "wei jia wan", "wjw", PersonId("leader")),
    Unit(UnitId("dg"), UnitKind.VILLAGE, "东沟村", "dong gou", "dg", PersonId("leader2")),
    Unit(UnitId("nb"), UnitKind.STATION, "农办"),
    Unit(UnitId("gs"), UnitKind.STATION, "供水站"),
)
ROAD = ("农村管理", "农村基础设施建设", "道路")
WATER = ("公用事业", "供水", "停水")


def sample_center(policy: str = "pinggu") -> Center:
    """Return the invented center under the named shipped policy."""
    return Center(
        name="熊儿寨乡群众诉求处置中心",
        township="熊儿寨乡",
        rev=1,
        policy=load_policy(read_text(f"policies/{policy}.toml")),
        people=PEOPLE,
        units=UNITS,
        duties=(
            DutyRule(("农村管理",), PersonId("leader"), (UnitId("nb"),)),
            DutyRule(("公用事业", "供水"), PersonId("leader2"), (UnitId("gs"),)),
        ),
        catalogue=(ROAD, WATER),
    )


def sample_intake(n: int = 1, tier: str = "general", village: str = "wjw") -> Intake:
    """Return the n-th invented intake. Its number is unique per n."""
    names = {u.id: u.name for u in UNITS}
    return Intake(
        number=f"20261120-{n:04d}",
        channel="12345 来电",
        petitioner=Petitioner("张女士", "13800001234", "东街 12 号"),
        place=Place(UnitId(village), names[UnitId(village)], "东街 12 号门前"),
        matter=Matter(
            "门前道路破损塌陷", "市民反映,自己是村民,门前道路塌陷,车过不去。", category=ROAD
        ),
        tier=tier,
        called_at=datetime.fromisoformat("2026-11-20T08:10:00+08:00"),
    )


def sample_order(
    at: datetime, n: int = 1, tier: str = "general", center: Center | None = None
) -> Order:
    """Return the n-th invented order, dispatched ``at``."""
    return new_order(
        sample_intake(n, tier), center or sample_center(), OrderId(f"order-{n}"), ActId(f"d{n}"), at
    )


HANDLERS = (
    Handler(Duty.LEAD, PersonId("leader"), "分管农业领导"),
    Handler(Duty.ASSIST, PersonId("village"), "魏家湾村书记", UnitId("wjw")),
    Handler(Duty.HELP, PersonId("station"), "乡农办", UnitId("nb")),
)
