"""What a cell means: times in all their shapes, tiers by limit or words, kinds, telephone numbers."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, Unit, UnitKind
from desktop_app.domain.orders import OrderKind
from desktop_app.domain.policy import Counting, Policy, TierRule

_STAMP = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:\s*T?\s*(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*分?)?(?:\s*:?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?"
)
_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$")
_LONGEST = 100
"""Characters of a moment or a limit. In a long row of digits or blanks the patterns would try every part."""
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d{1,15}))?[eE]\+?0?(\d{1,2})")
_WITHOUT_ZERO = re.compile(r"(?!400|800)(?:[2-9]\d{9,10}|10\d{8})")
"""A landline with its area code (010, 02x, 0xxx) whose first zero a spreadsheet has dropped: a mobile
number has eleven digits and begins with 1, a service number ten and begins with 400 or 800."""
_EXCEL_DAY = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_DAYS_TO_1904 = 1462


_NOTHING = frozenset(
    {
        "null", "none", "nan", "\\n", "n/a", "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!",
        "#num!", "-", "--", "—", "——", "/", "\\",
    }
)  # fmt: skip
"""How exports and failed formulas write that there is nothing."""
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # ="0123", by which an export keeps digits as they are
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number


def text_of(cell: object) -> str:
    """Return a cell as text: numbers without a false ".0", blanks and control characters tidied,
    nothing for what only says that there is nothing, and without the marks that say "text".
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in str(cell))
    text = re.sub(r"[^\S\n]+", " ", text).replace("\u3000", " ").strip()
    if marked := _AS_TEXT.fullmatch(text):
        text = marked[1].strip()
    if text[:1] == "'" and (text[1:2].isdigit() or text[1:2] in tuple("=+-@")):
        text = text[1:]
    return "" if text.casefold() in _NOTHING else text


def lost_digits(cell: object, *, in_sheet: bool) -> bool:
    """Whether an order's number was a number to a spreadsheet, which then dropped its last digits."""
    if isinstance(cell, float) or (in_sheet and isinstance(cell, int)):
        return abs(cell) >= _EXACT
    return isinstance(cell, str) and bool(re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", cell.strip()))


def moment_of(cell: object, *, from_1904: bool = False) -> datetime | None:
    """Return a cell as an aware UTC time (local times are Shanghai's), or None if it is none.

    ``from_1904``: the days of the spreadsheet count from there, as some programs have it.
    """
    try:
        found = _moment(cell, _DAYS_TO_1904 if from_1904 else 0)
        return found.astimezone(UTC) if found and 1990 <= found.year <= 2100 else None
    except (ValueError, OverflowError):
        return None


def _moment(cell: object, later: int) -> datetime | None:
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), SHANGHAI)
    if isinstance(cell, int | float) and 30_000 < cell < 80_000:
        return _EXCEL_DAY + timedelta(days=float(cell) + later)
    text = unicodedata.normalize("NFKC", text_of(cell))
    if len(text) > _LONGEST:
        return None
    if match := _STAMP.fullmatch(text) or _DIGITS.match(text):
        return datetime(*(int(g) for g in match.groups(default="0")), tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _EXCEL_DAY + timedelta(days=float(text) + later)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SHANGHAI)


def phone_of(cell: object) -> str:
    """Return a telephone number's digits (with a leading + or area code), or "" for anything else.

    What a spreadsheet does to numbers is undone where nothing was lost: 1.38E+10 in full is a number,
    cut it is none; the zero before an area code comes back.
    """
    text = unicodedata.normalize("NFKC", text_of(cell))
    if match := _SCIENTIFIC.fullmatch(text):
        whole, part, power = match[1], match[2] or "", int(match[3])
        return phone_of(whole + part) if len(part) == power else ""
    if _WITHOUT_ZERO.fullmatch(text):
        return f"0{text}"
    digits = "".join(c for c in text if c.isdigit())
    foreign = len(digits) < 7 or len(digits) > 20 or len(digits) * 2 < len(text)
    return "" if foreign else digits


