"""Asking for a passphrase without a window: never an argument, which others could read, nor the environment."""

from __future__ import annotations

import getpass
import sys


def ask_passphrase(prompt: str = "请输入本机口令（不显示）：") -> str:
    """Return what is typed on the terminal; without one, the first line of the input."""
    if sys.stdin is not None and not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return getpass.getpass(prompt)
