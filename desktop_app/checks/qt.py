"""Qt's libraries, the display and the fonts, tried in a child so that an abort only ends the child."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_app.checks.result import Check, broken, fine, warn

LONGEST = 60.0  # seconds: a cold disk takes its time with Qt
_MISSING = re.compile(r"(lib[\w+.-]+?\.so[.\d]*): cannot open shared object")
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libpulse.so.0": "libpulse0",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What the child printed by step, and what Qt said."""

    steps: Mapping[str, Mapping[str, Any]]
    words: str


def check(environment: Mapping[str, str] | None = None) -> list[Check]:
    """Try Qt with this environment (the process's own by default)."""
    given = dict(os.environ if environment is None else environment)
    shown = has_display(given)
    if not shown:
        given["QT_QPA_PLATFORM"] = "offscreen"
    probe = _run(given)
    found = [_libraries(probe)]
    if "version" in probe.steps.get("import", {}):
        found.append(_screen(probe) if shown else _no_display())
        if "screen" in probe.steps:
            found.append(_fonts(probe))
    return found


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether there is something to draw on, or Qt was told to do without."""
    if not sys.platform.startswith("linux"):
        return True
    names = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return any(environment.get(name) for name in names)


def _command() -> list[str]:
    if getattr(sys, "frozen", False):  # the frozen program knows no -m
        return [sys.executable, "doctor", "--probe-qt"]
    return [sys.executable, "-m", "desktop_app.checks.qt_probe"]


def _run(environment: Mapping[str, str]) -> Probe:
    told = {**environment, "QT_DEBUG_PLUGINS": "1", "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            _command(), env=told, capture_output=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired as late:
        return Probe(_steps(late.stdout or b""), "timeout")
    except OSError as error:
        return Probe({}, str(error))
    return Probe(_steps(done.stdout), done.stderr.decode("utf-8", "replace"))


def _steps(printed: bytes) -> dict[str, dict[str, Any]]:
    steps = {}
    for line in printed.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and "step" in said:
            steps[str(said["step"])] = said
    return steps


def missing_libraries(words: str) -> str:
    """What to install for the libraries the loader could not find; empty when it found all."""
    names = sorted(set(_MISSING.findall(words)))
    if not names:
        return ""
    install = " ".join(dict.fromkeys(PACKAGES[n] for n in names if n in PACKAGES))
    lack = f"缺 {'、'.join(names)}。"
    return lack + (f"请管理员运行：apt install {install}" if install else "请管理员装上。")


def _libraries(probe: Probe) -> Check:
    step = probe.steps.get("import", {})
    if "version" in step:
        return fine(f"界面库 Qt {step['version']} 可用。")
    error = str(step.get("error", ""))
    if "No module named" in error:
        return broken("程序里没有界面库 PySide6。", "请重新安装即办台。")
    advice = missing_libraries(error + probe.words)
    return broken("界面库 Qt 装不上来。", advice or "请重新安装即办台，还不行就联系管理员。")


def _screen(probe: Probe) -> Check:
    step = probe.steps.get("screen")
    if step is None:
        if probe.words == "timeout":
            return broken("图形界面迟迟没有起来。", "请注销桌面再登录一次。")
        advice = missing_libraries(probe.words)
        return broken("窗口开不了。", advice or "请在桌面里打开终端再试，或用 ssh -X 登录。")
    if step["platform"] in ("offscreen", "minimal"):
        return warn("现在只在后台画图，不显示窗口。", "请去掉环境变量 QT_QPA_PLATFORM。")
    return fine(f"窗口能开（{step['platform']}，{step['screens']} 块屏幕）。")


def _no_display() -> Check:
    return warn(
        "这里没有屏幕，窗口开不了。",
        "请在桌面里打开终端再启动；只看画面可运行 jiban tour --out 图片文件夹。",
    )


def _fonts(probe: Probe) -> Check:
    step = probe.steps.get("fonts", {})
    if step.get("bad") or not step.get("loaded"):
        return warn("自带的字体没有装上，字样会变。", "请重新安装即办台。")
    return fine(f"自带字体 {step['loaded']} 个都能用。")
