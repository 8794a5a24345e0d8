"""Invented content for the boards."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from ui.sheet.data import SheetData
from ui.widgets.kinds import Band, LinkState, NodeState, SyncMark, TierKind, Tone
from ui.widgets.values import (
    CardChoice,
    CountdownFace,
    Fact,
    KeyHint,
    NavItem,
    NodeFace,
    PairField,
    PairSide,
    Photo,
    StatusFacts,
    TabItem,
    TierFace,
    TimelineItem,
    TrackNode,
)

M, L, C, D, F = NodeState.MET, NodeState.LATE, NodeState.CUR, NodeState.DUE, NodeState.FUT
GENERAL = TierFace("一般", TierKind.GENERAL)
LIVELIHOOD = TierFace("民生", TierKind.LIVELIHOOD)
EMERGENCY = TierFace("紧急", TierKind.EMERGENCY)
COMPLEX = TierFace("复杂", TierKind.COMPLEX)
OTHER = TierFace("咨询", TierKind.OTHER)


def dots(*states: NodeState, labels: str = "1357") -> tuple[NodeFace, ...]:
    """The circles of a row."""
    return tuple(NodeFace(label, state) for label, state in zip(labels, states, strict=False))


Row = tuple[TierFace, str, str, str, str, str, str, CountdownFace, tuple[NodeFace, ...]]
ROWS: tuple[Row, ...] = (
    (GENERAL, "东沟村机井路塌方，车过不去", "1117-0043", "东沟村", "road", "办理中", "分管农业领导",
     CountdownFace("超 1时22分", Band.OVER, 0), dots(M, D, F, F)),
    (LIVELIHOOD, "自来水管爆裂，半村停水", "1120-0012", "北土门村", "rubber-stamp", "待签批", "乡党委书记",
     CountdownFace("剩 1分44秒", Band.NEAR, 0.116), dots(C, F, labels="落办")),
    (EMERGENCY, "邻居堆料占道，农用车难行", "1119-0007", "花峪村", "users", "待见面", "花峪村书记",
     CountdownFace("剩 22分44秒", Band.NEAR, 0.02), dots(C, F, F, F)),
    (GENERAL, "公交末班车提前，学生误车", "1114-0022", "老泉口村", "road", "办理中", "交通口领导",
     CountdownFace("剩 1天1时", Band.NEAR, 0.154), dots(M, M, L, C)),
    (LIVELIHOOD, "供暖管道不热，老人受冻", "1119-0038", "熊儿寨村", "road", "办理中", "供暖站",
     CountdownFace("剩 6时37分", Band.HALF, 0.28), dots(M, C, labels="落办")),
    (GENERAL, "门前道路破损塌陷，影响民宿经营", "1118-0031", "魏家湾村", "road", "办理中", "分管农业领导",
     CountdownFace("剩 1天4时", Band.HALF, 0.4), dots(M, C, F, F)),
    (GENERAL, "咨询核桃补贴申领条件", "1120-0010", "东长峪村", "phone", "待核实", "派单员",
     CountdownFace("剩 1时29分", Band.OK, 0.75), dots(F, F, F, F)),
    (OTHER, "路灯三盏不亮", "1120-0003", "南岔村", "users", "待见面", "南岔村书记",
     CountdownFace("剩 21时57分", Band.OK, 0.92), dots(C, F, F, F)),
    (COMPLEX, "山洪沟护坡加固资金", "1109-0004", "花峪村", "arrow-right", "上交区级", "分管水务领导",
     CountdownFace("停表 · 挂账", Band.HOLD, 0.59), (NodeFace("落", M), NodeFace("15", F))),
)  # fmt: skip

TABS = (
    TabItem("shift", "本班", 11),
    TabItem("verify", "待核实", 1),
    TabItem("sign", "待签批", 2),
    TabItem("meet", "待见面", 2),
    TabItem("near", "临期", 3, "alert-triangle"),
    TabItem("over", "超时", 1, "alert-octagon"),
    TabItem("repeat", "重复", 2, "repeat"),
    TabItem("all", "全部在办", 63),
)
NAV = (
    NavItem("orders", "工单", "inbox", 11),
    NavItem("signoff", "签批", "rubber-stamp"),
    NavItem("alerts", "提醒", "bell", 4),
    NavItem("supervision", "督办", "gavel", 1),
    NavItem("whistle", "吹哨", "speakerphone", 128),
    NavItem("visits", "走访", "walk"),
    NavItem("analysis", "分析", "chart-bar"),
    NavItem("settings", "设置", "settings", at_end=True),
)
KEYS = (
    KeyHint(("F5",), "同步"),
    KeyHint(("↑", "↓"), "选单"),
    KeyHint(("Enter",), "打开"),
    KeyHint(("Ctrl+Enter",), "下一步"),
    KeyHint(("F8",), "核实电话"),
    KeyHint(("F9",), "拟办"),
    KeyHint(("Ctrl +", "Ctrl −"), "字号"),
    KeyHint(("Ctrl+P",), "打印工单"),
    KeyHint(("F1",), "全部快捷键"),
)
ONLINE = StatusFacts(
    LinkState.ONLINE,
    "",
    0,
    0,
    "09:42:10",
    "值班 派单员 周女士 · 甲班",
    "平台时间",
    "11月20日 周五",
    "09:42:16",
)
OFFLINE = StatusFacts(
    LinkState.OFFLINE,
    "已 6 时 12 分",
    3,
    1,
    "10:46:05",
    "魏家湾村书记",
    "平台时间（推算）",
    "11月18日 周三",
    "16:58:20",
)
FACTS = (
    Fact("诉求人", "张女士  138****1234", key="phone", action="查看号码（留痕）"),
    Fact("地点", "魏家湾村 东街 12 号门前"),
    Fact("分类", "农村管理—农村基础设施建设—道路"),
    Fact("承办", "分管农业领导（领） 村书记（协） 农办（帮）"),
)
TRACK = (
    TrackNode("1", M, "见面", "18日 16:40"),
    TrackNode("3", C, "定性办结", "剩 1天4时", strong=True),
    TrackNode("5", F, "回访复查", "23日 14:10"),
    TrackNode("7", F, "全部清零", "25日 14:10"),
)
TRACK_LATE = (
    TrackNode("1", L, "见面", "18日 16:40"),
    TrackNode("3", D, "定性办结", "超 1时22分", strong=True),
    TrackNode("5", F, "回访复查", "23日 14:10"),
    TrackNode("7", F, "全部清零", "25日 14:10"),
)
ACTS = (
    TimelineItem("6", "11-20 09:24", "speakerphone", Tone.PRIMARY, "吹哨 · 综合执法哨", "分管农业领导",
                 "农办 09:36 已报到；公路分局未报到，剩 11 分"),
    TimelineItem("5", "11-19 10:02", "gavel", Tone.OVER, "督办", "派单员 · 周女士", "第三天未定性，已列入督办调度会",
                 sync=SyncMark.PENDING),
    TimelineItem("4", "11-18 16:40", "users", Tone.OK, "见面沟通", "魏家湾村书记",
                 "上门踏看，照片 3 张。诉求人要求整段翻修；"
                 "<b>临沟一侧</b>塌了约 2 米，会车危险，先垫平、立警示牌。",
                 late_note="18:02 补传"),
    TimelineItem("3", "11-18 15:21", "rubber-stamp", Tone.SEAL, "同意签批 · 双派单", "乡党委书记",
                 "领办 分管农业领导；协办 魏家湾村书记"),
    TimelineItem("2", "11-18 14:36", "clipboard-text", Tone.PLAIN, "拟办", "派单员 · 周女士",
                 "附两年前同址修补记录，建议农办帮办", struck=True),
    TimelineItem("1", "11-18 14:18", "phone", Tone.PLAIN, "核实 · 内容一致", "派单员 · 周女士"),
)  # fmt: skip


def picture(hue: int) -> QImage:
    """A drawn landscape in place of a photo."""
    image = QImage(640, 420, QImage.Format.Format_RGB32)
    image.fill(QColor("#C9D6E0"))
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromHsv(hue, 55, 150))
    points = ((0, 420), (0, 230), (140, 120), (250, 210), (400, 90), (640, 260), (640, 420))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.setBrush(QColor("#8C8C94"))
    painter.drawPolygon(
        QPolygonF([QPointF(x, y) for x, y in ((280, 240), (360, 240), (460, 420), (180, 420))])
    )
    painter.end()
    return image


def photos() -> tuple[Photo, ...]:
    """Three photos that wait, one that is not loaded yet."""
    return (
        Photo("a", picture(110), "破损面 16:44", SyncMark.PENDING),
        Photo("b", picture(140), "临沟侧 16:46", SyncMark.SYNCED),
        Photo("c", QImage(), "见面 16:52", SyncMark.PENDING),
    )


def side(letter: str) -> PairSide:
    """甲 or 乙."""
    mine = letter == "乙"
    values = (
        ("结论", "已办结" if mine else "阶段性办结，继续跟进", True),
        ("措施", "当天已清空，过道恢复通行" if mine else "已立警示牌；清障 11 月 25 日前", True),
        ("说明情况", "当面说明，对方认可" if mine else "电话说明，对方还有意见", True),
        ("附件", "照片 2 张" if mine else "照片 1 张", True),
        ("事发地", "魏家湾村 西街过道", False),
    )
    return PairSide(
        letter,
        "我这台机器的版本" if mine else "平台上的版本",
        "魏家湾村书记（协办）" if mine else "分管交通领导（领办）",
        "11-19 18:20 记" if mine else "11-19 17:05 记",
        "村委会电脑 · 离线，今天 09:40 到平台" if mine else "区办公网 · 17:05 到平台",
        tuple(PairField(*value) for value in values),
        tuple(
            Photo(str(n), picture(100 + 30 * n), f"11-19 17:5{n}") for n in range(2 if mine else 1)
        ),
        "离线 15 时 20 分，写的时候看不到甲。"
        if mine
        else "共同起点：11-18 15:10 见面沟通。之后没有收到乙。",
        "device-desktop" if mine else "cloud-check",
    )


CARDS = (
    CardChoice("a", "以甲为准", "工单仍是“办理中”，11 月 25 日前须清障。乙留在经过里，标“未采用”。",
               "通知 魏家湾村书记", "Alt+1"),
    CardChoice("b", "以乙为准", "工单转为“已办结”，等第五天回访。甲留在经过里，标“未采用”。",
               "通知 分管交通领导", "Alt+2"),
    CardChoice("c", "先都留着，当面核", "工单标“待核实”，时限照走。今天 17:00 前须选定，否则转派单员。",
               "通知 双方和派单员", "Alt+3"),
)  # fmt: skip
SHEET = SheetData(
    office="熊儿寨乡群众诉求处置中心",
    number="熊诉签〔2026〕1120009 号",
    dispatched="2026 年 11 月 20 日 08:15",
    matter="宅基地排水侵蚀后墙",
    petitioner="郭先生 139****5678",
    place="北土门村后街 7 号后墙",
    category="农村管理—宅基地—邻里",
    limit="7 天（11 月 27 日 08:15）",
    verified="前邻抬高地基和路面，雨水侵蚀后墙。11 月 3 日对方来电，调解未成。",
    related="11 月 3 日 对方来电，已办结、不满意；8 月 12 日 后街积水，已办结、满意",
    handlers=(("领办", "分管村镇建设乡领导"), ("协办", "北土门村书记"), ("帮办", "司法所、农办")),
    proposal="村里先看现场排水，司法所同去；谈不拢即启动“下交”群评。",
    instruction="同意。村里今天见面，雨雪前办完。",
    proposed_by="派单员 周女士 09:41",
    signed_by="乡党委书记",
)
