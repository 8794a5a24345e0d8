"""What the platform says when it cannot answer: RFC 9457 problem documents, in Chinese."""

from __future__ import annotations

import errno
from collections.abc import Mapping


class PlatformProblem(Exception):
    """An expected refusal of a request. ``code`` is stable; ``title`` and ``detail`` are for people."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})


def not_signed_in() -> PlatformProblem:
    return PlatformProblem(401, "not_signed_in", "还没有登录。", "请重新登录。")


def token_expired() -> PlatformProblem:
    return PlatformProblem(401, "token_expired", "登录已过期。", "正在自动续期，不用操作。")


def wrong_password() -> PlatformProblem:
    return PlatformProblem(401, "wrong_password", "账号或密码不对。", "请核对后再输。")


def too_many_attempts(seconds: int) -> PlatformProblem:
    return PlatformProblem(
        429,
        "too_many_attempts",
        "输错次数太多。",
        f"请 {seconds} 秒后再试。",
        {"Retry-After": str(seconds)},
    )


def too_many_requests(seconds: int) -> PlatformProblem:
    return PlatformProblem(
        429,
        "too_many_requests",
        "请求太密。",
        f"请 {seconds} 秒后再试；程序会自动再试。",
        {"Retry-After": str(seconds)},
    )


def session_ended() -> PlatformProblem:
    return PlatformProblem(
        401, "session_ended", "这次登录已失效。", "请重新登录，记录都在，不会丢。"
    )


def device_revoked() -> PlatformProblem:
    return PlatformProblem(
        401,
        "device_revoked",
        "管理员停用了这台电脑的登录。",
        "记录都在本机，不会丢；是您本人在用，请重新登录。",
    )


def device_blocked() -> PlatformProblem:
    return PlatformProblem(
        403,
        "device_blocked",
        "这台电脑已被管理员停用。",
        "请给中心的系统管理员打电话；核实恢复后，再用原来的密码登录。没上传的记录都在本机，不会丢。",
    )


def device_taken() -> PlatformProblem:
    return PlatformProblem(
        403,
        "device_taken",
        "这份资料的编号，平台上是另一台电脑的。",
        "请给中心的系统管理员打电话，核实后由他放行。没上传的记录都在本机，不会丢。",
    )


def account_disabled() -> PlatformProblem:
    return PlatformProblem(
        403, "account_disabled", "这个账号已停用。", "请联系管理员。本机记录都在。"
    )


def wrong_device() -> PlatformProblem:
    return PlatformProblem(403, "device", "登录的不是这台电脑。", "请在这台电脑上重新登录。")


def not_readable(detail: str) -> PlatformProblem:
    return PlatformProblem(400, "unreadable", "发来的内容读不懂。", detail)


def damaged() -> PlatformProblem:
    return PlatformProblem(400, "digest", "发来的内容在路上损坏了。", "请重发。")


def too_large(limit: int) -> PlatformProblem:
    return PlatformProblem(413, "too_large", "发来的内容太大。", f"一次最多 {limit} 字节，请分批。")


def too_many_acts(limit: int) -> PlatformProblem:
    return PlatformProblem(413, "too_many_acts", "一次发来的记录太多。", f"一次最多 {limit} 条。")


def no_center() -> PlatformProblem:
    return PlatformProblem(503, "no_center", "平台还没有设立中心。", "请管理员先设立中心和人员。")


def no_township(named: str, known: Mapping[str, str]) -> PlatformProblem:
    return PlatformProblem(
        404, "township", f"没有编号为“{named[:32]}”的乡镇。", f"这里有：{_townships(known)}。"
    )


def which_township(known: Mapping[str, str]) -> PlatformProblem:
    return PlatformProblem(
        409,
        "township",
        "这个平台上不止一个乡镇，要写明是哪一个。",
        f"请用 --township 加编号：{_townships(known)}。",
    )


def _townships(known: Mapping[str, str], most: int = 10) -> str:
    named = [f"{id_}（{name}）" for id_, name in list(known.items())[:most]]
    return "、".join(named) + (f" 等 {len(known)} 个" if len(known) > most else "")


def bad_township() -> PlatformProblem:
    return PlatformProblem(
        400,
        "township",
        "乡镇编号不对。",
        "只能用小写字母、数字和短横，最多 32 位；建议用行政区划代码。",
    )


def account_taken(account: str) -> PlatformProblem:
    return PlatformProblem(
        409, "account_taken", f"账号 {account} 别的乡镇已经在用。", "请换一个账号名。"
    )


def device_of_another_township() -> PlatformProblem:
    return PlatformProblem(
        403,
        "device_township",
        "这份资料是另一个乡镇的，不能混用。",
        "请换一个资料文件夹（--profile）再登录；原来的记录都在。",
    )


def other_schema(*, newer: bool) -> PlatformProblem:
    if newer:
        return PlatformProblem(
            503, "schema", "这个数据库是更新的程序建的。", "请升级这台机器上的程序，数据没有动。"
        )
    return PlatformProblem(
        503,
        "schema",
        "这个数据库是试用版程序建的，这一版不能接着用。",
        "请换一个新的数据库（--database），演示请换一个文件夹（--dir）；原来的数据没有动。",
    )


def no_files_folder() -> PlatformProblem:
    return PlatformProblem(
        503,
        "files",
        "附件文件夹不是这个平台的，或没有挂上。",
        "请核对 --files：几台机器要指向同一个共享文件夹。",
    )


def draining() -> PlatformProblem:
    return PlatformProblem(503, "draining", "这个进程正在停下来。", "请改用别的进程。")


def storage_failed(error: BaseException) -> PlatformProblem:
    """Return what it means to seats that the database or a folder failed with ``error``."""
    if _is_full(getattr(error, "orig", None) or error):
        advice = "请管理员清出空间；记录都在本机，稍后会自动重发。"
        return PlatformProblem(507, "disk_full", "平台的磁盘满了。", advice, {"Retry-After": "60"})
    return PlatformProblem(
        503, "storage", "平台暂时存不了。", "稍后会自动重发。", {"Retry-After": "5"}
    )


def _is_full(cause: object) -> bool:
    """Whether there is no room: as the system, SQLite or PostgreSQL (53100) says it."""
    no_room = getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    named = getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return no_room or named or getattr(cause, "sqlstate", None) == "53100"
