"""The control channel does to real widgets what a person could do, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.control import Control
from tests.ui.conftest import theme as theme  # noqa: PLC0414 - the fixture
from ui.theme.theme import Theme
from ui.widgets.buttons import PrimaryButton
from ui.widgets.choices import ChoiceRow
from ui.widgets.ime import ImeLineEdit, ImePlainTextEdit
from ui.widgets.values import Choice

CHOICES = (Choice("same", "内容一致"), Choice("fix", "有更正"), Choice("no", "没联系上", "缺号码"))


class Bench(QWidget):
    """A window of the program's own widgets; it is also what a seat lends the channel."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("bench")
        self.clicks: list[str] = []
        self.orders: set[str] = set()
        self.pages: list[str] = []
        self.photos: list[Path] = []
        self.left = False
        self.line, self.area = ImeLineEdit(), ImePlainTextEdit()
        self.button = PrimaryButton(theme, "签收", shortcut="Ctrl+Enter")
        self.choices = ChoiceRow(theme, CHOICES)
        self.combo = QComboBox()
        self.combo.addItems(["魏家湾村", "东沟村"])
        self.label = QLabel("第一句")
        self.far = PrimaryButton(theme, "最下面")
        named: dict[str, QWidget] = {
            "lineEdit": self.line, "area": self.area, "acceptButton": self.button,
            "choice": self.choices, "combo": self.combo, "label": self.label,
        }  # fmt: skip
        column = QVBoxLayout(self)
        for name, widget in named.items():
            widget.setObjectName(name)
            column.addWidget(widget)
        column.addWidget(self._long())
        self.button.clicked.connect(lambda: self.clicks.append("accept"))
        self.far.clicked.connect(lambda: self.clicks.append("far"))

    def _long(self) -> QScrollArea:
        """A scroll area whose only button lies far below what is seen."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addSpacing(3000)
        column.addWidget(self.far)
        self.far.setObjectName("farButton")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setFixedHeight(120)
        return area

    # --- what a seat lends the channel --------------------------------------------------------

    def main_window(self) -> QWidget:
        return self

    def open_order(self, number: str) -> bool:
        return number in self.orders

    def go_to_page(self, name: str) -> bool:
        self.pages.append(name)
        return name == "orders"

    def add_photos(self, files: list[Path]) -> bool:
        self.photos += files
        return bool(files)

    def state(self) -> dict[str, Any]:
        return {"clicks": len(self.clicks), "page": "orders"}

    def quit(self) -> None:
        self.left = True


class Caller:
    """The other end of the channel."""

    def __init__(self, qtbot: QtBot, name: str) -> None:
        self._qtbot, self._socket = qtbot, QLocalSocket()
        self._socket.connectToServer(name)
        qtbot.waitUntil(
            lambda: self._socket.state() is QLocalSocket.LocalSocketState.ConnectedState
        )

    def send(self, command: object) -> None:
        line = command if isinstance(command, bytes) else json.dumps(command).encode()
        self._socket.write(line + b"\n")
        self._socket.flush()

    def answered(self) -> bool:
        return self._socket.canReadLine()

    def answer(self) -> dict[str, Any]:
        self._qtbot.waitUntil(self.answered)
        answer: dict[str, Any] = json.loads(bytes(self._socket.readLine().data()))
        return answer

    def do(self, do: str, **values: object) -> dict[str, Any]:
        self.send({"do": do, **values})
        return self.answer()

    def refused(self, do: str, **values: object) -> str:
        answer = self.do(do, **values)
        assert not answer["ok"]
        return str(answer["error"])

    def close(self) -> None:
        self._socket.abort()


@pytest.fixture
def bench(theme: Theme, qtbot: QtBot) -> Bench:
    made = Bench(theme)
    qtbot.addWidget(made)
    made.resize(700, 640)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def caller(bench: Bench, qtbot: QtBot, tmp_path: Path) -> Iterator[Caller]:
    name = f"jiban-test-{tmp_path.name}-{id(bench)}"[:80]
    control = Control(name, bench)
    control.start()
    made = Caller(qtbot, name)
    yield made
    made.close()
    control.stop()
    control.deleteLater()


# --- clicks ---------------------------------------------------------------------------------------


def test_a_click_presses_the_button(bench: Bench, caller: Caller) -> None:
    assert caller.do("click", name="acceptButton") == {"ok": True}
    assert bench.clicks == ["accept"]


def test_a_disabled_button_is_refused_with_its_reason(bench: Bench, caller: Caller) -> None:
    bench.button.refuse("先核实")
    error = caller.refused("click", name="acceptButton")
    assert "disabled" in error
    assert "先核实" in error or "签收" in error
    assert bench.clicks == []


def test_what_is_not_seen_cannot_be_clicked(bench: Bench, caller: Caller) -> None:
    bench.button.hide()
    assert "nothing visible" in caller.refused("click", name="acceptButton")
    assert "nothing visible" in caller.refused("click", name="noSuchButton")
    assert bench.clicks == []


def test_a_dialog_covers_its_window(bench: Bench, caller: Caller, qtbot: QtBot) -> None:
    dialog = QDialog(bench)
    dialog.setObjectName("askDialog")
    qtbot.addWidget(dialog)
    dialog.open()
    assert "covered by askDialog" in caller.refused("click", name="acceptButton")
    assert "covered by askDialog" in caller.refused("type", name="lineEdit", text="字")
    dialog.reject()
    assert caller.do("click", name="acceptButton")["ok"]


def test_a_widget_on_top_covers_what_is_below(bench: Bench, caller: Caller) -> None:
    cover = QWidget(bench)
    cover.setObjectName("cover")
    cover.setGeometry(bench.button.geometry())
    cover.show()
    assert "covered by cover" in caller.refused("click", name="acceptButton")
    cover.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert caller.do("click", name="acceptButton")["ok"]


def test_what_can_be_scrolled_to_can_be_clicked(bench: Bench, caller: Caller) -> None:
    assert caller.do("click", name="farButton")["ok"]
    assert bench.clicks == ["far"]


def test_what_lies_outside_the_window_cannot(bench: Bench, caller: Caller) -> None:
    layout = bench.layout()
    assert layout is not None
    layout.removeWidget(bench.button)
    bench.button.move(5000, 0)
    assert "covered" in caller.refused("click", name="acceptButton")


# --- writing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lineEdit", "area"])
def test_text_comes_as_an_input_method_commits_it(
    bench: Bench, caller: Caller, qtbot: QtBot, name: str
) -> None:
    editor = bench.line if name == "lineEdit" else bench.area
    with qtbot.waitSignal(editor.committed) as committed:
        caller.send({"do": "type", "name": name, "text": "临沟一侧塌陷"})
    assert committed.args == ["临沟一侧塌陷"]
    assert caller.answer()["ok"]
    caller.do("type", name=name, text="，会车危险")
    assert caller.do("read", name=name)["text"] == "临沟一侧塌陷，会车危险"
    caller.do("type", name=name, text="从头写", clear=True)
    assert caller.do("read", name=name)["text"] == "从头写"


def test_a_box_passes_text_to_its_editor(bench: Bench, caller: Caller) -> None:
    bench.line.setObjectName("")
    assert caller.do("type", name="bench", text="字")["ok"]
    assert bench.line.text() == "字"


def test_nothing_is_written_where_nobody_could(bench: Bench, caller: Caller) -> None:
    bench.line.setReadOnly(True)
    bench.area.setEnabled(False)
    assert "read-only" in caller.refused("type", name="lineEdit", text="字")
    assert "disabled" in caller.refused("type", name="area", text="字")
    assert "no text" in caller.refused("type", name="label", text="字")
    assert bench.line.text() == bench.area.toPlainText() == ""


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_combination_reaches_the_shortcut_before_the_focus(
    bench: Bench, caller: Caller
) -> None:
    bench.area.setFocus()
    assert caller.do("key", keys="Ctrl+Enter")["ok"]
    assert bench.clicks == ["accept"]
    assert bench.area.toPlainText() == ""


def test_a_plain_key_reaches_the_focus(bench: Bench, caller: Caller) -> None:
    caller.do("type", name="lineEdit", text="甲乙")
    assert caller.do("key", keys="Backspace")["ok"]
    assert bench.line.text() == "甲"
    assert caller.do("key", keys="Tab", name="lineEdit")["ok"]
    assert bench.area.hasFocus()


def test_a_composing_input_method_keeps_the_key(bench: Bench, caller: Caller) -> None:
    bench.line.setFocus()
    QApplication.sendEvent(bench.line, QInputMethodEvent("wei", []))
    caller.do("key", keys="Ctrl+Enter")
    assert bench.clicks == []


@pytest.mark.parametrize("keys", ["Hyper+A", "Nonsense", ""])
def test_keys_nobody_has_are_refused(caller: Caller, keys: str) -> None:
    assert caller.refused("key", keys=keys)


# --- choosing -------------------------------------------------------------------------------------


def test_choices_are_pressed_by_their_words(bench: Bench, caller: Caller) -> None:
    assert caller.do("choose", name="choice", value="有更正")["ok"]
    assert bench.choices.current() == "fix"
    assert "disabled" in caller.refused("choose", name="choice", value="没联系上")
    assert "does not offer" in caller.refused("choose", name="choice", value="别的")
    assert bench.choices.current() == "fix"


def test_a_list_box_takes_only_what_it_offers(bench: Bench, caller: Caller) -> None:
    assert caller.do("choose", name="combo", value="东沟")["ok"]
    assert bench.combo.currentText() == "东沟村"
    assert "魏家湾村" in caller.refused("choose", name="combo", value="西沟")


# --- reading, waiting, pictures -------------------------------------------------------------------


def test_reading_tells_what_is_seen(bench: Bench, caller: Caller) -> None:
    assert caller.do("read", name="label") == {
        "ok": True, "visible": True, "enabled": True, "text": "第一句",
    }  # fmt: skip
    bench.label.hide()
    assert caller.do("read", name="label")["visible"] is False
    assert "acceptButton" in caller.do("names")["names"]
    assert "label" not in caller.do("names")["names"]


def test_a_wait_ends_when_it_comes_true_and_holds_nothing_up(
    bench: Bench, caller: Caller, qtbot: QtBot
) -> None:
    caller.send({"do": "wait", "name": "label", "text": "第二句"})
    assert not caller.answered()
    bench.label.setText("第二句话")
    assert caller.answer() == {"ok": True, "text": "第二句话"}


def test_waiting_for_a_button_to_be_usable_and_for_one_to_go(bench: Bench, caller: Caller) -> None:
    bench.button.refuse("先核实")
    caller.send({"do": "wait", "name": "acceptButton", "enabled": True})
    bench.button.allow()
    assert caller.answer()["ok"]
    caller.send({"do": "wait", "name": "acceptButton", "gone": True})
    bench.button.hide()
    assert caller.answer() == {"ok": True}


def test_a_wait_that_never_comes_true_says_so(caller: Caller) -> None:
    assert "not within 0.1 s" in caller.refused("wait", name="nobody", timeout=0.1)
    assert "not within 0.1 s" in caller.refused("wait_state", page="settings", timeout=0.1)


def test_waiting_for_the_state(bench: Bench, caller: Caller) -> None:
    caller.send({"do": "wait_state", "clicks": 1})
    bench.clicks.append("one")
    assert caller.answer() == {"ok": True, "clicks": 1, "page": "orders"}


def test_an_order_may_still_be_on_its_way(bench: Bench, caller: Caller) -> None:
    caller.send({"do": "open_order", "number": "G-1"})
    bench.orders.add("G-1")
    assert caller.answer()["ok"]


def test_pictures_and_sizes(bench: Bench, caller: Caller, tmp_path: Path) -> None:
    caller.do("resize", width=900, height=800)
    file = tmp_path / "bench.png"
    assert caller.do("grab", file=str(file))["ok"]
    assert QImage(str(file)).width() == 900
    assert "cannot write" in caller.refused("grab", file=str(tmp_path / "no" / "bench.png"))


def test_pages_photos_and_leaving(bench: Bench, caller: Caller, qtbot: QtBot) -> None:
    assert caller.do("page", name="orders")["ok"]
    assert "no page" in caller.refused("page", name="elsewhere")
    assert caller.do("add_photos", files=["a.jpg"])["ok"]
    assert "no page here" in caller.refused("add_photos", files=[])
    assert bench.photos == [Path("a.jpg")]
    assert caller.do("quit")["ok"]
    qtbot.waitUntil(lambda: bench.left)


# --- the line -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[]", b"{}", b'{"do": "fly"}', b'{"do": "click"}', b"\xff\xfe",
     b'{"do": "wait", "name": "x", "timeout": "long"}'],
)  # fmt: skip
def test_nonsense_is_answered_and_the_channel_goes_on(caller: Caller, line: bytes) -> None:
    caller.send(line)
    assert not caller.answer()["ok"]
    assert caller.do("state")["ok"]


def test_several_commands_in_one_go_are_answered_in_order(bench: Bench, caller: Caller) -> None:
    for text in "一二三":
        caller.send({"do": "type", "name": "lineEdit", "text": text})
    assert [caller.answer()["ok"] for _ in range(3)] == [True] * 3
    assert bench.line.text() == "一二三"


def test_a_second_caller_takes_over(bench: Bench, caller: Caller, qtbot: QtBot) -> None:
    second = Caller(qtbot, caller._socket.serverName())
    assert second.do("click", name="acceptButton")["ok"]
    second.close()
    assert bench.clicks == ["accept"]


def test_nobody_listens_after_it_stopped(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    control = Control(f"jiban-stop-{id(bench)}", bench)
    control.start()
    control.stop()
    socket = QLocalSocket()
    socket.connectToServer(f"jiban-stop-{id(bench)}")
    assert not socket.waitForConnected(200)
    control.deleteLater()
