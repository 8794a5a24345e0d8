"""What an act carries, in words: labelled values for forms and comparisons, one line for lists.

Payloads come from the store as JSON-plain mappings; a value that is missing or odd is shown as it is,
never a reason to fail: the text somebody wrote must always be readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desktop_app.domain.acts import ActKind
from desktop_app.domain.masking import mask_text

K = ActKind
TAKEN = {"accepted": "认可", "objects": "还有意见", "refuses": "不认可"}
NATURES = {
    "reasonable": "合理诉求", "unreasonable": "不合理诉求", "beyond": "超出本级", "disputed": "权属有争议",
}  # fmt: skip
VERIFIED = {"matches": "内容一致", "corrected": "有更正", "unreachable": "未接通"}
NOTHING = "无"

_LABELS: dict[ActKind, tuple[tuple[str, str], ...]] = {
    K.VERIFY: (("result", "结果"), ("text", "情况"), ("corrections", "更正")),
    K.CLASSIFY: (("category", "分类"),),
    K.PROPOSE: (("handlers", "承办"), ("note", "拟办意见")),
    K.SIGN: (("opinion", "书记批示"), ("handlers", "改派")),
    K.RETURN_PROPOSAL: (("reason", "退回理由"),),
    K.WITHDRAW_PROPOSAL: (("reason", "撤回理由"),),
    K.EMERGENCY: (("handlers", "承办"), ("reason", "理由")),
    K.MEET: (("place", "地点"), ("met_whom", "见到"), ("together_with", "同去"), ("text", "情况")),
    K.PLAN: (("text", "方案"),),
    K.PROGRESS: (("text", "进展"),),
    K.EXPLAIN: (("by_whom", "谁说的"), ("text", "说了什么"), ("taken", "听后")),
    K.PHOTO: (("caption", "说明"),),
    K.DETERMINE: (("nature", "定性"), ("text", "依据")),
    K.CONCLUDE: (("finished", "结论"), ("measures", "措施"), ("promise", "承诺")),
    K.REVIEW: (("settled", "复查"), ("text", "情况")),
    K.REPORT_BACK: (
        ("text", "回复内容"), ("contacted", "已联系"), ("resolved", "已解决"),
        ("satisfied", "满意"), ("truthful", "属实"),
    ),
    K.CALL_BACK: (
        ("responded", "响应"), ("resolved", "解决"), ("satisfied", "满意"), ("text", "内容"),
    ),
    K.CORRECT: (("text", "更正为"),),
    K.CALL: (("to", "打给"), ("reached", "接通"), ("text", "内容")),
    K.UNMASK: (("field", "看了"), ("reason", "理由")),
    K.RESOLVE_CONFLICT: (("choice", "选定"), ("reason", "理由")),
    K.AUTHORISE_DEPUTY: (("deputy", "代签人"), ("starts_at", "起"), ("ends_at", "止"), ("reason", "理由")),
}  # fmt: skip
_PLAIN_LABELS = (("text", "内容"), ("reason", "理由"))
_WORDS: dict[tuple[ActKind, str], Mapping[Any, str]] = {
    (K.EXPLAIN, "taken"): TAKEN,
    (K.DETERMINE, "nature"): NATURES,
    (K.VERIFY, "result"): VERIFIED,
    (K.CONCLUDE, "finished"): {True: "已办结", False: "阶段性办结，继续跟进"},
    (K.REVIEW, "settled"): {True: "已落实", False: "没落实，重新办理"},
    (K.RESOLVE_CONFLICT, "choice"): {
        "first": "以甲为准",
        "second": "以乙为准",
        "put_off": "先都留着，当面核",
    },
}
_SAID: dict[tuple[ActKind, str], Mapping[bool, str]] = {
    (K.REPORT_BACK, "contacted"): {True: "已联系", False: "未联系上"},
    (K.REPORT_BACK, "resolved"): {True: "已解决", False: "未解决"},
    (K.REPORT_BACK, "satisfied"): {True: "满意", False: "不满意"},
    (K.REPORT_BACK, "truthful"): {True: "属实", False: "不属实"},
    (K.CALL_BACK, "responded"): {True: "已响应", False: "未响应"},
    (K.CALL_BACK, "resolved"): {True: "已解决", False: "未解决"},
    (K.CALL_BACK, "satisfied"): {True: "满意", False: "不满意"},
    (K.CALL, "reached"): {True: "接通", False: "没接通"},
}
_DUTIES = {"lead": "领办", "assist": "协办", "help": "帮办", "joint": "联办"}
_DEFAULTS: dict[ActKind, Mapping[str, object]] = {K.CONCLUDE: {"finished": True}}


def fields(kind: ActKind, payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(label, value) of every field of an act, phone and identity numbers in it masked."""
    values = {**_DEFAULTS.get(kind, {}), **payload}
    return tuple(
        (label, _worded(kind, name, values.get(name))) for name, label in _named(kind, payload)
    )


def _named(kind: ActKind, payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(field, label) of what is told of an act."""
    labels = _LABELS.get(kind, _PLAIN_LABELS)
    return tuple((name, label) for name, label in labels if name in payload or kind in _LABELS)


def summary(kind: ActKind, payload: Mapping[str, Any]) -> str:
    """One line: what came of it. A bare 是 or 否 would not say of what: there the line has words."""
    said = []
    for (name, _), (_label, value) in zip(
        _named(kind, payload), fields(kind, payload), strict=True
    ):
        words = _SAID.get((kind, name))
        given = payload.get(name)
        text = words[given] if words is not None and isinstance(given, bool) else value
        if text != NOTHING:
            said.append(text)
    return joined(said)


def joined(parts: Sequence[str]) -> str:
    """Parts of one line; a full stop before the next part is left out."""
    *heads, last = parts or [""]
    return "；".join([*(head.rstrip("。；") for head in heads), last])


def written_text(kind: ActKind, payload: Mapping[str, Any]) -> str:
    """All that a person wrote, line by line and unmasked, to copy into a new record."""
    labels = dict(_LABELS.get(kind, _PLAIN_LABELS))
    return "\n".join(
        f"{labels.get(name, name)}：{_plain(kind, name, value)}"
        for name, value in payload.items()
        if value not in ("", None, [], ())
    )


def handlers_text(handlers: object) -> str:
    """``领办 分管农业领导;协办 …`` from plain handlers."""
    if not isinstance(handlers, Sequence) or isinstance(handlers, str):
        return ""
    named = (h for h in handlers if isinstance(h, Mapping))
    return "；".join(f"{_DUTIES.get(str(h.get('duty')), '')} {h.get('title', '')}" for h in named)


def _worded(kind: ActKind, name: str, value: object) -> str:
    text = _plain(kind, name, value)
    return mask_text(text) if text else NOTHING


def _plain(kind: ActKind, name: str, value: object) -> str:
    words = _WORDS.get((kind, name))
    if words is not None and isinstance(value, str | bool):
        return words.get(value, str(value))
    if name == "handlers":
        return handlers_text(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if name == "corrections" and isinstance(value, list | tuple):
        return "；".join(f"{c[0]}：{c[1]} → {c[2]}" for c in value if len(c) == 3)
    if isinstance(value, list | tuple):
        return "—".join(str(v) for v in value)
    return "" if value is None else str(value).strip()


def short_number(number: str) -> str:
    """``1120-0009`` of ``20261120-0009``: in lists the year is not said."""
    return number[4:] if len(number) > 9 and number[:8].isdigit() and number[8] == "-" else number
