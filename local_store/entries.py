"""What the journal's frames say, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from local_store.leftovers import KeptAct, KeptDraft, Leftovers


class ActEntry(msgspec.Struct, frozen=True, tag="act", array_like=True):
    id: str
    seq: int
    body: bytes
    drops: tuple[str, str] | None = None


class DraftEntry(msgspec.Struct, frozen=True, tag="draft", array_like=True):
    order_id: str
    form: str
    body: bytes | None
    saved_at: int


class FactEntry(msgspec.Struct, frozen=True, tag="fact", array_like=True):
    name: str
    value: str | None


class FileEntry(msgspec.Struct, frozen=True, array_like=True):
    sha256: str
    name: str
    data: bytes


class SettledEntry(msgspec.Struct, frozen=True, tag="settled", array_like=True):
    ids: list[str]


Entry = ActEntry | DraftEntry | FactEntry | SettledEntry
_decode = msgspec.msgpack.Decoder(Entry).decode
decode_file = msgspec.msgpack.Decoder(FileEntry).decode
encode = msgspec.msgpack.Encoder().encode


def read(contents: Iterable[bytes]) -> Leftovers:
    """Return what these frames add up to; what is no entry is passed over."""
    left = Leftovers()
    for content in contents:
        with suppress(msgspec.MsgspecError):
            _take(left, _decode(content))
    return left


def _take(left: Leftovers, entry: Entry) -> None:
    match entry:
        case ActEntry(act_id, seq, body, drops):
            left.acts[act_id] = KeptAct(seq, body)
            if drops is not None:
                before = left.drafts.get(drops)
                left.drafts[drops] = KeptDraft(None, before.saved_at if before else 0)
        case SettledEntry(ids):
            for act_id in ids:
                left.acts.pop(act_id, None)
        case DraftEntry(order_id, form, body, saved_at):
            left.drafts[order_id, form] = KeptDraft(body, saved_at)
        case FactEntry(name, value) if value is None:
            left.facts.pop(name, None)
        case FactEntry(name, value):
            left.facts[name] = str(value)


def written(left: Leftovers) -> Iterator[Entry]:
    """Return the entries that say no more than this."""
    for name, value in left.facts.items():
        yield FactEntry(name, value)
    for act_id, act in sorted(left.acts.items(), key=lambda item: item[1].seq):
        yield ActEntry(act_id, act.seq, act.body)
    for (order_id, form), draft in left.drafts.items():
        if draft.body is not None:
            yield DraftEntry(order_id, form, draft.body, draft.saved_at)
