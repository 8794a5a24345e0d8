"""Where the store's key lives: the system keyring when there is one, else a file only the user can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class KeyPlace(StrEnum):
    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class StoreKey:
    """32 random bytes and where they are kept."""

    value: bytes
    place: KeyPlace


def load_or_create(profile: Path) -> StoreKey:
    """Return the profile's key, making one the first time. Raises ``StoreError``."""
    raise NotImplementedError
