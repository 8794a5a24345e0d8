"""分类: three levels of the dispatch catalogue, found by going down or by typing a word."""

from __future__ import annotations

from desktop_app.domain.refusals import Refusal
from desktop_app.services import intake
from local_store.changes import ChangeSet
from ui.order.forms.base import StepForm
from ui.widgets.values import Option

_LEVELS = ("first", "second", "third")
_NAMES = ("一级", "二级", "三级")
_FOUND = 40


class ClassifyForm(StepForm):
    name = "classify"
    title = "分类"
    hint = "按派单目录"
    icon = "list-details"
    verb = "保存分类"

    def build(self) -> None:
        self._catalogue = self._seat.center.catalogue
        self.add_line("find", "找一找", "打一两个字，如 道路、停水")
        self._hits = self.add_combo("hit", "找到", ())
        self._boxes = [
            self.add_combo(level, name, ()) for level, name in zip(_LEVELS, _NAMES, strict=True)
        ]
        self._hits.option_chosen.connect(self._on_hit)
        for depth, box in enumerate(self._boxes):
            box.option_chosen.connect(lambda _key, d=depth: self._descend(d + 1))
        self._take(self._order.matter.category)
        self.refresh()

    def _take(self, category: tuple[str, ...]) -> None:
        self._descend(0)
        for depth, name in enumerate(category[: len(self._boxes)]):
            self._boxes[depth].set_current_key(name)
            self._descend(depth + 1)

    def _descend(self, depth: int) -> None:
        """Offer the names of one level below what is chosen; the levels under it become empty."""
        path = self._path()[:depth]
        for level in range(depth, len(self._boxes)):
            names = dict.fromkeys(
                entry[level]
                for entry in self._catalogue
                if level == depth and len(entry) > level and entry[:level] == path
            )
            self._boxes[level].set_options(tuple(Option(name, name) for name in names))
            self._boxes[level].setCurrentIndex(0 if len(names) == 1 else -1)
        if depth < len(self._boxes) and self._boxes[depth].count() == 1:
            self._descend(depth + 1)
        self.touched()

    def _path(self) -> tuple[str, ...]:
        keys = (box.current_key() for box in self._boxes)
        return tuple(key for key in keys if key)

    def _on_hit(self, key: str) -> None:
        self._take(tuple(key.split("—")))

    def refresh(self) -> None:
        word = self.value("find").strip()
        found = ["—".join(e) for e in self._catalogue if word and any(word in part for part in e)]
        self.show_row("hit", bool(word))
        self._hits.set_options(tuple(Option(path, path) for path in found[:_FOUND]))

    def missing(self) -> str:
        return "" if self._path() in self._catalogue else "选到最末一级"

    def submit(self, drops: str) -> ChangeSet:
        path = self._path()
        if path not in self._catalogue:
            raise Refusal("category", "还没有选到最末一级。", "请逐级选，或打字查找。")
        return intake.classify(self._seat, self._order.id, path)
