"""Who is at the desk: the roles, and how they are called on the screen."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A seat's role; the value is the wire value."""

    DISPATCHER = "dispatcher"
    SECRETARY = "secretary"
    LEADER = "leader"
    VILLAGE = "village"
    STATION = "station"
    DEPARTMENT = "department"
    GRID = "grid"
    INSPECTOR = "inspector"
    ADMIN = "admin"
    PLATFORM = "platform"


ROLE_TITLES = {
    Role.DISPATCHER: "派单员",
    Role.SECRETARY: "乡党委书记",
    Role.LEADER: "乡领导",
    Role.VILLAGE: "村书记",
    Role.STATION: "基层站所",
    Role.DEPARTMENT: "区直部门",
    Role.GRID: "网格员",
    Role.INSPECTOR: "督查",
    Role.ADMIN: "系统管理员",
    Role.PLATFORM: "平台",
}

HANDLER_ROLES = frozenset({Role.LEADER, Role.VILLAGE, Role.STATION, Role.DEPARTMENT})
CENTER_ROLES = frozenset(
    {Role.DISPATCHER, Role.SECRETARY, Role.INSPECTOR, Role.ADMIN, Role.PLATFORM}
)
"""Roles that see every order of the center; all others see the orders they were assigned to."""
