"""Changing a frozen value gives what the standard library's ``replace`` gives."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest

from desktop_app.domain.orders import Stage
from desktop_app.domain.values import replace
from tests.support.center import sample_order
from tests.support.clock import START


def test_a_changed_order_is_what_the_standard_library_makes_of_it() -> None:
    order = sample_order(START, 1)
    changed = replace(order, stage=Stage.ACCEPTED, rev=7)
    assert changed == dataclasses.replace(order, stage=Stage.ACCEPTED, rev=7)
    assert hash(changed.petitioner) == hash(order.petitioner)
    assert order.rev == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed.rev = 8  # type: ignore[misc]


def test_a_field_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TypeError, match="nosuch"):
        replace(sample_order(START, 1), nosuch=1)


@dataclass(frozen=True)
class _Loose:
    one: int
    two: int


@dataclass(frozen=True, slots=True)
class _Checked:
    one: int
    two: int

    def __post_init__(self) -> None:
        """Looks at the fields."""


@pytest.mark.parametrize("value", [_Loose(1, 2), _Checked(1, 2), 3])
def test_what_cannot_be_copied_field_by_field_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        replace(value, one=5)
