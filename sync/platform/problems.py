"""What the platform says when it cannot answer: RFC 9457 problem documents, in Chinese."""

from __future__ import annotations

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


def session_ended() -> PlatformProblem:
    return PlatformProblem(
        401, "session_ended", "这次登录已失效。", "请重新登录，记录都在，不会丢。"
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


def storage_failed() -> PlatformProblem:
    return PlatformProblem(
        503, "storage", "平台暂时存不了。", "稍后会自动重发。", {"Retry-After": "5"}
    )
