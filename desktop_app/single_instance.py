"""One running seat per profile: a lock file decides, a local socket lets a second start raise the first."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1500
_RAISE = b"raise\n"
_QUIT = b"quit\n"


def socket_name(profile: Path) -> str:
    """Name of the local socket of a profile: short, without the path in it."""
    return "jiban-" + hashlib.sha256(str(profile.resolve()).encode()).hexdigest()[:20]


class SingleInstance(QObject):
    """``take`` says whether this process is the one; the one emits what others ask of it.

    ``take`` returns False also where the lock cannot be written: see ``unwritable``.
    """

    raise_requested = Signal()
    quit_requested = Signal()
    """Only a demonstration that ends asks for this."""

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = socket_name(profile)
        self._lock = QLockFile(str(profile / "running.lock"))
        # Never stale by age: a seat runs for weeks. Qt still notices a dead process by its id.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def take(self) -> bool:
        """Take the profile. False: another process has it."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(self._name)
        return True

    def unwritable(self) -> bool:
        """Whether ``take`` failed because nothing can be written here: a disk that is full or read-only."""
        return self._lock.error() is not QLockFile.LockError.LockFailedError

    def ask_to_raise(self) -> bool:
        """Ask the process that has the profile to show its window. False when it does not answer."""
        return self._ask(_RAISE)

    def ask_to_quit(self) -> bool:
        """Ask the process that has the profile to end as if its window were closed."""
        return self._ask(_QUIT)

    def is_taken(self) -> bool:
        """Whether a process has the profile and answers. Takes nothing itself."""
        return self._ask(b"")

    def _ask(self, request: bytes) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        sent = True
        if request:
            socket.write(request)
            sent = bool(socket.waitForBytesWritten(_WAIT_MS))
        socket.disconnectFromServer()
        return sent

    def release(self) -> None:
        """Give the profile back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    @Slot()
    def _on_connection(self) -> None:
        assert self._server is not None
        socket = self._server.nextPendingConnection()
        if socket is not None:
            socket.readyRead.connect(self._on_ready_read)
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._take_request(socket)

    @Slot()
    def _on_ready_read(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._take_request(socket)

    def _take_request(self, socket: QLocalSocket) -> None:
        request = bytes(socket.readAll().data())
        if _RAISE in request:
            self.raise_requested.emit()
        if _QUIT in request:
            self.quit_requested.emit()
