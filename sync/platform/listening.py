"""Hearing of other processes' writes: LISTEN on PostgreSQL, over a connection of its own.

A notice says only that a township's feed has moved on; what is new is read from the feed. One that
is lost (a process dies between its commit and its notice) costs time, not data: whoever waits also
looks by itself, seldom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

CHANNEL = "jiban_feed"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0

log = logging.getLogger("jiban.platform")


class Listener:
    """Keeps listening as long as ``run`` runs; ``connected`` says whether notices come now."""

    def __init__(self, url: URL, heard: Callable[[str | None], None]) -> None:
        """``heard`` is told the township, or None: anything may have happened meanwhile, or will without
        a notice, as ``connected`` tells.
        """
        self._target = conninfo(url)
        self._heard = heard
        self.connected = False

    async def run(self) -> None:
        """Listen until cancelled, connecting again whenever the line is lost."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                if self.connected:
                    pause = FIRST_PAUSE
                log.warning("not listening for other processes: %s", type(error).__name__)
            finally:
                self._lost()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _lost(self) -> None:
        """Let whoever waits for notices look by himself from now on."""
        if self.connected:
            self.connected = False
            self._heard(None)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._target, autocommit=True) as line:
            await line.execute(f"LISTEN {CHANNEL}")
            self.connected = True
            self._heard(None)
            async for notice in line.notifies():
                self._heard(notice.payload)


def conninfo(url: URL) -> str:
    """Return what psycopg connects by."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
