"""Data the program ships: fonts, icons, styles, policies, catalogue, sample township.

Names are POSIX paths below this package, for example ``fonts/NotoSansCJKsc-Regular.otf``.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

__all__ = ["names", "path", "read_bytes", "read_text"]


@cache
def _root() -> Path:
    # The package is always unpacked on disk: a wheel, an editable checkout and a PyInstaller
    # folder all give a real directory, so Qt may be handed the path itself.
    return Path(str(files(__name__)))


def path(name: str) -> Path:
    """Where the named file or folder lies on disk; FileNotFoundError if it is not shipped."""
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"not a resource name: {name!r}")
    found = _root() / relative
    if not found.exists():
        raise FileNotFoundError(f"no such resource: {name}")
    return found


def read_bytes(name: str) -> bytes:
    """The named file's bytes."""
    return path(name).read_bytes()


def read_text(name: str) -> str:
    """The named file's text (UTF-8)."""
    return path(name).read_text(encoding="utf-8")


def names(folder: str, suffix: str = "") -> list[str]:
    """Names of the files directly in a folder that end with the suffix, sorted."""
    return sorted(
        f"{folder}/{entry.name}"
        for entry in path(folder).iterdir()
        if entry.is_file() and entry.name.endswith(suffix)
    )