_KINDS = (
    ("举报", OrderKind.REPORT),
    ("投诉", OrderKind.COMPLAINT),
    ("咨询", OrderKind.CONSULTATION),
    ("求助", OrderKind.HELP),
    ("建议", OrderKind.SUGGESTION),
    ("建言", OrderKind.SUGGESTION),
    ("表扬", OrderKind.PRAISE),
    ("感谢", OrderKind.PRAISE),
)
_TITLE_KINDS = (*_KINDS[:3], ("询问", OrderKind.CONSULTATION), ("请问", OrderKind.CONSULTATION),
                *_KINDS[4:7])  # fmt: skip


def kind_of(cell: object, title: str) -> OrderKind:
    """Return the kind that the column, else the title, names; else help."""
    text = text_of(cell)
    for kind in OrderKind:
        if text.lower() == kind.value:
            return kind
    for words, source in ((_KINDS, text), (_TITLE_KINDS, "" if text else title)):
        for word, kind in words:
            if word in source:
                return kind
    return OrderKind.HELP


def category_of(text: str) -> tuple[str, ...]:
    """Return 农村管理—农村基础设施建设—道路 as its levels."""
    parts = re.split(
        r"\s*(?:—+|–|-+|>+|/|／|＞|\||→)\s*", unicodedata.normalize("NFC", text[:1000])
    )
    return tuple(part[:100] for part in parts if part)[:5]


_TIER_NAMES = {
    "特急": "emergency", "紧急": "emergency", "应急": "emergency", "民生": "livelihood",
    "一般": "general", "普通": "general", "平件": "general", "正常": "general",
    "复杂": "complex", "疑难": "complex",
}  # fmt: skip
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*个?\s*(小时|时|h|工作日|天|日|d|分钟|分)")
_SECONDS = {"小时": 3600, "时": 3600, "h": 3600, "天": 86400, "日": 86400, "d": 86400, "分钟": 60,
            "分": 60}  # fmt: skip


def tier_of(cell: object, title: str, text: str, policy: Policy) -> str:
    """Return a tier's id from the column, else by the policy's words, else the ordinary one.

    A column that says something unknown is returned as it is, for the refusal to name it.
    """
    given = unicodedata.normalize("NFKC", text_of(cell)).strip()[:_LONGEST]
    if not given:
        return _by_words(f"{title}\n{text[:200]}", policy)
    for tier in policy.tiers:
        if given in (tier.id, tier.title):
            return tier.id
    return _by_limit(given, policy) or _by_name(given, policy) or given[:20]


def _by_words(text: str, policy: Policy) -> str:
    for tier in policy.tiers:
        if any(word in text for word in tier.words):
            return tier.id
    return ordinary_tier(policy).id


def ordinary_tier(policy: Policy) -> TierRule:
    """Return the tier of an order of which nothing special is known."""
    named = [t for t in policy.tiers if t.id == "general"]
    styled = [t for t in policy.tiers if t.style == "general"]
    return (named or styled or list(policy.tiers))[0]


def _by_name(given: str, policy: Policy) -> str:
    known = {tier.id for tier in policy.tiers}
    for word, tier_id in _TIER_NAMES.items():
        if word in given and tier_id in known:
            return tier_id
    return ""


def _by_limit(given: str, policy: Policy) -> str:
    """Return the tier whose last clock is the limit that the column states, as in 处理时限 7天."""
    match = _LIMIT.search(given.lower())
    if match is None:
        return ""
    count, unit = float(match[1]), match[2]
    for tier in policy.tiers:
        last = tier.clocks[-1]
        if last.counting is Counting.ELAPSED and unit in _SECONDS:
            same = last.limit == count * _SECONDS[unit]
        else:
            same = unit in ("工作日", "天", "日", "d") and last.limit == count
        if same:
            return tier.id
    return ""


def village_of(named: str, address: str, title: str, center: Center) -> Unit | None:
    """Return the village that the row names, or that its address or title mentions."""
    villages = [u for u in center.units if u.kind is UnitKind.VILLAGE]
    for unit in villages:
        if named and named in (unit.name, unit.name.removesuffix("村"), unit.id):
            return unit
    longest_first = sorted(villages, key=lambda u: -len(u.name))
    for source in (named, address, title):
        for unit in longest_first:
            if unit.name in source:
                return unit
    return None
