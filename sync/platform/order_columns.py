"""Which column is which: the names that centers, exports and public data sets give to their columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

SYNONYMS: dict[str, tuple[str, ...]] = {
    "number": (
        "工单编号", "工单号", "受理编号", "受理单号", "诉求编号", "案件编号", "事件编号", "派单编号",
        "编号", "单号", "流水号", "number", "orderno", "orderid", "replyid", "id",
    ),
    "title": ("标题", "工单标题", "诉求标题", "事件标题", "主题", "诉求主题", "title", "subject"),
    "text": (
        "主要内容", "诉求内容", "工单内容", "反映内容", "问题描述", "诉求描述", "事件描述", "来电内容",
        "具体内容", "内容", "描述", "content", "replycontentmain", "text", "description",
    ),
    "called_at": (
        "来电时间", "诉求时间", "反映时间", "受理时间", "登记时间", "提交时间", "创建时间", "来电日期",
        "市派单时间", "区派单时间", "派单时间", "时间", "日期", "calledat", "time", "replydate", "date",
    ),
    "name": (
        "来电人", "诉求人", "反映人", "来电人姓名", "诉求人姓名", "市民姓名", "联系人", "姓名", "市民",
        "petitioner", "user", "name",
    ),
    "phone": (
        "号码", "来电号码", "联系电话", "联系方式", "手机号码", "手机号", "手机", "电话号码", "主叫号码",
        "电话", "phone", "tel", "mobile",
    ),
    "home": ("地址", "联系地址", "来电人地址", "诉求人地址", "家庭住址", "家庭地址", "住址", "address"),
    "address": (
        "发生地址", "发生地点", "事发地址", "事发地点", "问题地址", "问题点位", "诉求地址", "反映地址",
        "地点", "place", "location",
    ),
    "village": (
        "村", "村社区", "社区", "村居", "所属村", "所属社区", "所属村居", "被反映村", "被反映村社区",
        "事发村", "village",
    ),
    "category": ("三级分类", "问题分类", "诉求分类", "工单分类", "事项分类", "派单目录", "分类", "category"),
    "category1": ("一级分类", "category1", "domainname", "一级类别"),
    "category2": ("二级分类", "category2", "二级类别"),
    "category3": ("三级分类", "category3", "三级类别"),
    "tier": ("紧急程度", "紧急级别", "紧急等级", "优先级", "处理时限", "办理时限", "时限", "tier"),
    "kind": ("工单类型", "诉求类型", "诉求性质", "事件类型", "类型", "typenamed", "kind", "type"),
    "channel": ("来源", "诉求来源", "工单来源", "受理渠道", "来电渠道", "渠道", "channel", "source"),
    "confidential": ("是否保密", "保密", "confidential"),
    "tags": ("标签", "tags"),
}  # fmt: skip
"""Field → names, the likelier first. Compared without blanks, case and punctuation."""


def plain_name(name: object) -> str:
    """Return a column name as compared: full-width folded, lower case, letters and digits only."""
    text = unicodedata.normalize("NFKC", str(name or "")).lower()
    return "".join(c for c in text if c.isalnum())


def find_columns(header: Sequence[object]) -> dict[str, int]:
    """Return field → column index for a header row; an ordinary row gives nothing or nearly so."""
    places: dict[str, int] = {}
    for index, cell in enumerate(header):
        if isinstance(cell, str) and len(cell) <= 30:
            places.setdefault(plain_name(cell), index)
    found: dict[str, int] = {}
    for field, names in SYNONYMS.items():
        for name in names:
            if name in places and (field == "category3" or places[name] not in found.values()):
                found[field] = places[name]
                break
    if "category1" not in found and "category2" not in found:
        found.pop("category3", None)
    elif found.get("category") == found.get("category3"):
        found.pop("category", None)
    return found


def is_header(columns: Mapping[str, int]) -> bool:
    """Whether a row with these columns is the header: it names the matter and something else."""
    return len(columns) >= 2 and ("title" in columns or "text" in columns)
