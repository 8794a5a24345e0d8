"""One line of an act says of what it speaks."""

import pytest

from desktop_app.domain.acts import ActKind
from ui.present.words import fields, summary


@pytest.mark.parametrize(
    ("kind", "payload", "line"),
    [
        (
            ActKind.CALL_BACK,
            {"responded": True, "resolved": False, "satisfied": None, "text": "诉求人满意。"},
            "已响应；未解决；诉求人满意。",
        ),
        (
            ActKind.REPORT_BACK,
            {
                "text": "已修复，诉求人认可。",
                "contacted": True,
                "resolved": True,
                "truthful": False,
            },
            "已修复，诉求人认可；已联系；已解决；不属实",
        ),
        (
            ActKind.EXPLAIN,
            {"by_whom": "村书记", "text": "列入计划。", "taken": "accepted"},
            "村书记；列入计划；认可",
        ),
        (ActKind.NOTE, {"text": "电话 13800001234"}, "电话 138****1234"),
    ],
)
def test_the_line_of_an_act(kind: ActKind, payload: dict[str, object], line: str) -> None:
    assert summary(kind, payload) == line


def test_a_table_of_fields_keeps_label_and_value() -> None:
    assert ("解决", "否") in fields(ActKind.CALL_BACK, {"resolved": False})
