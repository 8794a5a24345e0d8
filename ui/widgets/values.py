"""Presentational values: what a presenter hands to the widgets. Strings are shown as they are, never as rich text."""

from dataclasses import dataclass

from PySide6.QtGui import QImage

from ui.widgets.kinds import Band, LinkState, NodeState, SyncMark, TierKind, Tone


@dataclass(frozen=True, slots=True)
class CountdownFace:
    """One countdown cell. `share` is the part of the limit that is left, 0.0–1.0."""

    text: str
    band: Band
    share: float


@dataclass(frozen=True, slots=True)
class NodeFace:
    """One circle of a row: its label (1 3 5 7, 落 办) and state. DUE is drawn as a square with `!`."""

    label: str
    state: NodeState


@dataclass(frozen=True, slots=True)
class TrackNode:
    """One node of the detail track, e.g. `3`, CUR, 定性办结, 剩 1天4时, strong."""

    label: str
    state: NodeState
    title: str
    when: str
    strong: bool = False
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class TagFace:
    """A small tinted tag, e.g. `重复诉求 · 第 2 次`."""

    text: str
    tone: Tone = Tone.PLAIN
    icon: str = ""


@dataclass(frozen=True, slots=True)
class TierFace:
    """A tier badge: the word comes from policy, the look from the kind."""

    text: str
    kind: TierKind


@dataclass(frozen=True, slots=True)
class SyncFace:
    """A sync badge; an empty text becomes the usual word of the mark (已同步, 待上传, 冲突, 未采用)."""

    mark: SyncMark
    text: str = ""


@dataclass(frozen=True, slots=True)
class TabItem:
    """One saved view above a list. `count` None shows no number; what `stays` goes into 更多 last."""

    key: str
    text: str
    count: int | None = None
    icon: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a facts list. A `key` with an `action` adds a link at the right, e.g. 查看号码(留痕)."""

    label: str
    value: str
    note: str = ""
    icon: str = ""
    key: str = ""
    action: str = ""
    action_icon: str = "lock"


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One act in the history. `late_note` is `18:02 补传`; `struck` is an act that was not adopted."""

    key: str
    time: str
    icon: str
    tone: Tone
    title: str
    who: str
    text: str = ""
    late_note: str = ""
    sync: SyncMark | None = None
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio-like button. A `reason` makes it visible but not choosable, and is spoken and shown."""

    key: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CardChoice:
    """One large choice: what happens then (`result`) and who is told (`told`); `shortcut` as shown, e.g. Alt+2."""

    key: str
    title: str
    result: str
    told: str = ""
    shortcut: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a combo box."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One entry of the key bar, e.g. (`↑`, `↓`) 选单."""

    keys: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the left rail. `shortcut` is for the tool tip and the accessible description only."""

    key: str
    text: str
    icon: str
    count: int = 0
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """Everything in the top strip, already worded. `clock_label` is 平台时间 or 平台时间(推算)."""

    link: LinkState
    link_note: str = ""
    waiting: int = 0
    conflicts: int = 0
    last_sync: str = ""
    person: str = ""
    clock_label: str = "平台时间"
    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """One thumbnail. `image` may be null: a placeholder is drawn, and `missing` says why."""

    key: str
    image: QImage
    caption: str
    sync: SyncMark | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class PairField:
    """One field of one side of a conflict; `differs` tints it and gives it the ≠ sign."""

    label: str
    value: str
    differs: bool


@dataclass(frozen=True, slots=True)
class PairSide:
    """One side (甲 or 乙): who, when recorded, from where and when it arrived, the fields and the photos."""

    letter: str
    title: str
    who: str
    recorded: str
    origin: str
    fields: tuple[PairField, ...]
    photos: tuple[Photo, ...] = ()
    note: str = ""
    origin_icon: str = "cloud-check"
