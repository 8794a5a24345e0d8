"""Lists of cards keep the chosen one through every change."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyledItemDelegate
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ui.forms.card_list import CardList, CardModel
from ui.theme.theme import Theme


@dataclass(frozen=True)
class Item:
    key: str
    spoken: str = "一件"


def items(keys: str) -> list[Item]:
    return [Item(key) for key in keys]


def test_the_model_keeps_the_rules(qtmodeltester: ModelTester) -> None:
    model = CardModel()
    model.set_cards(items("ab"))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.set_cards(items("abc"))
    model.set_cards(items("abc"))
    model.set_cards(items("cd"))
    model.set_cards([])


def shown(qtbot: QtBot, theme: Theme) -> CardList:
    view = CardList(theme, QStyledItemDelegate())
    qtbot.addWidget(view)
    view.set_cards(items("abc"))
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    return view


def test_the_first_is_chosen_and_arrows_walk(qtbot: QtBot, theme: Theme) -> None:
    view = shown(qtbot, theme)
    assert view.current_key() == "a"
    with qtbot.waitSignal(view.current_changed) as told:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert told.args == ["b"]


def test_the_chosen_card_stays_when_others_come_and_go(qtbot: QtBot, theme: Theme) -> None:
    view = shown(qtbot, theme)
    view.choose("b")
    with qtbot.assertNotEmitted(view.current_changed):
        view.set_cards(items("xbcy"))
    assert view.current_key() == "b"


def test_a_list_in_use_is_not_sorted_anew(qtbot: QtBot, theme: Theme) -> None:
    view = shown(qtbot, theme)
    QTest.keyClick(view, Qt.Key.Key_Down)
    view.set_cards(items("cbax"))
    assert [card.key for card in view.cards.cards] == ["a", "b", "c", "x"]
    view.clearFocus()
    view.set_cards(items("cbax"))
    assert [card.key for card in view.cards.cards] == ["c", "b", "a", "x"]
    assert view.current_key() == "b"


def test_the_neighbour_follows_when_the_chosen_one_goes(qtbot: QtBot, theme: Theme) -> None:
    view = shown(qtbot, theme)
    view.choose("c")
    view.set_cards(items("ab"))
    assert view.current_key() == "b"
    view.set_cards([])
    assert view.current_key() == ""
