"""What has been recorded for a step: read-only, with sync badge and photos."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import HistoryEntry, Order
from ui.field.thumbs import Thumbs
from ui.present.history import ACT_ICONS, labelled, late_note
from ui.present.people import HIDDEN, matter_text, petitioner_text, place_text
from ui.present.times import clock_time
from ui.present.words import NOTHING, handlers_text
from ui.theme.theme import Theme
from ui.widgets.badges import SyncBadge
from ui.widgets.facts_list import FactsList
from ui.widgets.kinds import SyncMark, Tone
from ui.widgets.panel import Panel
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.values import Fact, Photo, SyncFace, TagFace


class RecordPanel(Panel):
    """One recorded act."""

    photo_chosen = Signal(object)
    """A ``Photo``."""

    def __init__(
        self,
        theme: Theme,
        entry: HistoryEntry,
        mark: SyncMark,
        pictures: tuple[Photo, ...],
        when: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, ACT_TITLES[entry.kind], icon=ACT_ICONS[entry.kind], parent=parent)
        self.setObjectName(f"record_{entry.act_id}")
        pending = mark is SyncMark.PENDING
        words = f"已记在本机 {clock_time(entry.occurred_at)}" if pending else "已记录"
        self.set_tag(TagFace(words, Tone.OK, "check"))
        self.add_at_right(SyncBadge(theme, SyncFace(mark)))
        facts = FactsList(theme)
        facts.set_facts(tuple(_facts(entry, when)))
        self.body.addWidget(facts)
        if pictures:
            strip = PhotoStrip(theme, pictures, can_add=False)
            strip.photo_chosen.connect(self.photo_chosen)
            self.body.addWidget(strip)


def _facts(entry: HistoryEntry, when: str) -> list[Fact]:
    late = late_note(entry)
    facts = [Fact("时间", when, note=late, icon="cloud-up" if late else "")]
    facts.append(Fact("记录人", entry.actor.title))
    facts += [Fact(label, value) for label, value in labelled(entry) if value != NOTHING]
    return facts


def records_of(order: Order, kinds: tuple[ActKind, ...]) -> tuple[HistoryEntry, ...]:
    """The records of a step in this round, newest first."""
    found = [e for e in order.history if e.kind in kinds and e.round == order.round]
    return tuple(sorted(found, key=lambda e: (e.occurred_at, e.rev), reverse=True))


def captions(order: Order) -> dict[str, str]:
    """sha256 → caption, from the photo records."""
    return {
        sha: mask_text(str(entry.payload.get("caption") or ""))
        for entry in order.history
        if entry.kind is ActKind.PHOTO
        for sha in entry.files
    }


def pictures_of(entry: HistoryEntry, thumbs: Thumbs, names: Mapping[str, str]) -> tuple[Photo, ...]:
    """The photos of a record, each with its caption or the time it was recorded."""
    return tuple(
        thumbs.photo(sha, names.get(sha) or clock_time(entry.occurred_at)) for sha in entry.files
    )


class MatterPanel(Panel):
    """What it is about and what the secretary wants: in front of whoever handles it.

    ``whole`` tells everything; a step's form has only the matter and the instruction above it.
    """

    def __init__(self, theme: Theme, *, whole: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, "诉求与批示", icon="file-text", parent=parent)
        self.setObjectName("matterPanel" if whole else "matterBrief")
        self._whole = whole
        self._facts = FactsList(theme)
        self.body.addWidget(self._facts)

    def show_order(self, order: Order) -> None:
        """Show the order's matter; a confidential petitioner stays hidden."""
        facts = [Fact("诉求", matter_text(order))]
        if self._whole:
            who = petitioner_text(order)
            facts.append(Fact("地点", place_text(order)))
            facts.append(Fact("诉求人", who, icon="lock" if who == HIDDEN else ""))
        facts += _instructions(order)
        if self._whole:
            facts.append(Fact("承办", handlers_text(_given(order))))
        self._facts.set_facts(tuple(facts))


def _instructions(order: Order) -> list[Fact]:
    facts = []
    if order.signature is not None:
        facts.append(
            Fact("批示", f"{mask_text(order.signature.opinion)}　{order.signature.by.title}")
        )
    elif order.signature_pending:
        facts.append(Fact("批示", "紧急处置中，书记待补签"))
    if order.proposal is not None and order.proposal.note:
        facts.append(Fact("拟办", mask_text(order.proposal.note)))
    return facts


def _given(order: Order) -> list[dict[str, str]]:
    handlers = (a.handler for a in order.assignments)
    return [{"duty": h.duty.value, "title": h.title} for h in handlers]
