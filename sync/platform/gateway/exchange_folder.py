"""The folder through which orders come and results go where the city's system has no interface.

    in/        来件：工单表格放这里
    done/      已收：收过的来件和收件报告
    refused/   退回：读不了的来件和原因
    out/       发件：一批一个文件夹，上传到 12345 系统
    sent/      已传：上传后把批次文件夹移到这里（或运行 confirm）
    .jiban/    the gateway's own: the mark of the folder, what is being read, the lists of the batches

Every step is one rename on one disk, so that a kill leaves either the state before or the one after.
What was delivered is known from ``.jiban`` even if people move or delete what they see.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.platform.gateway.batches import Batches
from sync.platform.gateway.disk import OWN, words, write_file
from sync.platform.gateway.port import PortError

FOLDERS = ("in", "done", "refused", "out", "sent")
QUIET_SECONDS = 10.0
WATCHED = 50  # so many files that were put away last are looked at again
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".swp")

HINT = """交换文件夹

in       把 12345 系统导出的工单表格（xlsx、csv）放进来，会自动派发。
         催办、回访等记录也放这里，表头要有：记录类型、工单编号、记录编号（或时间）、内容，
         回访还要有：是否响应、是否解决、是否满意。
done     收过的表格和收件报告。
refused  读不了的表格和原因，改好后重新放进 in。
out      要上传到 12345 系统的办理结果，一批一个文件夹。
sent     上传好以后，把批次文件夹从 out 移到这里，就算确认。

请不要改动 .jiban 文件夹。
"""


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it looked: if nothing of it changes for a while, it is whole."""

    size: int
    modified: int
    inode: int


class ExchangeFolder:
    """The steps on the folder. All raise ``PortError`` with Chinese words when the disk says no."""

    def __init__(self, root: Path, owner: str, monotonic: Callable[[], float]) -> None:
        self.root = root
        self._owner = owner
        self._monotonic = monotonic
        self.batches = Batches(root)
        self._seen: dict[str, tuple[Look, float]] = {}
        self._away: dict[
            Path, tuple[str, Look]
        ] = {}  # put away lately: its name in ``in``, its look

    def prepare(self) -> None:
        """Make the folders and mark them as this township's. Harmless when that is done."""
        with words("交换文件夹建不了"):
            for name in (*FOLDERS, f"{OWN}/work"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            if not self._mark.exists():
                write_file(self._mark, json.dumps({"owner": self._owner}).encode())
            write_file(self.root / "说明.txt", HINT.encode("utf-8-sig"))
        self.check()

    def check(self) -> None:
        """Raise ``PortError`` unless this is the folder of this township, whole."""
        try:
            owner = json.loads(self._mark.read_bytes())["owner"]
        except (OSError, ValueError, KeyError, TypeError):
            raise PortError(
                f"{self.root} 不是交换文件夹，或没有连上。"
                "网络盘请看是否已连接；新文件夹请先运行 jiban platform gateway prepare。"
            ) from None
        if owner != self._owner:
            raise PortError(f"{self.root} 是另一个乡镇或另一个平台的交换文件夹。请核对配置。")
        missing = [n for n in (*FOLDERS, f"{OWN}/work") if not (self.root / n).is_dir()]
        if missing:
            raise PortError(f"交换文件夹里缺了 {'、'.join(missing)}。请重新运行 prepare。")

    @property
    def _mark(self) -> Path:
        return self.root / OWN / "exchange.json"

    # --- in ---------------------------------------------------------------------------------------

    def next_file(self) -> Path | None:
        """Return a whole file to read, taken out of ``in``; one left by a kill comes first."""
        with words("来件文件夹读不了"):
            left = sorted((self.root / OWN / "work").iterdir())
            if left:
                return left[0]
            self._take_back_growing()
            for path in self._whole_files():
                with contextlib.suppress(OSError):  # somebody still has it open: next time
                    return self._claimed(path)
        return None

    def _take_back_growing(self) -> None:
        """Put files back that somebody writes on, though they had stood still: they are read again.

        One that a person saved anew is another file.
        """
        for path, (name, before) in list(self._away.items()):
            look = look_at(path) if path.exists() else None
            if look is None or look.inode != before.inode:
                del self._away[path]
            elif look.size > before.size:
                del self._away[path]
                self.give_back(path, name)

    def _whole_files(self) -> Iterator[Path]:
        """Yield the files in ``in`` that nobody is writing any more, oldest first."""
        found = [p for p in (self.root / "in").iterdir() if _is_candidate(p)]
        now, disk = self._monotonic(), self._disk_time() if found else 0.0
        seen, self._seen = self._seen, {}
        for path in sorted(found, key=lambda p: (p.stat().st_mtime_ns, p.name)):
            look = look_at(path)
            before, since = seen.get(path.name, (look, now))
            since = since if before == look else now
            self._seen[path.name] = (look, since)
            age = disk - look.modified / 1e9
            if look.size and (age >= QUIET_SECONDS or now - since >= QUIET_SECONDS):
                yield path

    def _disk_time(self) -> float:
        """Return the time by the clock of the disk: a network drive has its own."""
        probe = self.root / OWN / "clock"
        probe.write_bytes(b"")
        return probe.stat().st_mtime

    def _claimed(self, path: Path) -> Path:
        target = self.root / OWN / "work" / path.name
        os.rename(path, target)  # noqa: PTH104 - fails where the file is in use (Windows)
        return target

    def put_away(
        self, path: Path, look: Look, *, refused: bool, mark: str, when: str, report: str
    ) -> None:
        """Move a file that was read, and looked like this, to ``done`` or ``refused``, its report first.

        ``mark`` tells files of one name apart; ``when``, the reports on a file that came again.
        """
        folder = self.root / ("refused" if refused else "done")
        name = f"{_short(path.stem)}-{mark[:12]}"
        with words("收过的来件移不走"):
            write_file(folder / f"{name}-报告{when}.txt", report.encode("utf-8-sig", "replace"))
            target = folder / f"{name}{path.suffix[:12]}"
            os.replace(path, target)  # noqa: PTH105
            self._away[target] = (path.name, look)
        while len(self._away) > WATCHED:
            del self._away[next(iter(self._away))]

    def give_back(self, path: Path, name: str = "") -> None:
        """Put a file back into ``in`` that somebody is still writing; beside one of the same name."""
        target, n = self.root / "in" / (name or path.name), 1
        with words("来件放不回去"):
            while target.exists():
                n += 1
                plain = Path(name or path.name)
                target = target.with_name(f"{_short(plain.stem)}-{n}{plain.suffix[:12]}")
            os.rename(path, target)  # noqa: PTH104


def look_at(path: Path) -> Look:
    status = path.stat()
    return Look(status.st_size, status.st_mtime_ns, status.st_ino)


def _short(name: str) -> str:
    """Return a name that leaves room for more: disks count bytes, and a Chinese character has three."""
    return name.encode("utf-8", "replace")[:150].decode("utf-8", "ignore")


def _is_candidate(path: Path) -> bool:
    name = path.name
    unfinished = name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)
    return not unfinished and not path.is_symlink() and path.is_file()
