"""Running the platform: alive, ready, figures and logs; none of them tells who or what."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from sync.platform import logs, problems, store
from sync.platform.database import Database, StorageFailed
from sync.platform.platform import Platform
from sync.platform.tables import orders
from sync.platform.uploads import MARK
from tests.support.center import sample_intake
from tests.support.platform import PASSWORD, RunningPlatform, running_server
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_townships import upload

SAID = "见面时说孩子姓欧阳，电话13911112222"
PERSONAL = ("张女士", "13800001234", "13911112222", "欧阳", "东街", "塌陷", PASSWORD, "周女士")


@pytest.fixture
def journal() -> Iterator[io.StringIO]:
    """What the platform logs as JSON, with every level there is."""
    stream = io.StringIO()
    handler = logs.open_log(stream, as_json=True)
    logging.getLogger().setLevel(logging.DEBUG)
    yield stream
    logging.getLogger().setLevel(logging.WARNING)
    logs.close_log(handler)


def test_a_whole_path_and_its_failures_leave_no_personal_data_in_the_log(
    journal: io.StringIO, served: RunningPlatform
) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.catch_up()
    for kind in (K.ACCEPT, K.VERIFY, K.PROPOSE):
        zhou.push(act_on(zhou, order_of(served.platform), kind))
    zhou.push(act_on(zhou, order_of(served.platform), K.NOTE, p.Text(SAID)))
    zhou.refused("POST", "/v1/sync", 400, "unreadable", data=f'{{"{SAID}"'.encode())
    zhou.refused("GET", f"/v1/files/{'0' * 64}", 404, "no_file")
    wrong = {"account": "dispatcher2", "password": SAID, "device_id": "d"}
    zhou.post("/v1/sessions", wrong, expect=401)

    # The store fails in the middle of a write: what was to be written is not repeated.
    served.platform.database.write(orders.drop)
    body = {"device_id": zhou.device, "acts": [act_on_lost(zhou)]}
    zhou.post("/v1/sync", body, expect=503)

    text = journal.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"route": "/v1/sync", "method": "POST", "status": 503} in [
        {name: line.get(name) for name in ("route", "method", "status")} for line in lines
    ]
    assert any("OperationalError" in line.get("error", "") or "ProgrammingError" in
               line.get("error", "") for line in lines)  # fmt: skip
    assert [word for word in PERSONAL if word in text] == []


def act_on_lost(zhou: Seat) -> object:
    order = next(iter(zhou.orders.values()))
    act = act_on(zhou, order, K.NOTE, p.Text(SAID))
    return replace(act, occurred_at=zhou.served.platform.now())


@pytest.mark.control
def test_the_same_search_finds_what_an_ordinary_log_tells(served: RunningPlatform) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger("control").addHandler(handler)
    try:
        raise ValueError(SAID)
    except ValueError:
        logging.getLogger("control").exception("failed")
    finally:
        logging.getLogger("control").removeHandler(handler)
    assert [word for word in PERSONAL if word in stream.getvalue()]


def test_plain_lines_are_as_discreet() -> None:
    stream = io.StringIO()
    handler = logs.open_log(stream)
    try:
        raise ValueError(SAID)
    except ValueError:
        logging.getLogger("jiban.platform").exception("it failed")
    finally:
        logs.close_log(handler)
        logging.getLogger().setLevel(logging.WARNING)
    assert "ValueError" in stream.getvalue()
    assert "欧阳" not in stream.getvalue()


def test_figures_are_on_a_port_of_their_own(platform: Platform, tmp_path: Path) -> None:
    platform.dispatch([sample_intake(1)])
    with running_server(platform, tmp_path / "files") as server:
        zhou = Seat(RunningPlatform(platform, server.url, ""), "dispatcher")
        zhou.push(act_on(zhou, order_of(platform), K.ACCEPT))
        zhou.refused("GET", "/metrics", 404, "not_found")
        zhou.refused("GET", f"/v1/files/{'0' * 64}", 404, "no_file")
        with server.app.state.desk.metrics.served("127.0.0.1", 0) as port:
            address = f"http://127.0.0.1:{port}/metrics"
            text = requests.get(address, timeout=10).text
    assert 'jiban_acts_total{outcome="applied"} 1.0' in text
    assert 'jiban_requests_total{method="POST",route="/v1/sync",status="200"} 1.0' in text
    assert 'route="/v1/files/{sha256}"' in text
    assert "jiban_polls_waiting 0.0" in text
    assert "0" * 64 not in text  # an address asked for is no label
    assert "dispatcher" not in text


def test_it_is_ready_only_with_its_database_and_its_files(
    served: RunningPlatform, tmp_path: Path
) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.get("/ready")
    mark = tmp_path / "platform-files" / MARK
    mark.write_text("another")
    zhou.refused("GET", "/ready", 503, "files")
    mark.unlink()
    zhou.get("/ready")  # nothing was ever stored: a new folder
    served.platform.database.write(lambda db: store.set_meta(db, "schema", "99"))
    zhou.refused("GET", "/ready", 503, "schema")
    zhou.get("/health")  # no reason to be restarted


def test_an_unmounted_folder_of_files_is_noticed(served: RunningPlatform, tmp_path: Path) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.get("/ready")
    upload(zhou, b"photo")
    (tmp_path / "platform-files").rename(tmp_path / "away")
    zhou.refused("GET", "/ready", 503, "files")
    assert not (tmp_path / "platform-files").exists()


def test_a_database_without_room_is_told_apart_from_one_that_fails(
    sqlite_url: str,
) -> None:
    database = Database(sqlite_url)
    with database.engine.connect() as db:
        db.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(StorageFailed) as full:
            db.exec_driver_sql("CREATE TABLE much AS SELECT hex(randomblob(100000))")
        with pytest.raises(StorageFailed) as gone:
            db.exec_driver_sql("SELECT * FROM nothing")
    database.close()
    told = [problems.storage_failed(error.value) for error in (full, gone)]
    assert [(each.status, each.code) for each in told] == [(507, "disk_full"), (503, "storage")]
