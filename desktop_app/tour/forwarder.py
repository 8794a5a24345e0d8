"""A village's line: a TCP forwarder before the platform that can be cut and mended."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

CHUNK = 65536


class Forwarder:
    """Passes bytes between ``address`` and the platform while the line is up."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port = 0
        self.mend()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Put the line up again, on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Take the line down: nobody listens, and every connection breaks at once."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            broken, self._open = self._open, set()
        for one in broken:
            _close(one)

    close = cut

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                seat, _ = listener.accept()
                platform = socket.create_connection(self._target)
            except OSError:
                continue
            with self._lock:
                self._open |= {seat, platform}
            threading.Thread(target=self._pass, args=(seat, platform), daemon=True).start()

    def _pass(self, seat: socket.socket, platform: socket.socket) -> None:
        other = {seat: platform, platform: seat}
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, ValueError):
            for one in other:
                selector.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(CHUNK)
                    if not data:
                        self._hang_up(seat, platform)
                        return
                    other[source].sendall(data)
        self._hang_up(seat, platform)

    def _hang_up(self, *both: socket.socket) -> None:
        with self._lock:
            self._open -= set(both)
        for one in both:
            _close(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
