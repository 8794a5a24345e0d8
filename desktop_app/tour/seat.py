"""One seat of the tour: the real program in a process of its own, its windows driven as by hand."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from PySide6.QtNetwork import QLocalSocket

from desktop_app.demo_seats import seat_command
from desktop_app.settings import SettingsFile

START_SECONDS = 60
ANSWER_SECONDS = 45


class TourError(Exception):
    """A step was not what it must be."""


class Seat:
    """A running seat. Every command is refused by the program if a person could not do it."""

    def __init__(self, name: str, title: str, profile: Path) -> None:
        self.name, self.title = name, title
        self.profile = profile
        self._channel = f"jiban-tour-{os.getpid()}-{name}"
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: QLocalSocket | None = None

    def start(self) -> None:
        """Start the program and wait until its window answers. Raises ``TourError``."""
        self.profile.mkdir(parents=True, exist_ok=True)
        # A tour asks nobody for a passphrase and leaves nothing in anybody's keyring.
        SettingsFile(self.profile).change(key_in_file=True)
        environment = {**os.environ, "JIBAN_NO_SOUND": "1"}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        log = (self.profile / "tour.log").open("ab")
        command = (*seat_command(self.profile), "--control", self._channel)
        self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()
        self._connect()

    def _connect(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                raise TourError(f"{self.name}：程序没有起来，见 {self.profile / 'tour.log'}")
            socket = QLocalSocket()
            socket.connectToServer(self._channel)
            if socket.waitForConnected(200):
                self._socket = socket
                return
            time.sleep(0.05)
        raise TourError(f"{self.name}：{START_SECONDS} 秒内没有应答")

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """Send one command and return its answer. Raises ``TourError`` when it was refused."""
        if self._socket is None:
            raise TourError(f"{self.name}：没有运行")
        line = json.dumps({"do": command, **values}, ensure_ascii=False).encode() + b"\n"
        self._socket.write(line)
        self._socket.waitForBytesWritten(2000)
        answer = json.loads(self._read_line(float(values.get("timeout", 0)) + ANSWER_SECONDS))
        if not answer.get("ok"):
            raise TourError(f"{self.name}：{command} {values} — {answer.get('error', answer)}")
        return dict(answer)

    def _read_line(self, seconds: float) -> bytes:
        assert self._socket is not None
        deadline = time.monotonic() + seconds
        while not self._socket.canReadLine():
            if time.monotonic() > deadline:
                raise TourError(f"{self.name}：{seconds:.0f} 秒没有应答")
            # Qt's waits keep the interpreter locked, and the platform lives in this very process.
            self._socket.waitForReadyRead(1)
            time.sleep(0.01)
            if self._socket.state() != QLocalSocket.LocalSocketState.ConnectedState:
                if self._socket.canReadLine():
                    break
                raise TourError(f"{self.name}：程序断开了")
        return bytes(self._socket.readLine().data())

    def kill(self) -> None:
        """Kill the program as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)
        self._socket = None

    def quit(self) -> None:
        """Close the program as a person would; kill it only if it does not go."""
        if self._process is None or self._process.poll() is not None:
            return
        try:
            self.do("quit")
            self._process.wait(timeout=10)
        except (TourError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(timeout=10)
        self._socket = None
