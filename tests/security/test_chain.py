"""The chain over the history: whoever changes, removes or puts in anything by SQL is found and named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from desktop_app import cli
from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import CENTER
from desktop_app.domain.orders import Order, Outcome
from sync.platform import chain_check, digests
from sync.platform.chain import What
from sync.platform.chain_check import Verified
from sync.platform.digests import Algorithm
from sync.platform.oversight import Oversight
from sync.platform.platform import Platform, submit
from sync.platform.security_tables import chain, chain_heads, file_claims
from sync.platform.tables import acts, order_holders, orders
from sync.platform.tables import center as centers
from sync.protocol.codec import decode_center, encode
from tests.support.acts import make_act
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import CHEAP, sample_logins

pytestmark = pytest.mark.fault("security.tampering")

C = sample_center()
PHOTO = hashlib.sha256(b"photo").hexdigest()
Tamper = Callable[[Connection], object]


class Town:
    """A platform on which something of everything has happened."""

    def __init__(self, url: str, algorithm: Algorithm = Algorithm.SHA256) -> None:
        self.clock = ManualClock()
        self.platform = Platform(url, self.clock, password_cost=CHEAP)
        self.platform.setup_center(C, sample_logins(C), algorithm=algorithm)
        self.platform.dispatch([sample_intake(n) for n in (1, 2, 3)])

    def order(self, n: int = 1) -> Order:
        order = self.platform.order(sample_intake(n).number)
        assert order is not None
        return order

    def act(self, person: str, kind: K, payload: object | None = None, n: int = 1) -> Act:
        self.clock.advance(timedelta(minutes=1))
        return make_act(self.order(n), C, person, kind, self.clock.now(), payload)

    def push(self, person: str, *batch: Act) -> list[Outcome]:
        caller = self.platform.caller(person, person)
        judged = self.platform.push(caller, [submit(act) for act in batch])
        return [result.outcome for result in judged.results]

    def do(self, person: str, kind: K, payload: object | None = None, n: int = 1) -> Outcome:
        return self.push(person, self.act(person, kind, payload, n))[0]

    def live(self) -> None:
        """Accepted, verified, proposed, signed; a refusal, a photo, a deputy, a call of the platform."""
        for n in (1, 2):
            self.do("dispatcher", K.ACCEPT, n=n)
            self.do("dispatcher", K.VERIFY, n=n)
            self.do("dispatcher", K.PROPOSE, n=n)
        assert self.do("secretary", K.SIGN) is Outcome.APPLIED
        assert self.do("village", K.SIGN) is Outcome.REJECTED
        photo = replace(self.act("village", K.PHOTO), needs_files=(PHOTO,))
        note = replace(self.act("village", K.NOTE), needs_files=())
        self.push("village", photo, note)
        now = self.clock.now()
        deputy = p.AuthoriseDeputy(C.people[3].id, now, now + timedelta(days=1), "外出开会")
        act = self.act("secretary", K.AUTHORISE_DEPUTY, deputy)
        self.push("secretary", replace(act, subject=CENTER, base_rev=0))
        self.platform.act_as_platform(K.STOP_CLOCK, sample_intake(1).number, {"reason": "挂账"})

    def tamper(self, work: Tamper) -> None:
        with self.platform.database.engine.begin() as db:
            work(db)

    def verify(self) -> Verified:
        return Oversight(self.platform).verify()

    def findings(self, noted: str = "") -> list[str]:
        marks = [chain_check.mark_of(noted)] if noted else []
        return Oversight(self.platform).verify(marks).findings


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    made = Town(sqlite_url)
    made.live()
    yield made
    made.platform.close()


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_honest_history_holds_and_every_record_has_its_entry(
    database: str, algorithm: Algorithm
) -> None:
    town = Town(database, algorithm)
    town.live()
    found = town.verify()
    assert found.findings == []
    assert found.algorithm is algorithm
    with town.platform.database.read() as db:
        kinds = db.execute(select(chain.c.what).order_by(chain.c.number)).scalars().all()
        stored = len(db.execute(select(acts.c.act_id)).all())
    assert kinds.count(What.ACT) == stored
    assert kinds.count(What.DISPATCH) == 3
    assert kinds[0] == What.CENTER
    assert town.findings(found.head) == []
    town.platform.close()


def first_act(db: Connection) -> str:
    return str(db.execute(select(acts.c.act_id).order_by(acts.c.received_at)).scalars().first())


def change_act(**values: object) -> Tamper:
    return lambda db: db.execute(
        update(acts).where(acts.c.act_id == first_act(db)).values(**values)
    )


def forge(db: Connection) -> None:
    row = dict(db.execute(select(acts).where(acts.c.kind == "sign")).mappings().first() or {})
    db.execute(insert(acts), {**row, "act_id": "forged"})


def swap_body(db: Connection) -> None:
    bodies = db.execute(select(acts.c.body).limit(2).order_by(acts.c.received_at)).scalars().all()
    db.execute(update(acts).where(acts.c.act_id == first_act(db)).values(body=bodies[1]))


def rewrite_order(db: Connection) -> None:
    state = db.execute(select(orders.c.state).where(orders.c.number == "20261120-0001")).scalar()
    forged = bytes(state or b"").replace("现场属实".encode(), "不属实啊".encode())
    forged = forged.replace("道路破损".encode(), "道路完好".encode())
    db.execute(update(orders).where(orders.c.number == "20261120-0001").values(state=forged))


def put_order_in(db: Connection) -> None:
    row = dict(db.execute(select(orders)).mappings().first() or {})
    db.execute(insert(orders), {**row, "id": "x", "number": "x", "position": 10**9})


def put_in_office(db: Connection) -> None:
    state = db.execute(select(centers.c.state)).scalar()
    now = decode_center(bytes(state or b""))
    people = tuple(replace(x, head=True) for x in now.people)
    db.execute(update(centers).values(state=encode(replace(now, people=people))))


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (change_act(outcome="rejected"), "记录被改动"),
        (change_act(person_id="leader"), "记录被改动"),
        (change_act(received_at="2020-01-01T00:00:00+00:00"), "记录被改动"),
        (change_act(reason="换了理由"), "记录被改动"),
        (change_act(body=b"{}"), "记录被改动"),
        (change_act(body=b"{}", digest=hashlib.sha256(b"{}").hexdigest()), "记录被改动"),
        (swap_body, "记录被改动"),
        (lambda db: db.execute(delete(acts).where(acts.c.act_id == first_act(db))), "所记的记录不见了"),
        (forge, "没有留痕，不是平台收下的"),
        (lambda db: db.execute(update(acts).values(resolved=True)), "被人藏起"),
        (rewrite_order, "工单 20261120-0001 的内容被改动"),
        (lambda db: db.execute(delete(orders).where(orders.c.number == "20261120-0002")), "工单不见了"),
        (put_order_in, "工单 x 没有留痕"),
        (lambda db: db.execute(update(orders).values(secret=True)), "保密标记被改动"),
        (lambda db: db.execute(update(orders).values(number=orders.c.number + "9")), "检索栏"),
        (lambda db: db.execute(text(
            "INSERT INTO order_holders SELECT township, 'leader2', id FROM orders")), "谁能看被改动"),
        (lambda db: db.execute(delete(order_holders)), "谁能看被改动"),
        (lambda db: db.execute(delete(file_claims)), "附件归属被改动"),
        (lambda db: db.execute(text(
            "INSERT INTO file_orders SELECT township, 'x', id FROM orders")), "附件归属被改动"),
        (put_in_office, "中心名册（人员、岗位、政策）被改动"),
        (lambda db: db.execute(delete(chain).where(chain.c.number == 5)), "第 5 条留痕不见了"),
        (lambda db: db.execute(delete(chain).where(chain.c.number.between(5, 7))), "第 5 至 7 条留痕不见了"),
        (lambda db: db.execute(update(chain).where(chain.c.number == 6).values(record=bytes(32))), "第 6 条留痕被改动"),
        (lambda db: db.execute(update(chain).where(chain.c.number == 6).values(ref="x")), "第 6 条留痕被改动"),
        (lambda db: db.execute(update(chain).where(chain.c.number == 6).values(hash=bytes(32))), "第 6 条留痕被改动"),
        (lambda db: db.execute(update(chain_heads).values(number=3)), "链尾对不上"),
        (lambda db: db.execute(delete(chain_heads)), "没有留痕链"),
    ],
)  # fmt: skip
def test_what_is_done_behind_the_platform_s_back_is_named(
    town: Town, tamper: Tamper, words: str
) -> None:
    town.tamper(tamper)
    assert any(words in finding for finding in town.findings()), town.findings()


@pytest.mark.parametrize(
    "column",
    [
        "orders.state", "acts.body", "center.state", "chain.record", "chain.state", "chain.hash",
        "chain.number", "chain_heads.hash", "chain_heads.number", "chain_heads.algorithm",
        "acts.received_at", "acts.rev",
    ],
)  # fmt: skip
def test_what_sql_left_as_something_else_than_the_platform_writes_is_named(
    town: Town, column: str
) -> None:
    """SQLite's replace() makes text of bytes, and a column takes whatever it is given."""
    table, name = column.split(".")
    value = f"replace({name}, '1', '2')" if name in ("state", "body") else "'x'"
    last = "WHERE rowid = (SELECT max(rowid) FROM {0})" if name == "number" else ""
    town.tamper(
        lambda db: db.execute(text(f"UPDATE {table} SET {name} = {value} {last.format(table)}"))
    )
    assert town.findings()
    assert town.findings(f"1:{'0' * 64}")


