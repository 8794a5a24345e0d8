"""The middle of the detail: masked facts, the text as it came, and the node track. Scrolls when it must."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Bands
from ui.order.facts import facts, source_line, track_title
from ui.present.clocks import track
from ui.present.people import matter_text
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.facts_list import FactsList
from ui.widgets.labels import Label, Rule
from ui.widgets.node_track import NodeTrack


class FittingScroll(QScrollArea):
    """As high as its content wants, scrolling when there is less room."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        content.setObjectName("scrolled")
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        content, layout = self._content, self._content.layout()
        width = max(1, self.viewport().width())
        if layout is not None and layout.hasHeightForWidth():
            return QSize(width, layout.totalHeightForWidth(width))
        return QSize(width, content.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self.sizeHint().height(), 120))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.refit()
        return super().eventFilter(watched, event)

    def refit(self) -> None:
        """Give the content the height its broken lines need: a scroll area would squeeze them."""
        layout, width = self._content.layout(), max(1, self.viewport().width())
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalMinimumHeightForWidth(width)
        else:
            height = self._content.minimumSizeHint().height()
        if self._content.minimumHeight() != height:
            self._content.setMinimumHeight(height)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.refit()


class OrderBody(QWidget):
    """The content of that scroll area."""

    unmask_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wide = True
        self._shown: Order | None = None
        self._facts = FactsList(theme)
        self._facts.setObjectName("orderFacts")
        self._facts.action_requested.connect(self._on_action)
        self._source = Label(theme, "", Role.TEXT3)
        self._text = Label(theme, "", Role.TEXT, wrap=True)
        self._text.setObjectName("orderText")
        self._track_title = Label(theme, "", token=FontToken.TITLE3)
        self._track_hint = Label(theme, "", Role.TEXT2)
        self._track = NodeTrack(theme)
        self._track.setObjectName("nodeTrack")
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        self._track_part = QWidget(self)
        heading = QHBoxLayout()
        heading.addWidget(self._track_title)
        heading.addWidget(self._track_hint)
        heading.addStretch(1)
        part = QVBoxLayout(self._track_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.addWidget(Rule(self._theme))
        part.addLayout(heading)
        part.addWidget(self._track)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._facts)
        self._column.addWidget(self._source)
        self._column.addWidget(self._text)
        self._column.addWidget(self._track_part)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(16), px(12), px(16), px(8))
        self._column.setSpacing(px(8))

    def _on_action(self, _key: str) -> None:
        self.unmask_requested.emit()

    def set_wide(self, wide: bool) -> None:
        """In the narrow class the category and the channel are left out."""
        if wide != self._wide:
            self._wide = wide
            # Where room is short the clocks come before the words.
            for part in (self._source, self._text, self._track_part):
                self._column.removeWidget(part)
            words = (self._source, self._text)
            order = (*words, self._track_part) if wide else (self._track_part, *words)
            for part in order:
                self._column.addWidget(part)
            if self._shown is not None:
                self.set_order(self._shown)

    def set_order(self, order: Order) -> None:
        """Show an order."""
        self._shown = order
        self._facts.set_facts(facts(order, wide=self._wide))
        self._source.setText(f"诉求原文 · {source_line(order)}")
        self._source.setVisible(self._wide)
        self._text.setText(matter_text(order))
        self.updateGeometry()

    def show_track(self, shown: bool) -> None:
        """A form needs the room of the track."""
        self._track_part.setVisible(shown)

    def tick(self, order: Order, now: datetime, bands: Bands) -> None:
        """The track at ``now``."""
        title, hint = track_title(order, now)
        self._track_title.setText(title)
        self._track_hint.setText(hint)
        self._track.set_nodes(track(order, now, bands))
