"""That an administrator keeps this computer out: remembered in the encrypted store until he lets it in again.

With it stands where the platform is and who vouches for it, so that whoever holds the computer cannot
have another platform say that all is well.
"""

from __future__ import annotations

import msgspec

from sync.client.identity import Keeper

_KEY = "sync.kept_out"


class KeptOut(msgspec.Struct, frozen=True):
    """The platform that said so; ``authority`` as in ``Credentials``."""

    address: str
    authority: str
    server_id: str


def remember(keeper: Keeper, said: KeptOut) -> None:
    keeper.set_meta(_KEY, msgspec.json.encode(said).decode())


def load(keeper: Keeper) -> KeptOut | None:
    """Return who keeps this computer out, None when nobody does. What cannot be read keeps it out too."""
    text = keeper.get_meta(_KEY)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=KeptOut)
    except msgspec.DecodeError:
        return KeptOut("", "", "")


def forget(keeper: Keeper) -> None:
    """The platform has let this computer in again."""
    keeper.set_meta(_KEY, None)