def test_an_entry_put_in_between_is_found_where_it_was_put(town: Town) -> None:
    def put_in(db: Connection) -> None:
        rows = [dict(r) for r in db.execute(select(chain).order_by(chain.c.number)).mappings()]
        moved = [{**r, "number": r["number"] + 1} for r in rows if r["number"] >= 5]
        db.execute(delete(chain).where(chain.c.number >= 5))
        db.execute(insert(chain), [{**rows[4], "ref": "put in"}, *moved])
        db.execute(update(chain_heads).values(number=len(rows) + 1))

    town.tamper(put_in)
    assert any("第 5 条" in finding for finding in town.findings())


def test_only_what_was_done_is_named(town: Town) -> None:
    town.tamper(change_act(reason="换了理由"))
    (finding,) = town.findings()
    assert "签收" in finding
    assert "dispatcher" in finding


# --- somebody who knows how the chain is made -----------------------------------------------------


def cut(town: Town, last: int) -> None:
    """Take everything after entry ``last`` away, with all that came of it, and mend the head."""

    def work(db: Connection) -> None:
        later = db.execute(select(chain.c.ref).where(chain.c.number > last)).scalars().all()
        db.execute(delete(acts).where(acts.c.act_id.in_(later)))
        db.execute(delete(chain).where(chain.c.number > last))
        top = db.execute(select(chain.c.hash).where(chain.c.number == last)).scalar_one()
        db.execute(update(chain_heads).values(number=last, hash=top))

    town.tamper(work)


