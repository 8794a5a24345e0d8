"""Drafts that keep themselves: a form is saved 2 s after a change and whenever it is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.errors import StoreError

KEEP_MS = 2000


class DraftKeeper(QObject):
    """Keeps one form's values at a time. ``read`` gives them; ``composing`` holds back half a word."""

    kept = Signal()
    failed = Signal(str, str)
    """(title, advice): the draft could not be written; what was typed is still in the form."""

    def __init__(
        self,
        seat: Seat,
        read: Callable[[], Mapping[str, Any]],
        composing: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._seat, self._read, self._composing = seat, read, composing
        self._subject, self._form, self._dirty = OrderId(""), "", False
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def dirty(self) -> bool:
        """Whether something has not been kept yet."""
        return self._dirty

    def turn_to(self, subject: str, form: str) -> dict[str, Any]:
        """Keep what is open, then return the draft of another form (empty if there is none)."""
        self.flush()
        self._subject, self._form = OrderId(subject), form
        draft = self._seat.store.load_draft(self._subject, form) if subject else None
        return dict(draft.values) if draft is not None else {}

    @Slot()
    def touch(self) -> None:
        """Something changed."""
        self._dirty = True
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def flush(self) -> None:
        """Keep what has changed now."""
        self._timer.stop()
        if not self._dirty or not self._subject:
            return
        values, store = dict(self._read()), self._seat.store
        try:
            if any(values.values()):
                store.save_draft(self._subject, self._form, values, self._seat.now())
            else:
                store.drop_draft(self._subject, self._form)
        except StoreError as error:
            self._timer.start()
            self.failed.emit(error.title, error.advice)
            return
        self._dirty = False
        self.kept.emit()

    def forget(self) -> None:
        """The form was recorded: nothing is left to keep."""
        self._timer.stop()
        self._dirty = False

    @Slot()
    def _on_timeout(self) -> None:
        if self._composing():
            self._timer.start()
        else:
            self.flush()
