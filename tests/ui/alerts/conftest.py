"""Real seats on a real platform, with their pop-ups, on a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.services.seat import Seat
from tests.support.township import Township
from ui.alerts.center import AlertCenter
from ui.sound.player import SoundPlayer
from ui.theme.theme import Theme

Sit = Callable[..., AlertCenter]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Township]:
    """The township; its clock begins at 08:15."""
    made = Township(tmp_path)
    yield made
    made.close()


@pytest.fixture
def sit(town: Township, theme: Theme, qtbot: QtBot) -> Iterator[Sit]:
    """``sit(person)`` starts the pop-ups of that person's seat; all are stopped afterwards."""
    made: list[AlertCenter] = []

    def start(person: str = "dispatcher", seat: Seat | None = None) -> AlertCenter:
        sound = SoundPlayer(clock=town.clock)
        center = AlertCenter(seat or town.seat(person), theme, sound=sound)
        made.append(center)
        center.start()
        return center

    yield start
    for center in made:
        center.stop()
