"""Backups in the settings: what there is, one made now, and going back explained before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import OrderId
from local_store import backups
from local_store.backups import Backup
from local_store.errors import StoreError, StoreProblem
from tests.support.desk import KEY, NOW, Desk
from tests.support.pages import button, click, part
from ui.theme.theme import Theme
from ui.upkeep.backups import BackupLine, BackupsPanel, Listed
from ui.upkeep.going_back import GoingBack
from ui.widgets.labels import Label
from ui.widgets.notice import Notice

WAIT = 20_000


class Keeper:
    """The backups of a real store, as the program keeps them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.gone_back: list[Backup] = []
        self.full = False

    def listed(self) -> Listed:
        found = backups.backups(self.desk.store.profile)
        return [(backup, backups.look_into(backup, KEY)) for backup in found]

    def make(self) -> Backup:
        if self.full:
            raise StoreError(StoreProblem.FULL, "磁盘快满了，这次没有做备份。", "请清出一些空间。")
        return self.desk.store.back_up(self.desk.clock.now())

    def go_back(self, backup: Backup) -> None:
        self.gone_back.append(backup)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    desk = Desk(tmp_path / "seat", 3)
    yield Keeper(desk)
    desk.close()


def shown(qtbot: QtBot, theme: Theme, keeper: Keeper) -> BackupsPanel:
    panel = BackupsPanel(theme, keeper)
    qtbot.addWidget(panel)
    panel.resize(1100, 600)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    qtbot.waitUntil(lambda: not panel._looking.running, timeout=WAIT)
    return panel


def lines(panel: BackupsPanel) -> list[str]:
    found = [each for each in panel.findChildren(BackupLine) if each.isVisible()]
    return ["　".join(label.full_text() for label in each.findChildren(Label)) for each in found]


def words(panel: BackupsPanel) -> str:
    return "".join(each.full_text() for each in panel.findChildren(Label) if each.isVisible())


def test_there_is_none_yet_and_one_is_made_now(qtbot: QtBot, theme: Theme, keeper: Keeper) -> None:
    panel = shown(qtbot, theme, keeper)
    assert "还没有备份" in words(panel)
    keeper.desk.store.save_draft(OrderId("order-1"), "note", {"text": "说到一半"}, NOW)
    click(panel, "backupNow")
    assert "正在备份" in button(panel, "backupNow").shown_text()
    qtbot.waitUntil(lambda: bool(lines(panel)), timeout=WAIT)
    (line,) = lines(panel)
    assert "11-20 09:42" in line
    assert "MB" in line
    assert "工单 3 件" in line
    assert "草稿 1 篇" in line
    assert "核对无误" in part(panel, Notice, "backupsNotice").accessibleName()
    assert button(panel, "backupNow").shown_text() == "立即备份"
    assert button(panel, "backupNow").hasFocus(), "whoever works with keys stays where he was"


def test_the_newest_stands_first_and_a_spoilt_one_cannot_be_gone_back_to(
    qtbot: QtBot, theme: Theme, keeper: Keeper
) -> None:
    keeper.make()
    keeper.desk.clock.advance(timedelta(days=1))
    newest = keeper.make()
    newest.path.write_bytes(b"spoilt" * 3000)
    panel = shown(qtbot, theme, keeper)
    first, second = lines(panel)
    assert "11-21" in first
    assert "读不出来，不能退回" in first
    assert button(panel, "backupBack_0").reason == "有损坏"
    assert "11-20" in second
    assert button(panel, "backupBack_1").isEnabled()


def test_going_back_is_explained_and_done_only_when_agreed(
    qtbot: QtBot, theme: Theme, keeper: Keeper
) -> None:
    made = keeper.make()
    panel = shown(qtbot, theme, keeper)
    click(panel, "backupBack_0")
    assert "没上传的：都留着" in words(panel)
    assert "不删" in words(panel)
    assert keeper.gone_back == []
    click(panel, "backupStay")
    assert not panel.findChildren(GoingBack)[0].isVisible()
    assert button(panel, "backupBack_0").hasFocus()
    click(panel, "backupBack_0")
    assert button(panel, "backupGo").shown_text() == "退回 11 月 20 日 09:42"
    click(panel, "backupGo")
    assert keeper.gone_back == [made]


def test_without_room_it_is_said_and_can_be_tried_again(
    qtbot: QtBot, theme: Theme, keeper: Keeper
) -> None:
    panel = shown(qtbot, theme, keeper)
    keeper.full = True
    click(panel, "backupNow")
    qtbot.waitUntil(lambda: not panel._making.running, timeout=WAIT)
    assert button(panel, "backupNow").shown_text() == "立即备份"
    assert "磁盘快满了" in part(panel, Notice, "backupsNotice").accessibleName()
