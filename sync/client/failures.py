"""Every way an exchange can fail: what it is called on the screen, what to do, what the engine does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Why a request brought no answer that counts."""

    NO_NETWORK = "no_network"
    NAME = "name"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    PLAIN = "plain"  # an unencrypted address of another machine
    AUTHORITY = "authority"  # the center's own certificate authority cannot be read
    ADDRESS = "address"  # not an address at all
    CUT_OFF = "cut_off"  # truncated, damaged, digest or end mark missing
    NOT_PLATFORM = "not_platform"  # web page, foreign JSON, redirect, empty object
    NOT_UNDERSTOOD = "not_understood"  # our platform, but the message does not fit the contract
    OTHER_SERVER = "other_server"
    TOO_OLD = "too_old"  # the platform is older than this seat can talk to
    TOO_NEW = "too_new"  # the platform wants a newer seat
    UNAUTHORISED = "unauthorised"  # the access token does not hold (any more)
    SIGN_IN_AGAIN = "sign_in_again"  # the refresh token does not hold
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    BLOCKED = "blocked"  # an administrator keeps this computer out
    FORBIDDEN = "forbidden"  # the account was closed or moved
    TOO_MANY = "too_many"
    SERVER_ERROR = "server_error"
    SERVER_FULL = "server_full"
    TOO_BIG = "too_big"
    NOT_ACCEPTED = "not_accepted"  # 4xx: the platform will not take this request as it is
    RESTORED = "restored"  # our cursor is ahead of the platform's
    GONE = "gone"  # an upload the platform does not know
    INTERRUPTED = "interrupted"  # by ourselves: stop, or something more urgent to send
    CHAIN = "chain"  # no failure: the platform's chain is not what this seat has seen of it
    LOCAL = "local"  # this machine could not write what came


class Then(StrEnum):
    """What the engine does after a failure."""

    RETRY = "retry"  # back off
    SHRINK = "shrink"  # back off, ask for less at a time
    REFRESH = "refresh"  # get a new access token
    SIGN_IN = "sign_in"  # a person has to sign in; the outbox stays as it is
    STOP = "stop"  # do not talk to this server; look again now and then
    REPLAY = "replay"  # the platform was restored
    ISOLATE = "isolate"  # find the record that is not accepted and let the others pass


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    advice: str
    then: Then


