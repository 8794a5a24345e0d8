"""The platform's whole contract, fuzzed by schemathesis over real HTTP: it never fails, and never answers
with anything the contract does not say, with a session and without one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from desktop_app.domain.clock import SystemClock
from sync.protocol import openapi, stick
from tests.support.center import sample_intake
from tests.support.platform import running_platform
from tests.sync.platform.seats import Seat

pytestmark = pytest.mark.fault("security.rubbish_requests")

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
FRAMING = {
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
FUZZ = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with running_platform(tmp_path_factory.mktemp("fuzzed"), SystemClock()) as running:
        running.platform.dispatch([sample_intake(n) for n in (1, 2, 3)])
        yield Seat(running, "dispatcher")


@schemathesis.serializer(stick.MEDIA_TYPE)
def as_bytes(_context: Any, value: Any) -> bytes:
    """A stick's file is bytes; whatever is made up for it becomes some."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi.FILE.read_text(encoding="utf-8")))


@SCHEMA.hook
def map_headers(_context: Any, headers: Any) -> Any:
    """A message without a beginning or an end is the web server's to refuse, in its own words."""
    return headers and {
        name: value for name, value in headers.items() if name.lower() not in FRAMING
    }


@SCHEMA.parametrize()
@FUZZ
def test_whoever_has_a_session(case: Any, served: Seat) -> None:
    if (case.method, case.path) == ("DELETE", "/v1/sessions"):
        pytest.skip("signs the other examples out")
    if isinstance(case.body, dict) and "acts" in case.body:
        case.body["device_id"] = served.device  # else nothing of the batch would be looked at
    headers = {"Authorization": f"Bearer {served.session.access_token}"}
    case.call_and_validate(base_url=served.served.url, headers=headers, checks=CHECKS)


@SCHEMA.parametrize()
@FUZZ
def test_whoever_has_none(case: Any, served: Seat) -> None:
    case.call_and_validate(base_url=served.served.url, checks=CHECKS)
