"""The way out when the passphrase is forgotten: what is lost, what is not, and going on without it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.unlock.card import CardPage
from ui.widgets.buttons import PlainButton

_LOST = (
    "口令没人能找回，程序里也没有后门。不用口令接着办，会打不开这些：",
    "· 本机记下、还没上传的记录和照片（锁着，看不到有几条）；\n· 没写完的草稿。",
    "已经上传的都在平台上，重新登录后自动取回，一条不少。",
    "旧数据不删，整个放到数据目录的 aside 文件夹里；日后想起口令，管理员能再取出来。",
)


class GiveUpPage(CardPage):
    """``given_up`` when the person goes on without the old data; ``back`` to try once more."""

    given_up = Signal()
    back = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "忘了本机口令", "先想一想再决定", "alert-triangle", parent)
        self.setObjectName("giveUpPage")
        for text in _LOST:
            self.say(text)
        self._sure = QCheckBox("我知道：没上传的记录会打不开")
        self._sure.setObjectName("sureBox")
        self._sure.toggled.connect(self._on_sure)
        self._go = PlainButton(theme, "放下旧数据，重新登录", icon="database")
        self._go.setObjectName("giveUpButton")
        self._go.setEnabled(False)
        self._go.clicked.connect(self.given_up)
        self._back = PlainButton(theme, "回去再试口令", icon="arrow-left", shortcut="Esc")
        self._back.setObjectName("backButton")
        self._back.clicked.connect(self.back)
        line = QHBoxLayout()
        line.addWidget(self._back)
        line.addStretch(1)
        line.addWidget(self._go)
        self.card.body.addWidget(self._sure)
        self.card.body.addLayout(line)
        self.setFocusProxy(self._back)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Esc", "回去"))

    @Slot(bool)
    def _on_sure(self, sure: bool) -> None:
        self._go.setEnabled(sure)
