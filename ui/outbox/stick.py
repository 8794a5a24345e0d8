"""The stick on the outbox page: what waits goes out, the center's answer comes in; at the desk also
what others brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.roles import Role
from desktop_app.faults import words_of
from desktop_app.services.outbox_export import (
    Exported,
    export,
    file_name,
    told_in_words,
    why_not_export,
)
from desktop_app.services.outbox_reply import ReplyTaken, is_reply_file, put_beside, take_reply
from desktop_app.services.outbox_reply import taken_in_words as reply_in_words
from desktop_app.services.seat import Seat
from local_store.changes import NOTHING
from sync.client.bring import bring
from sync.protocol.messages import StickRefusal, StickTaken
from ui.job import Job, Told
from ui.present.times import day_time
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.kinds import NoticeKind
from ui.widgets.notice import Notice

_KIND = "即办台文件 (*.jiban)"
_TAKERS = (Role.DISPATCHER, Role.ADMIN)
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the platform made of a stick, and what became of its answer."""

    taken: StickTaken
    reply: str


class StickDesk(QObject):
    """The two buttons and what they do; ``notice`` is where the page says what became of it.

    Closing the program meanwhile abandons it: what stands under a file's name is always whole, and what
    the center has not answered for is handed in again.
    """

    changed = Signal(object)  # ChangeSet
    brought = Signal()  # the platform has something new

    def __init__(self, seat: Seat, theme: Theme, notice: Notice, owner: QWidget) -> None:
        super().__init__(owner)
        self._seat, self._notice, self._owner = seat, notice, owner
        self.out = PlainButton(theme, "导出到 U 盘", icon="device-floppy")
        self.out.setObjectName("outboxExport")
        self.take = PlainButton(theme, "收 U 盘回执", icon="download")
        self.take.setObjectName("outboxTake")
        self._hands_in = False
        self.job = Job(self)
        self.out.clicked.connect(self._on_out)
        self.take.clicked.connect(self._on_take)
        self.job.progressed.connect(self._on_progress)
        self.job.succeeded.connect(self._on_done)
        self.job.failed.connect(self._on_failed)
        notice.action_requested.connect(notice.clear)

    def allow(self) -> None:
        """Say on the buttons what can be done now, or why not."""
        known = self._seat.store.center() is not None
        self._hands_in = known and self._seat.person.role in _TAKERS
        self.take.setVisible(known)
        self.take.set_text("收 U 盘记录" if self._hands_in else "收 U 盘回执")
        reason = why_not_export(self._seat) if known else ""
        busy = "正在读写 U 盘" if self.job.running else ""
        for button, why in ((self.out, busy or reason), (self.take, busy)):
            if why:
                button.refuse(why.split("。")[0])
            else:
                button.allow()

    @Slot()
    def _on_out(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self._owner, "导出到 U 盘", file_name(self._seat), _KIND
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write what waits to ``path``."""
        self._begin("正在写 U 盘，请不要拔。", path)
        self.job.start(partial(_export, self._seat, path))
        self.allow()

    @Slot()
    def _on_take(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self._owner, self.take.text(), "", _KIND)
        if name:
            self.take_from(Path(name))

    def take_from(self, path: Path) -> None:
        """Take the center's answer in; at the desk, hand in at the platform what others recorded."""
        self._begin("正在核对，请不要拔 U 盘。", path)
        self.job.start(partial(_take, self._seat, path, self._hands_in))
        self.allow()

    def _begin(self, words: str, path: Path) -> None:
        self._notice.show_notice(NoticeKind.INFO, words, path.name)

    @Slot(object)
    def _on_progress(self, photos: tuple[int, int]) -> None:
        done, whole = photos
        if whole:
            text = f"照片 {done} / {whole} 张"
            self._notice.show_notice(NoticeKind.INFO, "正在写 U 盘，请不要拔。", text)

    @Slot(object)
    def _on_done(self, done: Exported | HandedIn | ReplyTaken) -> None:
        if isinstance(done, HandedIn):
            kind = NoticeKind.WARN if done.taken.not_taken or done.taken.held else NoticeKind.INFO
            title, text = taken_in_words(done.taken)
            self._notice.show_notice(kind, title, text + done.reply, "知道了")
            self.brought.emit()
        elif isinstance(done, ReplyTaken):
            kind = NoticeKind.WARN if done.refused or done.restored else NoticeKind.INFO
            self._notice.show_notice(kind, *reply_in_words(done), "知道了")
        else:
            title = f"{done.path.name} 写好了，可以拔 U 盘。"
            self._notice.show_notice(NoticeKind.INFO, title, told_in_words(done), "知道了")
        self.changed.emit(NOTHING if isinstance(done, HandedIn) else done.changes)
        self.allow()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._notice.show_notice(NoticeKind.WARN, *words_of(error), "知道了")
        self.allow()


def _export(seat: Seat, path: Path, told: Told) -> Exported:
    return export(seat, path, lambda done, whole: told((done, whole)))


def _take(seat: Seat, path: Path, hands_in: bool, _told: Told) -> HandedIn | ReplyTaken:
    if is_reply_file(path) or not hands_in:
        return take_reply(seat, path)
    taken = bring(seat.store, path)
    return HandedIn(taken, "" if taken.held else put_beside(path, taken.reply))


def taken_in_words(done: StickTaken) -> tuple[str, str]:
    """Return what the platform made of a stick: one line, and the details."""
    whose = f"{done.person}，{day_time(done.made_at)} 导出"
    if done.held:
        return f"{done.held} 条暂存未收（{whose}）。", "本人已离岗。恢复账号后再收一次，即可收下。"
    counts = f"{done.new} 条新收，{done.known} 条已有，{len(done.not_taken)} 条没收"
    lines = [f"{done.asked} 条与别人的记录对不上，已请人选定。"] if done.asked else []
    if done.photos or done.known_photos:
        lines.append(f"照片 {done.photos} 张新收，{done.known_photos} 张已有。")
    if done.spoilt_photos:
        lines.append(f"照片 {done.spoilt_photos} 张没收下，坐席联网后会再传。")
    lines += [_refusal_words(each) for each in done.not_taken[:MOST_TOLD]]
    if len(done.not_taken) > MOST_TOLD:
        lines.append(f"另有 {len(done.not_taken) - MOST_TOLD} 条没收，坐席联网后在“裁定”里看得到。")
    return f"{counts}（{whose}）。", "".join(lines)


def _refusal_words(each: StickRefusal) -> str:
    known = each.kind in set(ActKind)
    title = ACT_TITLES[ActKind(each.kind)] if known else "记录"
    when = f"（{day_time(each.occurred_at)} 记）" if each.occurred_at is not None else ""
    return f"{title} {each.number}{when}：{each.reason}"
