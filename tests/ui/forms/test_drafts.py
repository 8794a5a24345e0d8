"""Drafts keep themselves, and say so when they cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import OrderId
from local_store.store import Store
from tests.support.township import Township
from ui.forms import phrases
from ui.forms.drafts import DraftKeeper

ORDER = OrderId("o1")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Township]:
    made = Township(tmp_path)
    yield made
    made.close()


def spoil(store: Store) -> None:
    """Let the disk ruin the file."""
    store.close()
    for file in store.profile.glob("store.db*"):
        file.unlink()
    (store.profile / "store.db").write_bytes(b"no database" * 1000)


def test_it_waits_for_the_word_to_be_finished(qtbot: QtBot, town: Township) -> None:
    seat, owner, composing, rounds = town.seat("village"), QObject(), [True], [0]

    def busy() -> bool:
        rounds[0] += 1
        return composing[0]

    keeper = DraftKeeper(seat, lambda: {"text": "好"}, busy, owner)
    keeper._timer.setInterval(20)
    assert keeper.turn_to(ORDER, "meet") == {}
    keeper.touch()
    qtbot.waitUntil(lambda: rounds[0] > 1)
    assert seat.store.load_draft(ORDER, "meet") is None
    composing[0] = False
    qtbot.waitUntil(lambda: not keeper.dirty)
    assert keeper.turn_to(ORDER, "meet") == {"text": "好"}


def test_an_emptied_form_leaves_no_draft(qtbot: QtBot, town: Township) -> None:
    seat, owner, values = town.seat("village"), QObject(), {"text": "好"}
    keeper = DraftKeeper(seat, lambda: values, lambda: False, owner)
    keeper.turn_to(ORDER, "meet")
    keeper.touch()
    keeper.flush()
    values["text"] = ""
    keeper.touch()
    keeper.flush()
    assert seat.store.load_draft(ORDER, "meet") is None


def test_what_cannot_be_kept_is_told_and_tried_again(qtbot: QtBot, town: Township) -> None:
    seat, owner = town.seat("village"), QObject()
    keeper = DraftKeeper(seat, lambda: {"text": "好"}, lambda: False, owner)
    keeper.turn_to(ORDER, "meet")
    keeper.touch()
    spoil(town.seats.pop("village").store)
    with qtbot.waitSignal(keeper.failed) as told:
        keeper.flush()
    assert told.args is not None
    assert all(told.args)
    assert keeper.dirty


def test_phrases_are_kept_newest_first(town: Township) -> None:
    store = town.seat("village").store
    assert phrases.load(store, "sign", phrases.SIGNING) == phrases.SIGNING
    phrases.add(store, "sign", phrases.SIGNING, "同意。抓紧。")
    assert phrases.load(store, "sign", phrases.SIGNING)[0] == "同意。抓紧。"
    store.set_meta("phrases.sign", "{broken")
    assert phrases.load(store, "sign", phrases.SIGNING) == phrases.SIGNING
