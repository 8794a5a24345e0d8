"""我的单 by its keys: recorded at once, kept while being written, honest about what has not arrived."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import HistoryEntry, Stage
from desktop_app.services import handling
from desktop_app.services.seat import Seat
from local_store.rows import SyncState
from tests.support.center import sample_intake
from tests.support.pages import (
    Ctrl,
    Enter,
    button,
    click,
    compose,
    part,
    picture,
    press,
    show_page,
    write,
)
from tests.support.township import Township
from ui.field.page import FieldPage
from ui.field.steps import Step
from ui.theme.theme import Theme
from ui.widgets.labels import Label
from ui.widgets.notice import Notice


def newest(seat: Seat, order_id: OrderId, kind: ActKind) -> HistoryEntry:
    return [e for e in seat.order(order_id).history if e.kind is kind][-1]


def at(page: FieldPage) -> Step:
    return page.work.step


def words(page: QWidget) -> str:
    QApplication.processEvents()
    labels = (label for label in page.findChildren(Label) if label.isVisible())
    return "\n".join(label.full_text() for label in labels)


def notice(page: FieldPage) -> str:
    shown = part(page, Notice, "fieldNotice")
    return "".join(label.full_text() for label in shown.findChildren(Label))


def opened(qtbot: QtBot, theme: Theme, town: Township, person: str = "village") -> FieldPage:
    seat = town.seat(person)
    town.sync(person)
    return show_page(qtbot, FieldPage, seat, theme)


def test_a_meeting_is_recorded_by_keys(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    assert at(page) is Step.ACCEPT
    press(page, Enter, Ctrl)
    assert at(page) is Step.MEET
    press(page, Qt.Key.Key_1, Ctrl)
    assert button(page, "saveButton").reason == "少填：情况"
    write(page, "meetText", "临沟一侧塌了约 2 米。")
    with qtbot.waitSignal(page.acted):
        press(page, Enter, Ctrl)
    seat = town.seat("village")
    entry = newest(seat, order_id, ActKind.MEET)
    assert entry.payload["met_whom"] == "张女士本人"
    assert entry.payload["text"] == "临沟一侧塌了约 2 米。"
    assert seat.store.load_draft(order_id, "meet") is None
    row = seat.store.row(order_id)
    assert row is not None
    assert row.sync is SyncState.PENDING
    assert "已记在本机，有网自动传。" in notice(page)
    assert "等网络的记录" in page.list.waiting._head.text()
    assert at(page) is Step.EXPLAIN


def test_a_draft_is_kept_by_itself_and_found_again(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    click(page, "fieldStep_meet")
    write(page, "meetText", "写到一半")
    seat = town.seat("village")
    qtbot.waitUntil(lambda: seat.store.load_draft(order_id, "meet") is not None)
    again = show_page(qtbot, FieldPage, seat, theme)
    assert again.work.step is Step.MEET
    assert again.work.form is not None
    assert again.work.form.value("text") == "写到一半"


def test_leaving_a_step_or_an_order_keeps_the_draft_at_once(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    first, second = town.signed(sample_intake(1), sample_intake(2))
    page = opened(qtbot, theme, town)
    page.list.list.choose(first)
    click(page, "fieldStep_explain")
    write(page, "explainText", "已说明。")
    page.list.list.choose(second)
    draft = town.seat("village").store.load_draft(first, "explain")
    assert draft is not None
    assert draft.values["text"] == "已说明。"
    page.list.list.choose(first)
    assert at(page) is Step.EXPLAIN
    press(page, Qt.Key.Key_1, Ctrl)
    write(page, "meetPlace", "村部，")
    press(page, Qt.Key.Key_2, Ctrl)
    assert town.seat("village").store.load_draft(first, "meet") is not None


def test_conclude_names_what_is_missing_until_nothing_is(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    seat = town.seat("village")
    handling.accept(seat, order_id)
    handling.meet(seat, order_id, "门前", "张女士本人", "看过")
    page.data_changed(town.sync("village"))
    assert button(page, "concludeButton").shown_text() == "办结 · 先填“说明情况”"
    press(page, Qt.Key.Key_2, Ctrl)
    write(page, "explainText", "先垫平，已报修缮计划。")
    assert button(page, "saveButton").reason == "少填：听后"
    click(page, "explainTaken_accepted")
    press(page, Enter, Ctrl)
    click(page, "fieldStep_determine")
    click(page, "determineNature_reasonable")
    press(page, Enter, Ctrl)
    assert at(page) is Step.CONCLUDE
    write(page, "concludeMeasures", "已垫平并立警示牌。")
    click(page, "concludeFinished_interim")
    assert button(page, "saveButton").reason == "少填：承诺"
    click(page, "concludeFinished_finished")
    press(page, Enter, Ctrl)
    assert seat.order(order_id).stage is Stage.CONCLUDED
    town.sync("village")
    arrived = town.platform.order_by_id(order_id)
    assert arrived is not None
    assert arrived.stage is Stage.CONCLUDED


def test_a_station_sees_conclude_with_the_reason(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    town.signed()
    page = opened(qtbot, theme, town, "station")
    assert button(page, "concludeButton").reason == "办结由协办、领办来填"


def test_photos_go_with_the_step_and_bad_ones_are_refused(
    qtbot: QtBot, theme: Theme, town: Township, tmp_path: Path
) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    press(page, Qt.Key.Key_1, Ctrl)
    good, bad, huge = tmp_path / "路面.jpg", tmp_path / "坏.jpg", tmp_path / "大.jpg"
    good.write_bytes(picture())
    bad.write_bytes(b"not a picture")
    huge.write_bytes(bytes(11 * 1024 * 1024))
    page.work.tray.add((file.name, file) for file in (bad, good, huge))
    assert "“坏.jpg”不是能看的照片" in notice(page)
    assert "其余 1 张已加上。" in notice(page)
    write(page, "photoCaption", "破损面")
    write(page, "meetText", "塌了。")
    press(page, Enter, Ctrl)
    seat = town.seat("village")
    (sha,) = newest(seat, order_id, ActKind.MEET).files
    assert seat.store.file_bytes(sha) == good.read_bytes()
    photo = newest(seat, order_id, ActKind.PHOTO)
    assert (photo.files, photo.payload["caption"]) == ((sha,), "破损面")
    assert page.work.tray.photos() == ()


def test_photos_of_a_draft_survive_the_program(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    press(page, Qt.Key.Key_1, Ctrl)
    page.work.tray.add([("一.jpg", picture(0x111111)), ("二.jpg", picture(0x222222))])
    click(page, "photoRemove")
    page.flush()
    again = show_page(qtbot, FieldPage, town.seat("village"), theme)
    assert [photo.name for photo in again.work.tray.photos()] == ["一.jpg"]
    click(again, "photosOnlyButton")
    assert newest(town.seat("village"), order_id, ActKind.PHOTO).files
    assert town.seat("village").store.load_draft(order_id, "meet") is None


def test_photos_are_pasted_and_dropped(
    qtbot: QtBot, theme: Theme, town: Township, tmp_path: Path
) -> None:
    town.signed()
    page = opened(qtbot, theme, town)
    press(page, Qt.Key.Key_1, Ctrl)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    QGuiApplication.clipboard().setImage(image)
    click(page, "photoPaste")
    file = tmp_path / "拖.jpg"
    file.write_bytes(picture(0x990000))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(page.work.tray, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page.work.tray, drop)
    assert [photo.name for photo in page.work.tray.photos()] == ["粘贴的照片.jpg", "拖.jpg"]


def test_an_order_that_leaves_while_i_write_stays_with_my_words(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    first, second = town.signed(sample_intake(1), sample_intake(2))
    page = opened(qtbot, theme, town)
    page.list.list.choose(first)
    press(page, Qt.Key.Key_1, Ctrl)
    write(page, "meetText", "写了很多。")
    number = town.seat("village").order(first).number
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    page.data_changed(town.sync("village"))
    assert page.work.draft_subject() == first
    assert page.work.form is not None
    assert page.work.form.value("text") == "写了很多。"
    page.list.list.choose(second)
    draft = town.seat("village").store.load_draft(first, "meet")
    assert draft is not None
    assert draft.values["text"] == "写了很多。"


def test_a_sync_does_not_disturb_what_is_being_written(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    (order_id,) = town.signed()
    page = opened(qtbot, theme, town)
    press(page, Qt.Key.Key_1, Ctrl)
    write(page, "meetText", "正在写")
    compose(page, "meetText", "xia zhou")
    handling.progress(town.seat("leader"), order_id, "已联系施工队。")
    town.sync("leader")
    page.data_changed(town.sync("village"))
    press(page, Enter, Ctrl)
    assert not [e for e in town.seat("village").order(order_id).history if e.kind is ActKind.MEET]
    compose(page, "meetText", "")
    assert page.work.form is not None
    assert page.work.form.value("text") == "正在写"


def test_a_confidential_petitioner_is_not_shown(qtbot: QtBot, theme: Theme, town: Township) -> None:
    intake = sample_intake()
    secret = replace(intake, petitioner=replace(intake.petitioner, confidential=True))
    town.signed(secret)
    page = opened(qtbot, theme, town)
    assert "（已保密）" in words(page)
    assert "张女士" not in words(page)
    press(page, Qt.Key.Key_1, Ctrl)
    assert page.work.form is not None
    assert page.work.form.value("whom") == ""


def test_t_opens_the_whole_story(qtbot: QtBot, theme: Theme, town: Township) -> None:
    (order_id,) = town.signed()
    town.met(order_id)
    page = opened(qtbot, theme, town)
    page.list.list.setFocus()
    press(page, Qt.Key.Key_T)
    assert at(page) is Step.HISTORY
    assert page.work.history.timeline.model().rowCount() >= 8
    QTest.keyClick(page.work.history.timeline, Qt.Key.Key_Down)
    QTest.keyClick(page.work.history.timeline, Enter)
    assert "记录人" in words(page)


def test_numbers_in_free_text_are_masked(qtbot: QtBot, theme: Theme, town: Township) -> None:
    intake = sample_intake()
    matter = replace(intake.matter, text="路塌了，请打 13800001234。")
    town.signed(replace(intake, matter=matter))
    page = opened(qtbot, theme, town)
    assert "13800001234" not in words(page)
    assert "138****1234" in words(page)
