"""The boards: widgets put together about as the screens do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.gallery import samples
from ui.sheet.data import SheetState
from ui.sheet.view import SheetView
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON
from ui.widgets import painters
from ui.widgets.badges import CountdownView, KeyCap, NodeDots, SyncBadge, Tag, TierBadge
from ui.widgets.base import Themed
from ui.widgets.buttons import LinkButton, PlainButton, PrimaryButton, SealButton
from ui.widgets.choice_cards import ChoiceCards
from ui.widgets.choices import ChoiceRow
from ui.widgets.combo import Combo
from ui.widgets.empty_state import EmptyState
from ui.widgets.facts_list import FactsList
from ui.widgets.key_bar import KeyBar
from ui.widgets.kinds import NodeState, NoticeKind, SyncMark, Tone
from ui.widgets.labels import Ground, IconLabel, Label, Rule
from ui.widgets.nav_rail import NavRail
from ui.widgets.node_track import NodeTrack
from ui.widgets.note_edit import NoteEdit
from ui.widgets.notice import Notice
from ui.widgets.offline_banner import OfflineBanner
from ui.widgets.pair_card import PairCard
from ui.widgets.panel import Panel
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.search_box import SearchBox
from ui.widgets.status_strip import StatusStrip
from ui.widgets.tabs import SegmentedTabs
from ui.widgets.timeline import Timeline
from ui.widgets.values import Choice, Fact, Option, SyncFace, TagFace


def _page(theme: Theme, width: int, height: int, role: Role = Role.BG) -> Ground:
    page = Ground(theme, role)
    page.resize(theme.px(width), theme.px(height))
    return page


def _column(owner: QWidget, theme: Theme, margin: int = 16, space: int = 12) -> QVBoxLayout:
    column = QVBoxLayout(owner)
    column.setContentsMargins(*(theme.px(margin) if margin else 0,) * 4)
    column.setSpacing(theme.px(space) if space else 0)
    return column


def _row(theme: Theme, *widgets: QWidget, space: int = 8, stretch: bool = True) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.px(space))
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


class RowsBoard(Themed):
    """The table of the workbench, painted by the shared painters as a delegate would."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, row in enumerate(samples.ROWS):
            high = self._theme.px(HEIGHT.row)
            rect = QRect(0, number * high, self.width(), high)
            paint_order_row(painter, rect, self._theme, row, selected=number == 5)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(832), self._theme.px(HEIGHT.row) * len(samples.ROWS))


def paint_order_row(
    painter: QPainter, rect: QRect, theme: Theme, row: samples.Row, *, selected: bool
) -> None:
    """One row with six columns; the measure of the speed test as well."""
    px = theme.px
    tier, matter, number, place, icon, step, who, clock, dots = row
    painters.paint_row_ground(painter, rect, theme, selected=selected)
    left = rect.left() + px(12)
    painters.paint_tier(painter, QRect(left, rect.top(), px(68), rect.height()), theme, tier)
    dots_left = rect.right() - px(12 + 132)
    clock_left = dots_left - px(10 + 132)
    step_left = clock_left - px(10 + 104)
    place_left = step_left - px(10 + 68)
    upper = QRect(left + px(78), rect.top() + px(6), place_left - left - px(88), px(22))
    painters.paint_text(painter, upper, theme, matter, Role.TEXT, FontToken.STRONG, elide=True)
    grey = Role.TEXT2 if selected else Role.TEXT3
    painters.paint_text(painter, upper.translated(0, px(22)), theme, number, grey)
    painters.paint_text(
        painter, QRect(place_left, rect.top(), px(68), rect.height()), theme, place, Role.TEXT
    )
    upper = QRect(step_left, rect.top() + px(6), px(104), px(22))
    used = painters.paint_icon(painter, upper, theme, icon, Role.TEXT, ICON.small, step_left) + px(
        5
    )
    painters.paint_text(
        painter, upper.adjusted(used, 0, 0, 0), theme, step, Role.TEXT, FontToken.STRONG
    )
    painters.paint_text(painter, upper.translated(0, px(22)), theme, who, Role.TEXT2)
    box = QRect(clock_left, rect.top(), px(132), rect.height())
    painters.paint_countdown(painter, box, theme, clock, selected=selected)
    painters.paint_dots(painter, QRect(dots_left, rect.top(), px(132), rect.height()), theme, dots)