@dataclass(frozen=True, slots=True)
class Problem:
    """What the screen says: a title and what to do next, both Chinese."""

    kind: FailureKind
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An exchange that brought nothing. ``retry_after`` in seconds, as the platform asked."""

    kind: FailureKind
    problem: Problem
    retry_after: float | None = None
    code: str = ""


K, T = FailureKind, Then
_KEPT = "已记录的都在本机，连上后自动上传。"

TABLE: dict[FailureKind, Words] = {
    K.NO_NETWORK: Words("没有网络", f"请检查网线或无线网。{_KEPT}", T.RETRY),
    K.NAME: Words("找不到平台的地址", f"请核对平台地址，或检查网络。{_KEPT}", T.RETRY),
    K.REFUSED: Words("平台没有应答", f"平台可能在重启。{_KEPT}", T.RETRY),
    K.TIMEOUT: Words("平台迟迟没有回应", f"网络太慢或平台忙，稍后自动再试。{_KEPT}", T.SHRINK),
    K.TLS: Words(
        "与平台的加密连接没有建立",
        "请先看本机时间对不对。内网平台用自己的证书时，请选管理员给的根证书文件；仍不行，请管理员检查平台证书。",
        T.RETRY,
    ),
    K.PLAIN: Words(
        "这个地址没有加密",
        "请用 https:// 地址。平台还没有启用加密的，请管理员先配好证书。",
        T.STOP,
    ),
    K.AUTHORITY: Words(
        "证书文件读不了", "请向管理员要平台的根证书文件（.pem、.crt 或 .cer），再选一次。", T.STOP
    ),
    K.ADDRESS: Words("平台地址不对", "请按“主机名：端口”或“https://…”填写。", T.STOP),
    K.CUT_OFF: Words("传到一半断了", f"没收全的不算数，稍后自动重传。{_KEPT}", T.SHRINK),
    K.NOT_PLATFORM: Words(
        "连到的不是平台",
        "可能要先在浏览器里登录本地网络（如酒店、公共无线网），或地址填错了。" + _KEPT,
        T.RETRY,
    ),
    K.NOT_UNDERSTOOD: Words(
        "平台的回复读不懂", f"请管理员检查平台与本机版本是否一致。{_KEPT}", T.SHRINK
    ),
    K.OTHER_SERVER: Words(
        "这个地址换成了另一个平台",
        "已停止同步，本机记录一条未动。请管理员核对平台地址；确要换平台，请另建坐席。",
        T.STOP,
    ),
    K.TOO_OLD: Words("平台版本太旧", f"请管理员升级平台。升级后自动恢复。{_KEPT}", T.STOP),
    K.TOO_NEW: Words("本机版本太旧", f"请升级即办台。{_KEPT}", T.STOP),
    K.UNAUTHORISED: Words("登录已过期", f"正在自动续期。{_KEPT}", T.REFRESH),
    K.SIGN_IN_AGAIN: Words("需要重新登录", f"请输入密码重新登录。{_KEPT}", T.SIGN_IN),
    K.WRONG_PASSWORD: Words("账号或密码不对", "请检查大小写和输入法后再输一次。", T.SIGN_IN),
    K.BLOCKED: Words(
        "这台电脑已被管理员停用",
        f"请给中心的系统管理员打电话；核实恢复后，再用原来的密码登录。{_KEPT}",
        T.SIGN_IN,
    ),
    K.FORBIDDEN: Words("账号已停用或换了岗位", f"请管理员核对人员名册。{_KEPT}", T.SIGN_IN),
    K.TOO_MANY: Words("平台请稍候再试", f"平台正忙，按它说的时间自动再试。{_KEPT}", T.RETRY),
    K.SERVER_ERROR: Words(
        "平台出错了", f"稍后自动再试；若一直这样，请告诉管理员。{_KEPT}", T.RETRY
    ),
    K.SERVER_FULL: Words("平台磁盘已满", f"请告诉管理员清理平台磁盘。{_KEPT}", T.RETRY),
    K.TOO_BIG: Words("一次传得太多", f"自动改小再传。{_KEPT}", T.SHRINK),
    K.NOT_ACCEPTED: Words(
        "有记录平台不收", "其余照常上传。请到“待上传”查看是哪一条，并告诉管理员。", T.ISOLATE
    ),
    K.RESTORED: Words("平台恢复过数据", "正在逐条核对并补传，不会重复。", T.REPLAY),
    K.GONE: Words("附件要重新上传", "自动从头再传。", T.RETRY),
    K.INTERRUPTED: Words("已中断", "", T.RETRY),
    K.CHAIN: Words(
        "平台的留痕与本机记下的不一致",
        "平台上可能有记录被整段改写过。请告诉中心负责人，由管理员用 jiban platform verify 核对；"
        "本机的凭据可用 jiban chain-heads 导出。",
        T.RETRY,
    ),
    K.LOCAL: Words("本机写不进去", "请检查本机磁盘空间。收到的会再取一次，不会丢。", T.RETRY),
}

LINE_GONE = frozenset({K.NO_NETWORK, K.NAME, K.REFUSED, K.CUT_OFF})
"""Failures of a line that may be back in a moment, where nothing says that the platform is at its limit."""

OF_THE_LINE = frozenset(
    {
        K.NO_NETWORK, K.NAME, K.REFUSED, K.TIMEOUT, K.TLS, K.PLAIN, K.AUTHORITY, K.NOT_PLATFORM, K.OTHER_SERVER,
        K.UNAUTHORISED, K.SIGN_IN_AGAIN, K.BLOCKED, K.FORBIDDEN, K.TOO_MANY, K.RESTORED,
    }
)  # fmt: skip
"""Failures that concern more than the file that was being sent."""


def failure(
    kind: FailureKind,
    *,
    retry_after: float | None = None,
    code: str = "",
    title: str = "",
    advice: str = "",
) -> Failure:
    """Return the failure with the table's words, or the platform's own where it sent some."""
    words = TABLE[kind]
    problem = Problem(kind, title or words.title, advice or words.advice)
    return Failure(kind, problem, retry_after, code)
