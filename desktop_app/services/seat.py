"""The seat: the store, platform time, and who sits here. Every verb takes it first."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain.acts import ActKind, Actor
from desktop_app.domain.center import Center, Person
from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.lifecycle import Step, next_step, why_not
from desktop_app.domain.orders import Order
from desktop_app.domain.refusals import Refusal
from local_store.changes import ChangeSet
from local_store.rows import ActDraft
from local_store.store import Store


class Seat:
    """Who works here, on which store, by which clock."""

    def __init__(self, store: Store, time: PlatformTime, person_id: PersonId) -> None:
        self.store = store
        self.time = time
        self.person_id = person_id

    @property
    def center(self) -> Center:
        """The center. Raises ``Refusal`` before the first sync."""
        center = self.store.center()
        if center is None:
            raise Refusal("no_center", "本机还没有中心资料。", "请先联网登录一次。")
        return center

    @property
    def person(self) -> Person:
        """Who sits here, as the center's roster knows them now."""
        person = self.center.person(self.person_id)
        if person is None:
            raise Refusal("actor", "人员名册里没有这个账号。", "请管理员核对人员名册。")
        return person

    @property
    def actor(self) -> Actor:
        person = self.person
        return Actor(person.id, person.role, person.name, person.title, self.store.device_id)

    @property
    def is_deputy(self) -> bool:
        """Whether who sits here may sign for the secretary now (代签)."""
        return self.center.delegation(self.person_id, self.now()) is not None

    def now(self) -> datetime:
        """Platform time, aware UTC."""
        return self.time.now()

    def order(self, order_id: OrderId) -> Order:
        """The order as this seat sees it. Raises ``Refusal`` when it is not here."""
        order = self.store.view(order_id)
        if order is None:
            raise Refusal("no_order", "本机没有这件单。", "请同步后再看。")
        return order

    def why_not(self, order: Order, kind: ActKind) -> str:
        """Return "" when this person may do ``kind`` on the order now, else the reason."""
        return why_not(order, self.actor, self.center, self.now(), kind)

    def next_step(self, order: Order) -> Step | None:
        """The one step this person should do next on the order, or None."""
        return next_step(order, self.actor, self.center, self.now())

    def record(
        self,
        subject: OrderId,
        kind: ActKind,
        payload: object,
        *,
        base_hash: str = "",
        files: tuple[str, ...] = (),
        drops: tuple[OrderId, str] | None = None,
    ) -> ChangeSet:
        """Save one act. Raises ``Refusal`` with the reason, or ``StoreError``; then nothing changed."""
        draft = ActDraft(subject, kind, payload, self.actor, base_hash, files, drops)
        return self.store.record(draft, self.now(), self.time.quality()).changes
