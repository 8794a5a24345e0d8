"""How long the platform listens to a connection that says next to nothing.

uvicorn bounds only the idle time between two requests. A peer that sends its request byte by byte, or
never reads the answer, would keep its place for ever. Every ``WINDOW`` each connection is looked at;
one that was stuck twice in a row is closed. What of an upload had arrived by then stays.
"""

from __future__ import annotations

import asyncio
import logging

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("jiban.platform")

WINDOW = 15.0  # seconds
LEAST = 4096
"""Bytes that whoever talks or listens gets through in a window: a hundredth of a village's line."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to patience."""

    _watch: asyncio.TimerHandle | None = None
    _received = 0
    _unsent = 0
    _taken = False
    _stuck_looks = 0
    _asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._watch = self.loop.call_later(WINDOW, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        self._asked = self._asked or self.conn.their_state is not h11.IDLE

    def resume_writing(self) -> None:
        self._taken = True
        super().resume_writing()

    def _look(self) -> None:
        self._stuck_looks = self._stuck_looks + 1 if self._stuck() else 0
        if self._stuck_looks == 2:
            log.info("a connection that came to nothing was closed")
            self.transport.abort()
            return
        self._received, self._taken = 0, False
        self._unsent = self.transport.get_write_buffer_size()
        self._watch = self.loop.call_later(WINDOW, self._look)

    def _stuck(self) -> bool:
        if self.flow.write_paused:
            read = self._unsent - self.transport.get_write_buffer_size()
            return not self._taken and read < LEAST
        if self.flow.read_paused:  # it is we who do not listen
            return False
        return self._talking() and self._received < LEAST

    def _talking(self) -> bool:
        """Whether a request has begun and not ended, or nothing was ever asked."""
        state = self.conn.their_state
        if state is h11.IDLE:
            return bool(self.conn.trailing_data[0]) or not self._asked
        return state is h11.SEND_BODY
