"""Refusals: why an act cannot be done, in words for the person who tried it."""

from __future__ import annotations


class Refusal(Exception):
    """The rules say no. ``code`` is stable for programs; ``reason`` and ``advice`` are Chinese."""

    def __init__(self, code: str, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason}{self.advice}"
