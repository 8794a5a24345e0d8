"""Handing in at the platform what a seat without a line put on a USB stick."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.clock import Clock, SystemClock
from sync.client.address import parse_address
from sync.client.failures import Failure, FailureKind
from sync.client.identity import Keeper, load_credentials
from sync.client.transport import Transport
from sync.protocol.messages import StickTaken
from sync.protocol.stick import StickError, read_header


class BringFailed(Exception):
    """It was not taken in. ``title`` and ``advice`` are Chinese; the stick is as it was."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice


def bring(keeper: Keeper, path: Path, clock: Clock | None = None) -> StickTaken:
    """Send the file under the session of who is signed in. Blocks up to 30 min. Raises ``BringFailed``."""
    signed = load_credentials(keeper)
    address = parse_address(signed.address) if signed is not None else None
    if signed is None or address is None or isinstance(address, Failure):
        raise BringFailed("现在没有登录。", "请登录后再收。")
    _check(path)
    transport = Transport(address, clock or SystemClock(), signed.authority)
    try:
        with path.open("rb") as file:
            answer = transport.bring(file, signed.access_token)
    except OSError:
        raise _unreadable() from None
    finally:
        transport.close()
    if isinstance(answer, Failure):
        raise _failed(answer)
    return answer


def _check(path: Path) -> None:
    """Say at once what is no such file, before it is sent."""
    try:
        with path.open("rb") as file:
            read_header(file)
    except StickError as error:
        raise BringFailed(error.title, error.advice) from None
    except OSError:
        raise _unreadable() from None


def _unreadable() -> BringFailed:
    return BringFailed("U 盘上的文件读不出来。", "请插好 U 盘再试；还不行就请坐席重新导出。")


def _failed(answer: Failure) -> BringFailed:
    if answer.problem.kind is FailureKind.UNAUTHORISED:
        return BringFailed("登录正在续期。", "请过一分钟再收一次；收过的不会重复。")
    return BringFailed(answer.problem.title, f"{answer.problem.advice}再收一次也不会重复。")
