"""The center's answer that comes back on a stick, taken in as an answer over the line is.

It is sealed for this computer and can only come from the center. Results count for acts that still wait
here and orders for newer states, so an answer taken twice, late or after the line was back changes
nothing. The cursor moves on only from where the export stood.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from desktop_app.domain.acts import Act
from desktop_app.services.seat import Seat
from desktop_app.services.stick_files import Hashed, write_whole
from local_store.changes import NOTHING, ChangeSet
from local_store.rows import SyncPoint
from sync.client.reactions import Shown, reaction_to
from sync.client.stick_keys import StickKeys, load_keys
from sync.protocol.messages import RawSyncAnswer
from sync.protocol.stick import Manifest, StickError
from sync.protocol.stick_reply import (
    MAGIC,
    MAX_REPLY,
    Reply,
    answer_of,
    is_reply,
    open_reply,
    reply_name,
)

_LAST = "stick.reply_at"


@dataclass(frozen=True, slots=True)
class ReplyTaken:
    """What an answer brought: ``settled`` acts are done with, ``refused`` of them need somebody;
    ``waiting`` are still to be brought. ``restored``: the platform has lost records; all go out again.
    """

    made_at: datetime
    settled: int = 0
    refused: int = 0
    waiting: int = 0
    orders: int = 0
    restored: bool = False
    changes: ChangeSet = NOTHING


def put_beside(path: Path, reply: bytes) -> str:
    """Write the center's answer beside the file that came. Returns what to say of it."""
    if not reply:
        return "导出的坐席程序较旧，没有写回执。"
    try:
        write_whole(path.with_name(reply_name(path.name)), lambda out: _fill(out, reply))
    except OSError as error:
        why = {errno.ENOSPC: "U 盘满了", errno.EROFS: "U 盘写保护着", errno.EACCES: "U 盘不能写"}
        said = why.get(error.errno or 0, "U 盘写不进去")
        return f"{said}，回执没有写上。请处理后再收一次，收过的不会重复。"
    return "回执已写在 U 盘上，请带回坐席收下。"


def _fill(out: Hashed, reply: bytes) -> None:
    out.write(reply)


def taken_in_words(taken: ReplyTaken) -> tuple[str, str]:
    """Return what an answer brought: one line, and the details."""
    if taken.restored:
        return (
            "平台恢复过备份，本机的记录已重新排队。",
            f"{taken.waiting} 条等着传。请再导出一次，交到中心。",
        )
    title = f"回执已收，{taken.settled} 条记录平台已收到。"
    said = [f"更新工单 {taken.orders} 件。"] if taken.orders else []
    if taken.refused:
        said.append(f"其中 {taken.refused} 条要有人处理，请看“裁定”。")
    if taken.waiting:
        said.append(f"还有 {taken.waiting} 条等着传，请再导出或等联网。")
    return title, "".join(said) or "可以拔 U 盘了。"


def is_reply_file(path: Path) -> bool:
    """Whether a file on a stick is the center's answer. Raises ``StickError``: it cannot be read."""
    return is_reply(_read(path, len(MAGIC)))


def take_reply(seat: Seat, path: Path) -> ReplyTaken:
    """Take an answer in. Raises ``StickError`` (nothing was changed) or ``StoreError``."""
    keys = _keys(seat)
    data = _read(path, MAX_REPLY + 1)
    if len(data) > MAX_REPLY:
        raise StickError("too_large", "这个文件太大，不是中心写的回执。", "请核对选的文件。")
    reply = open_reply(data, keys.server_id, keys.seal_key, keys.device_key)
    _check(seat, keys, reply)
    taken = _applied(seat, reply, answer_of(reply))
    seat.store.set_meta(_LAST, reply.made_at.isoformat())
    return taken


def _keys(seat: Seat) -> StickKeys:
    keys = load_keys(seat.store)
    if keys is None or keys.person_id != seat.person_id:
        raise StickError("no_keys", "这台电脑还没在中心登记过，收不了回执。", "请先联网登录一次。")
    return keys


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        raise StickError(
            "unreadable", "U 盘上的文件读不出来。", "请插好 U 盘再试。本机的记录一条没少。"
        ) from None


def _check(seat: Seat, keys: StickKeys, reply: Reply) -> None:
    asked = reply.asked
    if (asked.person_id, asked.device_id) != (keys.person_id, seat.store.device_id):
        raise StickError(
            "other_person", "这份回执是给这台电脑上另一个人的，没有收。", "请他本人登录后来收。"
        )
    last = seat.store.get_meta(_LAST)
    if last is not None and reply.made_at < datetime.fromisoformat(last):
        raise StickError(
            "old", "这份回执比收过的旧，不用再收。", "请选最近的一份；本机的记录一条没少。"
        )


def _applied(seat: Seat, reply: Reply, answer: RawSyncAnswer) -> ReplyTaken:
    store, asked, point = seat.store, reply.asked, seat.store.sync_point()
    if _lost(asked, point, answer):
        changes = store.start_replay(answer.server_id, answer.epoch)
        return ReplyTaken(reply.made_at, waiting=_waiting(seat), restored=True, changes=changes)
    if (answer.server_id, answer.epoch) != (point.server_id, point.epoch):
        raise StickError(
            "old", "这份回执是平台恢复备份之前的，没有收。", "请再导出一次，交到中心。"
        )
    if asked.cursor != point.cursor:  # the line was back meanwhile: it goes on from there
        answer = msgspec.structs.replace(answer, cursor=point.cursor, more=True)
    sent = _own(seat)
    changes = store.apply_answer(answer, sent)
    ids = {act.id for act in sent}
    found = [reaction_to(result) for result in answer.results if result.act_id in ids]
    ended = [reaction for reaction in found if reaction.settles]
    return ReplyTaken(
        reply.made_at,
        settled=len(ended),
        refused=sum(reaction.shown is Shown.DECISIONS for reaction in ended),
        waiting=_waiting(seat),
        orders=len(answer.orders),
        changes=changes,
    )


def _lost(asked: Manifest, point: SyncPoint, answer: RawSyncAnswer) -> bool:
    """Whether the platform was restored since this seat heard of it, as the line would tell: another
    epoch, or fewer of its records than it had answered for.
    """
    if asked.epoch != point.epoch or not point.epoch:
        return False
    return answer.epoch != point.epoch or max(answer.ack, 0) < min(asked.ack, point.ack)


def _own(seat: Seat) -> list[Act]:
    items = seat.store.outbox(waiting_only=True)
    return [item.act for item in items if item.act.actor.person_id == seat.person_id]


def _waiting(seat: Seat) -> int:
    return len(_own(seat))
