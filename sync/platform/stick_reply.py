"""The platform's answer to a file that came on a stick: what ``POST /v1/sync`` would have answered."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sync.platform.platform import Caller, Platform
from sync.platform.sticks import private_key
from sync.protocol.codec import encode
from sync.protocol.messages import ActResult
from sync.protocol.stick import Manifest
from sync.protocol.stick_reply import Reply, seal_reply

MOST_ORDERS = 500
"""Changed orders in one answer; the others come with the next one, or over the line."""


def reply_to(
    platform: Platform,
    caller: Caller,
    manifest: Manifest,
    results: Sequence[ActResult],
    held: int,
) -> bytes:
    """Return the file for the seat that exported ``manifest``; b"" when its key is none.

    It holds the results of its acts and what has changed for this person since the seat's cursor.
    ``held``: how many of its records were here before.
    """
    answer = platform.pull(caller, manifest.cursor, MOST_ORDERS, tuple(results), held=held)
    made = Reply(asked=manifest, made_at=answer.now, answer=msgspec.Raw(encode(answer)))
    center = platform.center(caller.township).name
    try:
        return seal_reply(made, center, private_key(platform))
    except ValueError:
        return b""
