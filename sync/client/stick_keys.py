"""The seat's own key for files on a stick, and the center's: both in the encrypted store.

The pair is made once. Its public half goes to the platform with every sign-in and renewal, so that
the platform can tell whose seat sealed a file; what the platform answers is the key to seal for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.client.identity import Keeper, load_credentials
from sync.protocol.stick import device_public, new_device_key

_PRIVATE = "stick.device_key"
_PUBLIC = "stick.device_public"


@dataclass(frozen=True, slots=True)
class StickKeys:
    """What a file is sealed for, and signed with."""

    server_id: str
    person_id: str
    seal_key: str
    device_key: bytes
    device_public: str


def device_key(keeper: Keeper) -> str:
    """Return the public half of this seat's key; the pair is made at the first call."""
    known = keeper.get_meta(_PUBLIC)
    if known is not None:
        return known
    private = new_device_key()
    public = device_public(private)
    # The private half first: a public one that is told without it would be worth nothing.
    keeper.set_meta(_PRIVATE, private.hex())
    keeper.set_meta(_PUBLIC, public)
    return public


def load_keys(keeper: Keeper) -> StickKeys | None:
    """Return the keys for who is signed in, None when the platform has not told its own yet."""
    signed = load_credentials(keeper)
    private, public = keeper.get_meta(_PRIVATE), keeper.get_meta(_PUBLIC)
    if signed is None or not signed.seal_key or private is None or public is None:
        return None
    own = bytes.fromhex(private)
    return StickKeys(signed.server_id, signed.person_id, signed.seal_key, own, public)
