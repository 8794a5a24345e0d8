"""Acts: the only thing a user writes. Each is an intent of the domain, never a column patch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId, DeviceId, OrderId, PersonId
from desktop_app.domain.roles import Role


class ActKind(StrEnum):
    """What was done; the value is the wire value."""

    DISPATCH = "dispatch"  # 平台派单
    ACCEPT = "accept"  # 签收
    VERIFY = "verify"  # 核实
    CLASSIFY = "classify"  # 分类
    PROPOSE = "propose"  # 拟办
    WITHDRAW_PROPOSAL = "withdraw_proposal"  # 撤回拟办
    SIGN = "sign"  # 签批
    RETURN_PROPOSAL = "return_proposal"  # 退回
    EMERGENCY = "emergency"  # 紧急处置
    HANDLER_ACCEPT = "handler_accept"  # 接办
    MEET = "meet"  # 见面沟通
    PLAN = "plan"  # 方案
    PROGRESS = "progress"  # 办理进展
    EXPLAIN = "explain"  # 说明情况(按耳膜)
    PHOTO = "photo"  # 照片
    DETERMINE = "determine"  # 定性
    CONCLUDE = "conclude"  # 办结
    REVIEW = "review"  # 回访复查
    REPORT_BACK = "report_back"  # 反馈
    CALL_BACK = "call_back"  # 平台回访
    SECOND_ROUND = "second_round"  # 二次办理
    WITHDRAW = "withdraw"  # 平台撤回
    ARCHIVE = "archive"  # 归档
    NOTE = "note"  # 备注
    CORRECT = "correct"  # 更正
    URGE = "urge"  # 催办
    CALL = "call"  # 电话
    UNMASK = "unmask"  # 查看号码(留痕)
    ACKNOWLEDGE = "acknowledge"  # 提醒已知
    SNOOZE = "snooze"  # 稍后提醒
    STOP_CLOCK = "stop_clock"  # 停表
    RESUME_CLOCK = "resume_clock"  # 续表
    RESOLVE_CONFLICT = "resolve_conflict"  # 冲突裁定
    SET_ASIDE = "set_aside"  # 未被采用的记录已处理
    AUTHORISE_DEPUTY = "authorise_deputy"  # 授权代签
    REVOKE_DEPUTY = "revoke_deputy"  # 收回代签


ACT_TITLES = {
    ActKind.DISPATCH: "平台派单",
    ActKind.ACCEPT: "签收",
    ActKind.VERIFY: "核实",
    ActKind.CLASSIFY: "分类",
    ActKind.PROPOSE: "拟办",
    ActKind.WITHDRAW_PROPOSAL: "撤回拟办",
    ActKind.SIGN: "签批",
    ActKind.RETURN_PROPOSAL: "退回",
    ActKind.EMERGENCY: "紧急处置",
    ActKind.HANDLER_ACCEPT: "接办",
    ActKind.MEET: "见面沟通",
    ActKind.PLAN: "办理方案",
    ActKind.PROGRESS: "办理进展",
    ActKind.EXPLAIN: "说明情况",
    ActKind.PHOTO: "照片",
    ActKind.DETERMINE: "定性",
    ActKind.CONCLUDE: "办结",
    ActKind.REVIEW: "回访复查",
    ActKind.REPORT_BACK: "反馈",
    ActKind.CALL_BACK: "平台回访",
    ActKind.SECOND_ROUND: "二次办理",
    ActKind.WITHDRAW: "平台撤回",
    ActKind.ARCHIVE: "归档",
    ActKind.NOTE: "备注",
    ActKind.CORRECT: "更正",
    ActKind.URGE: "催办",
    ActKind.CALL: "电话",
    ActKind.UNMASK: "查看号码",
    ActKind.ACKNOWLEDGE: "提醒已知",
    ActKind.SNOOZE: "稍后提醒",
    ActKind.STOP_CLOCK: "停表",
    ActKind.RESUME_CLOCK: "续表",
    ActKind.RESOLVE_CONFLICT: "裁定",
    ActKind.SET_ASIDE: "记录已处理",
    ActKind.AUTHORISE_DEPUTY: "授权代签",
    ActKind.REVOKE_DEPUTY: "收回代签",
}


NO_DEVICE = DeviceId("")
"""The platform's own acts come from no seat."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, in which role, from which seat. ``name`` and ``title`` as they were then."""

    person_id: PersonId
    role: Role
    name: str
    title: str
    device_id: DeviceId = NO_DEVICE


@dataclass(frozen=True, slots=True)
class Act:
    """One recorded act. Its payload (JSON-plain, see ``payloads``) never changes once recorded.

    ``base_rev`` is the revision of the order that the seat had from the platform (its own acts that
    still wait to be sent do not count); ``base_hash``, for a signature or a return, the
    hash of the proposal that was on the screen. ``device_seq`` is dense per device.
    """

    id: ActId
    subject: OrderId
    kind: ActKind
    actor: Actor
    occurred_at: datetime
    device_seq: int = 0
    base_rev: int = 0
    base_hash: str = ""
    clock: ClockQuality = ClockQuality.GOOD
    payload: dict[str, Any] = field(default_factory=dict)
    needs_files: tuple[str, ...] = ()
