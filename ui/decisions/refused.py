"""A record the platform did not take: why, and every word of it but whole numbers."""

from __future__ import annotations

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_app.domain.acts import ACT_TITLES, Act
from desktop_app.domain.masking import mask_text
from ui.present.times import day_time
from ui.present.words import written_text
from ui.theme.theme import Theme
from ui.widgets.facts_list import FactsList
from ui.widgets.panel import Panel
from ui.widgets.values import Fact


class RefusedPanel(Panel):
    """The reason above, the text below; it can be selected and copied."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "没被采用的记录",
            "一个字不少；号码照例遮住，重办时是原文",
            "circle-x",
            parent=parent,
        )
        self.setObjectName("refusedPanel")
        self._facts = FactsList(theme)
        self._text = QPlainTextEdit()
        self._text.setObjectName("refusedText")
        self._text.setReadOnly(True)
        self._text.setAccessibleName("原文")
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setFixedHeight(theme.px(150))
        self.body.addWidget(self._facts)
        self.body.addWidget(self._text)

    def show_act(self, act: Act, reason: str) -> None:
        """Show a refused act."""
        photos = len(act.needs_files)
        facts = [
            Fact("记的什么", ACT_TITLES[act.kind]),
            Fact("时间", day_time(act.occurred_at)),
            Fact("为什么", reason or "平台没有说明。"),
        ]
        if photos:
            facts.append(Fact("照片", f"{photos} 张，还在本机"))
        self._facts.set_facts(tuple(facts))
        text = mask_text(written_text(act.kind, act.payload))
        self._text.setVisible(bool(text))
        if text != self._text.toPlainText():
            self._text.setPlainText(text)

    def text(self) -> str:
        """What is on the screen."""
        return self._text.toPlainText()
