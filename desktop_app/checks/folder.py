"""The profile's folder: whether it is there, can be written, and has room."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from desktop_app.checks.result import Check, broken, fine, warn

MB = 1 << 20
LITTLE = 1024 * MB
TOO_LITTLE = 100 * MB


def plain(path: Path) -> str:
    """The path with the home folder as ~: it may carry the user's name."""
    try:
        return str(Path("~") / path.resolve().relative_to(Path.home().resolve()))
    except (ValueError, RuntimeError):
        return str(path)


def check(profile: Path) -> list[Check]:
    """Look at the folder; a folder that is not there yet is never made."""
    there = nearest(profile)
    found = [_access(profile, there)]
    space = _space(there)
    return [*found, space] if space else found


def nearest(path: Path) -> Path:
    """The path itself, or the closest folder above it that exists."""
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _access(profile: Path, there: Path) -> Check:
    name = plain(profile)
    if not there.is_dir():
        return broken(f"{name} 不是文件夹。", "请换一个文件夹：--profile。")
    if not _writable(there):
        return broken(f"本机数据目录 {name} 不能写。", "请管理员放开写入权限，或检查磁盘。")
    if there != profile.absolute():
        return fine(f"本机数据目录 {name} 还没有建，第一次打开时自动建。")
    return fine(f"本机数据目录 {name} 可以读写。")


def _writable(folder: Path) -> bool:
    """Whether a file can really be written: rights alone say nothing of a disk mounted read-only."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
            file.flush()
    except OSError as error:
        # A full disk is told by the room that is left.
        return error.errno == errno.ENOSPC
    return True


def _space(folder: Path) -> Check | None:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return None
    words = f"磁盘还剩 {free / MB / 1024:.1f} GB" if free >= LITTLE else f"磁盘只剩 {free // MB} MB"
    if free < TOO_LITTLE:
        return broken(f"{words}，新记录随时会存不下。", "请马上清出空间。")
    if free < LITTLE:
        return warn(f"{words}。", "请清出一些空间。")
    return fine(f"{words}。")
