"""What is taken out of a confidential order before a handler's seat may hold it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import Order, Petitioner, Place

HIDDEN = "（已保密）"
_WHERE_AND_WHAT = frozenset({"地点", "发生地址", "诉求", "期望", "内容", "标题", "分类", "村庄"})
"""Corrected fields that are about the matter; all others are about the person."""
_KEPT = frozenset(
    {
        "id", "act_id", "person_id", "unit_id", "device_id", "order_id", "by_act", "met_by", "hash",
        "proposal_hash", "base_hash", "on_behalf_of", "first", "second", "conflict_id", "delegation",
        "number", "policy_id", "policy_version", "actor", "by", "decided_by", "handler", "handlers",
        "clocks", "files", "past_handlers", "alerts", "category", "petitioner", "kind", "channel",
        "village_id", "village",
    }
)  # fmt: skip
"""Fields that name no petitioner: ids, hashes, officials, limits, and the village to go to."""


def without_petitioner(order: Order) -> Order:
    """Return the order without the petitioner: the fields, and every trace in texts and history."""
    secrets = _secrets(order)
    order = replace(
        order,
        petitioner=Petitioner(HIDDEN, "", "", True),
        links=tuple(link for link in order.links if link.why != "person"),
    )
    # The handler has to find the place: it loses names and numbers, and stays where it is.
    where = tuple(secret for secret in secrets if secret not in _addresses(order))
    cleaned: Order = _clean(replace(order, place=Place()), secrets)
    return replace(cleaned, place=_clean(order.place, where))


def _secrets(order: Order) -> tuple[str, ...]:
    """Names and numbers as received and as corrected, longest first."""
    who = order.petitioner
    found = {who.name, who.phone, who.address if who.address not in order.place.address else ""}
    for entry in order.history:
        for field, was, now in _corrections(entry.payload):
            if field not in _WHERE_AND_WHAT:
                found |= {was, now}
    found = {text.strip() for text in found} - {HIDDEN, "匿名"}
    return tuple(sorted((t for t in found if len(t) > 1), key=lambda t: (-len(t), t)))


def _addresses(order: Order) -> set[str]:
    fixed = [row for entry in order.history for row in _corrections(entry.payload)]
    return {order.petitioner.address} | {
        text.strip() for field, *values in fixed if "址" in field for text in values
    }


def _corrections(payload: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(str(f), str(was), str(now)) for f, was, now in payload.get("corrections", ())]


def _clean(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return _text(value, secrets) if type(value) is str else value
    if isinstance(value, Mapping):
        return {k: v if k in _KEPT else _part(k, v, secrets) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_clean(v, secrets) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _KEPT}
        return replace(value, **{k: _part(k, v, secrets) for k, v in parts.items()})
    return value


def _part(name: str, value: Any, secrets: tuple[str, ...]) -> Any:
    if name != "corrections":
        return _clean(value, secrets)
    rows = (
        (field, _clean(was, secrets), _clean(now, secrets))
        if field in _WHERE_AND_WHAT
        else (field, HIDDEN, HIDDEN)
        for field, was, now in value
    )
    return tuple(rows) if isinstance(value, tuple) else [list(row) for row in rows]


def _text(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return mask_text(text, HIDDEN)
