"""Hostile text on real screens: nothing is taken for markup, no whole number is shown or painted.

Every free text of every order, of the waiting records and of the center carries an image tag, a bold
tag and three numbers. Each page of each role is opened on it; what its widgets say, what its lists
hold and what it paints (read back from a PDF) is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractListModel, QPoint, Qt
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app import pages
from desktop_app.domain.acts import ActKind, Actor
from desktop_app.domain.center import Center
from desktop_app.domain.intake import sees
from desktop_app.domain.orders import Conflict, ConflictKind, Handler, Order, Stage
from desktop_app.services import notes
from tests.support.desk import Desk, answer
from tests.ui import pdf_text
from ui.alerts.center import AlertCenter
from ui.forms.card_list import CARD_ROLE
from ui.sheet.render import render_pdf
from ui.signoff.sheet_facts import sheet_data
from ui.sound.player import SoundPlayer
from ui.theme.theme import Theme
from ui.widgets.labels import Label

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

NUMBERS = ("13812345678", "010-61234567", "110226198001011234")
TELLING = ("12345678", "61234567", "19800101")
MARKUP = '<img src="http://192.0.2.1/x.png"><b>粗</b>'
HOSTILE = MARKUP + "、".join(NUMBERS)
_MACHINE = frozenset(
    {
        "id", "act_id", "person_id", "unit_id", "device_id", "order_id", "by_act", "met_by", "hash",
        "proposal_hash", "base_hash", "on_behalf_of", "first", "second", "conflict_id", "choice",
        "number", "policy_id", "policy_version", "tier", "tier_style", "village_id", "why", "alerts",
        "result", "nature", "taken", "duty", "role", "files", "past_handlers", "node", "label", "phone",
        "tier_title", "policy", "channel", "category", "village", "handlers",
    }
)  # fmt: skip


def hostile(value: Any, more: str = HOSTILE) -> Any:
    """Return the value with markup and numbers in every free text; what is official has no numbers."""
    if type(value) is str:
        return f"{value[:40]}{more}"
    if isinstance(value, Actor | Handler | Center):
        more = MARKUP
    if isinstance(value, Mapping):
        return {k: v if k in _MACHINE else hostile(v, more) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(hostile(v, more) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _MACHINE}
        return replace(value, **{k: hostile(v, more) for k, v in kept.items()})
    return value


def disputed(order: Order) -> Order:
    """Return the order with two of its records in conflict."""
    first, second = order.history[-2:]
    at = second.received_at
    conflict = Conflict(
        second.act_id, ConflictKind.TWO_RESULTS, ActKind.CONCLUDE, first.act_id, second.act_id,
        at, at + timedelta(hours=4),
    )  # fmt: skip
    return replace(order, conflicts=(conflict,))


class HostileDesk(Desk):
    """A seat to which the platform sent nothing but hostile text."""

    def __init__(self, profile: Path) -> None:
        super().__init__(profile, 24)
        center = hostile(self.center)
        phone = "、".join(NUMBERS[:2])
        orders = [hostile(replace(o, petitioner=replace(o.petitioner))) for o in self.orders]
        orders = [replace(o, petitioner=replace(o.petitioner, phone=phone)) for o in orders]
        handled = [n for n, o in enumerate(orders) if o.stage is Stage.HANDLING]
        orders[handled[0]] = disputed(orders[handled[0]])
        self.orders = [replace(o, rev=o.rev + 1) for o in orders]
        self.store.apply_answer(answer(self.orders, self.clock.now(), center, "9"))
        while self.store.index_some(500):
            pass


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[HostileDesk]:
    made = HostileDesk(tmp_path / "seat")
    yield made
    made.close()


def said_by(widget: QWidget) -> Iterator[str]:
    """Everything that a widget and its children say."""
    for each in (widget, *widget.findChildren(QWidget)):
        yield from (each.toolTip(), each.accessibleName(), each.accessibleDescription())
        yield from (each.windowTitle(), each.statusTip(), each.whatsThis())
        if isinstance(each, QLabel | QAbstractButton | QLineEdit):
            yield each.text()
        if isinstance(each, QPlainTextEdit) and each.objectName() != "refusedText":
            yield each.toPlainText()
        if isinstance(each, QAbstractItemView):
            yield from _held_by(each)


def _held_by(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    for row in range(model.rowCount()):
        flat = isinstance(model, QAbstractListModel)
        for column in range(1 if flat else model.columnCount()):
            index = model.index(row, column)
            for role in (
                Qt.ItemDataRole.DisplayRole,
                Qt.ItemDataRole.ToolTipRole,
                Qt.ItemDataRole.AccessibleTextRole,
                Qt.ItemDataRole.AccessibleDescriptionRole,
            ):
                yield str(index.data(role) or "")
            yield str(getattr(index.data(CARD_ROLE), "spoken", ""))


def painted_by(widget: QWidget, folder: Path) -> str:
    """Return the text that a widget paints, delegates and all, without blanks."""
    path = folder / "page.pdf"
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(widget.size()))
    writer.setResolution(96)
    painter = QPainter(writer)
    widget.render(painter, QPoint())
    painter.end()
    return pdf_text.text(path)


def check(widget: QWidget, folder: Path) -> None:
    """Assert that nothing on ``widget`` is markup or a whole number."""
    QApplication.processEvents()
    for label in widget.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
    assert not widget.findChildren(QTextEdit), "shows markup that is pasted"
    for each in (widget, *widget.findChildren(QWidget)):
        assert "<" not in each.toolTip(), "a tool tip takes what looks like markup for it"
    shown = [*said_by(widget), painted_by(widget, folder)]
    for text in shown:
        bare = "".join(text.split())
        assert not [number for number in TELLING if number in bare], text
    assert any("粗" in text for text in shown), "blind: the page shows none of the hostile orders"


def one_per_stage(orders: list[Order]) -> list[Order]:
    """Return an order of each stage, and all that are disputed."""
    return [*{o.stage: o for o in orders}.values(), *(o for o in orders if o.conflicts)]


PAGES = {
    "zhou": ("orders", "signoff", "countdown", "decisions", "outbox"),
    "shuji": ("signoff", "orders", "countdown", "decisions"),
    "cwjw": ("mine", "countdown"),
}


@pytest.mark.fault("security.hostile_text")
@pytest.mark.parametrize("person", PAGES)
def test_no_page_takes_text_for_markup_or_shows_a_whole_number(
    desk: HostileDesk,
    theme: Theme,
    qtbot: QtBot,
    tmp_path: Path,
    person: str,
) -> None:
    seat = desk.seat(person)
    built = pages.factories(seat, theme)
    opened = next(o for o in desk.orders if sees(o, seat.person, desk.center, o.dispatched_at))
    notes.note(seat, opened.id, HOSTILE)
    for key in PAGES[person]:
        holder = QWidget()
        qtbot.addWidget(holder)
        page = built[key](holder)
        for widget in (holder, page):
            widget.resize(1360, 900)
        holder.show()
        check(page, tmp_path)
        open_order = getattr(page, "open_order", None)
        if open_order is None:
            continue
        for order in one_per_stage(desk.orders):
            open_order(order.id)
            check(page, tmp_path)


def windows() -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible()]


@pytest.mark.control("whole_number")
def test_the_look_at_a_page_is_not_blind(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    for bad in (
        QLabel(HOSTILE),
        Label(theme, f"粗{NUMBERS[0]}"),
        QPushButton(NUMBERS[1]),
    ):
        page = QWidget()
        qtbot.addWidget(page)
        bad.setParent(page)
        page.show()
        with pytest.raises(AssertionError):
            check(page, tmp_path)


def test_the_sheet_on_paper(
    desk: HostileDesk,
    theme: Theme,
    tmp_path: Path,
) -> None:
    for order in desk.orders:
        path = tmp_path / "sheet.pdf"
        render_pdf(sheet_data(order, desk.center), path, theme)
        text = pdf_text.text(path)
        assert "粗" in text
        assert not [number for number in TELLING if number in text], text


def test_the_pop_ups(
    desk: HostileDesk,
    theme: Theme,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    seat = desk.seat("zhou")
    alerts = AlertCenter(seat, theme, sound=SoundPlayer(clock=desk.clock))
    try:
        alerts.start()
        qtbot.waitUntil(lambda: bool(windows()))
        for window in windows():
            check(window, tmp_path)
    finally:
        alerts.stop()
