"""Several townships on one platform: each has its own people, numbers and feed, and no other's."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import CENTER, PersonId
from desktop_app.domain.orders import Stage
from sync.platform import tables
from sync.platform.platform import Platform
from sync.platform.problems import PlatformProblem
from sync.platform.tables import REFERENCE, metadata
from sync.protocol.codec import decode, encode
from sync.protocol.messages import SyncAnswer
from tests.support.acts import make_act
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform, running_platform, sample_logins
from tests.sync.platform.seats import Seat

EAST, WEST = "110117102", "110117103"
CENTERS = {
    EAST: replace(sample_center(), township="东乡", name="东乡群众诉求处置中心"),
    WEST: replace(sample_center(), township="西乡", name="西乡群众诉求处置中心"),
}


def account(person: str, township: str) -> str:
    return f"{person}@{township}"


def logins(township: str) -> list[tuple[str, str, str]]:
    found = sample_logins(CENTERS[township])
    return [(account(name, township), word, person) for name, word, person in found]


@pytest.fixture
def served(tmp_path: Path, database: str, clock: ManualClock) -> Iterator[RunningPlatform]:
    """East has orders 1 to 3 and west 2 to 4: numbers 2 and 3 are in both."""
    accounts = logins(EAST)
    with running_platform(
        tmp_path, clock, CENTERS[EAST], accounts, database, township=EAST
    ) as running:
        running.platform.setup_center(CENTERS[WEST], logins(WEST), township=WEST)
        running.platform.dispatch([sample_intake(n) for n in (1, 2, 3)], township=EAST)
        running.platform.dispatch([sample_intake(n) for n in (2, 3, 4)], township=WEST)
        yield running


@pytest.fixture
def platform(served: RunningPlatform) -> Platform:
    return served.platform


class TownSeat(Seat):
    """A seat of one of the two townships; everybody has a namesake in the other."""

    def __init__(self, served: RunningPlatform, person: str, township: str) -> None:
        self.township = township
        super().__init__(served, account(person, township), f"device-{person}-{township}")
        self.person = person

    def on(self, n: int, kind: K, payload: object | None = None) -> Act:
        platform = self.served.platform
        order = platform.order(sample_intake(n).number, township=self.township)
        assert order is not None
        center, now = CENTERS[self.township], platform.now()
        return make_act(order, center, self.person, kind, now, payload, seat=self.device)


def rows_of(platform: Platform, township: str) -> dict[str, list[Any]]:
    """Return all that the database holds of a township."""
    found = {}
    with platform.database.read() as db:
        for table in metadata.sorted_tables:
            if "township" in table.c:
                rows = db.execute(select(table).where(table.c.township == township))
                found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


def test_the_township_leads_every_key() -> None:
    for table in metadata.sorted_tables:
        if table in REFERENCE:
            continue
        assert next(iter(table.primary_key.columns)).name == "township", table.name
        for index in table.indexes:
            assert next(iter(index.columns)).name == "township", index.name
        assert not any(column.unique for column in table.columns), table.name


def test_a_seat_is_sent_its_townships_orders_and_center_only(served: RunningPlatform) -> None:
    for township, numbers in ((EAST, {1, 2, 3}), (WEST, {2, 3, 4})):
        seat = TownSeat(served, "dispatcher", township)
        answer = seat.sync()
        assert answer.center is not None
        assert answer.center.name == CENTERS[township].name
        assert {o.number for o in answer.orders} == {sample_intake(n).number for n in numbers}


def test_the_same_number_is_another_order_elsewhere(platform: Platform) -> None:
    east, west = (platform.order(sample_intake(2).number, township=t) for t in (EAST, WEST))
    assert east is not None
    assert west is not None
    assert east.id != west.id


def test_anothers_cursor_begins_from_the_start(served: RunningPlatform) -> None:
    east, west = (TownSeat(served, "dispatcher", t) for t in (EAST, WEST))
    east.sync()
    west.cursor = east.cursor
    answer = west.sync()
    assert len(answer.orders) == 3
    assert answer.epoch != served.platform.epoch(EAST)


def _sync(east: TownSeat, west: TownSeat) -> str:
    return west.post("/v1/sync", {"device_id": west.device, "cursor": east.cursor}).text


def _changes(east: TownSeat, west: TownSeat) -> str:
    return west.get("/v1/changes", cursor=east.cursor).text


def _snapshot(east: TownSeat, west: TownSeat) -> str:
    return west.get("/v1/snapshot", cursor=east.cursor).text


def _pushed_note(east: TownSeat, west: TownSeat) -> str:
    note = west.on(2, K.NOTE)
    foreign = replace(note, subject=east.on(1, K.NOTE).subject)
    answer = decode(
        west.post("/v1/sync", {"device_id": west.device, "acts": [foreign]}).content, SyncAnswer
    )
    assert [(r.outcome, r.code) for r in answer.results] == [("deferred", "unknown_order")]
    return repr(answer.results)


def _east_file(east: TownSeat, west: TownSeat) -> str:
    content = "东乡的照片".encode()
    sha = upload(east, content)
    east.push(replace(east.on(1, K.NOTE), needs_files=(sha,)))
    assert east.get(f"/v1/files/{sha}").content == content
    west.refused("GET", f"/v1/files/{sha}", 404, "no_file")
    address, tus = f"{west.served.url}/v1/files/{sha}", {"Tus-Resumable": "1.0.0"}
    assert west.http.head(address, headers=tus, timeout=30).status_code == 404
    # Not even that somebody else has the file may be learned: it has to be sent whole.
    assert begin(west, sha, len(content)).headers["upload-offset"] == "0"
    return ""


def begin(seat: Seat, sha: str, size: int) -> Any:
    named = base64.b64encode(sha.encode()).decode()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": f"sha256 {named}",
    }
    return seat.send("POST", "/v1/files", 201, headers=headers)


def upload(seat: Seat, content: bytes) -> str:
    sha = hashlib.sha256(content).hexdigest()
    begin(seat, sha, len(content))
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    seat.send("PATCH", f"/v1/files/{sha}", 204, headers=headers, data=content)
    return sha


@pytest.mark.parametrize(
    "ask", [_sync, _changes, _snapshot, _pushed_note, _east_file], ids=lambda ask: ask.__name__
)
def test_nothing_of_east_is_readable_in_west(
    served: RunningPlatform, ask: Callable[[TownSeat, TownSeat], str]
) -> None:
    east, west = (TownSeat(served, "dispatcher", t) for t in (EAST, WEST))
    east.sync()
    told = ask(east, west)
    order = east.on(1, K.NOTE).subject
    assert "东乡" not in told
    assert sample_intake(1).number not in told
    assert order not in told


def test_nothing_that_west_does_changes_east(served: RunningPlatform) -> None:
    east, west = (TownSeat(served, "dispatcher", t) for t in (EAST, WEST))
    mine = east.on(2, K.ACCEPT)
    east.push(mine, east.on(3, K.NOTE))
    upload(east, b"photo")
    platform = served.platform
    before = rows_of(platform, EAST)
    same_id = replace(west.on(2, K.NOTE), id=mine.id)
    west.push(same_id, west.on(3, K.ACCEPT), replace(west.on(2, K.NOTE), subject=mine.subject))
    upload(west, b"photo")
    boss = TownSeat(served, "secretary", WEST)
    assert [r.outcome for r in boss.push(make_delegation(boss))] == ["applied"]
    platform.dispatch([sample_intake(n) for n in (1, 2, 9)], township=WEST)
    platform.act_as_platform(
        K.WITHDRAW, sample_intake(2).number, p.plain(p.Reason("转办")), township=WEST
    )
    platform.change_policy(sample_center("xining").policy, township=WEST)
    assert platform.change_password(account("leader", WEST), "another")
    assert platform.switch_account(account("village", WEST), active=False)
    platform.setup_center(CENTERS[WEST], [("new", "password", "leader")], township=WEST)
    west.send("DELETE", "/v1/sessions", 200)
    assert rows_of(platform, EAST) == before


def make_delegation(boss: TownSeat) -> Act:
    now = boss.served.platform.now()
    payload = p.AuthoriseDeputy(PersonId("leader2"), now, now + timedelta(hours=1), "出差")
    return replace(boss.on(2, K.AUTHORISE_DEPUTY, payload), subject=CENTER)


def test_a_seats_store_is_not_taken_to_another_township(served: RunningPlatform) -> None:
    east = TownSeat(served, "dispatcher", EAST)
    body = {
        "account": account("dispatcher", WEST),
        "password": PASSWORD,
        "device_id": east.device,
    }
    problem = east.refused("POST", "/v1/sessions", 403, "device_township", data=encode(body))
    assert "--profile" in problem.detail


def test_a_token_is_good_in_its_own_township_only(served: RunningPlatform) -> None:
    east = TownSeat(served, "dispatcher", EAST)
    township, _, secret = east.session.access_token.partition("~")
    assert township == EAST
    east.http.headers["Authorization"] = f"Bearer {WEST}~{secret}"
    east.refused("GET", "/v1/snapshot", 401, "not_signed_in")


def test_an_account_name_is_taken_once(platform: Platform) -> None:
    taken = account("leader", EAST)
    with pytest.raises(PlatformProblem) as refused:
        platform.setup_center(CENTERS[WEST], [(taken, PASSWORD, "leader")], township=WEST)
    assert refused.value.code == "account_taken"
    assert platform.center(WEST).rev == 1


ASKS: dict[str, Callable[[Platform], object]] = {
    "center": lambda it: it.center(),
    "change_center": lambda it: it.change_center(CENTERS[EAST]),
    "change_policy": lambda it: it.change_policy(CENTERS[EAST].policy),
    "setup_center": lambda it: it.setup_center(CENTERS[EAST]),
    "accounts": lambda it: it.accounts(),
    "caller": lambda it: it.caller("dispatcher"),
    "dispatch": lambda it: it.dispatch([sample_intake(8)]),
    "act_as_platform": lambda it: it.act_as_platform(K.WITHDRAW, sample_intake(2).number, {}),
    "enact": lambda it: it.enact([]),
    "order": lambda it: it.order(sample_intake(2).number),
    "order_count": lambda it: it.order_count(),
    "rejected": lambda it: it.rejected(),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_with_several_townships_one_must_be_named(
    platform: Platform, ask: Callable[[Platform], object]
) -> None:
    before = rows_of(platform, EAST), rows_of(platform, WEST)
    with pytest.raises(PlatformProblem) as refused:
        ask(platform)
    assert refused.value.code == "township"
    assert f"{EAST}（东乡）、{WEST}（西乡）" in refused.value.detail
    assert (rows_of(platform, EAST), rows_of(platform, WEST)) == before


def test_an_unknown_township_is_named(platform: Platform) -> None:
    with pytest.raises(PlatformProblem, match="没有编号为“nowhere”的乡镇"):
        platform.dispatch([sample_intake(8)], township="nowhere")
    for bad in ("", "X", "a/b", "东乡", "a" * 33):
        with pytest.raises(PlatformProblem):
            platform.setup_center(CENTERS[EAST], township=bad)


def test_an_order_that_leaves_is_withdrawn_here_and_dispatched_there(
    served: RunningPlatform,
) -> None:
    east, west = (TownSeat(served, "dispatcher", t) for t in (EAST, WEST))
    for seat in (east, west):
        seat.catch_up()
    late = east.on(1, K.VERIFY)
    east.push(east.on(1, K.ACCEPT))
    number = sample_intake(1).number
    reason = p.plain(p.Reason("属地核错，转西乡办"))
    served.platform.act_as_platform(K.WITHDRAW, number, reason, township=EAST)
    served.platform.dispatch([sample_intake(1)], township=WEST)
    assert [(o.number, o.stage) for o in east.sync().orders] == [(number, Stage.WITHDRAWN)]
    assert [(o.number, o.stage) for o in west.sync().orders] == [(number, Stage.DISPATCHED)]
    (result,) = east.push(late)  # made before the order left, and still visible there
    assert result.outcome == "rejected"
    assert [r.act.id for r in served.platform.rejected(township=EAST)] == [late.id]
    assert served.platform.rejected(township=WEST) == []


def test_the_platform_says_whom_it_serves(served: RunningPlatform) -> None:
    assert served.platform.hello().center == "2 个乡镇的共用平台"
    assert served.platform.townships() == {EAST: "东乡", WEST: "西乡"}


def test_a_database_of_another_version_is_refused_and_left_alone(
    database: str, clock: ManualClock
) -> None:
    platform = Platform(database, clock)
    for other, said in ((1, "试用版"), (tables.SCHEMA + 1, "更新的程序")):
        platform.database.write(
            lambda db, other=other: db.execute(  # type: ignore[misc]
                tables.meta.update().where(tables.meta.c.key == "schema").values(value=str(other))
            )
        )
        with pytest.raises(PlatformProblem, match=said):
            Platform(database, clock)
    platform.close()
