"""Self-check of the store: the file itself, and the invariants that can be checked on a seat."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.domain.apply import fold
from desktop_app.domain.center import Center
from local_store import meta, packs
from local_store.columns import COLUMNS, Frame, derive
from local_store.heads import read_head
from local_store.pending import pending_acts, pending_subjects
from local_store.receipts import resolved
from local_store.rows import Finding
from local_store.tx import Tx
from sync.protocol import codec

_KEEP = "请先备份数据目录，再联系管理员。"
_REBUILD = "请重新打开即办台，会自动重建；没上传的记录另有底，不会丢。"
_SYNC = "请联网同步一次；还不行就联系管理员。"


def flaws(tx: Tx) -> list[str]:
    """Read the whole file and return what is wrong with it."""
    bad = [str(row[0]) for row in tx.all("PRAGMA cipher_integrity_check")]
    return bad or [str(r[0]) for r in tx.all("PRAGMA integrity_check(5)") if r[0] != "ok"]


def _file(tx: Tx, _center: Center | None, _frame: Frame) -> Finding:
    bad = flaws(tx)
    text = "本机数据文件完好。" if not bad else f"本机数据文件有损坏：{bad[0]}"
    return Finding("file", not bad, text, "" if not bad else _REBUILD)


def _sequence(tx: Tx, _center: Center | None, _frame: Frame) -> Finding:
    """Own acts are numbered without gaps, up to the last one (old ones and what came from elsewhere aside)."""
    inherited, noted = meta.number(tx, meta.INHERITED), meta.number(tx, meta.DEVICE_SEQ)
    first, last, count = tx.one(
        "SELECT min(seq), max(seq), count(*) FROM acts WHERE seq > ?", (inherited,)
    )
    ok = count == 0 or (last - first + 1 == count and last == noted)
    text = f"本机记录编号连续，共记到第 {noted} 条。" if ok else "本机记录编号有缺口。"
    return Finding("sequence", ok, text, "" if ok else _KEEP)


def _acts(tx: Tx, _center: Center | None, _frame: Frame) -> Finding:
    """Every kept act can be read and is what its row says."""
    bad = 0
    inherited = meta.number(tx, meta.INHERITED)
    rows = tx.all("SELECT seq, act_id, subject, body FROM acts")
    for seq, act_id, subject, body in rows:
        act = codec.decode_act(body)
        numbered = seq <= inherited or act.device_seq == seq
        bad += (act.id, act.subject) != (act_id, subject) or not numbered
    text = f"{len(rows)} 条记录都读得出来。" if not bad else f"{bad} 条记录对不上。"
    return Finding("acts", not bad, text, "" if not bad else _KEEP)


def _views(tx: Tx, center: Center | None, _frame: Frame) -> Finding:
    """I5: view = fold(base, waiting acts), recomputed and compared."""
    waiting = pending_subjects(tx)
    rows = tx.all(
        f"SELECT o.order_id, o.receipt, {packs.BASE}, s.own FROM orders o{packs.JOIN}"  # noqa: S608
        " WHERE s.own IS NOT NULL OR o.order_id IN"
        " (SELECT subject FROM acts WHERE pending = 1)"
    )
    bad = []
    for order_id, receipt, kept, view in rows:
        base, own = resolved(kept, view, receipt)
        acts = pending_acts(tx, order_id) if order_id in waiting else ()
        folded = fold(codec.decode_order(base), acts, center) if center else None
        if folded != codec.decode_order(own or base):
            bad.append(order_id)
    text = (
        f"{len(rows)} 件有待上传记录的单与原文一致。"
        if not bad
        else f"{len(bad)} 件单与记录不一致。"
    )
    return Finding("views", not bad, text, "" if not bad else _SYNC)


def _lists(tx: Tx, _center: Center | None, frame: Frame) -> Finding:
    """What lists show is what the orders say."""
    names = ", ".join(f"o.{c}" for c in COLUMNS)
    cursor = tx.execute(
        f"SELECT o.rev, o.receipt, {packs.BASE}, s.own, {names}"  # noqa: S608
        f" FROM orders o{packs.JOIN}"
    )
    bad = 0
    for rev, receipt, kept, view, *values in cursor:
        base, own = resolved(kept, view, receipt)
        head = read_head(own or base)
        bad += tuple(values) != derive(head, frame) or rev != read_head(base).rev
    text = "列表与工单一致。" if not bad else f"{bad} 件单的列表内容过时。"
    return Finding("lists", not bad, text, "" if not bad else _SYNC)


def _cursor(tx: Tx, _center: Center | None, _frame: Frame) -> Finding:
    """I4, as far as a seat can tell: a cursor belongs to a named server and epoch."""
    cursor = meta.get(tx, meta.CURSOR)
    ok = not cursor or bool(meta.get(tx, meta.SERVER_ID) and meta.get(tx, meta.EPOCH))
    text = "同步位置完整。" if cursor else "还没有同步过。"
    return Finding("cursor", ok, text if ok else "同步位置不完整。", "" if ok else _SYNC)


def _search(tx: Tx, _center: Center | None, _frame: Frame) -> Finding:
    total, known = tx.one("SELECT count(*), coalesce(sum(searchable), 0) FROM orders")
    missing = total - known
    text = f"{known} 件单都能搜到。" if not missing else f"还有 {missing} 件单正在编入搜索。"
    return Finding("search", True, text)


Check = Callable[[Tx, "Center | None", Frame], Finding]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("file", _file),
    ("sequence", _sequence),
    ("acts", _acts),
    ("views", _views),
    ("lists", _lists),
    ("cursor", _cursor),
    ("search", _search),
)
"""Each gives one finding, good or bad; one that cannot even be made is a bad finding too."""
