"""Every step of the dispatcher, done through the widgets, recorded in the real store."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Order, Stage
from tests.support.desk import Desk
from ui.order.forms.book import FORMS, OFFERED
from ui.widgets.choices import ChoiceRow
from ui.workbench.page import WorkbenchPage

At = Callable[[Stage], Order]


def stage_of(desk: Desk, order: Order) -> Stage:
    now = desk.store.view(order.id)
    assert now is not None
    return now.stage


def choose(page: WorkbenchPage, name: str, key: str) -> None:
    """Press one of the buttons of a choice."""
    form = page.pane.forms.form
    assert form is not None
    row = form.findChild(ChoiceRow, f"{name}Choice")
    assert row is not None
    next(b for b in row._buttons if b.key == key).click()


def ctrl_enter(page: WorkbenchPage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_accept_is_one_key(page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot) -> None:
    order = at(Stage.DISPATCHED)
    page.open_order(order.id)
    assert page.pane.foot.primary.text() == "签收"
    with qtbot.waitSignal(page.acted):
        ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.ACCEPTED
    assert page.pane.foot.primary.text() == "登记核实"
    assert page.pane.history._marks


def test_verify_with_a_correction_keeps_both_texts(
    page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.ACCEPTED)
    page.open_order(order.id)
    ctrl_enter(page, qtbot)
    form = page.pane.forms.form
    assert form is not None
    assert page.pane.foot.primary.reason == "先选结果"
    choose(page, "result", "corrected")
    assert page.pane.foot.primary.reason == "填更正内容"
    form._lines["地点"].setText("后街 9 号")  # type: ignore[attr-defined]
    assert page.pane.foot.primary.isEnabled()
    ctrl_enter(page, qtbot)
    after = desk.store.view(order.id)
    assert after is not None
    assert after.stage is Stage.VERIFIED
    assert after.verification is not None
    ((field, was, now),) = after.verification.corrections
    assert (field, now) == ("地点", "后街 9 号")
    assert order.place.address in was
    assert page.pane.forms.form is None


def test_unreachable_counts_the_attempts(
    page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.ACCEPTED)
    for attempt in (1, 2, 3):
        page.open_order(order.id)
        page.pane.start(ActKind.VERIFY)
        choose(page, "result", "unreachable")
        form = page.pane.forms.form
        assert form is not None
        assert f"第 {attempt} 次" in form._attempts.text()  # type: ignore[attr-defined]
        ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.VERIFIED


def test_what_was_typed_is_still_there_after_leaving(
    page: WorkbenchPage, at: At, qtbot: QtBot
) -> None:
    order, other = at(Stage.ACCEPTED), at(Stage.HANDLING)
    page.open_order(order.id)
    page.pane.start(ActKind.VERIFY)
    choose(page, "result", "matches")
    form = page.pane.forms.form
    assert form is not None
    form._write["text"]("约在晚上")
    form.touched()
    page.open_order(other.id)
    page.open_order(order.id)
    page.pane.start(ActKind.VERIFY)
    again = page.pane.forms.form
    assert again is not None
    assert again.values()["text"] == "约在晚上"
    assert again.value("result") == "matches"


def test_review_report_and_archive(page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot) -> None:
    order = at(Stage.CONCLUDED)
    page.open_order(order.id)
    ctrl_enter(page, qtbot)
    choose(page, "settled", "settled")
    ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.REVIEWED
    ctrl_enter(page, qtbot)
    form = page.pane.forms.form
    assert form is not None
    form._write["text"]("已修好,诉求人认可。")
    form.touched()
    choose(page, "satisfied", "yes")
    ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.REPORTED
    back = at(Stage.CALLED_BACK)
    page.open_order(back.id)
    ctrl_enter(page, qtbot)
    ctrl_enter(page, qtbot)
    assert stage_of(desk, back) is Stage.ARCHIVED


def test_classify_goes_down_three_levels(
    page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.VERIFIED)
    page.open_order(order.id)
    page.pane.start(ActKind.CLASSIFY)
    form = page.pane.forms.form
    assert form is not None
    wanted = next(c for c in desk.center.catalogue if c != order.matter.category)
    form._on_hit("—".join(wanted))  # type: ignore[attr-defined]
    ctrl_enter(page, qtbot)
    after = desk.store.view(order.id)
    assert after is not None
    assert after.matter.category == wanted


def test_emergency_takes_the_suggested_people_and_says_the_signature_is_missing(
    page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.VERIFIED)
    page.open_order(order.id)
    page.pane.start(ActKind.EMERGENCY)
    form = page.pane.forms.form
    assert form is not None
    form._write["reason"]("石头还在往下掉")
    form.touched()
    ctrl_enter(page, qtbot)
    after = desk.store.view(order.id)
    assert after is not None
    assert after.signature_pending
    assert after.stage is Stage.HANDLING


def test_the_number_is_shown_only_with_a_reason_and_masked_again_after(
    page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.ACCEPTED)
    page.open_order(order.id)
    page.pane.start(ActKind.UNMASK)
    form = page.pane.forms.form
    assert form is not None
    shown = form._shown  # type: ignore[attr-defined]
    assert order.petitioner.phone not in shown.text()
    choose(page, "why", "电话核实")
    ctrl_enter(page, qtbot)
    assert shown.text() == order.petitioner.phone
    after = desk.store.view(order.id)
    assert after is not None
    assert after.history[-1].kind is ActKind.UNMASK
    page.pane.leave_form()
    assert page.pane.forms.form is None


def test_calls_notes_and_urging(page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot) -> None:
    order = at(Stage.HANDLING)
    page.open_order(order.id)
    for kind, fill in (
        (ActKind.URGE, {}),
        (ActKind.NOTE, {"text": "下午再看"}),
        (ActKind.CALL, {"text": "说在路上"}),
    ):
        page.pane.start(kind)
        form = page.pane.forms.form
        assert form is not None
        for name, value in fill.items():
            form._write[name](value)
        form.touched()
        if kind is ActKind.CALL:
            choose(page, "reached", "yes")
        ctrl_enter(page, qtbot)
        assert page.pane.forms.form is None
    after = desk.store.view(order.id)
    assert after is not None
    assert [e.kind for e in after.history[-3:]] == [ActKind.URGE, ActKind.NOTE, ActKind.CALL]


def test_withdrawing_needs_a_reason(page: WorkbenchPage, desk: Desk, at: At, qtbot: QtBot) -> None:
    order = at(Stage.PROPOSED)
    page.open_order(order.id)
    page.pane.start(ActKind.WITHDRAW_PROPOSAL)
    ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.PROPOSED
    form = page.pane.forms.form
    assert form is not None
    form._write["reason"]("少列了司法所")
    form.touched()
    ctrl_enter(page, qtbot)
    assert stage_of(desk, order) is Stage.VERIFIED


def test_the_menu_has_every_step_and_says_why_not(page: WorkbenchPage, at: At) -> None:
    page.open_order(at(Stage.HANDLING).id)
    actions = {a.data(): a for a in page.pane.foot.fill_menu().actions() if a.data()}
    assert set(actions) == {kind.value for kind in OFFERED}
    conclude = actions[ActKind.CONCLUDE.value]
    assert not conclude.isEnabled()
    assert "由协办、领办来填" in conclude.text()


def test_another_waits_the_button_says_for_whom(page: WorkbenchPage, at: At) -> None:
    page.open_order(at(Stage.PROPOSED).id)
    primary = page.pane.foot.primary
    assert not primary.isEnabled()
    assert primary.text() == "等乡党委书记"


def test_esc_closes_one_thing_at_a_time(page: WorkbenchPage, at: At, qtbot: QtBot) -> None:
    page.open_order(at(Stage.HANDLING).id)
    page.pane.start(ActKind.NOTE)
    QTest.keyClick(page.pane, Qt.Key.Key_Escape)
    assert page.pane.forms.form is None
    page.pane._on_full()
    QTest.keyClick(page.pane, Qt.Key.Key_Escape)
    assert not page.pane._full
    with qtbot.waitSignal(page.pane.left):
        QTest.keyClick(page.pane, Qt.Key.Key_Escape)


def test_every_form_says_what_it_is_called(page: WorkbenchPage) -> None:
    names = [form.name for form in FORMS.values()]
    assert len(set(names)) == len(names)
    assert all(form.title and form.verb for form in FORMS.values())