def marks(theme: Theme) -> QWidget:
    """Badges, circles, clocks."""
    page = _page(theme, 900, 620, Role.SURFACE)
    column = _column(page, theme)
    tiers = (samples.EMERGENCY, samples.LIVELIHOOD, samples.GENERAL, samples.COMPLEX, samples.OTHER)
    column.addLayout(_row(theme, *(TierBadge(theme, face) for face in tiers)))
    syncs = [SyncBadge(theme, SyncFace(mark)) for mark in SyncMark]
    column.addLayout(
        _row(theme, *syncs, SyncBadge(theme, SyncFace(SyncMark.PENDING, "待上传 2 件")))
    )
    tags = [Tag(theme, TagFace(f"标签 {tone}", tone, "repeat")) for tone in Tone]
    column.addLayout(_row(theme, *tags[:5]))
    column.addLayout(
        _row(theme, *tags[5:], *(KeyCap(theme, key) for key in ("Ctrl+Enter", "↑", "F5", "空格")))
    )
    states = [NodeDots(theme, samples.dots(state, labels="3")) for state in NodeState]
    column.addLayout(_row(theme, *states, NodeDots(theme, samples.ROWS[3][-1])))
    faces = {row[7].band: row[7] for row in samples.ROWS}
    column.addLayout(_row(theme, *(CountdownView(theme, face) for face in faces.values())))
    column.addWidget(NodeTrack(theme, samples.TRACK))
    column.addWidget(NodeTrack(theme, samples.TRACK_LATE))
    column.addStretch(1)
    return page


def controls(theme: Theme) -> QWidget:
    """Buttons, fields, choices."""
    page = _page(theme, 1000, 760)
    column = _column(page, theme)
    primary = PrimaryButton(theme, "登记定性", shortcut="Ctrl+Enter")
    refused = PlainButton(theme, "办结", icon="flag", shortcut="Ctrl+3", big=True)
    refused.refuse("先填“说明情况”")
    column.addLayout(
        _row(theme, primary, SealButton(theme, "同意签批", shortcut="Ctrl+Enter", bind_key=False),
             PlainButton(theme, "催办", shortcut="F7", big=True), PlainButton(theme, "更多", menu=True, big=True))
    )  # fmt: skip
    column.addLayout(
        _row(theme, refused, PlainButton(theme, "筛选", icon="filter", shortcut="F4"),
             LinkButton(theme, "查看号码（留痕）", icon="lock"), LinkButton(theme, "全部", shortcut="T"))
    )  # fmt: skip
    column.addWidget(SegmentedTabs(theme, samples.TABS))
    narrow = SegmentedTabs(theme, samples.TABS)
    narrow.setFixedWidth(theme.px(420))
    column.addWidget(narrow)
    column.addWidget(SearchBox(theme, "编号、村名、事项、拼音首字母（如 wjw）"))
    choices = (
        Choice("a", "内容一致"),
        Choice("b", "有更正"),
        Choice("c", "未联系上"),
        Choice("d", "代签", "未授权"),
    )
    row = ChoiceRow(theme, choices)
    row.set_current("b")
    column.addWidget(row)
    combo = Combo(theme)
    leaders = (Option("a", "乡领导 · 分管村镇建设"), Option("b", "北土门村党支部书记"))
    combo.set_options(leaders, "a")
    column.addWidget(combo)
    checked, picked = QCheckBox("选入批签"), QRadioButton("按自然日")
    checked.setChecked(True)
    picked.setChecked(True)
    field = QLineEdit("现场已看过，过道确已清空，照片可证")
    column.addLayout(
        _row(
            theme,
            checked,
            QCheckBox("未选"),
            picked,
            QRadioButton("按工作日"),
            field,
            stretch=False,
        )
    )
    note = NoteEdit(theme, hint="全文印在签批单“拟办意见”栏")
    note.set_text(
        "前后邻居排水纠纷，双方均来过电，11 月 3 日调解未成。建议：村里先看现场排水，司法所同去；"
        "两次谈不拢即启动“下交”群评。雨雪天前办完为宜。"
    )
    note.set_saved_at("09:40")
    column.addWidget(note, 1)
    note.setFocus()
    return page


