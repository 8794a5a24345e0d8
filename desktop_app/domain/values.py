"""Changing frozen values. An order has forty fields and an act changes a few of them, several times."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")

_Shape = tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int], Callable[..., Any]]
_SHAPES: dict[type[Any], _Shape] = {}


def replace(value: T, /, **changes: Any) -> T:
    """Return ``value``, a frozen dataclass with slots, with ``changes``: as ``dataclasses.replace`` does.

    It takes a fraction of the time: a draft, alike but not frozen, is filled and then becomes the value.
    Raises ``TypeError`` for a field that is not there.
    """
    cls = type(value)
    fields, places, draft = _SHAPES.get(cls) or _shape(cls)
    values = list(fields(value))
    try:
        for name, changed in changes.items():
            values[places[name]] = changed
    except KeyError as error:
        raise TypeError(f"{cls.__name__} has no field {error}") from None
    made = draft(*values)
    made.__class__ = cls
    return made  # type: ignore[no-any-return]


def _shape(cls: type[Any]) -> _Shape:
    names = [field.name for field in dataclasses.fields(cls)]
    if len(names) < 2 or not all(hasattr(getattr(cls, n, None), "__set__") for n in names):
        raise TypeError(f"{cls.__name__} is no dataclass with slots and several fields")
    if hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} checks its fields: use dataclasses.replace")
    draft = dataclasses.make_dataclass(f"{cls.__name__}Draft", names, slots=True)
    places = {name: n for n, name in enumerate(names)}
    shape = _SHAPES[cls] = (attrgetter(*names), places, draft)
    return shape
