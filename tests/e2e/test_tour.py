"""The tour is the proof that the windows do what the README says: it must pass, whole, every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXPECTED_STEPS = 24


@pytest.mark.timeout(400)
def test_one_orders_whole_life_on_three_real_seats(tmp_path: Path) -> None:
    out = tmp_path / "tour"
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "tour", "--out", str(out)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pictures = sorted(out.glob("*.png"))
    assert len(pictures) == EXPECTED_STEPS
    assert all(picture.stat().st_size > 10_000 for picture in pictures)
    transcript = (out / "transcript.txt").read_text(encoding="utf-8")
    assert "完全一样" in transcript
    assert "13800001234" not in transcript
