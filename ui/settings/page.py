"""What a person may set on this seat, and what it tells about itself. Everything applies at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.login.authority import AuthorityRow
from ui.theme.roles import Role, ThemeName
from ui.theme.theme import Theme
from ui.theme.tokens import SCALES
from ui.unlock.change import Keeper, PassphrasePanel
from ui.upkeep.backups import BackupKeeper, BackupsPanel
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.choices import ChoiceButton, ChoiceRow
from ui.widgets.labels import Ground, Label
from ui.widgets.panel import Panel
from ui.widgets.values import Choice

if TYPE_CHECKING:
    from desktop_app.about import About
    from desktop_app.settings import SettingsKeeper

THEMES = (
    (ThemeName.LIGHT, "浅色"),
    (ThemeName.DARK, "深色"),
    (ThemeName.HIGH, "高对比"),
)
LABEL_WIDTH = 72
STACKED_FROM = 1.75  # from this size on, the choices stand below their label
SMALL_STEP = "1.1"  # not offered where the row would be wider than the page


class SettingsPage(Themed):
    """``sign_out_requested`` when this person leaves the seat; records waiting to be sent stay."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)
    sign_out_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        settings: SettingsKeeper,
        about: About,
        parent: QWidget | None = None,
        *,
        keeper: Keeper | None = None,
        backups: BackupKeeper | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.setObjectName("settingsPage")
        self._settings, self._about = settings, about
        self._keeper, self._backups = keeper, backups
        self._rows: list[QBoxLayout] = []
        self._labels: list[Label] = []
        self._scales = ChoiceRow(theme, tuple(Choice(f"{s:g}", f"{s:.0%}") for s in SCALES))
        self._themes = ChoiceRow(theme, tuple(Choice(n.value, text) for n, text in THEMES))
        self._sounds = ChoiceRow(theme, (Choice("on", "响"), Choice("off", "不响")))
        self._sign_out = PlainButton(theme, "退出登录", icon="logout")
        self._lay_out()
        self._connect()
        self._show_values()

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Ctrl+", "放大"), ("Ctrl−", "缩小"), ("Ctrl 0", "原大小"), ("Esc", "返回"))

    def data_changed(self, _changes: object) -> None:
        """Nothing here comes from the orders."""

    def tick(self, _now: datetime) -> None:
        """Nothing here runs with the clock."""

    def primary(self) -> None:
        """There is nothing to commit: everything applies at once."""

    # --- inside -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.addWidget(self._look_panel())
        column.addWidget(self._sound_panel())
        column.addWidget(self._seat_panel())
        if self._keeper is not None:
            panel = PassphrasePanel(
                self._theme, self._keeper, self._settings.now.account, settings=self._settings
            )
            column.addWidget(panel)
        if self._backups is not None:
            column.addWidget(BackupsPanel(self._theme, self._backups))
        column.addStretch(1)
        ground = Ground(self._theme, Role.BG)
        ground.setLayout(column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(ground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._column = column

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(12), px(20), px(12))
        self._column.setSpacing(px(12))
        for label in self._labels:
            label.setMinimumWidth(px(LABEL_WIDTH))
        stacked = self._theme.scale >= STACKED_FROM
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        for row in self._rows:
            row.setDirection(way)
            row.setSpacing(px(8))
        for button in self._scales.findChildren(ChoiceButton):
            button.setVisible(not stacked or button.key != SMALL_STEP)
        self._facts.setHorizontalSpacing(px(8))
        self._facts.setVerticalSpacing(px(4))
        self._facts.setContentsMargins(0, 0, 0, px(4))

    def _look_panel(self) -> Panel:
        panel = Panel(self._theme, "字号和颜色", "改了马上生效", "text-size")
        self._scales.setObjectName("scaleChoice")
        self._themes.setObjectName("themeChoice")
        panel.body.addLayout(self._row("字号", self._scales))
        panel.body.addLayout(self._row("颜色", self._themes))
        return panel

    def _sound_panel(self) -> Panel:
        panel = Panel(self._theme, "声音", "只管本机；15 分钟件没人签收时界面照样提醒", "volume")
        self._sounds.setObjectName("soundChoice")
        panel.body.addLayout(self._row("提示音", self._sounds))
        start, end = self._about.quiet
        if start:
            words = f"安静时段 {start} 至次日 {end}：只压住普通提醒，15 分钟件和已超时的照响。由政策文件定。"
            panel.body.addWidget(Label(self._theme, words, Role.TEXT2, wrap=True))
        return panel

    def _seat_panel(self) -> Panel:
        panel = Panel(self._theme, "本席", "", "device-desktop")
        now = self._settings.now
        lines = (
            ("平台地址", now.address or "未设"),
            ("账号", now.account or "未登录"),
            *self._about.lines,
            ("许可", "木兰宽松许可证第 2 版；字体 OFL-1.1，图标 MIT，Qt LGPL-3.0"),
        )
        self._facts = QGridLayout()
        for row, (name, value) in enumerate(lines):
            self._facts.addWidget(self._name_label(name), row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(Label(self._theme, value, wrap=True), row, 1)
        self._facts.setColumnStretch(1, 1)
        panel.body.addLayout(self._facts)
        authority = AuthorityRow(self._theme, self._settings)
        authority.failed.connect(self.notice)
        panel.body.addWidget(authority)
        self._sign_out.setObjectName("signOutButton")
        row_out = QHBoxLayout()
        row_out.addWidget(self._sign_out)
        row_out.addWidget(Label(self._theme, "本机记录不会丢，再登录接着传。", Role.TEXT2), 1)
        panel.body.addLayout(row_out)
        return panel

    def _row(self, name: str, choices: QWidget) -> QBoxLayout:
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.addWidget(self._name_label(name))
        row.addWidget(choices)
        row.addStretch(1)
        self._rows.append(row)
        return row

    def _name_label(self, name: str) -> Label:
        label = Label(self._theme, name, Role.TEXT3)
        self._labels.append(label)
        return label

    def _connect(self) -> None:
        self._scales.choice_changed.connect(self._on_scale)
        self._themes.choice_changed.connect(self._on_theme)
        self._sounds.choice_changed.connect(self._on_sound)
        self._sign_out.clicked.connect(self.sign_out_requested)
        self._theme.changed.connect(self._show_values)
        self._restyle()

    @Slot()
    def _show_values(self) -> None:
        """Show what holds now; the size also changes by Ctrl+ and Ctrl−."""
        self._scales.set_current(f"{self._theme.scale:g}")
        self._themes.set_current(self._theme.name.value)
        self._sounds.set_current("on" if self._settings.now.sound else "off")

    @Slot(str)
    def _on_scale(self, key: str) -> None:
        self._theme.set_scale(float(key))
        self._settings.change(scale=self._theme.scale)

    @Slot(str)
    def _on_theme(self, key: str) -> None:
        self._theme.set_name(ThemeName(key))
        self._settings.change(theme=key)

    @Slot(str)
    def _on_sound(self, key: str) -> None:
        self._settings.change(sound=key == "on")
