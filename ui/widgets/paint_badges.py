"""Badges: tier, sync, tag, count and key cap. Each is drawn at the left of its rectangle unless told otherwise."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.kinds import SyncMark, TierKind, Tone
from ui.widgets.paint_base import CENTER, LEFT, left_middle, paint_box, paint_icon, paint_text
from ui.widgets.text import SYNC_ICONS, SYNC_WORDS
from ui.widgets.values import SyncFace, TagFace, TierFace

_DASH = Qt.PenStyle.DashLine
_SOLID = Qt.PenStyle.SolidLine

TIER_ICONS: dict[TierKind, str] = {
    TierKind.EMERGENCY: "bolt",
    TierKind.LIVELIHOOD: "droplet",
    TierKind.GENERAL: "file-text",
    TierKind.COMPLEX: "stack-2",
    TierKind.OTHER: "file-text",
}
_TIER_SOLID: dict[TierKind, tuple[Role, Role]] = {
    TierKind.EMERGENCY: (Role.OVER, Role.ONOVER),
    TierKind.LIVELIHOOD: (Role.PRIMARY, Role.ONPRIMARY),
}
# Mark -> fill, border, text, border style.
_SYNC_LOOK: dict[SyncMark, tuple[Role, Role, Role, Qt.PenStyle]] = {
    SyncMark.SYNCED: (Role.SURFACE, Role.OKBAR, Role.OK, _SOLID),
    SyncMark.PENDING: (Role.HALFBG, Role.HALFBAR, Role.HALF, _DASH),
    SyncMark.CONFLICT: (Role.OVERBG, Role.OVERBAR, Role.OVER, _SOLID),
    SyncMark.REJECTED: (Role.SURFACE, Role.OVERBAR, Role.OVER, _DASH),
}
TONE_LOOK: dict[Tone, tuple[Role, Role]] = {
    Tone.PLAIN: (Role.SUNKEN, Role.TEXT2),
    Tone.PRIMARY: (Role.PRIMSOFT, Role.PRIMTEXT),
    Tone.OK: (Role.OKBG, Role.OK),
    Tone.HALF: (Role.HALFBG, Role.HALF),
    Tone.NEAR: (Role.NEARBG, Role.NEAR),
    Tone.OVER: (Role.OVERBG, Role.OVER),
    Tone.SEAL: (Role.SEAL, Role.ONSEAL),
    Tone.LINE: (Role.SURFACE, Role.TEXT2),
}


def tier_width(theme: Theme, face: TierFace) -> int:
    """Width of a tier badge."""
    return theme.px(5 + ICON.small + 3 + 7) + theme.width(FontToken.NUM, face.text)


def paint_tier(painter: QPainter, rect: QRect, theme: Theme, face: TierFace) -> None:
    """Icon and word, 28 px high: solid for 紧急 and 民生, outline for 一般, dashed outline for 复杂."""
    box = left_middle(rect, tier_width(theme, face), theme.px(HEIGHT.tier))
    fill, text = _TIER_SOLID.get(face.kind, (Role.SURFACE, Role.TEXT2))
    edge = fill if face.kind in _TIER_SOLID else Role.EDGE
    style = _DASH if face.kind is TierKind.COMPLEX else _SOLID
    paint_box(
        painter, QRectF(box), theme.px(RADIUS.badge), theme.color(fill), theme.pen(edge, 1, style)
    )
    _icon_and_word(
        painter, box, theme, TIER_ICONS[face.kind], face.text, text, FontToken.NUM, pad=5, gap=3
    )


def sync_text(face: SyncFace) -> str:
    """The word of a sync badge."""
    return face.text or SYNC_WORDS[face.mark]


def sync_width(theme: Theme, face: SyncFace) -> int:
    """Width of a sync badge."""
    return theme.px(7 + ICON.small + 4 + 9) + theme.width(FontToken.STRONG, sync_text(face))


def paint_sync(
    painter: QPainter, rect: QRect, theme: Theme, face: SyncFace, align: Qt.AlignmentFlag = LEFT
) -> None:
    """A pill of 26 px: icon, outline and word differ by mark."""
    box = left_middle(rect, sync_width(theme, face), theme.px(HEIGHT.tag), align)
    fill, edge, text, style = _SYNC_LOOK[face.mark]
    paint_box(painter, QRectF(box), box.height() / 2, theme.color(fill), theme.pen(edge, 1, style))
    _icon_and_word(
        painter,
        box,
        theme,
        SYNC_ICONS[face.mark],
        sync_text(face),
        text,
        FontToken.STRONG,
        pad=7,
        gap=4,
    )


def tag_width(theme: Theme, face: TagFace) -> int:
    """Width of a tag."""
    icon = theme.px(ICON.small + 4) if face.icon else 0
    return theme.px(16) + icon + theme.width(FontToken.STRONG, face.text)


def paint_tag(
    painter: QPainter, rect: QRect, theme: Theme, face: TagFace, align: Qt.AlignmentFlag = LEFT
) -> None:
    """A tinted tag of 26 px; LINE has an outline instead of a tint."""
    box = left_middle(rect, tag_width(theme, face), theme.px(HEIGHT.tag), align)
    fill, text = TONE_LOOK[face.tone]
    edge = theme.pen(Role.EDGE) if face.tone is Tone.LINE or theme.palette.bg == "#000000" else None
    paint_box(painter, QRectF(box), theme.px(RADIUS.badge), theme.color(fill), edge)
    _icon_and_word(painter, box, theme, face.icon, face.text, text, FontToken.STRONG, pad=8, gap=4)


def count_width(theme: Theme, count: int) -> int:
    """Width of a count badge, at least its height."""
    return max(theme.px(22), theme.width(FontToken.NUM, count_text(count)) + theme.px(8))


def count_text(count: int) -> str:
    """The number, or 99+ where a third digit would not go in."""
    return str(count) if count < 100 else "99+"


def paint_count(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    count: int,
    fill: Role = Role.NAVON,
    text: Role = Role.NAV,
) -> None:
    """A round badge with a number; nothing for zero."""
    if count <= 0:
        return
    box = left_middle(rect, count_width(theme, count), theme.px(22))
    paint_box(painter, QRectF(box), box.height() / 2, theme.color(fill))
    paint_text(painter, box, theme, count_text(count), text, FontToken.NUM, CENTER)


def key_width(theme: Theme, text: str) -> int:
    """Width of a key cap."""
    return theme.width(FontToken.STRONG, text) + theme.px(6) * 2 + 2


def key_height(theme: Theme) -> int:
    """Height of a key cap."""
    return theme.px(24)


def paint_key(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    text: str,
    role: Role = Role.TEXT,
    *,
    edge: Role = Role.EDGE,
    fill: Role | None = Role.ALT,
) -> None:
    """A key cap; on a coloured button fill is None and edge and text take the button's text colour."""
    box = left_middle(rect, key_width(theme, text), key_height(theme))
    ground = theme.color(fill) if fill is not None else None
    paint_box(painter, QRectF(box), theme.px(RADIUS.badge), ground, QPen(theme.color(edge), 1))
    paint_text(painter, box, theme, text, role, FontToken.STRONG, CENTER)


def _icon_and_word(
    painter: QPainter,
    box: QRect,
    theme: Theme,
    icon: str,
    word: str,
    role: Role,
    token: FontToken,
    *,
    pad: int,
    gap: int,
) -> None:
    left = box.left() + theme.px(pad)
    if icon:
        left += paint_icon(painter, box, theme, icon, role, ICON.small, left) + theme.px(gap)
    room = QRect(left, box.top(), box.right() + 1 - left, box.height())
    paint_text(painter, room, theme, word, role, token)
