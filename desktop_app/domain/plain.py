"""From JSON-plain values to frozen dataclasses, strictly: unknown, missing or ill-typed fields are named."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

MAX_TEXT = 4000
MAX_ITEMS = 200


class NotPlain(ValueError):
    """A value is not of the wanted shape; the message names the field."""


class TooLong(NotPlain):
    """A text is longer than ``MAX_TEXT``; ``field`` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: longer than {MAX_TEXT}")
        self.field = field


def from_plain(cls: type[T], data: object, where: str = "") -> T:
    """Build the dataclass ``cls`` from a mapping. Raises ``NotPlain``."""
    if not isinstance(data, Mapping):
        raise NotPlain(f"{where or cls.__name__}: not an object")
    hints = _hints(cls)
    unknown = set(data) - set(hints)
    if unknown:
        raise NotPlain(f"{where}{min(map(str, unknown))}: unknown field")
    values = {k: _value(hints[k], v, f"{where}{k}") for k, v in data.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise NotPlain(f"{where or cls.__name__}: {error}") from None


def to_plain(value: object) -> Any:
    """Return ``value`` as JSON-plain data; the inverse of ``from_plain``."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [to_plain(v) for v in value]
    return value


_HINTS: dict[type[Any], dict[str, Any]] = {}


def _hints(cls: type[Any]) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _value(hint: Any, value: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (a for a in get_args(hint) if a is not type(None))
        return _value(inner, value, where)
    if origin is tuple:
        return _tuple(get_args(hint), value, where)
    if isinstance(hint, type):
        return _scalar(hint, value, where)
    supertype = getattr(hint, "__supertype__", None)  # NewType
    return _value(supertype, value, where)


def _tuple(args: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
        raise NotPlain(f"{where}: not a list of at most {MAX_ITEMS}")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_value(args[0], v, f"{where}.{i}") for i, v in enumerate(value))
    if len(value) != len(args):
        raise NotPlain(f"{where}: not {len(args)} items")
    return tuple(_value(a, v, where) for a, v in zip(args, value, strict=True))


def _scalar(hint: type[Any], value: object, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, value, f"{where}.")
    if issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            raise NotPlain(f"{where}: unknown value") from None
    if hint is datetime:
        return _moment(value, where)
    if hint is bool or hint is int:
        if type(value) is not hint:
            raise NotPlain(f"{where}: not {hint.__name__}")
        return value
    if not isinstance(value, hint):
        raise NotPlain(f"{where}: not {hint.__name__}")
    return _text(value, where) if isinstance(value, str) else value


def _text(value: str, where: str) -> str:
    if len(value) > MAX_TEXT:
        raise TooLong(where)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character: it could neither be stored nor sent
        raise NotPlain(f"{where}: not text") from None
    return value


def _moment(value: object, where: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise NotPlain(f"{where}: not a time") from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise NotPlain(f"{where}: not an aware time")
    return value
