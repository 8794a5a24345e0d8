"""Hide phone, identity and card numbers and names, in fields and in free text. Pure."""

from __future__ import annotations


def mask_phone(phone: str) -> str:
    """Return a number as 138****1234; anything that is no number is hidden whole."""
    raise NotImplementedError


def mask_text(text: str) -> str:
    """Return free text with every phone, identity and card number masked, all else untouched."""
    raise NotImplementedError


def mask_name(name: str) -> str:
    """Return 张* for 张三; 张女士 stays (it names nobody)."""
    raise NotImplementedError
