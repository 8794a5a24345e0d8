"""Photos in the detail of an order: seen where they are recorded, told when not here, and large."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import HistoryEntry, Order, Stage
from local_store.changes import ChangeSet
from tests.support.desk import Desk
from tests.support.pages import part, picture, press
from ui.widgets.photo_strip import PhotoStrip, Thumb
from ui.widgets.photo_view import PhotoView
from ui.workbench.page import WorkbenchPage

PICTURES = (picture(0x884422, 900), picture(0x228844, 700))
NAMES = tuple(hashlib.sha256(data).hexdigest() for data in PICTURES)
ROOM = 10**9


@pytest.fixture
def order(desk: Desk) -> Order:
    """An order whose meeting was recorded elsewhere with two photos; only the first is here."""
    found = next(o for o in desk.orders if o.stage is Stage.HANDLING and met(o))
    history = tuple(replace(e, files=NAMES) if e.kind is ActKind.MEET else e for e in found.history)
    order = replace(found, history=history, rev=found.rev + 1)
    desk.receive(order)
    desk.store.take_file(PICTURES[0], NAMES[0], ROOM)
    return order


def met(order: Order) -> HistoryEntry | None:
    return next((e for e in order.history if e.kind is ActKind.MEET), None)


def open_meeting(page: WorkbenchPage, order: Order) -> PhotoStrip:
    page.open_order(order.id)
    entry = met(order)
    assert entry is not None
    page.pane.history.timeline.act_opened.emit(entry.act_id)
    return part(page, PhotoStrip, "actPhotos")


def test_an_opened_act_shows_its_photos_and_says_what_is_not_here(
    page: WorkbenchPage, order: Order
) -> None:
    strip = open_meeting(page, order)
    first, second = strip.photos()
    assert not first.image.isNull()
    assert first.missing == ""
    assert second.image.isNull()
    assert second.missing == "照片还没到本机"
    assert strip.findChildren(Thumb)[1].accessibleDescription() == "照片还没到本机"


def test_a_photo_fills_in_when_it_arrives(page: WorkbenchPage, desk: Desk, order: Order) -> None:
    strip = open_meeting(page, order)
    strip.findChildren(Thumb)[0].setFocus()
    desk.store.take_file(PICTURES[1], NAMES[1], ROOM)
    page.data_changed(ChangeSet.of([order.id]))
    assert all(not photo.image.isNull() for photo in strip.photos())
    assert strip.findChildren(Thumb)[-2].hasFocus(), "the focus stays on the same photo"


def test_opening_an_order_asks_once_for_what_is_missing(
    page: WorkbenchPage, desk: Desk, order: Order, qtbot: QtBot
) -> None:
    asked: list[str] = []
    page.files_wanted.connect(asked.append)
    other = next(o for o in desk.orders if o.stage is Stage.ACCEPTED)
    page.open_order(other.id)
    QApplication.processEvents()
    assert asked == []
    page.open_order(order.id)
    page.data_changed(ChangeSet.of([order.id]))
    qtbot.waitUntil(lambda: asked == [order.id])
    page.open_order(other.id)
    page.open_order(order.id)
    qtbot.waitUntil(lambda: asked == [order.id, order.id])
    desk.store.take_file(PICTURES[1], NAMES[1], ROOM)
    page.open_order(other.id)
    page.open_order(order.id)
    QApplication.processEvents()
    assert len(asked) == 2


def test_a_click_shows_the_photo_large_and_esc_goes_back(
    page: WorkbenchPage, order: Order, qtbot: QtBot
) -> None:
    strip = open_meeting(page, order)
    thumb, missing = strip.findChildren(Thumb)
    thumb.setFocus()
    press(page, Qt.Key.Key_Space)
    view = part(page, PhotoView, "photoView")
    assert view.geometry() == page.rect()
    assert view.hasFocus()
    stage = page.pane.order_id
    press(page, Qt.Key.Key_F9)  # the keys of what lies below do nothing now
    QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.pane.order_id == stage
    assert view.isVisible()
    press(page, Qt.Key.Key_Escape)
    assert not page.findChildren(PhotoView) or not view.isVisible()
    assert thumb.hasFocus()
    assert part(page, QWidget, "actDetail").isVisible(), "only the photo was put away"
    QTest.mouseClick(missing, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.findChildren(PhotoView))


def test_esc_puts_the_opened_act_away_before_the_order(page: WorkbenchPage, order: Order) -> None:
    strip = open_meeting(page, order)
    strip.findChildren(Thumb)[0].setFocus()
    press(page, Qt.Key.Key_Escape)
    assert not strip.isVisible()
    assert page.pane.history.timeline.isVisible()
    assert page.pane.history.timeline.hasFocus()
