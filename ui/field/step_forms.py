"""The forms of the single steps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop_app.domain.masking import mask_name
from desktop_app.domain.orders import Order
from desktop_app.services import closing, handling
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.field.step_form import StepForm
from ui.field.steps import Step
from ui.present.people import is_secret, place_text
from ui.present.words import NATURES, TAKEN
from ui.theme.theme import Theme


class AcceptForm(StepForm):
    """接办: nothing to fill in; saying so is the record."""

    name = Step.ACCEPT.value
    save_words = "接办"
    takes_photos = False

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        hint = "首接负责：接下就办到底，派单员和书记马上看到。"
        super().__init__(theme, "接办", hint, "inbox", parent)
        self.set_tag(None)

    def set_saved(self, time: str) -> None:
        """There is no draft."""

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        return handling.accept(seat, order.id)


class MeetForm(StepForm):
    """见面沟通."""

    name = Step.MEET.value
    save_words = "保存见面"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "见面沟通", "见到人、看到现场再记", "users", parent)
        self.add_line("place", "地点", "在哪里见的")
        self.add_line("whom", "见到", "见到谁", needed=True)
        self.add_line("together", "同去", "还有谁一起去的，没有就空着")
        self.add_note("text", "情况", "现场怎样，诉求人要什么", needed=True)

    def defaults(self, order: Order, seat: Seat) -> dict[str, str]:
        whom = "" if is_secret(order) else f"{mask_name(order.petitioner.name)}本人"
        return {"place": place_text(order), "whom": whom}

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        return handling.meet(
            seat, order.id, self.value("place"), self.value("whom"), self.value("text"),
            self.value("together"), files=files, drops=self.name,
        )  # fmt: skip


class DetermineForm(StepForm):
    """定性."""

    name = Step.DETERMINE.value
    save_words = "保存定性"
    takes_photos = False

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "定性", "第三天前定下来，才好办、好解释", "gavel", parent)
        self.add_choice("nature", "定性", NATURES, needed=True)
        self.add_note("text", "依据", "凭什么这样定")

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        return handling.determine(
            seat, order.id, self.value("nature"), self.value("text"), drops=self.name
        )


class ProgressForm(StepForm):
    """进展, or 方案."""

    name = Step.PROGRESS.value
    save_words = "保存进展"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "办理进展", "办到哪一步，记一条", "arrow-right", parent)
        self.add_choice("kind", "记什么", {"progress": "进展", "plan": "办理方案"})
        self.add_note("text", "内容", "做了什么，下一步做什么", needed=True)

    def defaults(self, order: Order, seat: Seat) -> dict[str, str]:
        return {"kind": "progress"}

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        verb = handling.plan if self.value("kind") == "plan" else handling.progress
        return verb(seat, order.id, self.value("text"), files=files, drops=self.name)


class ExplainForm(StepForm):
    """说明情况（按耳膜）."""

    name = Step.EXPLAIN.value
    save_words = "保存说明"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "说明情况（按耳膜）", "把话说到、说清、听回音", "ear", parent)
        self.add_choice("who", "谁说的", {"me": "我本人", "leader": "乡领导", "station": "站所"})
        self.add_note("text", "说了什么", "讲了哪些情况、政策和安排", needed=True)
        self.add_choice("taken", "听后", TAKEN, needed=True)

    def defaults(self, order: Order, seat: Seat) -> dict[str, str]:
        return {"who": "me"}

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        who = {"leader": "乡领导", "station": "站所"}.get(self.value("who"), seat.person.title)
        return handling.explain(
            seat, order.id, who, self.value("text"), self.value("taken"), files=files,
            drops=self.name,
        )  # fmt: skip


class ConcludeForm(StepForm):
    """办结, or 阶段性办结 with a promise."""

    name = Step.CONCLUDE.value

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "办结", "办成什么样，照实写；平台会回访", "flag", parent)
        self.add_choice(
            "finished", "结论", {"finished": "已办结", "interim": "阶段性办结，继续跟进"}
        )
        self.add_note("measures", "办理情况", "做了什么，现在怎样", needed=True)
        self.add_line("promise", "承诺", "还要办的，写明哪天前办完；没有就空着")

    @property
    def save_words(self) -> str:  # type: ignore[override]
        """The button names the result."""
        return "办结" if self.value("finished") != "interim" else "阶段性办结"

    def defaults(self, order: Order, seat: Seat) -> dict[str, str]:
        return {"finished": "finished"}

    def missing(self) -> str:
        if self.value("finished") == "interim" and not self.value("promise"):
            return super().missing() or "少填：承诺"
        return super().missing()

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        finished = self.value("finished") != "interim"
        return handling.conclude(
            seat, order.id, self.value("measures"), self.value("promise"), finished=finished,
            files=files, drops=self.name,
        )  # fmt: skip


class ReviewForm(StepForm):
    """回访复查."""

    name = Step.REVIEW.value
    save_words = "保存复查"
    takes_photos = False

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "回访复查", "再问一遍、再看一眼", "phone", parent)
        self.add_choice("settled", "结果", {"yes": "已落实", "no": "没落实，重新办理"}, needed=True)
        self.add_note("text", "情况", "诉求人怎么说，现场怎样")

    def record(self, seat: Seat, order: Order, files: tuple[str, ...]) -> ChangeSet:
        settled = self.value("settled") == "yes"
        return closing.review(
            seat, order.id, settled=settled, text=self.value("text"), drops=self.name
        )


FORMS: dict[Step, Callable[[Theme], StepForm]] = {
    Step.ACCEPT: AcceptForm,
    Step.MEET: MeetForm,
    Step.DETERMINE: DetermineForm,
    Step.PROGRESS: ProgressForm,
    Step.EXPLAIN: ExplainForm,
    Step.CONCLUDE: ConcludeForm,
    Step.REVIEW: ReviewForm,
}
