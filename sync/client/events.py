"""What the engine hears and what it asks for. Times ``at`` are monotonic seconds, ``jitter`` in [0, 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from sync.client.failures import Failure, FailureKind


class Doing(StrEnum):
    """The one thing that is under way."""

    GREET = "greet"
    REFRESH = "refresh"
    EXCHANGE = "exchange"
    POLL = "poll"
    FILE = "file"
    FETCH = "fetch"
    REPLAY = "replay"
    WAIT = "wait"


# What happens outside. These never start anything themselves: they are looked at when what is under
# way has ended (a wait and a long poll are cut short for them).


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person has signed in (again)."""

    at: float


@dataclass(frozen=True, slots=True)
class SignedOut:
    at: float


@dataclass(frozen=True, slots=True)
class Woken:
    """An act was recorded."""

    at: float


@dataclass(frozen=True, slots=True)
class SyncAsked:
    """A person asked for it (F5), or the machine woke from sleep."""

    at: float


@dataclass(frozen=True, slots=True)
class FilesWanted:
    """Somebody looks at an order whose photos are not here."""

    at: float


# How the thing that was under way ended.


@dataclass(frozen=True, slots=True)
class Waited:
    """The wait is over, or was cut short."""

    at: float


@dataclass(frozen=True, slots=True)
class Greeted:
    """Hello holds: our platform, a protocol we speak. Its limits come with it."""

    at: float
    max_acts: int = 500
    max_page: int = 2000


@dataclass(frozen=True, slots=True)
class Refreshed:
    at: float


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An answer was checked and applied.

    ``pushed``: the outbox had a part in it: ``sent`` acts went along, ``settled`` of them got their
    last word; ``full``: more may wait. ``pulled``: the pull had a part in it; ``more``: further pages
    wait; ``moved``: the cursor went on. ``took`` in seconds. ``fetch``: files of others are missing.
    """

    at: float
    jitter: float
    pushed: bool = True
    sent: int = 0
    settled: int = 0
    full: bool = False
    pulled: bool = True
    more: bool = False
    moved: bool = True
    took: float = 0.0
    poll: bool = False
    fetch: bool = False


@dataclass(frozen=True, slots=True)
class PollCut:
    """The long poll was given up because something is more urgent."""

    at: float


@dataclass(frozen=True, slots=True)
class FileSent:
    """A piece of a file arrived. ``files``: there is more to send."""

    at: float
    files: bool


@dataclass(frozen=True, slots=True)
class FileFetched:
    """A piece of a file came, or turned out to be somewhere else. ``files``: there is more to fetch."""

    at: float
    files: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """The store has put every kept act back and starts from an empty cursor."""

    at: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What was under way brought nothing. ``sent``: how many acts were in it."""

    at: float
    jitter: float
    doing: Doing
    failure: Failure
    sent: int = 0


Event = (
    SignedIn | SignedOut | Woken | SyncAsked | FilesWanted | Waited | Greeted | Refreshed | Exchanged
    | PollCut | FileSent | FileFetched | Replayed | Failed
)  # fmt: skip


# What the engine asks for. Exactly one of these is under way at any time.


@dataclass(frozen=True, slots=True)
class Greet:
    """Ask who is at the address, without a token."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Trade the refresh token for a new session."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Push up to ``acts`` acts and pull up to ``orders`` orders; 0 leaves that half out."""

    acts: int
    orders: int


@dataclass(frozen=True, slots=True)
class Poll:
    """Wait at the platform for news, at most ``seconds``."""

    seconds: int
    orders: int


@dataclass(frozen=True, slots=True)
class SendFile:
    """Send the next piece of the next file."""


@dataclass(frozen=True, slots=True)
class FetchFile:
    """Fetch the next piece of a file that others recorded."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Put every kept act back into the outbox and forget the cursor."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until ``until`` (infinite: until something happens)."""

    until: float = math.inf


Task = Greet | Refresh | Exchange | Poll | SendFile | FetchFile | Replay | Wait


# Asked beside it; done at once.


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave the act that was sent alone out until ``until``: the platform does not take it."""

    until: float


@dataclass(frozen=True, slots=True)
class AskSignIn:
    """A person has to sign in. Nothing else changes."""

    kind: FailureKind


@dataclass(frozen=True, slots=True)
class Tell:
    """One line for the user."""

    kind: FailureKind


Effect = Task | Hold | AskSignIn | Tell
