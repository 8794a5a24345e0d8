"""The pages behind the rail: built when first opened, told what changed only when they can be seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.shell.page import Keys, PageLike

if TYPE_CHECKING:
    from local_store.changes import ChangeSet

Factory = Callable[[QWidget], QWidget]
"""Builds a page below the given parent; the result is a ``PageLike``."""


class PageStack(QStackedWidget):
    """Pages by key. What changes while a page is hidden is kept and handed over when it is shown."""

    page_changed = Signal(str)
    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)
    keys_changed = Signal()
    sync_requested = Signal()
    files_wanted = Signal(str)
    page_requested = Signal(str, str)
    """(page key, order id): a step that has its place on another page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._factories: dict[str, Factory] = {}
        self._pages: dict[str, QWidget] = {}
        self._missed: dict[str, ChangeSet] = {}
        self._current = ""

    def set_factories(self, factories: dict[str, Factory]) -> None:
        """Replace all pages; those that were built go away."""
        for page in self._pages.values():
            self.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._missed.clear()
        self._current = ""
        self._factories = dict(factories)

    def has(self, key: str) -> bool:
        """Whether a page of that key exists or can be built."""
        return key in self._factories

    def current_key(self) -> str:
        """Key of the page in front; empty before the first."""
        return self._current

    def page(self, key: str) -> QWidget:
        """The page, built now if need be. Raises ``KeyError``."""
        if key not in self._pages:
            self._pages[key] = self._build(key)
        return self._pages[key]

    def _build(self, key: str) -> QWidget:
        page = self._factories[key](self)
        if not page.objectName():
            page.setObjectName(f"{key}Page")
        like = cast("PageLike", page)
        like.acted.connect(self.acted)
        like.open_requested.connect(self.open_requested)
        like.notice.connect(self.notice)
        for name in ("keys_changed", "page_requested", "sync_requested", "files_wanted"):
            own = getattr(page, name, None)
            if own is not None:
                own.connect(getattr(self, name))
        self.addWidget(page)
        return page

    def show_page(self, key: str) -> QWidget:
        """Bring a page to the front and hand it what it missed."""
        page = self.page(key)
        self._current = key
        self.setCurrentWidget(page)
        missed = self._missed.pop(key, None)
        if missed is not None:
            cast("PageLike", page).data_changed(missed)
        self.page_changed.emit(key)
        return page

    def flush(self) -> None:
        """Let every page keep its drafts: the program ends."""
        for page in self._pages.values():
            keep = getattr(page, "flush", None)
            if callable(keep):
                keep()

    def page_keys(self) -> Keys:
        """Keys of the page in front."""
        page = self._pages.get(self._current)
        return cast("PageLike", page).keys() if page is not None else ()

    def tick(self, now: datetime) -> None:
        """A second: only for the page that can be seen."""
        page = self._pages.get(self._current)
        if page is not None and page.isVisible():
            cast("PageLike", page).tick(now)

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        """Tell the page in front now, the others when they are shown."""
        for key, page in self._pages.items():
            if key == self._current:
                cast("PageLike", page).data_changed(changes)
            else:
                before = self._missed.get(key)
                self._missed[key] = changes if before is None else before | changes