def test_a_cut_tail_is_found_by_the_orders_and_by_the_head_that_was_noted(town: Town) -> None:
    head = town.verify().head
    cut(town, 6)
    assert any("内容被改动" in finding for finding in town.findings())
    (said,) = [f for f in town.findings(head) if "抄存" in f]
    assert "截去" in said


def test_a_chain_made_anew_from_the_start_is_found_by_the_head_that_was_noted(
    town: Town, sqlite_url: str, tmp_path: Path
) -> None:
    head = town.verify().head
    other = Town(f"sqlite:///{tmp_path / 'other.db'}")
    other.live()
    assert other.findings() == [], "by itself it is flawless"
    assert any("与抄存的不符" in finding for finding in other.findings(head))
    other.platform.close()


# --- the command line -----------------------------------------------------------------------------


def verify(town: Town, *more: str) -> int:
    return cli.main(["platform", "verify", "--database", str(town.platform.database.url), *more])


def test_the_command_says_how_it_stands(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(town) == 0
    said = capsys.readouterr().out
    head = town.verify().head
    assert "SHA-256" in said
    assert head in said
    assert verify(town, "--head", head) == 0
    town.tamper(change_act(outcome="rejected"))
    assert verify(town) == 1
    assert "记录被改动" in capsys.readouterr().out
    assert verify(town, "--head", "nonsense") == 2
    assert "--head" in capsys.readouterr().err


def test_the_command_takes_what_seats_have_noted(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with town.platform.database.read() as db:
        marks = [f"{row.number}:{row.hash.hex()}" for row in db.execute(select(chain))]
    heads = tmp_path / "heads.txt"
    heads.write_text("# 派单席\n" + "".join(f"{m}  2026-11-20 01:00Z\n" for m in marks), "utf-8")
    assert verify(town, "--heads", str(heads)) == 0
    wrong = marks[3].split(":")[0] + ":" + "00" * 32
    heads.write_text("\n".join((*marks[:3], wrong)), "utf-8")
    assert verify(town, "--heads", str(heads), "--head", marks[-1]) == 1
    assert "第 4 条起被整段改写过" in capsys.readouterr().out
    for bad in ("1:zz", "7"):
        heads.write_text(bad, "utf-8")
        assert verify(town, "--heads", str(heads)) == 2
    assert verify(town, "--heads", str(tmp_path / "no such")) == 2
    assert "no such" in capsys.readouterr().err


def test_a_township_is_set_up_with_either_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = ["--database", str(tmp_path / "sm3.db")]
    assert cli.main(["platform", "sample", "--orders", "1", "--hash", "sm3", *database]) == 0
    assert cli.main(["platform", "verify", *database]) == 0
    assert "（SM3）" in capsys.readouterr().out


# --- the hashes -----------------------------------------------------------------------------------


def test_sm3_is_that_of_the_standard_whoever_computes_it() -> None:
    standard = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1
    assert digests.digest_of(Algorithm.SM3)(b"abc").hex() == standard
    assert digests._sm3_of_cryptography(b"abc").hex() == standard
    assert digests._sm3_of_openssl(b"abc").hex() == standard


def test_many_at_once_make_one_chain(database: str) -> None:
    """Accepted and refused acts, dispatches and changes of the center, in several processes' way."""
    town = Town(database)
    town.live()
    others = [Platform(database, town.clock, password_cost=CHEAP) for _ in range(3)]

    def work(number: int) -> None:
        platform = others[number % 3]
        for turn in range(6):
            person = ("dispatcher", "village2", "secretary")[turn % 3]
            notes = [
                make_act(town.order(n), C, person, K.NOTE, town.clock.now()) for n in (1, 2, 3)
            ]
            platform.push(platform.caller(person, f"{person}-{number}"), [submit(a) for a in notes])
        platform.dispatch([sample_intake(100 + number)])
        platform.change_policy(C.policy)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    found = town.verify()
    assert found.findings == []
    assert found.number > 6 * 20
    for platform in (*others, town.platform):
        platform.close()
