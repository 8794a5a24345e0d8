"""A bare seat for tests: signs in and speaks the contract over HTTP, every answer checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from desktop_app.domain.acts import Act
from desktop_app.domain.orders import Order
from sync.protocol.codec import decode, digest_holds, encode
from sync.protocol.messages import ActResult, Problem, Session, SyncAnswer, SyncRequest
from tests.support.platform import PASSWORD, RunningPlatform


@dataclass
class Seat:
    """One person on one device. ``orders`` and ``cursor`` are what the feed has brought."""

    served: RunningPlatform
    person: str
    device: str = ""
    cursor: str = ""
    orders: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.device = self.device or f"device-{self.person}"
        self.http = requests.Session()
        self.http.trust_env = False
        self.session = self.sign_in()

    def sign_in(self) -> Session:
        body = {"account": self.person, "password": PASSWORD, "device_id": self.device}
        session = decode(self.post("/v1/sessions", body, expect=201).content, Session)
        self.use(session)
        return session

    def use(self, session: Session) -> None:
        self.session = session
        self.http.headers["Authorization"] = f"Bearer {session.access_token}"

    def post(self, path: str, body: object, expect: int = 200) -> requests.Response:
        return self.send("POST", path, expect, data=encode(body))

    def get(self, path: str, expect: int = 200, **params: Any) -> requests.Response:
        return self.send("GET", path, expect, params=params)

    def send(self, method: str, path: str, expect: int, **more: Any) -> requests.Response:
        answer = self.http.request(method, self.served.url + path, timeout=30, **more)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        if "json" in answer.headers.get("content-type", ""):
            assert digest_holds(answer.headers.get("content-digest"), answer.content)
        return answer

    def refused(self, method: str, path: str, status: int, code: str, **more: Any) -> Problem:
        """Send what must be refused; returns the problem document."""
        answer = self.send(method, path, status, **more)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = decode(answer.content, Problem)
        assert (problem.code, problem.status) == (code, status)
        assert problem.title
        assert problem.end
        return problem

    def sync(self, *acts: Act, limit: int = 500) -> SyncAnswer:
        """Push and pull; takes the orders and the cursor over as a seat does."""
        request = SyncRequest(device_id=self.device, cursor=self.cursor, acts=acts, limit=limit)
        return self.take(self.post("/v1/sync", request))

    def changes(self, wait: float) -> SyncAnswer:
        return self.take(self.get("/v1/changes", cursor=self.cursor, wait=wait))

    def snapshot(self, limit: int = 2000) -> SyncAnswer:
        return self.take(self.get("/v1/snapshot", cursor=self.cursor, limit=limit))

    def take(self, response: requests.Response) -> SyncAnswer:
        answer = decode(response.content, SyncAnswer)
        assert answer.end == answer.epoch
        self.orders.update((order.id, order) for order in answer.orders)
        self.cursor = answer.cursor
        return answer

    def catch_up(self) -> None:
        while self.sync().more:
            pass

    def push(self, *acts: Act) -> Sequence[ActResult]:
        return self.sync(*acts, limit=0).results
