"""The table's model over the store."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt

from desktop_app.domain.ids import ActId, OrderId
from desktop_app.domain.intake import new_order
from local_store.changes import ChangeSet
from local_store.rows import ListQuery, SavedView, SortKey
from resources.sample import sample_intake
from tests.support.desk import Desk
from ui.workbench.model import CLOCK, MATTER, ROW_ROLE, OrdersModel

ALL = ListQuery(view=SavedView.ALL)


def test_model_keeps_the_contract_of_qt(desk: Desk, qtmodeltester: Any) -> None:
    model = OrdersModel(desk.seat())
    model.show(ALL)
    qtmodeltester.check(model, force_py=True)


def test_every_order_is_a_row_and_rows_are_read_when_looked_at(desk: Desk) -> None:
    model = OrdersModel(desk.seat())
    model.show(ALL)
    assert model.rowCount() == len(desk.orders)
    numbers = {model.row_at(n).number for n in range(model.rowCount())}  # type: ignore[union-attr]
    assert numbers == {o.number for o in desk.orders}
    index = model.index(0, MATTER)
    row = model.data(index, ROW_ROLE)
    assert row.title in model.data(index)
    assert row.village in model.data(index, Qt.ItemDataRole.AccessibleTextRole)


def test_sorting_is_the_stores_and_the_header_says_which_way(desk: Desk) -> None:
    model = OrdersModel(desk.seat())
    model.show(replace(ALL, sort=SortKey.NUMBER, descending=True))
    numbers = [model.row_at(n).number for n in range(model.rowCount())]  # type: ignore[union-attr]
    assert numbers == sorted(numbers, reverse=True)
    assert model.headerData(MATTER, Qt.Orientation.Horizontal) == "事项 / 编号（新→旧）"
    assert model.headerData(CLOCK, Qt.Orientation.Horizontal) == "剩余"


def test_a_new_order_comes_in_with_reload_only(desk: Desk) -> None:
    seat = desk.seat()
    model = OrdersModel(seat)
    model.show(ALL)
    assert not model.reload()
    fresh = new_order(
        sample_intake(999, desk.clock.now()),
        desk.center,
        OrderId("new"),
        ActId("d"),
        desk.clock.now(),
    )
    desk.receive(fresh)
    model.forget(ChangeSet.of([fresh.id]))
    assert model.rowCount() == len(desk.orders)
    assert model.reload()
    assert model.rowCount() == len(desk.orders) + 1
    assert model.line_of(OrderId("new")) >= 0


def test_a_changed_order_is_read_again(desk: Desk) -> None:
    seat = desk.seat()
    model = OrdersModel(seat)
    model.show(ALL)
    line = model.line_of(desk.orders[0].id)
    before = model.row_at(line)
    changed = replace(desk.orders[0], rev=desk.orders[0].rev + 1, tier_title="急")
    desk.receive(changed)
    assert model.row_at(line) == before
    model.forget(ChangeSet.of([changed.id]))
    after = model.row_at(line)
    assert after is not None
    assert after.tier_title == "急"


def test_text_from_outside_stays_plain(desk: Desk) -> None:
    order = desk.orders[0]
    nasty = replace(order, rev=order.rev + 1, matter=replace(order.matter, title="<b>x</b> & y"))
    desk.receive(nasty)
    model = OrdersModel(desk.seat())
    model.show(ALL)
    text = model.data(model.index(model.line_of(order.id), MATTER))
    assert text.startswith("<b>x</b> & y")
