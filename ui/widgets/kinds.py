"""What the painters and widgets can express; each kind has colour, shape and word."""

from enum import StrEnum


class Band(StrEnum):
    """Band of a clock by share of time left; the bounds come from policy, not from here."""

    OK = "ok"
    HALF = "half"
    NEAR = "near"
    OVER = "over"
    HOLD = "hold"


class NodeState(StrEnum):
    """State of one node of 一三五七."""

    MET = "met"
    LATE = "late"
    CUR = "cur"
    DUE = "due"
    FUT = "fut"


class SyncMark(StrEnum):
    """Where an act, an order or a client stands towards the platform."""

    SYNCED = "synced"
    PENDING = "pending"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class TierKind(StrEnum):
    """Urgency tier by look; a tier of another policy that is not listed is drawn as OTHER (outline)."""

    EMERGENCY = "emergency"
    LIVELIHOOD = "livelihood"
    GENERAL = "general"
    COMPLEX = "complex"
    OTHER = "other"

    @classmethod
    def of(cls, identifier: str) -> "TierKind":
        """The kind for a policy's tier identifier; unknown ones become OTHER."""
        return cls.__members__.get(identifier.upper(), cls.OTHER)


class Tone(StrEnum):
    """Colour family of tags, notices and timeline points."""

    PLAIN = "plain"
    PRIMARY = "primary"
    OK = "ok"
    HALF = "half"
    NEAR = "near"
    OVER = "over"
    SEAL = "seal"
    LINE = "line"


class LinkState(StrEnum):
    """What the top strip says about the connection."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    SIGNED_OUT = "signed_out"
    SYNCING = "syncing"


class NoticeKind(StrEnum):
    """Weight of an inline notice."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"
