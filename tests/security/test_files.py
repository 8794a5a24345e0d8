"""Photos: knowing what one is called opens nothing; names of files lead nowhere else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.orders import Duty, Handler, Outcome
from sync.platform.oversight import Oversight
from tests.support.acts import make_act
from tests.support.center import HANDLERS, sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, running_platform
from tests.sync.platform.seats import Seat

pytestmark = pytest.mark.fault("security.known_hash")

C = sample_center()
PHOTO = b"the photo of a house" * 100
SHA = hashlib.sha256(PHOTO).hexdigest()
OTHERS = (
    Handler(Duty.LEAD, PersonId("leader2"), "分管村镇建设领导"),
    Handler(Duty.ASSIST, PersonId("village2"), "东沟村书记", UnitId("dg")),
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[RunningPlatform]:
    """Order 1 is the first village's and has the photo; order 2 is the second's."""
    with running_platform(tmp_path, ManualClock()) as running:
        running.platform.dispatch([sample_intake(n) for n in (1, 2)])
        for n, handlers in ((1, HANDLERS), (2, OTHERS)):
            for person, kind, payload in (
                ("dispatcher", K.ACCEPT, None), ("dispatcher", K.VERIFY, None),
                ("dispatcher", K.PROPOSE, p.Propose(handlers)), ("secretary", K.SIGN, None),
            ):  # fmt: skip
                assert do(running, person, kind, n, payload) is Outcome.APPLIED
        village = Seat(running, "village")
        assert do(running, "village", K.PHOTO, 1, files=(SHA,)) is Outcome.APPLIED
        send(village)
        yield running


def do(
    served: RunningPlatform, person: str, kind: K, n: int, payload: object | None = None,
    files: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    order = served.platform.order(sample_intake(n).number)
    assert order is not None
    act = make_act(order, C, person, kind, served.platform.now(), payload)
    caller = served.platform.caller(person, person)
    answer = served.platform.sync(caller, "", [replace(act, needs_files=files)])
    return answer.results[0].outcome


def begin(seat: Seat, sha256: str = SHA, size: int = len(PHOTO)) -> int:
    """Begin an upload; return how much of it the platform claims to have."""
    named = base64.b64encode(sha256.encode()).decode()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": f"sha256 {named}",
    }
    return int(seat.send("POST", "/v1/files", 201, headers=headers).headers["Upload-Offset"])


def send(seat: Seat) -> None:
    assert begin(seat) == 0
    headers = {
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    seat.send("PATCH", f"/v1/files/{SHA}", 204, headers=headers, data=PHOTO)


def reads(seat: Seat) -> bool:
    answer = seat.http.get(f"{seat.served.url}/v1/files/{SHA}", timeout=30)
    assert answer.status_code in (200, 404)
    assert answer.status_code == 404 or answer.content == PHOTO
    return answer.status_code == 200


def test_who_knows_a_hash_cannot_name_it_on_his_own_order_and_read_it(
    served: RunningPlatform,
) -> None:
    thief, partner = Seat(served, "village2"), Seat(served, "leader2")
    assert reads(Seat(served, "leader"))
    assert do(served, "village2", K.PHOTO, 2, files=(SHA,)) is Outcome.APPLIED
    assert not reads(thief)
    assert not reads(partner)
    assert begin(thief) == 0, "that the platform has it is not told"
    assert not reads(thief)
    assert Oversight(served.platform).verify().findings == []


def test_who_has_it_himself_may_show_it(served: RunningPlatform) -> None:
    honest, partner = Seat(served, "village2"), Seat(served, "leader2")
    assert do(served, "village2", K.PHOTO, 2, files=(SHA,)) is Outcome.APPLIED
    send(honest)
    assert reads(honest)
    assert reads(partner)
    assert Oversight(served.platform).verify().findings == []


def test_who_may_read_it_may_pass_it_on(served: RunningPlatform) -> None:
    assert do(served, "dispatcher", K.NOTE, 2, files=(SHA,)) is Outcome.APPLIED
    assert reads(Seat(served, "village2"))


def test_one_s_claim_is_not_made_good_by_another_s_upload(served: RunningPlatform) -> None:
    thief, station = Seat(served, "village2"), Seat(served, "station2")
    assert do(served, "village2", K.PHOTO, 2, files=(SHA,)) is Outcome.APPLIED
    send(station)
    assert not reads(thief)
    assert not reads(station)


@pytest.mark.parametrize(
    "path",
    ["../../platform.db", "..%2f..%2fplatform.db", "%2e%2e/%2e%2e/platform.db", "/etc/passwd", "a" * 63,
     "A" * 64, f"{SHA}/../../x", f"{SHA}%00", "．．/platform.db"],
)  # fmt: skip
def test_a_name_leads_out_of_the_folder_on_no_way(served: RunningPlatform, path: str) -> None:
    zhou = Seat(served, "dispatcher")
    for method in ("GET", "HEAD", "PATCH"):
        answer = zhou.http.request(method, f"{served.url}/v1/files/{path}", timeout=30)
        assert answer.status_code in (400, 404, 405, 412), (method, answer.status_code)


@pytest.mark.parametrize("named", ["../../x", "a/b", "", "\0" * 64, "Ａ" * 64, SHA.upper()])
def test_an_upload_is_named_by_a_hash_or_not_at_all(served: RunningPlatform, named: str) -> None:
    zhou = Seat(served, "dispatcher")
    headers = {
        "Tus-Resumable": "1.0.0", "Upload-Length": "5",
        "Upload-Metadata": f"sha256 {base64.b64encode(named.encode()).decode()}",
    }  # fmt: skip
    zhou.send("POST", "/v1/files", 400, headers=headers)


def test_an_act_names_files_by_hashes_only(served: RunningPlatform) -> None:
    for name in ("../../platform.db", SHA.upper(), "x" * 64):
        assert do(served, "village", K.PHOTO, 1, files=(name,)) is Outcome.REJECTED