def notices(theme: Theme) -> QWidget:
    """Notices, banner, empty places."""
    page = _page(theme, 1000, 620)
    column = _column(page, theme)
    texts = (
        (NoticeKind.INFO, "张女士第 2 次来电", "两年前同址修补过，记录在右边。", ""),
        (NoticeKind.WARN, "签批没传上去，已存本机", "有网会自动传，也可按 F5。", "重试"),
        (NoticeKind.ERROR, "少填一项：说明情况", "填好后再办结。", ""),
    )
    for kind, title, todo, button in texts:
        notice = Notice(theme)
        notice.show_notice(kind, title, todo, button)
        column.addWidget(notice)
    banner = OfflineBanner(theme)
    banner.show_offline("离线", "签批先存本机，联网后自动上传；平台收到后才派单。", "待上传 2 件")
    back = OfflineBanner(theme)
    back.show_back("已连上，3 条已上传")
    column.addWidget(banner)
    column.addWidget(back)
    column.addWidget(EmptyState(theme, "circle-check", "本班没有临期件。", "清除筛选"), 1)
    return page


def workbench(theme: Theme) -> QWidget:
    """The whole frame with list and detail."""
    page = _page(theme, 1440, 870)
    outer = _column(page, theme, 0, 0)
    outer.addWidget(StatusStrip(theme, samples.ONLINE))
    middle = _row(theme, space=0, stretch=False)
    middle.setSpacing(0)
    rail = NavRail(theme, samples.NAV)
    rail.set_current("orders")
    middle.addWidget(rail)
    middle.addWidget(_list_side(theme), 1)
    middle.addWidget(_detail_side(theme))
    outer.addLayout(middle, 1)
    outer.addWidget(KeyBar(theme, samples.KEYS))
    return page


def _list_side(theme: Theme) -> QWidget:
    ground = Ground(theme, Role.SURFACE, "r")
    column = _column(ground, theme, 0, 0)
    head = QVBoxLayout()
    head.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
    head.setSpacing(theme.px(8))
    head.addWidget(SegmentedTabs(theme, samples.TABS))
    search = SearchBox(theme, "编号、村名、事项、拼音首字母（如 wjw）")
    tools = (
        PlainButton(theme, "筛选", icon="filter", shortcut="F4"),
        PlainButton(theme, "存为视图", icon="star"),
    )
    head.addLayout(_row(theme, search, *tools, stretch=False))
    column.addLayout(head)
    column.addWidget(Rule(theme))
    column.addWidget(RowsBoard(theme), 1)
    return ground


def _detail_side(theme: Theme) -> QWidget:
    ground = Ground(theme, Role.SURFACE)
    ground.setFixedWidth(theme.px(528))
    column = _column(ground, theme, 16, 8)
    tag = Tag(theme, TagFace("重复诉求 · 第 2 次", Tone.HALF, "repeat"))
    head = _row(
        theme, TierBadge(theme, samples.GENERAL), Label(theme, "20261118-0031", Role.TEXT2), tag
    )
    head.addWidget(SyncBadge(theme, SyncFace(SyncMark.SYNCED)))
    column.addLayout(head)
    column.addWidget(
        Label(theme, "门前道路破损塌陷，影响民宿经营", token=FontToken.TITLE2, elide=True)
    )
    column.addWidget(Rule(theme))
    facts = FactsList(theme)
    facts.set_facts(samples.FACTS)
    column.addWidget(facts)
    column.addWidget(Rule(theme))
    titles = (
        Label(theme, "一三五七", token=FontToken.TITLE3),
        Label(theme, "第 2 天 · 共 7 天", Role.TEXT2),
    )
    column.addLayout(_row(theme, *titles))
    column.addWidget(NodeTrack(theme, samples.TRACK))
    column.addWidget(Rule(theme))
    acts = _row(
        theme, Label(theme, "办理经过", token=FontToken.TITLE3), Label(theme, "9 条", Role.TEXT2)
    )
    acts.addWidget(LinkButton(theme, "全部", shortcut="T", bind_key=False))
    column.addLayout(acts)
    timeline = Timeline(theme)
    timeline.set_items(samples.ACTS)
    column.addWidget(timeline, 1)
    column.addLayout(_next_step(theme))
    return ground


