"""Hide phone, identity and card numbers and names, in fields and in free text. Pure.

Real complaint texts are full of them, in every spelling: with blanks and dashes, with full-width digits,
with area codes and extensions. What is hidden keeps enough to tell two numbers apart (138****1234).
Dates, amounts, decrees and order numbers look alike and have to stay readable; bare eight digits are
therefore taken for a landline only where nothing beside them says otherwise. Service numbers (12345,
95598, 400-…) name nobody and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ZEROS = (0xFF10, 0x0660, 0x06F0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
"""Full-width, Arabic-Indic, Persian and the mathematical digits: whoever writes ahead of a mask."""
_ONES = (0x2460, 0x2474, 0x2488)  # ① ⑴ ⒈
_INVISIBLE = (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
_FOLDED = {zero + n: str(n) for zero in _ZEROS for n in range(10)} | {
    one + n: str(n + 1) for one in _ONES for n in range(9)
} | dict.fromkeys(_INVISIBLE, " ") | {
    ord("Ｘ"): "X",
    ord("ｘ"): "x",
    ord("＋"): "+",
    ord("－"): "-",
    ord("（"): "(",
    ord("）"): ")",
    ord("　"): " ",
}  # fmt: skip
"""One character each, so that places in the folded text are places in the text."""

_SEP = r"[-\s.·・•—–‐‑−ー_~～/]{0,3}"
_DASH = r"[-—–‐‑−ー]"
_WORD = r"(?:电\s*话|联\s*系|手\s*机|座\s*机|号\s*码|热\s*线|致\s*电|拨\s*打|来\s*电|传\s*真|打|tel|Tel|TEL|☎)"

_DIGIT = re.compile(r"[\d①-⒐]")  # the full-width ones as well
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}[-\s]?(?:(?:18|19|20)\d{2}[-\s]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-\s]?\d{3}[\dXx]"
    r"|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?![\dXx])"
)
_CARD = re.compile(
    r"(?<![\d.])[3-6]\d{3}(?:[\s-]?\d{4}){2}[\s-]?\d{3,4}(?:[\s-]?\d{1,3})?(?![\d.])"
)
_MOBILE = re.compile(
    rf"(?<!\d)(?:\(?\+?0{{0,2}}86\)?[-\s]?|0)?"
    rf"(1[3-9]\d(?:{_SEP}\d{{4}}{_SEP}\d{{4}}|\d{_SEP}\d{{3}}{_SEP}\d{{4}}|{_SEP}\d{{3}}{_SEP}\d{{5}}"
    rf"|\d{{3}}{_SEP}\d{{5}})|1(?:[-\s.]{{1,2}}\d){{10}})(?!\d)"
)
_EXTENSION = rf"(?:\s*(?:转|分机|{_DASH})\s*\d{{1,6}}(?!\d))?"
_AREA = re.compile(
    rf"(?<!\d)(\(?(?:(?:\+|00)?86[-\s]?0?|0)(?:10|2\d|[3-9]\d{{2}})\)?)"
    rf"(?:(?:\s?{_DASH}{{1,3}}\s?|\s{{0,2}})"
    rf"([2-8]\d{{2,3}}(?:{_DASH}|\s)\d{{4}}|[2-8]\d{{3}}{_DASH}\d{{3}}|[2-8]\d{{6,7}})"
    rf"|(?:\s?{_DASH}{{1,3}}\s?|\s{{1,2}}|(?<=\)))([19]\d{{6,7}})){_EXTENSION}(?!\d)"
)
_PASSPORT = re.compile(r"(?:护照|通行证|回乡证|台胞证)[^\dA-Za-z]{0,6}([A-Za-z]{1,2}\d{7,9})(?!\d)")
_SPOKEN = re.compile(
    r"[一幺壹][-\s]?[三四五六七八九叁肆伍陆柒捌玖](?:[-\s]?[〇○零一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]){9}"
    r"(?![〇○零一幺二三四五六七八九壹贰叁肆伍陆柒捌玖十百千万])"
)
_BARE = re.compile(
    rf"(?<![\d.,，#=A-Za-z*¥￥$-])(?<!\D/)[2-8]\d{{6,7}}(?![\d*]|\.\d|,\d|{_DASH}\d{{4,}})"
)
_SPLIT = re.compile(rf"(?<![\d.])[2-8]\d{{2,3}}{_DASH}\d{{4}}(?!\d|{_DASH}|\.\d)")
_NEAR = 40
"""Characters before a number in which a word may stand that makes it one to call."""
_NEAR_WORD = re.compile(rf"{_WORD}[^\d。;；\n]{{0,8}}$")
_LIST_OF_NUMBERS = re.compile(r"[\d*][、,，/或和及]\s?$")
_NO_PHONE_AFTER = re.compile(
    r"[)）]?\s*(?:[余多])?\s*[元块万亿平方米吨公斤斤千克度亩㎡股户个人次票件年月日号字页条%％]"
)
_NO_PHONE_BEFORE = re.compile(
    r"(?:编号|单号|证号|文号|工号|学号|户号|表号|卡号|车号|合同|案号|第|[NnＮ][OoＯ]\.?|[IiＩ][DdＤ]|QQ|qq|Q群|群号|邮编"
    r"|共|约|计|额|款|价|费|金|资|额为)[号为是:：\s]{0,3}$"
)
_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_YEARS = re.compile(rf"(?:19|20)\d{{2}}{_DASH}(?:19|20)\d{{2}}")

Span = tuple[int, int, str]


def mask_text(text: str, instead: str = "") -> str:
    """Return free text with every phone, identity and card number masked, all else untouched.

    ``instead``: put this in a number's place and leave nothing of it.
    """
    if _DIGIT.search(text) is None and (text.isascii() or _SPOKEN.search(text) is None):
        return text
    folded = text.translate(_FOLDED)
    taken: list[Span] = []
    for find in _FINDERS:
        taken = _with(taken, find(folded))
    parts: list[str] = []
    at = 0
    for start, end, hidden in taken:
        parts += (text[at:start], instead or hidden)
        at = end
    return "".join((*parts, text[at:]))


def _with(taken: list[Span], found: list[Span]) -> list[Span]:
    """Return both in the order of the text, without those of ``found`` that touch a taken one.

    Each list is in order and without overlaps. One pass: a text may be made of numbers.
    """
    merged: list[Span] = []
    n = 0
    for span in found:
        while n < len(taken) and taken[n][1] <= span[0]:
            merged.append(taken[n])
            n += 1
        if n == len(taken) or span[1] <= taken[n][0]:
            merged.append(span)
    return merged + taken[n:]


def _identities(text: str) -> list[Span]:
    return [(*m.span(), _ends(_digits(m.group()), 3, 2)) for m in _IDENTITY.finditer(text)]


def _cards(text: str) -> list[Span]:
    return [
        (*m.span(), f"{_digits(m.group())[:4]}****{_digits(m.group())[-4:]}")
        for m in _CARD.finditer(text)
    ]


def _mobiles(text: str) -> list[Span]:
    return [(*m.span(), _mobile(_digits(m.group(1)))) for m in _MOBILE.finditer(text)]


def _with_area(text: str) -> list[Span]:
    return [
        (*m.span(), f"{m.group(1).strip('()')}-****{_digits(m.group(2) or m.group(3))[-2:]}")
        for m in _AREA.finditer(text)
    ]


def _passports(text: str) -> list[Span]:
    return [(*m.span(1), _ends(m.group(1), 1, 2)) for m in _PASSPORT.finditer(text)]


def _spoken(text: str) -> list[Span]:
    """一三八… written out: eleven numerals in a row are no amount."""
    return [(*m.span(), f"{m.group()[:1]}****{m.group()[-2:]}") for m in _SPOKEN.finditer(text)]


def _bare(text: str) -> list[Span]:
    return [
        (*m.span(), f"****{m.group()[-2:]}") for m in _BARE.finditer(text) if _is_phone(text, m)
    ]


def _split(text: str) -> list[Span]:
    return [
        (*m.span(), f"****{m.group()[-2:]}")
        for m in _SPLIT.finditer(text)
        if not _YEARS.fullmatch(m.group())
        and _NEAR_WORD.search(text[max(0, m.start() - _NEAR) : m.start()])
    ]


def _is_phone(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 14) : match.start()]
    if _NEAR_WORD.search(before) or _LIST_OF_NUMBERS.search(before):
        return not _DATE.fullmatch(match.group())
    if _NO_PHONE_AFTER.match(text, match.end()) or _NO_PHONE_BEFORE.search(before):
        return False
    return not _DATE.fullmatch(match.group())


_FINDERS: tuple[Callable[[str], list[Span]], ...] = (
    _identities, _mobiles, _cards, _with_area, _passports, _bare, _split, _spoken,
)  # fmt: skip
"""In this order: a later finder leaves alone what an earlier one took."""


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "Xx")


def _mobile(digits: str) -> str:
    return f"{digits[:3]}****{digits[-4:]}"


def _ends(text: str, head: int, tail: int) -> str:
    return f"{text[:head]}{'*' * (len(text) - head - tail)}{text[-tail:]}"


_LEFT_OVER = re.compile(r"\d(?:[-\s]?\d){5,}")


def mask_phone(phone: str) -> str:
    """Return a number as 138****1234, a landline as 010-****34; other numbers but for their end.

    A field may hold several numbers; anything longer than a service number (12345) is hidden too.
    """
    masked = mask_text(phone)
    return _LEFT_OVER.sub(lambda m: f"****{_digits(m.group())[-2:]}", masked.translate(_FOLDED))


_ADDRESSED = (
    "女士", "先生", "同志", "小姐", "老师", "师傅", "大爷", "大妈", "大娘", "大叔", "大婶", "大姐", "大哥",
    "阿姨", "叔叔", "奶奶", "爷爷", "某某", "某", "书记", "主任", "村长", "经理", "医生", "家属", "家长",
)  # fmt: skip
_NOBODY = ("匿名", "保密", "不详", "无", "未提供", "市民", "居民", "村民", "群众", "业主")
_BODIES = (
    "公司",
    "村委会",
    "居委会",
    "委员会",
    "学校",
    "医院",
    "商店",
    "超市",
    "饭店",
    "中心",
    "工厂",
)
_DOUBLE = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "司徒",
)


def mask_name(name: str) -> str:
    """Return 张* for 张三; 张女士 stays (it names nobody), and so do bodies and 匿名."""
    bare = name.strip()
    if not bare or any(word in bare for word in _NOBODY) or bare.endswith(_BODIES):
        return mask_text(name)
    if any(bare.endswith(word) and len(bare) - len(word) <= 2 for word in _ADDRESSED):
        return mask_text(name)
    head, rest = re.match(r"(\w*)(.*)", bare, re.DOTALL).groups()  # type: ignore[union-attr]
    family = 2 if head.startswith(_DOUBLE) and len(head) > 2 else 1
    return head[:family] + "*" * max(0, len(head) - family) + mask_text(rest)
