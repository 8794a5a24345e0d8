"""常用语 (Ctrl+J): short texts that a person uses again and again, kept on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QMenu, QWidget

KEPT = 20
SIGNING = (
    "同意。",
    "同意。村里今天见面，按时限办结。",
    "同意。领办牵头，村里先到现场。",
    "同意。先解决眼前问题，再提长远办法。",
)
RETURNING = ("领办应为分管领导，请重拟。", "请先核实清楚再报。", "涉及的站所没有列全，请补上。")
EXPLAINING = ("已当面说明办理安排和时限。", "已说明政策依据，留下联系电话。", "已约定办完后回访。")
CONCLUDING = ("已现场处理完毕，诉求人当场查看。", "已恢复正常，后续由村里管护。")


class MetaStore(Protocol):
    """Small values by name; the seat's store."""

    def get_meta(self, key: str) -> str | None: ...
    def set_meta(self, key: str, value: str | None) -> None: ...


def load(store: MetaStore, topic: str, defaults: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases of a topic: the person's own, else the shipped ones."""
    try:
        kept = json.loads(store.get_meta(f"phrases.{topic}") or "null")
    except ValueError:
        kept = None
    if not isinstance(kept, list):
        return defaults
    return tuple(str(each) for each in kept)


def add(store: MetaStore, topic: str, defaults: tuple[str, ...], text: str) -> None:
    """Keep ``text`` as a phrase, newest first; the oldest beyond twenty goes."""
    text = text.strip()
    if text:
        phrases = [text, *(p for p in load(store, topic, defaults) if p != text)][:KEPT]
        store.set_meta(f"phrases.{topic}", json.dumps(phrases, ensure_ascii=False))


def menu(
    owner: QWidget,
    store: MetaStore,
    topic: str,
    defaults: tuple[str, ...],
    current: str,
    insert: Callable[[str], None],
) -> QMenu:
    """A menu of the phrases; the last entry keeps what is written now as a new one."""
    made = QMenu(owner)
    made.setObjectName("phraseMenu")
    for phrase in load(store, topic, defaults):
        made.addAction(phrase.replace("&", "&&")).triggered.connect(
            partial(_insert, insert, phrase)
        )
    if current.strip():
        made.addSeparator()
        keep = made.addAction("把现在写的存为常用语")
        keep.triggered.connect(partial(_keep, store, topic, defaults, current))
    made.aboutToHide.connect(made.deleteLater)
    return made


def _insert(insert: Callable[[str], None], phrase: str, _checked: bool = False) -> None:
    insert(phrase)


def _keep(
    store: MetaStore, topic: str, defaults: tuple[str, ...], text: str, _checked: bool = False
) -> None:
    add(store, topic, defaults, text)
