"""What people and senders write stays text: in searches, in the database, in names of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop_app.domain.ids import PersonId
from local_store.rows import ListQuery, SavedView
from sync.platform.dispatching import DispatchStatus
from tests.security.test_chain import Town
from tests.support.acts import K
from tests.support.center import sample_intake
from tests.support.desk import NOW, Desk
from ui.signoff.printing import file_name

pytestmark = pytest.mark.fault("security.hostile_text")

INJECTIONS = (
    "'; DROP TABLE orders; --", '" OR 1=1 --', "%", "_", "*", '"', "'", "\\", "\0", "\ud800",
    "body : x", 'NEAR("a" "b")', "a AND b", "NOT x", "x*", "^x", "-x", "{body}: x", "(", '")', "a OR",
    "1' UNION SELECT key FROM meta --", "😀", "\u202e", "x" * 10_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("seat"), 12)
    yield made
    made.close()


def found(desk: Desk, text: str) -> int:
    person = desk.center.person(PersonId("zhou"))
    assert person is not None
    query = ListQuery(view=SavedView.ALL, text=text)
    return len(desk.store.order_ids(query, NOW, person))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=30) | st.lists(st.sampled_from(INJECTIONS), max_size=3).map(" ".join))
@example("")
def test_whatever_is_typed_into_the_search_is_looked_for(desk: Desk, text: str) -> None:
    assert 0 <= found(desk, text) <= 12


@pytest.mark.parametrize("text", ['" OR 1=1 --', "路 OR 1=1", 'zzz" OR body : "路', "zzz OR 路"])
def test_no_operator_widens_a_search(desk: Desk, text: str) -> None:
    assert found(desk, "路") > 0
    assert found(desk, text) == 0


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_sender_writes_is_kept_as_it_is_or_refused(sqlite_url: str, text: str) -> None:
    town = Town(sqlite_url)
    plain = sample_intake(9)
    place = replace(plain.place, address=text, village=text, village_id=None)
    intake = replace(
        plain, number=f"N{text}"[:70], place=place,
        matter=replace(plain.matter, title=text, text=f"{text}。", category=(text,)),
        petitioner=replace(plain.petitioner, name=text, phone=text, address=text), tags=(text,),
    )  # fmt: skip
    results = town.platform.dispatch([intake, replace(intake, number="second")])
    for sent, result in zip((intake, replace(intake, number="second")), results, strict=True):
        if result.status is DispatchStatus.NEW:
            kept = town.platform.order(sent.number)
            assert kept is not None
            assert (kept.matter, kept.petitioner) == (sent.matter, sent.petitioner)
    town.do("dispatcher", K.ACCEPT)
    assert town.platform.order_count() >= 3
    assert town.findings() == []
    town.platform.close()


@pytest.mark.parametrize(
    "number", ["../../../etc/cron.d/x", "..\\..\\x", "C:\\x", "a/b", "a\0b", ".", "..", "x" * 500, "a\nb",
               "CON", "工单〔2026〕1 号"],
)  # fmt: skip
def test_a_number_names_a_file_and_no_way_to_another_folder(number: str) -> None:
    name = file_name(number)
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        assert path.name == name
        assert not path.is_absolute()
    assert name.isprintable()
    assert len(name.encode()) < 250
    assert (Path("folder") / name).resolve().parent == Path("folder").resolve()
