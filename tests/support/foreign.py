"""A simulated 12345 system as a city may have it: over real HTTP, without idempotency keys.

What is posted twice is there twice. It loses answers after it has accepted, breaks before it accepts,
answers 500 either way, shows what it accepted to a query only after a while, hands out records
twice, out of order and mixed with rubbish. Everything it does wrong is drawn from one seed.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from desktop_app.domain.clock import Clock

TOKEN = "for-tests"


@dataclass
class Weather:
    """How often what goes wrong, each from 0 to 1; ``hidden`` is how long a query lags behind."""

    lost_answer: float = 0.0  # accepted, then the line is cut
    late_error: float = 0.0  # accepted, then 500
    cut_before: float = 0.0  # cut before it is accepted
    early_error: float = 0.0  # 500 without accepting
    busy: float = 0.0  # 429
    rubbish: float = 0.0  # an answer that is not JSON, after accepting
    failed_query: float = 0.0
    repeated: float = 0.0  # a record is handed out again
    shuffled: float = 0.0  # a page is out of order
    spoilt: float = 0.0  # a rubbish record is put in
    hidden: timedelta = timedelta()


FAIR = Weather()
STORM = Weather(
    lost_answer=0.2, late_error=0.1, cut_before=0.15, early_error=0.1, busy=0.05, rubbish=0.05,
    failed_query=0.2, repeated=0.3, shuffled=0.5, spoilt=0.3, hidden=timedelta(minutes=3),
)  # fmt: skip


@dataclass
class Foreign:
    """The system's own memory. Its methods are what its own staff would do."""

    clock: Clock
    weather: Weather = field(default_factory=Weather)
    seed: int = 0
    on_post: Callable[[str], None] | None = None
    """Called with "before" and "after" accepting, in the server's thread."""
    records: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)  # order number -> why
    posts: int = 0
    queries: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.lock = threading.Lock()

    # --- its staff --------------------------------------------------------------------------------

    def dispatch(self, number: str, record_id: str = "", **order: object) -> None:
        """Send an order down; ``order`` are its fields by their Chinese or English names."""
        self.say("order", number, record_id or f"o-{number}-{len(self.records)}", order=order)

    def say(self, kind: str, number: str, record_id: str = "", **more: object) -> None:
        with self.lock:
            record_id = record_id or f"{kind}-{len(self.records)}"
            self.records.append({"id": record_id, "kind": kind, "number": number, **more})

    def copies(self) -> Counter[str]:
        """Return how often each reference is there."""
        with self.lock:
            return Counter(str(body["reference"]) for _, body in self.accepted)

    # --- its interface ----------------------------------------------------------------------------

    def page(self, after: str, limit: int) -> dict[str, Any]:
        with self.lock:
            start = int(after or 0)
            end = min(len(self.records), start + limit)
            records: list[Any] = list(self.records[start:end])
            often = self.weather.repeated / 4
            records += [record for record in self.records[:end] if self._happens(often)]
            if self._happens(self.weather.shuffled):
                self.dice.shuffle(records)
            if self._happens(self.weather.spoilt):
                records.insert(self.dice.randrange(len(records) + 1), self._rubbish())
            return {"records": records, "mark": str(end), "more": end < len(self.records)}

    def _rubbish(self) -> object:
        return self.dice.choice(
            [
                None, 7, "x", [], {}, {"id": "r-1", "kind": "order"}, {"id": 5, "kind": "urge"},
                {"id": "r-2", "kind": "dance", "number": "1"},
                {"id": "r-3", "kind": "order", "number": "R-3", "order": {"标题": ""}},
                {"id": "r-4", "kind": "order", "number": "R-4", "order": {"标题": "长" * 30_000}},
                {"id": "r-5", "kind": "call_back", "number": "R-5"},
                {"id": "r-6", "kind": "urge", "number": "\u0000"},
            ]
        )  # fmt: skip

    def held(self, reference: str) -> list[dict[str, str]]:
        """Return what a query shows: what was accepted long enough ago."""
        with self.lock:
            self.queries += 1
            seen = self.clock.now() - self.weather.hidden
            return [
                {"reference": reference, "receipt": f"F-{place}"}
                for place, (at, body) in enumerate(self.accepted)
                if at <= seen and body["reference"] == reference
            ]

    def accept(self, body: dict[str, Any]) -> str:
        """Take a result in, whatever is there already."""
        with self.lock:
            self.accepted.append((self.clock.now(), body))
            return f"F-{len(self.accepted) - 1}"

    def _happens(self, share: float) -> bool:
        return self.dice.random() < share

    def fate(self) -> str:
        """Draw what becomes of one posting."""
        with self.lock:
            self.posts += 1
            w, roll = self.weather, self.dice.random()
            for name in (
                "lost_answer",
                "late_error",
                "cut_before",
                "early_error",
                "busy",
                "rubbish",
            ):
                share: float = getattr(w, name)
                if roll < share:
                    return name
                roll -= share
            return "fine"

    def query_fails(self) -> bool:
        with self.lock:
            return self._happens(self.weather.failed_query)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        foreign, parts = self.server.foreign, urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        if not self._known():
            return
        if foreign.query_fails():
            self._answer(503, {"error": "忙"})
        elif parts.path == "/api/orders":
            self._answer(200, foreign.page(query["after"], int(query["limit"])))
        elif parts.path == "/api/results":
            self._answer(200, {"results": foreign.held(query["reference"])})
        else:
            self._answer(404, {"error": "没有这个地址"})

    def do_POST(self) -> None:
        foreign = self.server.foreign
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._known():
            return
        fate = foreign.fate()
        if foreign.on_post:
            foreign.on_post("before")
        if fate == "cut_before":
            self._cut()
        elif fate == "early_error":
            self._answer(500, {"error": "内部错误"})
        elif fate == "busy":
            self._answer(429, {"error": "忙"})
        elif body["number"] in foreign.refuses:
            self._answer(422, {"error": foreign.refuses[body["number"]]})
        else:
            self._accepted(body, fate)

    def _accepted(self, body: dict[str, Any], fate: str) -> None:
        foreign = self.server.foreign
        receipt = foreign.accept(body)
        if foreign.on_post:
            foreign.on_post("after")
        if fate == "lost_answer":
            self._cut()
        elif fate == "late_error":
            self._answer(500, {"error": "内部错误"})
        elif fate == "rubbish":
            self._answer(200, "<html>欢迎</html>")
        else:
            self._answer(200, {"receipt": receipt})

    def _known(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._answer(401, {"error": "口令不对"})
        return False

    def _cut(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()
        self.wfile = _Nowhere()  # type: ignore[assignment]

    def _answer(self, status: int, value: object) -> None:
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        kind = "text/html" if isinstance(value, str) else "application/json; charset=utf-8"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class _Nowhere:
    """Where an answer goes whose line was cut."""

    closed = False

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, foreign: Foreign) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.foreign = foreign

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of a request is part of the weather."""


@contextmanager
def foreign_system(
    clock: Clock,
    weather: Weather = FAIR,
    seed: int = 0,
    on_post: Callable[[str], None] | None = None,
) -> Iterator[Foreign]:
    """Run the foreign system on a free port of this machine while the block runs."""
    foreign = Foreign(clock, weather, seed, on_post)
    server = _Server(foreign)
    foreign.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="foreign")
    thread.start()
    try:
        yield foreign
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
