"""A list that waits for a rest to sort itself again, and is not there any more when the rest comes."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.support.desk import Desk
from ui.workbench.page import WorkbenchPage


def test_a_list_that_is_not_shown_waits_and_catches_up_when_it_is(
    page: WorkbenchPage, qtbot: QtBot
) -> None:
    table, told = page.list.table, []
    table.reloaded.connect(lambda: told.append(1))
    page.hide()
    table._on_rested()
    assert told == []
    page.show()
    assert told == [1]
    page.hide()
    page.show()
    assert told == [1], "once"
    table._on_rested()
    assert told == [1, 1]


def test_a_window_that_closes_has_no_store_behind_it(page: WorkbenchPage, desk: Desk) -> None:
    page.hide()
    desk.store.close()
    page.list.table._on_rested()
