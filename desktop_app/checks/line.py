"""The line to the platform: whether it answers, and how far this machine's clock is from its."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from desktop_app.checks.result import Check, Level, broken, fine, warn

if TYPE_CHECKING:
    from desktop_app.domain.clock import Clock
    from sync.client.login import Greeting, LoginError

NEAR = 60  # seconds: the seat counts by the platform's time, so a minute disturbs nobody
FAR = 3600


def check(address: str, *, authority: str, clock: Clock) -> list[Check]:
    """Ask who is at ``address``. Blocks up to 10 s. ``authority`` (PEM) is the center's own, or ""."""
    if not address:
        return [fine("还没有设平台地址，登录时填。")]
    try:
        from sync.client.login import LoginError, hello
    except ImportError:
        return [broken("程序缺少联网组件。", "请重新安装即办台。")]
    before = clock.now()
    try:
        greeting = hello(address, authority=authority, clock=clock)
    except LoginError as error:
        return [_failed(error)]
    between = before + (clock.now() - before) / 2
    return [fine("平台能连上。"), _clock(greeting, between)]


def _failed(error: LoginError) -> Check:
    # Without a line a seat works on: that is no fault of the machine.
    from sync.client.failures import FailureKind

    offline = (FailureKind.NO_NETWORK, FailureKind.REFUSED, FailureKind.TIMEOUT, FailureKind.NAME)
    level = Level.WARN if error.kind in offline else Level.BROKEN
    return Check(level, f"平台：{error.title.rstrip('。')}。", error.advice)


def _clock(greeting: Greeting, here: datetime) -> Check:
    if greeting.hello.pace != 1:
        return fine("这是演示平台，时间走得快慢不同。")
    ahead = round((here - greeting.hello.now).total_seconds())
    if abs(ahead) <= NEAR:
        return fine(f"本机时间与平台相差 {abs(ahead)} 秒。")
    words = f"本机时间比平台{'快' if ahead > 0 else '慢'} {_long(abs(ahead))}。"
    advice = "时限按平台时间算，不受影响；请把本机时间校准。"
    return broken(words, advice) if abs(ahead) >= 24 * FAR else warn(words, advice)


def _long(seconds: int) -> str:
    if seconds >= 24 * FAR:
        return f"{seconds // (24 * FAR)} 天"
    return f"{seconds // FAR} 小时" if seconds >= FAR else f"{seconds // 60} 分钟"
