"""Finding orders by a few characters: a bigram index beside the orders.

Chinese has no blanks between words: a trigram index finds no two-character word and word segmentation
splits place names. Here every pair of neighbouring characters is a token, so that two to seven
characters are a phrase of pairs; the last character of a run stands alone, so that one finds too.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from local_store.columns import Frame, tail_of
from local_store.heads import Head, read_head
from local_store.tx import Tx

_RUN = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_DIGITS = re.compile(r"\D")
_CODE = re.compile(r"[0-9a-z\-]*\d[0-9a-z\-]*")


def normal(text: str) -> str:
    """Return text as the index knows it: full-width forms folded, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def _closed_up(text: str) -> str:
    """Return text without blanks beside Chinese characters: 东街 12 号 and 东街12号 are the same."""
    return _GAP.sub("", text)


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


def put(tx: Tx, rowid: int, head: Head, frame: Frame) -> None:
    """Index one order, replacing what was known of it."""
    body = " ".join(token for text in body_of(head) if text for token in tokens(text))
    names = frame.villages.get(head.place.village_id or "", "")
    tx.execute(
        "INSERT OR REPLACE INTO search (rowid, body, names, facts) VALUES (?, ?, ?, ?)",
        (rowid, body, pinyin_of(names), " ".join(facts_of(head))),
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


def index_some(tx: Tx, frame: Frame, limit: int) -> int:
    """Index up to ``limit`` orders that the search does not know yet; return how many."""
    rows = tx.all(
        "SELECT o.id, coalesce(s.own, s.base) FROM orders o JOIN states s ON s.id = o.id"
        " WHERE o.searchable = 0 LIMIT ?",
        (limit,),
    )
    for rowid, data in rows:
        put(tx, rowid, read_head(data), frame)
    tx.many("UPDATE orders SET searchable = 1 WHERE id = ?", ((row[0],) for row in rows))
    tx.wrote(2 * len(rows))
    return len(rows)
