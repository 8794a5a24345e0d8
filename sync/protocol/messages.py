"""The messages of the contract. Orders and acts travel as the domain's own frozen dataclasses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Center
from desktop_app.domain.orders import Order, Outcome

PROTOCOL = 1
OLDEST_PROTOCOL = 1
END_MARK = "end"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all messages. Unknown fields are ignored so that a newer peer may add some."""


class Hello(Message, frozen=True, kw_only=True):
    """``GET /v1/hello``. ``pace`` is 1 but in a demonstration, where the center's time runs faster."""

    product: str  # always "jiban-platform": a web page or another service does not say this
    server_id: str
    epoch: str
    protocol_min: int
    protocol_max: int
    now: datetime
    pace: float = 1.0
    max_acts: int = 500  # in one request, together at most ``max_body`` bytes
    max_page: int = 2000
    max_body: int = 8 * 1024 * 1024
    max_file: int = 50 * 1024 * 1024
    center: str = ""
    end: str


class Login(Message, frozen=True, kw_only=True):
    """``POST /v1/sessions``."""

    account: str
    password: str
    device_id: str
    device_name: str = ""
    device_key: str = ""  # with which the seat signs files for a stick (``stick.device_public``)


class Refresh(Message, frozen=True, kw_only=True):
    """``POST /v1/sessions/refresh``: the refresh token is spent and replaced."""

    refresh_token: str
    device_id: str
    device_key: str = ""


class Session(Message, frozen=True, kw_only=True):
    """Answer of both. ``expires_in`` is in real seconds. ``seal_key``: the platform's public key for
    files on a stick; "" when the request told no device key, so that the platform knows of none.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    person_id: str
    server_id: str
    epoch: str
    seal_key: str = ""
    end: str


class SyncRequest(Message, frozen=True, kw_only=True):
    """``POST /v1/sync``: push ``acts`` and pull what changed since ``cursor`` in one round trip.

    ``ack`` is the highest device_seq of this device whose result is stored here: a platform that
    knows less has been restored from a backup. ``limit`` 0 pushes without pulling. ``folds``: orders
    that only these acts changed need not come back, their digest is enough (``protocol.folding``).
    ``brief``: the result with an order's digest may stand for all of its acts (``folding.whole``).
    ``packs``: many orders may come packed (``protocol.packing``).
    """

    device_id: str
    cursor: str = ""
    ack: int = 0
    limit: int = 500
    folds: bool = False
    brief: bool = False
    packs: bool = False
    acts: tuple[Act, ...] = ()


class ActResult(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one act. ``rev`` is the order's revision that holds it (0: none).

    ``blocked`` names the act in ``by``; ``rejected`` and ``deferred`` say why in ``reason``.
    ``due_at``: until when its author should deal with a refusal.
    ``state``, with the last act of an order, is the digest of the order in place of the order. Where
    the request said ``brief``, the order's acts before it have no results: each was applied, and each
    made the next revision.
    """

    act_id: str
    outcome: Outcome
    rev: int = 0
    code: str = ""
    reason: str = ""
    by: str = ""
    original: Outcome | None = None  # of a duplicate
    due_at: datetime | None = None
    state: str = ""


class SyncAnswer(Message, frozen=True, kw_only=True):
    """Answer to sync, changes and snapshot. ``orders`` and ``center`` are the newest states;
    ``ack`` is the highest device_seq the platform held of this device before this request (-1:
    unknown here);
    ``packs`` hold orders too, before those in ``orders``;
    ``received_at`` is the platform's time in the history of the orders that results hold digests of.
    """

    server_id: str
    epoch: str
    now: datetime
    pace: float = 1.0
    cursor: str
    more: bool = False
    ack: int = -1
    results: tuple[ActResult, ...] = ()
    received_at: datetime | None = None
    orders: tuple[Order, ...] = ()
    packs: tuple[bytes, ...] = ()
    center: Center | None = None
    end: str


class RawSyncAnswer(Message, frozen=True, kw_only=True):
    """The same answer with the orders left as bytes, for a store that indexes before it decodes."""

    server_id: str
    epoch: str
    now: datetime
    pace: float = 1.0
    cursor: str
    more: bool = False
    ack: int = -1
    results: tuple[ActResult, ...] = ()
    received_at: datetime | None = None
    orders: tuple[msgspec.Raw, ...] = ()
    packs: tuple[bytes, ...] = ()
    center: Center | None = None
    end: str


class StickRefusal(Message, frozen=True, kw_only=True):
    """An act of a stick that has no effect, and why; ``number`` is the order's, "" for an unknown one.
    One that cannot be read has neither ``kind`` nor ``occurred_at``.
    """

    act_id: str
    kind: str
    number: str
    occurred_at: datetime | None
    reason: str


class StickTaken(Message, frozen=True, kw_only=True):
    """Answer to ``POST /v1/outbox-imports``: what became of a file that came on a USB stick.

    ``asked``: of the new ones, those that somebody has to decide about; ``held``: kept unjudged, the
    person is not in office. ``reply``: the file for the seat, to be put beside the one that came; only
    that seat can read it (``stick_reply``).
    """

    server_id: str
    epoch: str
    person: str
    made_at: datetime
    new: int
    known: int
    asked: int
    held: int
    not_taken: tuple[StickRefusal, ...] = ()
    photos: int = 0
    known_photos: int = 0
    spoilt_photos: int = 0
    reply: bytes = b""
    end: str


class Done(Message, frozen=True, kw_only=True):
    """Answer to a request that returns nothing else (``/health``, signing out)."""

    status: str = "ok"
    end: str


class Problem(Message, frozen=True, kw_only=True):
    """RFC 9457 problem document. ``title`` and ``detail`` are Chinese and say what to do."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    extra: dict[str, Any] = {}
    end: str = ""  # the epoch, as in every answer of the platform
