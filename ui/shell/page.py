"""What the shell asks of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from local_store.changes import ChangeSet

Keys = Sequence[tuple[str, str]]
"""``(key as printed on it, words)``; several keys for one thing are separated by a space."""


class PageLike(Protocol):
    """A screen as the shell sees it. ``tick`` comes each second, only while the screen can be seen."""

    acted: Any  # Signal(object): ChangeSet after an own act
    open_requested: Any  # Signal(str): order id
    notice: Any  # Signal(str, str): title, what to do

    def keys(self) -> Keys: ...

    def data_changed(self, changes: ChangeSet) -> None: ...

    def tick(self, now: datetime) -> None: ...

    def primary(self) -> None: ...
