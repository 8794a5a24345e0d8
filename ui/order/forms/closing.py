"""After the conclusion: 回访复查, 反馈平台, 归档."""

from __future__ import annotations

from desktop_app.domain.refusals import Refusal
from desktop_app.services import closing
from local_store.changes import ChangeSet
from ui.order.forms.base import StepForm
from ui.present.times import day_time
from ui.widgets.values import Choice

_YES_NO = (Choice("yes", "是"), Choice("no", "否"))
_YES_NO_OPEN = (*_YES_NO, Choice("open", "未评价"))


class ReviewForm(StepForm):
    name = "review"
    title = "回访复查"
    hint = "办结后打电话或到现场看"
    icon = "message-report"
    verb = "登记复查"

    def build(self) -> None:
        conclusion = self._order.conclusion
        if conclusion is not None:
            self.add_words(f"{conclusion.by.title} {day_time(conclusion.at)} 办结。")
        choices = (Choice("settled", "已落实"), Choice("redo", "没落实，重新办理"))
        self.add_choice("settled", "复查", choices)
        self.add_note("text", "情况", "诉求人怎么说、现场怎么样")

    def missing(self) -> str:
        return "" if self.value("settled") else "先选复查结果"

    def submit(self, drops: str) -> ChangeSet:
        if self.missing():
            raise Refusal("incomplete", "少选一项：复查结果。")
        settled = self.value("settled") == "settled"
        text = self.value("text").strip()
        return closing.review(self._seat, self._order.id, settled=settled, text=text, drops=drops)


class ReportForm(StepForm):
    name = "report"
    title = "反馈平台"
    hint = "平台据此回访"
    icon = "arrow-forward-up"
    verb = "反馈平台"

    def build(self) -> None:
        self.add_note("text", "回复内容", "做了什么、结果怎样、诉求人的态度", limit=800)
        self.add_choice("contacted", "已联系", _YES_NO).set_current("yes")
        self.add_choice("resolved", "已解决", _YES_NO).set_current("yes")
        self.add_choice("satisfied", "满意", _YES_NO_OPEN).set_current("open")
        self.add_choice("truthful", "属实", _YES_NO_OPEN).set_current("open")

    def missing(self) -> str:
        return "" if self.value("text").strip() else "填回复内容"

    def submit(self, drops: str) -> ChangeSet:
        return closing.report_back(
            self._seat,
            self._order.id,
            self.value("text").strip(),
            contacted=self.value("contacted") == "yes",
            resolved=self.value("resolved") == "yes",
            satisfied=_answer(self.value("satisfied")),
            truthful=_answer(self.value("truthful")),
            drops=drops,
        )


class ArchiveForm(StepForm):
    name = "archive"
    title = "归档"
    hint = "归档后不能再办，仍可备注"
    icon = "archive"
    verb = "归档"

    def build(self) -> None:
        for back in self._order.callbacks:
            said = "、".join(
                f"{name} {_word(value)}"
                for name, value in (
                    ("响应", back.responded), ("解决", back.resolved), ("满意", back.satisfied),
                )
            )  # fmt: skip
            self.add_words(f"第 {back.round} 次回访 {day_time(back.at)}：{said}")

    def submit(self, drops: str) -> ChangeSet:
        return closing.archive(self._seat, self._order.id)


def _answer(key: str) -> bool | None:
    return {"yes": True, "no": False}.get(key)


def _word(value: bool | None) -> str:
    return {True: "是", False: "否", None: "未评价"}[value]
