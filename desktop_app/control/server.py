"""The channel: JSON lines in, one JSON line out per command, never blocking the event loop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QWidget

from desktop_app.control import hands
from desktop_app.control.hands import CannotDo

LOOK_EVERY_MS = 40
MAX_LINE = 1 << 20

Answer = dict[str, Any]
Condition = Callable[[], Answer | None]
"""Returns the answer once it holds, None while it does not."""


class Host(Protocol):
    """What the composition root lends the channel."""

    def main_window(self) -> QWidget: ...

    def open_order(self, number: str) -> bool: ...

    def go_to_page(self, name: str) -> bool: ...

    def add_photos(self, files: list[Path]) -> bool: ...

    def state(self) -> dict[str, Any]: ...

    def quit(self) -> None: ...


class Control(QObject):
    """Listens under ``name``; one caller at a time. ``start`` and ``stop``."""

    def __init__(self, name: str, host: Host, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(name)
        self._server.newConnection.connect(self._on_connection)
        self._name = name
        self._socket: QLocalSocket | None = None
        self._waits: list[QTimer] = []
        self._commands: dict[str, Callable[[Answer], Answer | Condition]] = {
            "click": self._click,
            "type": self._type,
            "key": self._key,
            "choose": self._choose,
            "read": self._read,
            "grab": self._grab,
            "resize": self._resize,
            "wait": self._wait,
            "wait_state": self._wait_state,
            "open_order": self._open_order,
            "page": self._page,
            "add_photos": self._add_photos,
            "names": self._names,
            "state": lambda _c: dict(self._host.state()),
            "quit": self._quit,
        }

    def start(self) -> None:
        """Listen. Raises ``OSError``."""
        if not self._server.listen(self._name):
            raise OSError(self._server.errorString())

    def stop(self) -> None:
        """Stop listening and forget what is being waited for."""
        for timer in self._waits:
            timer.stop()
        self._server.close()

    @Slot()
    def _on_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(self._on_ready)
        socket.disconnected.connect(socket.deleteLater)
        self._socket = socket

    @Slot()
    def _on_ready(self) -> None:
        while self._socket is not None and self._socket.canReadLine():
            line = bytes(self._socket.readLine(MAX_LINE).data())
            # The command may open a nested event loop (a menu): leave this slot first.
            QTimer.singleShot(0, self, lambda line=line: self._run(line))

    def _run(self, line: bytes) -> None:
        try:
            command = json.loads(line)
            answer = self._commands[command["do"]](command)
            seconds = float(command.get("timeout", 10))
        except CannotDo as error:
            return self._send({"ok": False, "error": str(error)})
        except (ValueError, KeyError, TypeError) as error:
            return self._send({"ok": False, "error": f"{type(error).__name__}: {error}"})
        if callable(answer):
            return self._until(answer, seconds, str(command))
        return self._send({"ok": True, **answer})

    def _send(self, answer: Answer) -> None:
        if self._socket is not None:
            self._socket.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            self._socket.flush()

    def _until(self, condition: Condition, seconds: float, what: str) -> None:
        since = QElapsedTimer()
        since.start()
        timer = QTimer(self)
        timer.setInterval(LOOK_EVERY_MS)

        def look() -> None:
            answer = condition()
            if answer is None and since.elapsed() < seconds * 1000:
                return
            timer.stop()
            timer.deleteLater()
            self._waits.remove(timer)
            late = {"ok": False, "error": f"not within {seconds:g} s: {what}"}
            self._send(late if answer is None else {"ok": True, **answer})

        timer.timeout.connect(look)
        self._waits.append(timer)
        timer.start()

    def _click(self, command: Answer) -> Answer:
        hands.click(command["name"])
        return {}

    def _type(self, command: Answer) -> Answer:
        hands.type_text(command["name"], command["text"], clear=bool(command.get("clear")))
        return {}

    def _key(self, command: Answer) -> Answer:
        hands.press_keys(command["keys"], command.get("name", ""), self._host.main_window())
        return {}

    def _choose(self, command: Answer) -> Answer:
        hands.choose(command["name"], command["value"])
        return {}

    def _read(self, command: Answer) -> Answer:
        widget = hands.find(command["name"])
        if widget is None:
            return {"visible": False, "enabled": False, "text": ""}
        return {"visible": True, "enabled": widget.isEnabled(), "text": hands.text_of(widget)}

    def _grab(self, command: Answer) -> Answer:
        picture = self._host.main_window().grab()
        name = command.get("window", "main")
        if name != "main":
            hands.lay_over(picture, hands.need(name))
        if not picture.save(command["file"]):
            raise CannotDo(f"cannot write {command['file']}")
        return {}

    def _resize(self, command: Answer) -> Answer:
        self._host.main_window().resize(int(command["width"]), int(command["height"]))
        return {}

    def _wait(self, command: Answer) -> Condition:
        def look() -> Answer | None:
            widget = hands.find(command["name"])
            if command.get("gone"):
                return {} if widget is None else None
            if widget is None or (
                "enabled" in command and widget.isEnabled() != command["enabled"]
            ):
                return None
            said = hands.text_of(widget)
            return {"text": said} if command.get("text", "") in said else None

        return look

    def _wait_state(self, command: Answer) -> Condition:
        wanted = {k: v for k, v in command.items() if k not in ("do", "timeout")}

        def look() -> Answer | None:
            state = self._host.state()
            return dict(state) if all(state.get(k) == v for k, v in wanted.items()) else None

        return look

    def _open_order(self, command: Answer) -> Condition:
        """The order may still be on its way from the platform: try until it is there."""
        return lambda: {} if self._host.open_order(command["number"]) else None

    def _page(self, command: Answer) -> Answer:
        if not self._host.go_to_page(command["name"]):
            raise CannotDo(f"no page {command['name']}")
        return {}

    def _add_photos(self, command: Answer) -> Answer:
        if not self._host.add_photos([Path(f) for f in command["files"]]):
            raise CannotDo("no page here takes photos now")
        return {}

    def _names(self, _command: Answer) -> Answer:
        found = {
            child.objectName()
            for window in hands.windows()
            for child in (window, *window.findChildren(QWidget))
            if child.objectName() and not child.objectName().startswith("qt_") and child.isVisible()
        }
        return {"names": sorted(found)}

    def _quit(self, _command: Answer) -> Answer:
        QTimer.singleShot(50, self._host.quit)
        return {}
