"""Build what a township installs: a frozen program folder and a Debian package around it.

    python build_installer.py --target folder|deb [--out dist]

Freezing works for the system it runs on only: the Windows folder is frozen on Windows.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent
NAME: Final = "jiban-desk"
SUMMARY: Final = "即办台：基层接诉即办工单桌面客户端"

# Imports PyInstaller cannot see: SQLAlchemy and APScheduler look these up by name.
HIDDEN_IMPORTS: Final = (
    "apscheduler.triggers.interval",
    "sqlalchemy.dialects.sqlite.pysqlcipher",
)

# Read at run time through package metadata.
METADATA: Final = ("APScheduler", "keyring", NAME)

# Tools and tests; and what only a developer's machine happens to have.
EXCLUDED_MODULES: Final = (
    "hypothesis", "mypy", "pytest", "setuptools", "tkinter", "unittest", "fontTools", "holidays",
)  # fmt: skip

# Qt's GTK theme would pull in all of GTK from the building machine; the others serve QML, which the
# program does not use. Of Qt's own texts only the Chinese ones are kept.
PRUNED: Final = (
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
    "PySide6/Qt/plugins/qmltooling",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
    "PySide6/Qt/translations/*_[!zC]*.qm",  # all but *_zh_CN.qm
    "PySide6/Qt/lib/libQt6Qml*",
    "PySide6/Qt/lib/libQt6Quick*",
    "PySide6/Qt/lib/libQt6VirtualKeyboard*",
    "libgtk-3*", "libgdk-3*", "libgdk_pixbuf*", "libatk*", "libatspi*", "libcairo*", "libpango*",
    "libepoxy*", "libharfbuzz*", "libthai*", "libdatrie*", "libfribidi*", "libpixman*",
    "share/icons", "share/themes",
)  # fmt: skip

# The libraries Qt expects of the system; their names changed with Debian's 64-bit time change.
DEPENDS: Final = (
    "libglib2.0-0 | libglib2.0-0t64", "libegl1", "libgl1", "libfontconfig1", "libdbus-1-3",
    "libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-image0",
    "libxcb-keysyms1", "libxcb-render-util0", "libxcb-shape0", "libxcb-xkb1",
)  # fmt: skip

DESKTOP_ENTRY: Final = f"""\
[Desktop Entry]
Type=Application
Name=即办台
Name[en]=Jiban Desk
Comment={SUMMARY}
Exec=/usr/bin/jiban
Icon={NAME}
Categories=Office;
StartupWMClass={NAME}
"""


class CannotBuild(Exception):
    """Something this machine lacks; the message says what to do about it."""


def version() -> str:
    """The version in pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: str = tomllib.load(file)["project"]["version"]
    return found


def run(*command: str | Path, **environment: str) -> None:
    """Run a command of the build; fails when it fails."""
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | environment)


def options(prefix: str, values: tuple[str, ...]) -> Iterator[str]:
    """The same option once per value."""
    for value in values:
        yield from (prefix, value)


def freeze(work: Path) -> Path:
    """Freeze the program into a folder, prune it, and see that it starts."""
    if find_spec("PyInstaller") is None:
        raise CannotBuild(
            "缺少 PyInstaller。请先运行 make venv，再用 .venv/bin/python 运行本脚本。"
        )
    strip = ["--strip"] if shutil.which("strip") and os.name == "posix" else []
    run(
        *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"),
        *("--onedir", "--name", "jiban", *strip, "--noconsole" if os.name == "nt" else "--console"),
        *("--distpath", work, "--workpath", work / "pyinstaller", "--specpath", work),
        *("--paths", ROOT, "--collect-data", "resources"),
        *options("--hidden-import", HIDDEN_IMPORTS),
        *options("--exclude-module", EXCLUDED_MODULES),
        *options("--copy-metadata", METADATA),
        ROOT / "desktop_app" / "__main__.py",
    )
    folder = work / "jiban"
    prune(folder / "_internal")
    program = folder / ("jiban.exe" if os.name == "nt" else "jiban")
    run(program, "--help", QT_QPA_PLATFORM="offscreen")
    return folder


def prune(folder: Path) -> None:
    """Take out of a frozen folder what the program never loads."""
    for pattern in PRUNED:
        for found in folder.glob(pattern):
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink()


def architecture() -> str:
    """This machine's name in Debian's words."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64", "loongarch64": "loong64"}.get(machine, machine)


def control(size_kib: int) -> str:
    """The package's control file."""
    return (
        f"Package: {NAME}\nVersion: {version()}\nArchitecture: {architecture()}\n"
        f"Maintainer: Jiban Desk contributors <noreply@localhost>\n"
        f"Installed-Size: {size_kib}\nDepends: {', '.join(DEPENDS)}\n"
        f"Section: misc\nPriority: optional\nDescription: {SUMMARY}\n"
        " 工单、签批、提醒、督办、走访；断网照常办件，联网自动补传。\n"
    )


def write(path: Path, text: str) -> None:
    """Write a text file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lay_out(folder: Path, tree: Path) -> None:
    """Put a frozen folder and what the desktop wants to know of it where Debian expects them."""
    installed = tree / "opt" / NAME
    shutil.copytree(folder, installed, symlinks=True)
    command = tree / "usr" / "bin" / "jiban"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/opt/{NAME}/jiban")
    share = tree / "usr" / "share"
    write(share / "applications" / f"{NAME}.desktop", DESKTOP_ENTRY)
    icons = ROOT / "resources" / "icons"
    for icon in icons.glob("app-*.png"):
        size = icon.stem.removeprefix("app-")
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{NAME}.png"
        target.parent.mkdir(parents=True)
        shutil.copy(icon, target)
    papers = share / "doc" / NAME
    papers.mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", papers / "copyright")
    shutil.copy(ROOT / "NOTICE.md", papers / "NOTICE.md")


def build_deb(work: Path, out: Path) -> Path:
    """Freeze the program and wrap it into a Debian package."""
    if shutil.which("dpkg-deb") is None:
        raise CannotBuild("缺少 dpkg-deb：请在 Debian、UOS 或麒麟系统上打包（软件包 dpkg）。")
    folder = freeze(work)
    tree = work / "deb"
    lay_out(folder, tree)
    size = sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    write(tree / "DEBIAN" / "control", control(size))
    run("chmod", "-R", "u=rwX,go=rX", tree)
    package = out / f"{NAME}_{version()}_{architecture()}.deb"
    out.mkdir(parents=True, exist_ok=True)
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, package)
    return package


def build_folder(work: Path, out: Path) -> Path:
    """Freeze the program and leave it as a folder."""
    target = out / f"{NAME}-{version()}-{platform.system().lower()}-{platform.machine().lower()}"
    frozen = freeze(work)
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(frozen, target, symlinks=True)
    return target


def main(arguments: list[str] | None = None) -> int:
    """Build the target that was asked for."""
    parser = argparse.ArgumentParser(description="制作即办台的安装包")
    parser.add_argument("--target", choices=("deb", "folder"), required=True, help="安装包种类")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="放到哪个文件夹")
    chosen = parser.parse_args(arguments)
    work = ROOT / "build" / "installer"
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    build = build_deb if chosen.target == "deb" else build_folder
    try:
        result = build(work, chosen.out.resolve())
    except CannotBuild as reason:
        print(f"不能制作安装包：{reason}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(
            f"制作安装包失败：{Path(str(failure.cmd[0])).name} 返回 {failure.returncode}。",
            file=sys.stderr,
        )
        return 1
    print(f"已做好：{result}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
