"""Who is signed in at this seat, and what its clock was told: kept in the encrypted store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from desktop_app.domain.clock import Anchor
from desktop_app.domain.ids import PersonId

CREDENTIALS = "sync.credentials"
ANCHOR = "sync.anchor"


class Keeper(Protocol):
    """The part of the store that keeps small texts."""

    def get_meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str | None) -> None: ...

    def swap_meta(self, key: str, before: str, value: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """A session of one person on one platform. ``address`` as ``parse_address`` normalised it;
    ``authority``: the center's own certificate authority as PEM, "" for the public ones.
    """

    address: str
    account: str
    person_id: PersonId
    server_id: str
    access_token: str
    refresh_token: str
    authority: str = ""
    seal_key: str = ""  # for whom files on a stick are sealed; "" until the platform has said it


class _KeptAnchor(msgspec.Struct, frozen=True):
    platform: datetime
    wall: datetime
    pace: float = 1.0


def save_credentials(keeper: Keeper, credentials: Credentials) -> None:
    keeper.set_meta(CREDENTIALS, msgspec.json.encode(credentials).decode())


def renew_credentials(keeper: Keeper, before: Credentials, after: Credentials) -> bool:
    """Keep the renewed session, unless somebody has signed in or out since ``before`` was read."""
    text = keeper.get_meta(CREDENTIALS)
    if text is None or _read(text) != before:
        return False
    return keeper.swap_meta(CREDENTIALS, text, msgspec.json.encode(after).decode())


def load_credentials(keeper: Keeper) -> Credentials | None:
    """Return who is signed in; None when nobody is, or what was kept cannot be read."""
    text = keeper.get_meta(CREDENTIALS)
    return None if text is None else _read(text)


def _read(text: str) -> Credentials | None:
    try:
        return msgspec.json.decode(text, type=Credentials)
    except msgspec.DecodeError:
        return None


def forget_credentials(keeper: Keeper) -> None:
    """Sign out at this seat. Records that wait stay in the outbox."""
    keeper.set_meta(CREDENTIALS, None)


def save_anchor(keeper: Keeper, anchor: Anchor) -> None:
    """Keep the platform's last word for the next start, which may be without a network."""
    kept = _KeptAnchor(anchor.platform, anchor.wall, anchor.pace)
    keeper.set_meta(ANCHOR, msgspec.json.encode(kept).decode())


def load_anchor(keeper: Keeper) -> Anchor | None:
    """Return the kept word for ``PlatformTime``; its monotonic part means nothing any more."""
    text = keeper.get_meta(ANCHOR)
    if text is None:
        return None
    try:
        kept = msgspec.json.decode(text, type=_KeptAnchor)
    except msgspec.DecodeError:
        return None
    return Anchor(kept.platform, kept.wall, 0.0, kept.pace)
