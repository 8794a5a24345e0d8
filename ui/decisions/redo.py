"""From a refused act back to the form it was written in, so that nothing has to be typed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop_app.domain.acts import Act, ActKind

K = ActKind
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RedoForm:
    """Name of the draft's form and what goes into it."""

    name: str
    values: Values


def form_of(act: Act) -> RedoForm | None:
    """Return the draft that holds what this act said, None where a step has no form to go back to."""
    make = _FORMS.get(act.kind)
    if make is None:
        return None
    name, values = make(act.payload)
    photos = [{"sha256": sha, "name": "", "caption": ""} for sha in act.needs_files]
    return RedoForm(name, {**values, "photos": photos} if photos else values)


def _meet(said: Values) -> tuple[str, Values]:
    return "meet", {
        "place": said.get("place", ""), "whom": said.get("met_whom", ""),
        "together": said.get("together_with", ""), "text": said.get("text", ""),
    }  # fmt: skip


def _explain(said: Values) -> tuple[str, Values]:
    return "explain", {"text": said.get("text", ""), "taken": said.get("taken", "")}


def _determine(said: Values) -> tuple[str, Values]:
    return "determine", {"nature": said.get("nature", ""), "text": said.get("text", "")}


def _progress(said: Values) -> tuple[str, Values]:
    return "progress", {"kind": "progress", "text": said.get("text", "")}


def _plan(said: Values) -> tuple[str, Values]:
    return "progress", {"kind": "plan", "text": said.get("text", "")}


def _conclude(said: Values) -> tuple[str, Values]:
    finished = "finished" if said.get("finished", True) else "interim"
    return "conclude", {
        "finished": finished, "measures": said.get("measures", ""),
        "promise": said.get("promise", ""),
    }  # fmt: skip


def _review(said: Values) -> tuple[str, Values]:
    return "review", {
        "settled": "yes" if said.get("settled") else "no",
        "text": said.get("text", ""),
    }


def _sign(said: Values) -> tuple[str, Values]:
    return "sign", {"opinion": said.get("opinion", "")}


def _return(said: Values) -> tuple[str, Values]:
    return "return_proposal", {"reason": said.get("reason", "")}


_FORMS: dict[ActKind, Callable[[Values], tuple[str, Values]]] = {
    K.MEET: _meet,
    K.EXPLAIN: _explain,
    K.DETERMINE: _determine,
    K.PROGRESS: _progress,
    K.PLAN: _plan,
    K.CONCLUDE: _conclude,
    K.REVIEW: _review,
    K.SIGN: _sign,
    K.RETURN_PROPOSAL: _return,
}
