"""Finding orders by a few characters: a bigram index beside the orders.

Chinese has no blanks between words: a trigram index finds no two-character word and word segmentation
splits place names. Here every pair of neighbouring characters is a token, so that two to seven
characters are a phrase of pairs; the last character of a run stands alone, so that one finds too.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from local_store import packs
from local_store.columns import Frame, tail_of
from local_store.heads import Head, read_head
from local_store.tx import Tx
from sync.protocol import codec

_RUN = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_GAP = re.compile(r"\s+")
_DIGITS = re.compile(r"\D")
_PUT = "INSERT OR REPLACE INTO search (rowid, body, names, facts) VALUES (?, ?, ?, ?)"
_CODE = re.compile(r"[0-9a-z\-]*\d[0-9a-z\-]*")


def normal(text: str) -> str:
    """Return text as the index knows it: full-width forms folded, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def _closed_up(text: str) -> str:
    """Return text without blanks beside Chinese characters: 东街 12 号 and 东街12号 are the same."""
    return _GAP.sub(_gap, text)


def _gap(found: re.Match[str]) -> str:
    """Return what stays of a gap. Decided per gap, not by the pattern, which would try every part of it."""
    text, (start, end) = found.string, found.span()
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return found.group() if beside.isascii() else ""


def tokens(text: str) -> Iterator[str]:
    """Yield the tokens of a text: words of letters and digits, pairs of other characters."""
    for run in _RUN.findall(_closed_up(normal(text))):
        if run[0].isascii():
            yield run
            continue
        yield from _pairs(run)
        yield run[-1]


def _pairs(run: str) -> Iterator[str]:
    return (run[n : n + 2] for n in range(len(run) - 1))


def phrase(text: str) -> str:
    """Return the FTS5 phrase that finds ``text``; "" when it has no characters to look for."""
    runs = _RUN.findall(_closed_up(normal(text)))
    if not runs:
        return ""
    last = runs.pop()
    parts = [token for run in runs for token in tokens(run)]
    if last[0].isascii() or len(last) == 1:  # a word or a character that may go on
        return f'"{" ".join((*parts, last))}"*'
    return f'"{" ".join((*parts, *_pairs(last)))}"'


def body_of(head: Head) -> tuple[str, ...]:
    """Return the texts that can be searched."""
    check = head.verification
    corrected = tuple(c[2] for c in check.corrections) if check else ()
    return (
        head.number, head.matter.title, head.matter.text, head.place.village, head.place.address,
        head.petitioner.name, head.petitioner.address, _DIGITS.sub("", head.petitioner.phone),
        *head.matter.category, check.text if check else "", *corrected,
    )  # fmt: skip


def changed(before: Head, after: Head) -> bool:
    """Whether the index has to learn the order anew."""
    return body_of(before) != body_of(after) or before.place.village_id != after.place.village_id


def entry_of(head: Head, frame: Frame) -> tuple[str, str, str]:
    """Return what the index keeps of an order: tokens of its texts, of its village, of equal facts."""
    body = " ".join(token for text in body_of(head) if text for token in tokens(text))
    village = frame.villages.get(head.place.village_id or "", "")
    return body, pinyin_of(village), " ".join(facts_of(head))


def put(tx: Tx, rowid: int, head: Head, frame: Frame) -> None:
    """Index one order, replacing what was known of it."""
    tx.execute(_PUT, (rowid, *entry_of(head, frame)))


def forget_villages(tx: Tx, before: Frame, after: Frame) -> None:
    """Let the orders of villages that are called otherwise now be learned anew, in the background."""
    renamed = [v for v, name in after.villages.items() if before.villages.get(v) != name]
    tx.execute(
        "UPDATE orders SET searchable = 0 WHERE village_id IN (SELECT value FROM json_each(?))",
        (codec.encode(renamed).decode(),),
    )


def pinyin_of(syllables: str) -> str:
    """Return "wjw weijiawan" of "wei jia wan", nothing of a name without pinyin."""
    parts = normal(syllables).split()
    if not parts or not all(p.isascii() for p in parts):
        return ""
    return f"{''.join(p[0] for p in parts)} {''.join(parts)}"


def facts_of(head: Head) -> list[str]:
    """Return tokens for equal person, place and matter (see ``similar``)."""
    facts = []
    phone = _DIGITS.sub("", head.petitioner.phone)
    if len(phone) >= 7:
        facts.append(f"p{phone}")
    village = head.place.village_id or head.place.village
    if village:
        facts.append(f"v{short(village)}")
        if head.place.address:
            facts.append(f"a{short(village + normal(head.place.address))}")
    if head.matter.category:
        facts.append(f"c{short('/'.join(head.matter.category))}")
    return facts


def short(text: str) -> str:
    """Return a short stable token for any text."""
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def condition(text: str) -> tuple[str, list[str]]:
    """Return the SQL condition on ``orders`` for what was typed, and its parameters."""
    clauses: list[str] = []
    params: list[str] = []
    for term in normal(text).split():
        alternatives, values = _term(term)
        clauses.append(f"id IN ({' UNION ALL '.join(alternatives)})")
        params.extend(values)
    return " AND ".join(clauses), params


def _term(term: str) -> tuple[list[str], list[str]]:
    words = phrase(term)
    alternatives: list[str] = []
    values: list[str] = []
    if words:
        match = f"body : {words}"
        if term.isascii() and term.isalpha():
            match += f" OR names : {words}"
        alternatives.append("SELECT rowid FROM search WHERE search MATCH ?")
        values.append(match)
    if _CODE.fullmatch(term):
        tail = tail_of(term)
        alternatives.append("SELECT id FROM orders WHERE tail >= ? AND tail < ?")
        values.extend((tail, tail + "\uffff"))
    if not alternatives:
        return ["SELECT NULL WHERE 0"], []
    return alternatives, values


Unknown = tuple[int, int, tuple[str, str, str]]
"""Row id, stamp, entry."""


def unknown(tx: Tx, frame: Frame, limit: int) -> list[Unknown]:
    """Return entries of up to ``limit`` orders that the search does not know yet.

    Made outside the write transaction: nobody who records an act waits for it.
    """
    rows = tx.all(
        f"SELECT o.id, o.stamp, {packs.SHOWN} FROM orders o{packs.JOIN}"  # noqa: S608 - own text
        " WHERE o.searchable = 0 LIMIT ?",
        (limit,),
    )
    return [(rowid, stamp, entry_of(read_head(data), frame)) for rowid, stamp, data in rows]


def learn(tx: Tx, entries: Sequence[Unknown]) -> int:
    """Index the entries whose order has not changed meanwhile; return how many were looked at."""
    for rowid, stamp, entry in entries:
        row = tx.one("SELECT stamp FROM orders WHERE id = ? AND searchable = 0", (rowid,))
        if row is not None and row[0] == stamp:
            tx.execute(_PUT, (rowid, *entry))
            tx.execute("UPDATE orders SET searchable = 1 WHERE id = ?", (rowid,))
    tx.wrote(2 * len(entries))
    return len(entries)
