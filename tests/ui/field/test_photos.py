"""Photos of others on the handlers' pages: in the history and beside a question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services import handling
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from tests.support.pages import part, picture, press, show_page
from tests.support.township import Township
from ui.decisions.page import DecisionsPage
from ui.field.page import FieldPage
from ui.field.records import RecordPanel
from ui.field.steps import Step
from ui.theme.theme import Theme
from ui.widgets.photo_strip import PhotoStrip, Thumb
from ui.widgets.photo_view import PhotoView

ROOM = 10**9
PHOTO = picture(0x336699, 300)


def concluded_twice(town: Township) -> tuple[OrderId, str]:
    """Village and leader conclude without seeing each other, the village with a photo."""
    (order_id,) = town.signed()
    town.met(order_id)
    leader, village = town.seat("leader"), town.seat("village")
    town.sync("leader", "village")
    sha256 = village.store.add_file(PHOTO, "完工.jpg").sha256
    handling.conclude(leader, order_id, "已立警示牌", "11 月 25 日", finished=False)
    town.sync("leader")
    handling.conclude(village, order_id, "当天已清空", files=(sha256,))
    town.sync("village", "leader")
    return order_id, sha256


def frames(page: QWidget) -> list[Thumb]:
    QApplication.processEvents()
    strips = [s for s in page.findChildren(PhotoStrip) if s.isVisible()]
    return [t for strip in strips for t in strip.findChildren(Thumb) if t.isVisible()]


def test_the_history_of_a_handler_fills_in_and_shows_large(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    village = town.seat("village")
    town.sync("village")
    sha256 = village.store.add_file(PHOTO, "现场.jpg").sha256
    handling.progress(village, order_id, "垫平一半", files=(sha256,))
    town.sync("village")
    seat = town.seat("leader")
    town.sync("leader")
    page = show_page(qtbot, FieldPage, seat, theme)
    page.open_order(order_id)
    page.work.go(Step.HISTORY)
    entry = next(e for e in seat.order(order_id).history if e.kind is ActKind.PROGRESS)
    page.work.history.timeline.act_opened.emit(entry.act_id)
    (frame,) = frames(page)
    assert frame.photo.missing == "照片还没到本机"
    frame.click()
    assert not page.findChildren(PhotoView), "there is nothing to show yet"
    seat.store.take_file(PHOTO, sha256, ROOM)
    page.data_changed(ChangeSet.of([order_id]))
    (frame,) = frames(page)
    assert frame.photo.missing == ""
    assert not frame.photo.image.isNull()
    assert part(page, RecordPanel, f"record_{entry.act_id}").isVisible()
    QTest.mouseClick(frame, Qt.MouseButton.LeftButton)
    assert part(page, PhotoView, "photoView").hasFocus()
    press(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.findChildren(PhotoView))


def test_beside_a_question_the_other_sides_photo_is_asked_for_and_fills_in(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id, sha256 = concluded_twice(town)
    seat = town.seat("leader")
    asked: list[str] = []

    def make(seat: Seat, theme: Theme) -> DecisionsPage:
        """As the shell does: what is found out while the page is built is not lost."""
        page = DecisionsPage(seat, theme)
        page.files_wanted.connect(asked.append)
        return page

    page = show_page(qtbot, make, seat, theme)
    page.open_order(order_id)
    qtbot.waitUntil(lambda: asked == [order_id])
    (frame,) = frames(page)
    assert frame.photo.missing == "照片还没到本机"
    page.data_changed(ChangeSet.of([order_id]))
    seat.store.take_file(PHOTO, sha256, ROOM)
    page.data_changed(ChangeSet.of([order_id]))
    (frame,) = frames(page)
    assert not frame.photo.image.isNull()
    frame.click()
    assert part(page, PhotoView, "photoView").hasFocus()
