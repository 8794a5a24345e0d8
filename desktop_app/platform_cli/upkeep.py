"""Upkeep: what a timer runs once a night."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.platform_cli.common import OK, Verbs, opened, verb


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    tidy = verb(verbs, "tidy", "清理过期的登录和半途而废的上传（可随时运行）", _tidy)
    tidy.add_argument("--files", type=Path, help="附件文件夹，默认在数据库旁边")


def _tidy(args: argparse.Namespace) -> int:
    from sync.platform.server import default_files
    from sync.platform.tidying import tidy_sessions, tidy_uploads

    with opened(args) as platform:
        townships = tidy_sessions(platform)
        parts = tidy_uploads(platform, args.files or default_files(platform))
    print(f"已清理：{townships} 个乡镇的过期登录，半途而废的上传 {parts} 个。")
    return OK
