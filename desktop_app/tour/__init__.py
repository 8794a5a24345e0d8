"""``jiban tour``: three real seats and the real platform, one order's whole life, a picture per step."""

from __future__ import annotations

import argparse


def run(args: argparse.Namespace) -> int:
    """Walk the tour into ``args.out``. Returns 0 when every step was what it must be."""
    from desktop_app.tour.script import walk

    return walk(args.out)
