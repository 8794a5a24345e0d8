"""Where a store lives: this computer and this folder. A store that finds itself elsewhere is a copy.

What identifies the computer is kept only as a salted hash, inside the encrypted file.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local_store import meta
from local_store.tx import Tx

SALT, HOME, CARDS = "device.salt", "device.home", "device.cards"
_LINUX_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_CARDS = Path("/sys/class/net")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """``machine``: the system's own id; ``folder``: the profile, resolved; ``cards``: the hardware
    addresses of built-in network cards, which tell apart computers made from one disk image.
    """

    machine: str
    folder: str
    cards: frozenset[str] = frozenset()


def here(profile: Path) -> Whereabouts:
    """Return where ``profile`` is now."""
    return Whereabouts(_machine_id(), str(profile.resolve()), _card_addresses())


def _machine_id() -> str:
    if sys.platform == "win32":
        return _windows_id()
    for path in _LINUX_IDS:
        with suppress(OSError):
            if text := path.read_text("ascii", "replace").strip():
                return text
    return ""


def _windows_id() -> str:
    if sys.platform == "win32":
        import winreg

        with (
            suppress(OSError),
            winreg.OpenKey(
                winreg.HKEY_LOCAL_MACHINE,
                r"SOFTWARE\Microsoft\Cryptography",
                access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY,
            ) as opened,
        ):
            return str(winreg.QueryValueEx(opened, "MachineGuid")[0])
    return ""


def _card_addresses() -> frozenset[str]:
    """Only Linux tells cheaply which cards are hardware on the board rather than plugged in or virtual."""
    found = set()
    with suppress(OSError):
        for card in _CARDS.iterdir():
            with suppress(OSError):
                bus = (card / "device" / "subsystem").resolve().name
                if bus == "pci":
                    found.add((card / "address").read_text("ascii").strip())
    return frozenset(found)


def is_settled(tx: Tx) -> bool:
    """Whether the store has noted where it is: it was opened before."""
    return meta.get(tx, HOME) is not None


def settle(tx: Tx, at: Whereabouts) -> bool:
    """Note where this store is. Returns True for a copy, which becomes a device of its own: new id, no
    session; its acts stay, and the platform knows them by their ids.
    """
    salt = meta.get(tx, SALT)
    if salt is None:
        salt = secrets.token_hex(16)
        meta.put(tx, SALT, salt)
    known_home, known_cards = meta.get(tx, HOME), meta.get(tx, CARDS)
    home = _hash(salt, at.machine + "\n" + at.folder)
    cards = {_hash(salt, card) for card in at.cards}
    if known_home is None:
        _note(tx, home, cards)
        return False
    moved = home != known_home or _all_others(cards, known_cards)
    if moved:
        become_another(tx)
    if moved or not cards <= set((known_cards or "").split()):
        # Cards once seen stay known: one that is broken or taken out makes no other computer.
        _note(tx, home, cards if moved else cards | set((known_cards or "").split()))
    return moved


def _note(tx: Tx, home: str, cards: set[str]) -> None:
    meta.put(tx, HOME, home)
    meta.put(tx, CARDS, " ".join(sorted(cards)))


def _all_others(cards: set[str], known: str | None) -> bool:
    return bool(cards) and bool(known) and not cards & set((known or "").split())


def become_another(tx: Tx) -> None:
    """Give the store a device id of its own. Its numbering goes on, and what it holds so far says
    nothing of what the platform has of the new device.
    """
    meta.put(tx, meta.DEVICE_ID, str(uuid.uuid4()))
    meta.put(tx, meta.ACK, None)
    meta.put(tx, meta.INHERITED, str(meta.number(tx, meta.DEVICE_SEQ)))
    for name in meta.OF_ONE_DEVICE:
        meta.put(tx, name, None)


def _hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()[:32]
