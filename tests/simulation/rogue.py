"""Somebody with a valid session who writes what he may not: in another's name, or beyond his office."""

from __future__ import annotations

import random
from dataclasses import replace

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.ids import ActId, PersonId, uuid7
from desktop_app.domain.lifecycle import rows
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.roles import Role
from sync.client import identity
from sync.client.failures import Failure
from sync.protocol.messages import SyncRequest
from tests.simulation.checks import Checks
from tests.simulation.network import LineTransport
from tests.simulation.workstation import Workstation
from tests.support.acts import PAYLOADS

K = ActKind
_BEYOND = (K.SIGN, K.ACCEPT, K.PROPOSE, K.CONCLUDE, K.CALL_BACK, K.WITHDRAW, K.ARCHIVE)

_EFFECTIVE = (Outcome.APPLIED, Outcome.MERGED, Outcome.ALREADY, Outcome.CONFLICT)


class Rogue:
    """Strikes from ``machine`` under the session that is signed in there."""

    def __init__(self, machine: Workstation, checks: Checks, dice: random.Random) -> None:
        self._machine, self._checks, self._dice = machine, checks, dice

    def strike(self) -> None:
        """Send one forged act; it has to be refused (5, I11)."""
        machine = self._machine
        ids = machine.order_ids()
        if machine.seat is not None and machine.state.signed_in and ids:
            order = machine.seat.order(self._dice.choice(ids))
            machine.spawn(lambda: self._send(self._forged(order)))

    def _forged(self, order: Order) -> Act:
        assert self._machine.seat is not None
        me = self._machine.seat.actor
        if self._dice.random() < 0.5:
            actor = replace(me, person_id=PersonId("secretary"), role=Role.SECRETARY)
            kind = K.SIGN
        else:
            kinds = [k for k in _BEYOND if all(me.role not in row.roles for row in rows(k))]
            actor, kind = me, self._dice.choice(kinds or [K.CALL_BACK])
        if actor.person_id == me.person_id and actor.role is not me.role:
            actor = Actor(me.person_id, me.role, me.name, me.title, me.device_id)
        now = self._machine.seat.now()
        seen = order.proposal.hash if order.proposal else ""
        payload = PAYLOADS.get(kind)
        return Act(
            ActId(uuid7(int(now.timestamp() * 1000))), order.id, kind, actor, now,
            base_rev=order.rev, base_hash=seen, payload=p.plain(payload or p.Empty()),
        )  # fmt: skip

    def _send(self, act: Act) -> None:
        machine = self._machine
        assert machine.store is not None
        kept = identity.load_credentials(machine.store)
        if kept is None or kept.person_id == act.actor.person_id == PersonId("secretary"):
            return
        self._checks.rogues.add(act.id)
        request = SyncRequest(device_id=machine.store.device_id, limit=0, acts=(act,))
        transport = LineTransport(machine.parsed_address, machine.clock, machine, rogue=True)
        answer = transport.exchange(request, kept.access_token)
        if isinstance(answer, Failure):
            return
        machine.trace.note(machine.name, f"rogue {act.kind}: {answer.results[0].outcome}")
        if any((r.original or r.outcome) in _EFFECTIVE for r in answer.results):
            self._checks.fail("5", machine.name, f"a forged {act.kind} was {answer.results}")
