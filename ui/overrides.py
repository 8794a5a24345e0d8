"""What goes wrong inside a method that Qt calls is told like any other fault, and does not end the program.

An error that C code raises (an index that is not there, a widget that is gone) has no exception object yet
while it passes up through Python 3.11. PySide 6.11, when a method it calls for Qt ends with one below a slot,
reads the object that is not there: a segmentation fault. Caught and raised again it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject

_QT = "PySide6."


def guard_overrides() -> None:
    """See to it that every class made from now on that overrides methods of Qt is safe in this respect."""
    QObject.__init_subclass__ = classmethod(_on_subclass)  # type: ignore[assignment, arg-type]


def _on_subclass(cls: type[QObject], **options: Any) -> None:
    super(QObject, cls).__init_subclass__(**options)
    of_qt = next(base for base in cls.__mro__ if base.__module__.startswith(_QT))
    for base in cls.__mro__:
        if base is not cls and issubclass(base, QObject):
            continue  # was seen to when it was made
        for name, found in tuple(vars(base).items()):
            overrides = isinstance(found, FunctionType) and not name.startswith("__")
            if overrides and hasattr(of_qt, name) and getattr(cls, name) is found:
                setattr(cls, name, _raising_again(found))


def _raising_again(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def guarded(*args: Any, **named: Any) -> Any:
        try:
            return method(*args, **named)
        except BaseException:  # noqa: TRY203 - this makes the exception object, see above
            raise

    return guarded
