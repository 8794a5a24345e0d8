"""What each kind of act carries. ``read`` validates; nothing else looks inside a payload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.ids import ActId, PersonId
from desktop_app.domain.orders import Handler
from desktop_app.domain.plain import MAX_TEXT, NotPlain, TooLong, from_plain, to_plain
from desktop_app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Empty:
    """Carries nothing but who and when."""


@dataclass(frozen=True, slots=True)
class Text:
    """One free text."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A step that has to say why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Verify:
    """``result``: matches, corrected, unreachable. ``corrections``: (field, as received, corrected)."""

    result: str
    text: str = ""
    corrections: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Classify:
    category: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Propose:
    handlers: tuple[Handler, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """``handlers`` only when signed with changes; None signs exactly what was proposed."""

    opinion: str
    handlers: tuple[Handler, ...] | None = None


@dataclass(frozen=True, slots=True)
class EmergencyStart:
    handlers: tuple[Handler, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Meet:
    place: str
    met_whom: str
    text: str
    together_with: str = ""


@dataclass(frozen=True, slots=True)
class Explain:
    """按耳膜: who explained what, and how it was taken: accepted, objects, refuses."""

    by_whom: str
    text: str
    taken: str


@dataclass(frozen=True, slots=True)
class Photo:
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Determine:
    """``nature``: reasonable, unreasonable, beyond (超出本级), disputed."""

    nature: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Conclude:
    measures: str
    finished: bool = True
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """``settled`` False sends the order back to handling."""

    settled: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReportBack:
    text: str
    contacted: bool = True
    resolved: bool = True
    satisfied: bool | None = None
    truthful: bool | None = None


@dataclass(frozen=True, slots=True)
class CallBackResult:
    responded: bool | None = None
    resolved: bool | None = None
    satisfied: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    act_id: ActId
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    to: str
    reached: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unmask:
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """``alerts``: alert ids (see ``alerts.alert_id``) that a person acknowledged or put off."""

    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolve:
    """``choice``: first, second, put_off."""

    conflict_id: ActId
    choice: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    act_id: ActId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuthoriseDeputy:
    deputy: PersonId
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RevokeDeputy:
    delegation: ActId
    reason: str = ""


PAYLOADS: dict[ActKind, type[object]] = {
    ActKind.DISPATCH: Empty,
    ActKind.ACCEPT: Empty,
    ActKind.VERIFY: Verify,
    ActKind.CLASSIFY: Classify,
    ActKind.PROPOSE: Propose,
    ActKind.WITHDRAW_PROPOSAL: Reason,
    ActKind.SIGN: Sign,
    ActKind.RETURN_PROPOSAL: Reason,
    ActKind.EMERGENCY: EmergencyStart,
    ActKind.HANDLER_ACCEPT: Empty,
    ActKind.MEET: Meet,
    ActKind.PLAN: Text,
    ActKind.PROGRESS: Text,
    ActKind.EXPLAIN: Explain,
    ActKind.PHOTO: Photo,
    ActKind.DETERMINE: Determine,
    ActKind.CONCLUDE: Conclude,
    ActKind.REVIEW: Review,
    ActKind.REPORT_BACK: ReportBack,
    ActKind.CALL_BACK: CallBackResult,
    ActKind.SECOND_ROUND: Reason,
    ActKind.WITHDRAW: Reason,
    ActKind.ARCHIVE: Empty,
    ActKind.NOTE: Text,
    ActKind.CORRECT: Correct,
    ActKind.URGE: Text,
    ActKind.CALL: Call,
    ActKind.UNMASK: Unmask,
    ActKind.ACKNOWLEDGE: Alerts,
    ActKind.SNOOZE: Alerts,
    ActKind.STOP_CLOCK: Reason,
    ActKind.RESUME_CLOCK: Reason,
    ActKind.RESOLVE_CONFLICT: Resolve,
    ActKind.SET_ASIDE: SetAside,
    ActKind.AUTHORISE_DEPUTY: AuthoriseDeputy,
    ActKind.REVOKE_DEPUTY: RevokeDeputy,
}

_NAMES = {
    "reason": "理由", "opinion": "书记批示", "measures": "办理情况", "text": "内容",
    "handlers": "承办", "met_whom": "见到谁", "place": "地点", "taken": "听后",
    "by_whom": "谁说的", "nature": "定性", "category": "分类", "result": "结果",
    "note": "拟办意见", "promise": "承诺", "caption": "照片说明", "together_with": "同去的人",
    "to": "打给谁",
}  # fmt: skip
_MUST_SAY = {
    ActKind.MEET: ("met_whom", "text"), ActKind.EXPLAIN: ("text", "taken"),
    ActKind.CONCLUDE: ("measures",), ActKind.DETERMINE: ("nature",), ActKind.CORRECT: ("text",),
    ActKind.NOTE: ("text",), ActKind.PROGRESS: ("text",), ActKind.PLAN: ("text",),
    ActKind.REPORT_BACK: ("text",), ActKind.SIGN: ("opinion",), ActKind.CLASSIFY: ("category",),
    ActKind.UNMASK: ("reason",), ActKind.RESOLVE_CONFLICT: ("reason",),
    ActKind.EMERGENCY: ("reason", "handlers"), ActKind.PROPOSE: ("handlers",),
    ActKind.AUTHORISE_DEPUTY: ("reason",),
}  # fmt: skip
_WORDS = {
    (ActKind.VERIFY, "result"): {"matches", "corrected", "unreachable"},
    (ActKind.EXPLAIN, "taken"): {"accepted", "objects", "refuses"},
    (ActKind.DETERMINE, "nature"): {"reasonable", "unreasonable", "beyond", "disputed"},
    (ActKind.RESOLVE_CONFLICT, "choice"): {"first", "second", "put_off"},
}


def read(act: Act) -> object:
    """Return the payload as its dataclass. Raises ``Refusal`` naming what is missing or wrong."""
    try:
        payload = from_plain(PAYLOADS[act.kind], act.payload)
    except TooLong as error:
        name = _NAMES.get(error.field, "其中一项")
        reason = f"{name}太长，最多 {MAX_TEXT} 字。"
        raise Refusal("payload", reason, "请删短，其余另记一条。") from error
    except NotPlain as error:
        raise Refusal("payload", "这条记录有一项读不懂。", "请重新填写。") from error
    must = _MUST_SAY.get(act.kind, ())
    if isinstance(payload, Reason):
        must = ("reason",)
    for name in must:
        value = getattr(payload, name)
        if not (value.strip() if isinstance(value, str) else value):
            raise Refusal("incomplete", f"少填一项：{_NAMES.get(name, name)}。")
    for (kind, name), words in _WORDS.items():
        if kind is act.kind and getattr(payload, name) not in words:
            raise Refusal("payload", f"{_NAMES.get(name, name)}不在可选范围内。", "请重新选择。")
    return payload


def plain(payload: object) -> dict[str, object]:
    """Return a payload dataclass as the JSON-plain mapping an act carries."""
    value = to_plain(payload)
    assert isinstance(value, dict)
    return value
