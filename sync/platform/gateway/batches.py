"""Batches of results in the exchange folder: each appears whole, by one rename, under a number of its own.

The list of what a batch holds travels in it and is then kept in ``.jiban``, where it says for good that
the batch was shown, whatever people do to what they see.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from sync.platform.gateway.disk import OWN, sync_folder, words, write_file
from sync.platform.gateway.port import PortError

_NUMBER = re.compile(r"\d{6}", re.ASCII)
_LIST = ".jiban-list"
_OLD_DRAFT = 3600.0


class Batches:
    """The batches of one exchange folder. All methods raise ``PortError``."""

    def __init__(self, root: Path) -> None:
        self._own = root / OWN
        self._out = root / "out"
        self._sent = root / "sent"
        self._lists: dict[str, frozenset[str]] = {}

    def write(
        self,
        name: str,
        files: Mapping[str, bytes],
        references: list[str],
        may_begin: Callable[[], bool],
    ) -> bool:
        """Show a batch in ``out``. False: nothing of it is to be seen, it is too late or taken."""
        with words("发件写不进去"):
            draft = Path(tempfile.mkdtemp(prefix=f"draft-{name}-", dir=self._own))
            self._sweep(draft.stat().st_mtime)
            draft.chmod(0o755)
            for file, data in files.items():
                write_file(draft / file, data)
            write_file(draft / _LIST, "\n".join(references).encode())
            if not may_begin() or name in self._shown():
                return False
            try:
                os.rename(draft, self._out / name)  # noqa: PTH104 - fails where one of the name is
            except OSError:
                if name in self._shown():
                    return False
                raise
        with words("发件已写好，登记没有写成"):
            sync_folder(self._out)
            self._keep_list(name)
        return True

    def holding(self, reference: str) -> list[str]:
        """Return the names of the batches that were shown and hold the reference."""
        with words("批次登记读不了"):
            return [n for n in sorted(self._shown()) if reference in self._references(n)]

    def highest(self) -> int:
        """Return the highest number of a batch that was shown."""
        with words("批次登记读不了"):
            return max(map(int, self._shown()), default=0)

    def confirmed(self) -> frozenset[str]:
        """Return the batches that somebody moved to ``sent``."""
        with words("已传文件夹读不了"):
            return frozenset(_numbers(self._sent))

    def confirm(self, name: str) -> None:
        """Move a batch to ``sent``; one that is there already stays."""
        with words("批次移不到 sent"):
            if name in _numbers(self._sent):
                return
            if name not in _numbers(self._out):
                raise PortError(f"out 里没有批次 {name}。")
            os.rename(self._out / name, self._sent / name)  # noqa: PTH104

    def _shown(self) -> set[str]:
        """Return the batches that were shown, also those that people took away since."""
        kept = (path.stem for path in self._own.glob("*.txt"))
        ours = {stem for stem in kept if _NUMBER.fullmatch(stem)}  # not a tidy person's copies
        return ours | _numbers(self._out) | _numbers(self._sent)

    def _references(self, name: str) -> frozenset[str]:
        """Return what a batch holds; read once, for it never changes."""
        if name not in self._lists:
            self._keep_list(name)
            kept = self._own / f"{name}.txt"
            text = kept.read_text("utf-8") if kept.exists() else ""
            self._lists[name] = frozenset(text.split("\n"))
        return self._lists[name]

    def _keep_list(self, name: str) -> None:
        """Keep the list that came with a batch, unless that was done before."""
        kept = self._own / f"{name}.txt"
        for folder in (self._out, self._sent):
            brought = folder / name / _LIST
            if not kept.exists() and brought.exists():
                write_file(kept, brought.read_bytes())

    def _sweep(self, now: float) -> None:
        """Remove drafts that a kill left behind; a younger one may be another process's.

        ``now`` is by the clock of the disk: a network drive has its own.
        """
        for draft in self._own.glob("draft-*"):
            if now - draft.stat().st_mtime > _OLD_DRAFT:
                shutil.rmtree(draft, ignore_errors=True)


def _numbers(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if _NUMBER.fullmatch(path.name)}
