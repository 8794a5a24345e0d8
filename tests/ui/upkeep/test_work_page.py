"""While the store is worked on the page says what happens, how far it is, and how to get out."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from desktop_app.renewal import MIGRATE, REBUILD
from local_store.progress import Progress, Step
from tests.support.pages import button, click, part
from ui.theme.theme import Theme
from ui.upkeep.work_page import Plan, WorkPage
from ui.widgets.labels import IconLabel, Label


@pytest.fixture(params=[REBUILD, MIGRATE], ids=["rebuild", "migrate"])
def plan(request: pytest.FixtureRequest) -> Plan:
    found = request.param
    assert isinstance(found, Plan)
    return found


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, plan: Plan) -> WorkPage:
    made = WorkPage(theme, plan)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_every_step_is_named_and_the_bar_never_goes_back(page: WorkPage, plan: Plan) -> None:
    bar = part(page, QProgressBar, "workBar")
    lines = [line.text() for line in page.findChildren(IconLabel)]
    values = []
    for number, (step, words) in enumerate(plan.steps, 1):
        assert any(words in line for line in lines)
        for share in (None, 0.0, 0.5, 1.0):
            page.show_progress(Progress(step, share))
            values.append(bar.value())
        told = part(page, Label, "workTold").full_text()
        assert f"第 {number} 步，共 {len(plan.steps)} 步" in told
    assert values == sorted(values)
    assert bar.value() == bar.maximum()


def test_it_can_be_left_until_the_new_file_takes_its_place(
    page: WorkPage, plan: Plan, qtbot: QtBot
) -> None:
    page.show_progress(Progress(Step.COPY, 0.5))
    assert button(page, "workLeave").shown_text() == plan.leave
    with qtbot.waitSignal(page.left):
        click(page, "workLeave")
    assert not button(page, "workLeave").isEnabled(), "once is enough"
    page.show_progress(Progress(Step.PLACE))
    assert "马上就好" in button(page, "workLeave").shown_text()


def test_what_not_to_do_is_said(page: WorkPage) -> None:
    words = "".join(label.full_text() for label in page.findChildren(Label))
    assert "请不要关机" in words
