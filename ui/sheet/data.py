"""What a sheet says: strings only, already masked and worded."""

from dataclasses import dataclass
from enum import StrEnum


class SheetState(StrEnum):
    """Reading, writing (the secretary's field is open), signed, signed but not yet uploaded, returned."""

    READING = "reading"
    WRITING = "writing"
    SIGNED = "signed"
    PENDING = "pending"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class SheetData:
    """All texts of one 签批单. Texts may be of any length: the painter shrinks, then goes on to another page."""

    office: str
    number: str
    dispatched: str
    matter: str
    petitioner: str
    place: str
    category: str
    limit: str
    verified: str
    related: str
    handlers: tuple[tuple[str, str], ...]
    proposal: str
    instruction: str = ""
    proposed_by: str = ""
    signed_by: str = ""
    signed_at: str = "签后自动填"
    title: str = "群众诉求签批单"
    stamp: tuple[str, ...] = ()
    """Lines of the stamp once signed: 记录 and 平台收到, both times."""
    return_reason: str = ""
