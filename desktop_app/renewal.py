"""Work on a whole store that takes its time: building it anew, migrating it, going back to a backup.

It is done in a thread, with a page that says how far it is. Until the new file takes the place of the
old one it can be broken off and everything is as it was; a crash in the middle is the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from local_store.backups import Backup
from local_store.database import Stopped
from local_store.progress import Progress, Step, Watch
from local_store.recovery import Report
from ui.job import Job
from ui.present.times import spoken_time
from ui.shell.window import LOGIN, Shell
from ui.theme.theme import Theme
from ui.unlock.recovered import Told
from ui.upkeep.work_page import Plan, WorkPage

WAIT = 20.0
"""Seconds for the thread to see that the program ends. A crash would do no harm either."""

_FOLLOWING = (
    (Step.READ, "读出没上传的记录和草稿"),
    (Step.COPY, "取出备份"),
    (Step.CHECK, "核对备份"),
    (Step.FILL, "补上没上传的记录和草稿"),
    (Step.PLACE, "换上新的数据"),
)
REBUILD = Plan(
    "正在重建本机数据",
    "数据文件坏了（多半因断电或硬盘）。没上传的记录另有底，不会丢。数据多时要几分钟。",
    _FOLLOWING,
    "先退出，下次再建",
)
MIGRATE = Plan(
    "正在升级本机数据",
    "新版程序换了数据格式。另做一份新的，核对无误才换上，旧的留着。数据多时要几分钟。",
    (
        (Step.COPY, "另存一份"),
        (Step.FILL, "换成新格式"),
        (Step.CHECK, "核对"),
        (Step.PLACE, "换上新的数据"),
    ),
    "先退出，下次再升级",
)


def going_back(backup: Backup) -> Plan:
    """What is said while it goes back to ``backup``."""
    return Plan(
        f"正在退回 {spoken_time(backup.made_at)} 的备份",
        "那以后在本机记的、没上传的都留着。现在的数据不删。数据多时要几分钟。",
        _FOLLOWING,
        "不退回，用现在的",
    )


class Renewal(QObject):
    """One work at a time. ``done(object)`` with what it returned, ``failed(object)`` with a
    ``StoreError`` (or what nobody foresaw), or ``broken_off`` follows.
    """

    done = Signal(object)
    failed = Signal(object)
    broken_off = Signal()

    def __init__(self, shell: Shell, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shell, self._theme = shell, theme
        self._page: WorkPage | None = None
        self._stopping = threading.Event()
        self._job = Job(self)
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_done)
        self._job.failed.connect(self._on_failed)

    def show(self, plan: Plan) -> None:
        """Put the page on the screen now, before anything else is done."""

        def build(parent: QWidget) -> WorkPage:
            page = WorkPage(self._theme, plan, parent)
            page.left.connect(self._on_left)
            self._page = page
            return page

        self._stopping.clear()
        self._shell.show_only(LOGIN, build)
        self._shell.repaint()

    def start(self, work: Callable[[Watch], object]) -> None:
        """Do ``work`` while the page that was shown says how far it is."""
        stopping = self._stopping
        self._job.start(lambda told: work(Watch(told, stopping.is_set)))

    def stop(self) -> bool:
        """The program ends: break off what is under way and wait for it. False when it took too long."""
        self._stopping.set()
        ended = self._job.wait(WAIT)
        self._job.abandon()
        return ended

    @Slot()
    def _on_left(self) -> None:
        self._stopping.set()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        if self._page is not None:
            self._page.show_progress(progress)

    @Slot(object)
    def _on_done(self, result: object) -> None:
        self._page = None
        self.done.emit(result)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._page = None
        if isinstance(error, Stopped):
            self.broken_off.emit()
        else:
            self.failed.emit(error)


def told_of(report: Report, chosen: Backup | None = None) -> Told:
    """The report in the page's words; ``chosen``: the backup that was gone back to."""
    to_do = "您不用做什么。" if report.signed_in else "请重新登录一次，其余自动补齐。"
    if chosen is not None:
        title = f"已退回 {spoken_time(chosen.made_at)} 的备份"
        return Told(title, "那以后在本机记的、没上传的都留着。", _saved(report, chosen), to_do)
    return Told(
        "本机数据有损坏，已经重建好",
        "数据文件坏了（多半因断电或硬盘），程序已重建一份。",
        _saved(report, chosen),
        to_do + "如果常这样，请管理员检查硬盘。",
    )


def _saved(report: Report, chosen: Backup | None) -> tuple[tuple[str, str], ...]:
    lines = [("没上传的记录", f"{report.acts} 条都在，联网后照常上传" if report.acts else "没有")]
    if report.files:
        lines.append(("没传完的照片", f"{report.files} 个都在"))
    if report.drafts:
        lines.append(("没写完的草稿", f"{report.drafts} 篇都在"))
    if report.backup_at is None:
        orders = "联网后从平台重新取"
    elif chosen is not None:
        orders = "备份里的已在，之后的联网补齐"
    else:
        orders = f"先用 {spoken_time(report.backup_at)} 的备份，联网后补齐"
    lines.append(("工单", orders))
    if report.unreadable:
        lines.append(("没能读出", f"底账里有 {report.unreadable} 处读不出来，请管理员看旧文件"))
    if report.aside is not None:
        lines.append(("旧文件", f"原样放在数据目录 aside 里的 {report.aside.name}"))
    return tuple(lines)
