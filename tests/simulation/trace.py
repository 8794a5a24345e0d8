"""What happened, line by line: the last lines are shown with a failure, all of them make the hash."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable

KEPT = 80


class Trace:
    """``echo`` hears every line as it is written. ``counts`` are what the summary adds up."""

    def __init__(self, passed: Callable[[], float], echo: Callable[[str], None] | None) -> None:
        self._passed, self._echo = passed, echo
        self._last: deque[str] = deque(maxlen=KEPT)
        self._sha = hashlib.sha256()
        self.counts: Counter[str] = Counter()

    def note(self, who: str, what: str) -> None:
        line = f"{self._passed():12.3f} {who:<12} {what}"
        self._sha.update(line.encode())
        self._last.append(line)
        if self._echo is not None:
            self._echo(line)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] += by

    @property
    def digest(self) -> str:
        return self._sha.hexdigest()

    @property
    def last(self) -> str:
        return "\n".join(self._last)
