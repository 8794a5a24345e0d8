"""The saved views: the ones everybody has, and those a person kept under a name of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import Stage
from local_store.rows import VIEW_TITLES, ListQuery, SavedView, SortKey
from local_store.store import Store
from ui.widgets.values import TabItem

V = SavedView
STANDARD: tuple[SavedView, ...] = (
    V.SHIFT, V.TO_ACCEPT, V.TO_VERIFY, V.TO_PROPOSE, V.TO_SIGN, V.TO_MEET, V.NEAR, V.OVERDUE,
    V.REPEAT, V.OPEN, V.TO_REVIEW, V.TO_REPORT, V.RETURNED, V.CONFLICT, V.ALL,
)  # fmt: skip
_ICONS = {V.NEAR: "alert-triangle", V.OVERDUE: "alert-octagon", V.REPEAT: "repeat"}
_STAYS = frozenset({V.NEAR, V.OVERDUE})
"""Whatever view is chosen, what is late stays in sight."""
_META = "workbench.views"
_LONGEST = 8
MOST = 6


@dataclass(frozen=True, slots=True)
class OwnView:
    """A query under a name."""

    title: str
    query: ListQuery

    @property
    def key(self) -> str:
        return f"own:{self.title}"


def tabs(counts: dict[SavedView, int], own: Sequence[OwnView]) -> tuple[TabItem, ...]:
    """All views as tabs, the person's own ones last."""
    standard = [
        TabItem(
            view.value, VIEW_TITLES[view], counts.get(view, 0), _ICONS.get(view, ""), view in _STAYS
        )
        for view in STANDARD
    ]
    return (*standard, *(TabItem(view.key, view.title, None, "star") for view in own))


def query_of(key: str, own: Sequence[OwnView], before: ListQuery) -> ListQuery:
    """The query of a tab; the search text and filters of a standard view stay as they were set."""
    for view in own:
        if view.key == key:
            return view.query
    return replace(before, view=SavedView(key))


def load_own(store: Store) -> list[OwnView]:
    """Read the person's views; what cannot be read is left out."""
    try:
        return [_read(entry) for entry in json.loads(store.get_meta(_META) or "[]")]
    except (ValueError, TypeError, KeyError):
        return []


def save_own(store: Store, own: Sequence[OwnView]) -> None:
    """Keep the person's views."""
    store.set_meta(_META, json.dumps([_plain(view) for view in own], ensure_ascii=False))


def named(title: str, query: ListQuery) -> OwnView:
    """A view under a name that fits on a tab."""
    return OwnView(title.strip()[:_LONGEST] or "我的视图", query)


def _plain(view: OwnView) -> dict[str, object]:
    query = view.query
    return {
        "title": view.title,
        "view": query.view.value,
        "text": query.text,
        "sort": query.sort.value,
        "descending": query.descending,
        "tiers": list(query.tiers),
        "villages": list(query.villages),
        "stages": [stage.value for stage in query.stages],
        "person": query.person,
    }


def _read(entry: dict[str, object]) -> OwnView:
    def texts(name: str) -> tuple[str, ...]:
        value = entry.get(name)
        return tuple(str(v) for v in value) if isinstance(value, list) else ()

    query = ListQuery(
        view=SavedView(str(entry["view"])),
        text=str(entry.get("text", "")),
        sort=SortKey(str(entry.get("sort", SortKey.URGENCY.value))),
        descending=bool(entry.get("descending")),
        tiers=texts("tiers"),
        villages=texts("villages"),
        stages=tuple(Stage(s) for s in texts("stages")),
        person=PersonId(str(entry["person"])) if entry.get("person") else None,
    )
    return OwnView(str(entry["title"]), query)
