"""A center file: what it says comes out, and each mistake is named with its row."""

from __future__ import annotations

import pytest

from desktop_app.domain.center_file import CenterFileError, load_center
from desktop_app.domain.policy_file import load_policy
from resources import read_text

POLICY = load_policy(read_text("policies/pinggu.toml"))
FILE = """
center = "某乡群众诉求处置中心"
township = "某乡"
villages = [["a", "甲村", "jia cun", "jc", "ld"], ["b", "乙村", "yi cun", "yc", ""]]
stations = [["gs", "供水站", "gong shui zhan", "gsz"]]
people = [
  ["d", "周女士", "dispatcher", "派单员", "", "d"],
  ["s", "高书记", "secretary", "乡党委书记", "", "s"],
  ["ld", "李先生", "leader", "分管领导", "", "ld"],
  ["v", "魏先生", "village", "甲村书记", "a", ""],
]
duties = [[["公用事业", "供水"], "ld", ["gs"]]]
catalogue = [["公用事业", "供水", "停水"]]
shifts = [["d", "甲班", "2026-11-21 08:00", "2026-11-21 20:00"]]
"""


def test_what_the_file_says() -> None:
    file = load_center(FILE, POLICY)
    center = file.center
    assert (center.name, center.township) == ("某乡群众诉求处置中心", "某乡")
    assert [(p.id, p.head) for p in center.people] == [
        ("d", True), ("s", False), ("ld", False), ("v", False),
    ]  # fmt: skip
    assert [unit.patch_leader for unit in center.units] == ["ld", None, None]
    assert file.accounts == {"d": "d", "s": "s", "ld": "ld"}
    assert center.shifts[0].starts_at.hour == 0, "08:00 in Beijing"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("center =", "centre =", "缺少 center"),
        ('"secretary"', '"leader"', "没有书记"),
        ('"dispatcher"', '"leader"', "没有派单员"),
        ('"leader"', '"lord"', "people 第 3 行：没有“lord”这个岗位"),
        ('"leader"', '"platform"', "people 第 3 行：平台自己不是人员"),
        ('["v", "魏先生"', '["d", "魏先生"', "人员编号 d 写了两次"),
        ('["b", "乙村"', '["a", "乙村"', "单位编号 a 写了两次"),
        ('"a", ""]', '"z", ""]', "人员 v 的单位 z 不在这个文件里"),
        ('"jc", "ld"]', '"jc", "x"]', "甲村的包片领导 x 不在这个文件里"),
        ('"ld", ["gs"]', '"ld", ["hw"]', "“公用事业—供水”的站所 hw 不在这个文件里"),
        ('"供水", "停水"]', '"供水", 3]', "catalogue 第 1 行的格式不对"),
        ('[["公用事业", "供水", "停水"]]', '["停水"]', "catalogue 第 1 行的格式不对"),
        ('20:00"]', '07:00"]', "shifts 第 1 行：班次的结束不晚于开始"),
        ('20:00"]', '20点"]', "shifts 第 1 行的格式不对"),
        ('"", "s"]', '"", "d"]', "两个人用同一个账号"),
        ('["d", "周女士"', '["", "周女士"', "people 第 1 行：没有可用的编号"),
        ("stations = [", "stations = ", "不是 TOML 文件"),
    ],
)
def test_mistakes_are_named(old: str, new: str, words: str) -> None:
    assert old in FILE
    with pytest.raises(CenterFileError, match=words):
        load_center(FILE.replace(old, new, 1), POLICY)