def _next_step(theme: Theme) -> QLayout:
    box = QVBoxLayout()
    box.setSpacing(theme.px(8))
    label = IconLabel(theme, "flag", "下一步", Role.TEXT, FontToken.STRONG, 20)
    box.addLayout(_row(theme, label, Label(theme, "登记定性，否则明日 14:10 转督办", Role.TEXT2)))
    primary = PrimaryButton(theme, "登记定性", shortcut="Ctrl+Enter")
    row = _row(theme, stretch=False)
    row.addWidget(primary, 1)
    row.addWidget(PlainButton(theme, "催办", shortcut="F7", big=True))
    row.addWidget(PlainButton(theme, "更多", menu=True, big=True))
    box.addLayout(row)
    return box


def village(theme: Theme) -> QWidget:
    """Panels of the village seat, offline."""
    page = _page(theme, 1360, 830)
    outer = _column(page, theme, 0, 0)
    outer.addWidget(StatusStrip(theme, samples.OFFLINE))
    banner = OfflineBanner(theme)
    banner.show_offline(
        "离线 已 6 时 12 分",
        "照常办，记录存本机；有网自动传。时限按记录时间算，不按上传时间算。",
        "",
        "试连",
    )
    outer.addWidget(banner)
    body = QVBoxLayout()
    body.setContentsMargins(*(theme.px(20),) * 4)
    body.setSpacing(theme.px(12))
    meeting = Panel(theme, "见面沟通", icon="users")
    meeting.set_tag(TagFace("已记在本机 16:58", Tone.OK, "check"))
    meeting.add_at_right(SyncBadge(theme, SyncFace(SyncMark.PENDING)))
    facts = FactsList(theme, columns=2)
    where = Fact("地点", "张女士家门口", "已定位", "map-pin")
    facts.set_facts(
        (
            Fact("时间", "今天 16:40"),
            where,
            Fact("见到", "张女士本人"),
            Fact("同去", "分管农业领导"),
        )
    )
    meeting.body.addWidget(facts)
    meeting.body.addWidget(PhotoStrip(theme, samples.photos()))
    body.addWidget(meeting)
    talk = Panel(theme, "说明情况（按耳膜）", "把话说到、说清、听回音", "ear")
    talk.add_at_right(Tag(theme, TagFace("草稿自动保存")))
    row = ChoiceRow(
        theme, (Choice("me", "我本人"), Choice("l", "乡领导"), Choice("s", "站所")), tall=True
    )
    row.set_current("me")
    talk.body.addWidget(row)
    note = NoteEdit(theme)
    note.set_text("乡里正排道路修缮计划，这段已报上去，先垫平、立警示牌，")
    talk.body.addWidget(note)
    body.addWidget(talk, 1)
    outer.addLayout(body, 1)
    note.setFocus()
    return page


def conflict(theme: Theme) -> QWidget:
    """甲 and 乙, and the three choices."""
    page = _page(theme, 1360, 740)
    column = _column(page, theme, 20)
    pair = _row(theme, space=16, stretch=False)
    pair.addWidget(PairCard(theme, samples.side("甲")), 1)
    pair.addWidget(PairCard(theme, samples.side("乙"), chosen=True), 1)
    column.addLayout(pair)
    cards = ChoiceCards(theme, samples.CARDS)
    cards.set_current("b")
    column.addWidget(cards)
    refused = ChoiceCards(
        theme, tuple(replace(card, shortcut="", reason="由领办来选") for card in samples.CARDS[:2])
    )
    column.addWidget(refused)
    column.addStretch(1)
    return page


def _sheet(state: SheetState, theme: Theme) -> QWidget:
    page = _page(theme, 960, 700)
    column = _column(page, theme, 20)
    view = SheetView(theme)
    data = samples.SHEET
    if state in (SheetState.SIGNED, SheetState.PENDING):
        data = replace(data, signed_at="11 月 20 日 09:58", stamp=("已签批 09:58 本机记",))
    if state is SheetState.SIGNED:
        data = replace(data, stamp=(*data.stamp, "10:12 平台收到"))
    if state is SheetState.READING:
        data = replace(data, instruction="")
    view.set_sheet(replace(data, return_reason="领办与分管不符，请改由水务口领办。"), state)
    column.addWidget(view)
    if state is SheetState.WRITING:
        view.focus_instruction()
    return page


BOARDS: dict[str, Callable[[Theme], QWidget]] = {
    "marks": marks,
    "controls": controls,
    "notices": notices,
    "workbench": workbench,
    "village": village,
    "conflict": conflict,
    **{f"sheet_{state}": partial(_sheet, state) for state in SheetState},
}
