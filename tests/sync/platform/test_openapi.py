"""The published contract is the code's, and every real answer keeps to it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import requests
from starlette.applications import Starlette
from starlette.routing import Route

from desktop_app.domain.acts import ActKind as K
from sync.platform import device_keys, sticks
from sync.platform.app import create_app
from sync.platform.platform import Platform
from sync.protocol import openapi, stick
from tests.support.platform import PASSWORD, RunningPlatform
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat

DOCUMENT = json.loads(openapi.FILE.read_text(encoding="utf-8"))


@pytest.fixture
def database(sqlite_url: str) -> str:
    return sqlite_url


def test_the_file_is_what_the_code_says() -> None:
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.text(), (
        "run python -m sync.protocol.openapi"
    )


def test_every_route_is_in_the_document_and_no_other(platform: Platform, tmp_path: Any) -> None:
    app: Starlette = create_app(platform, tmp_path)
    served = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD" or "{sha256}" in route.path
    }
    told = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert served == told


def check(method: str, path: str, answer: requests.Response) -> None:
    """Hold an answer to the document: status, media type, schema, headers."""
    operation = DOCUMENT["paths"][path][method.lower()]
    told = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    for name in told.get("headers", {}):
        assert name.lower() in answer.headers, (path, name)
    media = answer.headers.get("content-type", "")
    if "content" not in told:
        return
    (kind,) = told["content"]
    assert media == kind
    schema = {**told["content"][kind]["schema"], "components": DOCUMENT["components"]}
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(answer.json())
    assert answer.json()["end"]


def test_real_answers_keep_to_the_contract(served: RunningPlatform) -> None:
    zhou = Seat(served, "dispatcher")
    data = b"photo"
    sha = hashlib.sha256(data).hexdigest()
    act = replace(act_on(zhou, order_of(served.platform), K.ACCEPT), needs_files=(sha,))
    sync_body = json.dumps({"device_id": zhou.device, "acts": [_json(act), {"id": "x"}]})
    spent = json.dumps({"refresh_token": zhou.session.refresh_token, "device_id": zhou.device})
    tus = {"Tus-Resumable": "1.0.0"}
    meta = f"sha256 {base64.b64encode(sha.encode()).decode()}"
    begin = {**tus, "Upload-Length": "5", "Upload-Metadata": meta}
    append = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    file = "/v1/files/{sha256}"
    key, own = stick.new_device_key(), {"Content-Type": stick.MEDIA_TYPE}
    carried = stick_of(served.platform, zhou, key)
    asked = {"account": "dispatcher", "password": PASSWORD, "device_id": zhou.device}
    login = json.dumps({**asked, "device_key": stick.device_public(key)})
    calls: list[tuple[str, str, str, int, dict[str, Any]]] = [
        (
            "POST",
            "/v1/outbox-imports",
            "/v1/outbox-imports",
            200,
            {"headers": own, "data": carried},
        ),
        (
            "POST",
            "/v1/outbox-imports",
            "/v1/outbox-imports",
            422,
            {"headers": own, "data": carried[:-1]},
        ),
        ("POST", "/v1/outbox-imports", "/v1/outbox-imports", 415, {"data": carried}),
        ("GET", "/health", "/health", 200, {}),
        ("GET", "/ready", "/ready", 200, {}),
        ("GET", "/v1/hello", "/v1/hello", 200, {}),
        ("GET", "/v1/openapi.json", "/v1/openapi.json", 200, {}),
        ("POST", "/v1/sync", "/v1/sync", 200, {"data": sync_body}),
        ("POST", "/v1/sync", "/v1/sync", 400, {"data": "{"}),
        ("GET", "/v1/changes", "/v1/changes?wait=0", 200, {}),
        ("GET", "/v1/snapshot", "/v1/snapshot", 200, {}),
        ("GET", "/v1/chain", "/v1/chain?at=1,2", 200, {}),
        ("OPTIONS", "/v1/files", "/v1/files", 204, {}),
        ("POST", "/v1/files", "/v1/files", 201, {"headers": begin}),
        ("POST", "/v1/files", "/v1/files", 412, {}),
        ("HEAD", file, f"/v1/files/{sha}", 200, {"headers": tus}),
        ("PATCH", file, f"/v1/files/{sha}", 204, {"headers": append, "data": data}),
        ("PATCH", file, f"/v1/files/{sha}", 409, {"headers": append, "data": data}),
        ("GET", file, f"/v1/files/{sha}", 200, {}),
        ("GET", file, f"/v1/files/{sha}", 206, {"headers": {"Range": "bytes=1-2"}}),
        ("GET", file, f"/v1/files/{sha}", 416, {"headers": {"Range": "bytes=9-"}}),
        ("GET", file, "/v1/files/nothing", 404, {}),
        ("POST", "/v1/sessions", "/v1/sessions", 201, {"data": login}),
        ("POST", "/v1/sessions", "/v1/sessions", 401, {"data": login.replace("secret", "x")}),
        ("POST", "/v1/sessions/refresh", "/v1/sessions/refresh", 200, {"data": spent}),
        ("DELETE", "/v1/sessions", "/v1/sessions", 200, {}),
        ("DELETE", "/v1/sessions", "/v1/sessions", 401, {}),
    ]
    done = set()
    for method, template, path, status, more in calls:
        check(method, template, zhou.send(method, path, status, **more))
        done.add((template, method.lower()))
    told = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert done == told


def stick_of(platform: Platform, seat: Seat, key: bytes) -> bytes:
    """Return a file with nothing in it that the seat could have written."""
    public, at = stick.device_public(key), platform.now()
    person = seat.session.person_id
    platform.database.write(
        lambda db: device_keys.register(db, platform.township(), person, seat.device, public, at)
    )
    said = stick.Manifest(
        server_id=platform.server_id, person_id=person, device_id=seat.device, device_key=public,
        made_at=at,
    )  # fmt: skip
    out = io.BytesIO()
    header = (platform.server_id, "中心", sticks.seal_key(platform))
    stick.StickWriter(out, header, said, key).finish()
    return out.getvalue()


def _json(act: object) -> Any:
    from sync.protocol.codec import encode

    return json.loads(encode(act))


def test_a_wrong_answer_would_be_noticed(served: RunningPlatform) -> None:
    """Negative control: the validation sees a missing end mark."""
    answer = Seat(served, "dispatcher").get("/v1/hello")
    body = answer.json()
    del body["end"]
    answer._content = json.dumps(body).encode()
    with pytest.raises(jsonschema.ValidationError):
        check("GET", "/v1/hello", answer)
