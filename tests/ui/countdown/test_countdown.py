"""The countdown page on a real store: bands, filter, keys, ticking, keeping one's place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop_app.domain.deadlines import Band
from local_store.changes import ChangeSet
from tests.support.desk import Desk
from ui.countdown.lines import ORDER, Head, Line, arrange
from ui.countdown.page import CountdownPage
from ui.theme.theme import Theme

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "seat", 40)
    yield made
    made.close()


@pytest.fixture
def page(desk: Desk, theme: Theme, qtbot: QtBot) -> CountdownPage:
    made = CountdownPage(desk.seat(), theme)
    qtbot.addWidget(made)
    made.resize(1360, 820)
    made.show()
    made.tick(desk.clock.now())
    return made


def entries(page: CountdownPage) -> list[Head | Line]:
    model = page.list.lines
    found = [model.entry(row) for row in range(model.rowCount())]
    return [e for e in found if e is not None]


def lines(page: CountdownPage) -> list[Line]:
    return [e for e in entries(page) if isinstance(e, Line)]


def heads(page: CountdownPage) -> list[Band]:
    return [e.band for e in entries(page) if isinstance(e, Head)]


def test_every_running_clock_is_there_in_bands_worst_first(page: CountdownPage, desk: Desk) -> None:
    assert len(lines(page)) == len(desk.store.open_clocks())
    assert heads(page) == [b for b in ORDER if b in heads(page)]
    assert heads(page)[0] is Band.OVER
    for head in (e for e in entries(page) if isinstance(e, Head)):
        shares = [line.share for line in lines(page) if line.band is head.band]
        assert shares == sorted(shares)
        assert head.count == len(shares)


def test_the_model_keeps_qt_s_rules(page: CountdownPage, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(page.list.lines)  # type: ignore[no-untyped-call]


def test_every_line_says_who_holds_it_and_what_to_do(page: CountdownPage) -> None:
    model = page.list.lines
    for row in range(model.rowCount()):
        entry = model.entry(row)
        if isinstance(entry, Line):
            words = str(model.data(model.index(row)))
            assert entry.watch.holder in words
            assert entry.next in words
            assert entry.next


def test_filter_by_band_and_back(page: CountdownPage, qtbot: QtBot) -> None:
    page.tabs.setFocus()
    page.tabs._choose("near")
    assert {line.band for line in lines(page)} == {Band.NEAR}
    page.tabs._choose("hold")
    assert lines(page) == []
    assert not page.open.isEnabled()
    page.empty.action_requested.emit()
    assert page.open.isEnabled()
    assert len(heads(page)) > 2


def test_one_line_per_order(page: CountdownPage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_F4)
    ids = [line.watch.order_id for line in lines(page)]
    assert len(ids) == len(set(ids))
    QTest.keyClick(page, Qt.Key.Key_F4)
    assert len(lines(page)) > len(ids)


def test_enter_opens_the_chosen_order_and_heads_are_skipped(
    page: CountdownPage, qtbot: QtBot
) -> None:
    page.list.setFocus()
    assert page.list.chosen() == lines(page)[0]
    QTest.keyClick(page.list, Qt.Key.Key_End)
    assert page.list.chosen() == lines(page)[-1]
    QTest.keyClick(page.list, Qt.Key.Key_Home)
    over = sum(line.band is Band.OVER for line in lines(page))
    for _ in range(over):
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.chosen() == lines(page)[over]
    with qtbot.waitSignal(page.open_requested) as opened:
        QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert opened.args == [lines(page)[over].watch.order_id]
    with qtbot.waitSignal(page.open_requested):
        page.primary()


def test_a_clock_that_changes_band_is_sorted_again_at_its_second(
    page: CountdownPage, desk: Desk
) -> None:
    until = page._lines.until
    assert until is not None
    before = dict(page._lines.counts)
    page.tick(until - 2 * SECOND)
    assert dict(page._lines.counts) == before
    page.tick(until + SECOND)
    assert dict(page._lines.counts) != before


def test_the_chosen_clock_stays_chosen_through_news(page: CountdownPage, desk: Desk) -> None:
    chosen = lines(page)[6]
    page.list.setCurrentIndex(page.list.lines.index(page.list.lines.row_of(chosen.key)))
    page.data_changed(ChangeSet(everything=True))
    found = page.list.chosen()
    assert found is not None
    assert found.key == chosen.key


def test_nothing_moves_under_the_hands_of_whoever_works_in_the_list(
    page: CountdownPage, qtbot: QtBot
) -> None:
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    shown = page._lines
    page.data_changed(ChangeSet(everything=True))
    assert page._lines is shown
    page.list.forget_use()
    page.tick(page.list.painter_.now)
    assert page._lines is not shown


def test_both_forms_paint_at_every_scale(page: CountdownPage, theme: Theme) -> None:
    for scale in (1.0, 1.5, 2.0):
        theme.set_scale(scale)
        page.list._choose_form()
        assert not page.grab().isNull()
        assert page.list.painter_.narrow == (page.list.viewport().width() / scale < 1180)


def test_stopped_clocks_stand_at_the_end(desk: Desk) -> None:
    from dataclasses import replace

    from ui.alerts.gathering import Gatherer

    seat = desk.seat()
    found = Gatherer(seat).watched()
    stopped = [replace(w, paused=True) for w in found[:3]] + list(found[3:])
    made = arrange(stopped, seat.person, seat.center.policy.bands, seat.now())
    assert [e.band for e in made.entries if isinstance(e, Line)][-3:] == [Band.HOLD] * 3
