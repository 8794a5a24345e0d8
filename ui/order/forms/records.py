"""Records that are always possible: note, correction, phone call, urging, looking at a number."""

from __future__ import annotations

from desktop_app.domain.ids import ActId
from desktop_app.domain.refusals import Refusal
from desktop_app.services import intake, notes, unmasking
from local_store.changes import ChangeSet
from ui.order.forms.base import StepForm
from ui.present.history import summary_of, title_of
from ui.present.people import is_secret, petitioner_text
from ui.present.times import day_time
from ui.theme.roles import FontToken, Role
from ui.widgets.values import Choice, Option

PETITIONER = "诉求人"
_REASONS = ("电话核实", "约见面", "催办、回访", "核对身份")


class NoteForm(StepForm):
    name = "note"
    title = "备注"
    hint = "写了就留着，不能改，只能更正"
    icon = "note"
    verb = "保存备注"

    def build(self) -> None:
        self.add_note("text", "备注", "写下要让同事知道的")

    def missing(self) -> str:
        return "" if self.value("text").strip() else "填备注"

    def submit(self, drops: str) -> ChangeSet:
        return notes.note(self._seat, self._order.id, self.value("text").strip(), drops=drops)


class CorrectForm(StepForm):
    name = "correct"
    title = "更正"
    hint = "原记录保留，更正另记一条"
    icon = "pencil"
    verb = "保存更正"

    def build(self) -> None:
        mine = self._seat.person_id
        entries = [e for e in reversed(self._order.history) if e.actor.person_id == mine]
        options = tuple(
            Option(
                e.act_id, f"{day_time(e.occurred_at)} {title_of(e)} {summary_of(e)[:24]}".strip()
            )
            for e in entries
        )
        self.add_combo("act", "哪一条", options)
        self.add_note("text", "更正为", "写正确的内容")

    def missing(self) -> str:
        if not self.value("act"):
            return "选要更正的记录"
        return "" if self.value("text").strip() else "填更正内容"

    def submit(self, drops: str) -> ChangeSet:
        act, text = ActId(self.value("act")), self.value("text").strip()
        return notes.correct(self._seat, self._order.id, act, text, drops=drops)


class CallForm(StepForm):
    name = "call"
    title = "登记通话"
    hint = "打完就记，半句也行"
    icon = "phone"
    verb = "登记通话"

    def build(self) -> None:
        people = [PETITIONER, *(a.handler.title for a in self._order.assignments)]
        self.add_combo("to", "打给", tuple(Option(name, name) for name in people))
        self.add_choice("reached", "接通", (Choice("yes", "接通"), Choice("no", "没接通")))
        self.add_note("text", "说了什么")
        self._write["to"](PETITIONER)

    def missing(self) -> str:
        return "" if self.value("reached") else "选接没接通"

    def submit(self, drops: str) -> ChangeSet:
        if self.missing():
            raise Refusal("incomplete", "少选一项：接没接通。")
        reached = self.value("reached") == "yes"
        text = self.value("text").strip()
        return intake.log_call(
            self._seat, self._order.id, self.value("to"), reached=reached, text=text
        )


class UrgeForm(StepForm):
    name = "urge"
    title = "催办"
    hint = "承办人的窗口会马上提醒"
    icon = "bell-ringing"
    verb = "催办"

    def build(self) -> None:
        named = "、".join(a.handler.title for a in self._order.assignments)
        self.add_words(f"催 {named}" if named else "还没有承办人。")
        self.add_note("text", "催什么", "可以不填", limit=100)

    def submit(self, drops: str) -> ChangeSet:
        return intake.urge(self._seat, self._order.id, self.value("text").strip())


class WithdrawForm(StepForm):
    name = "withdraw"
    title = "撤回拟办"
    hint = "书记未签前可以撤回重拟"
    icon = "arrow-back-up"
    verb = "撤回拟办"

    def build(self) -> None:
        self.add_note("reason", "理由", "为什么撤回", limit=200)

    def missing(self) -> str:
        return "" if self.value("reason").strip() else "填理由"

    def submit(self, drops: str) -> ChangeSet:
        return intake.withdraw_proposal(self._seat, self._order.id, self.value("reason").strip())


class UnmaskForm(StepForm):
    """Shows the number after the reason has been recorded; it is masked again with the next order."""

    name = "unmask"
    title = "查看号码"
    hint = "谁看的、为什么看，都留痕"
    icon = "lock"
    verb = "查看号码"
    stays_open = True

    def build(self) -> None:
        self.add_choice("why", "理由", tuple(Choice(text, text) for text in _REASONS))
        self.add_line("other", "或另写", "其他理由")
        self._shown = self.add_words(petitioner_text(self._order), Role.TEXT)
        self._shown.set_token(FontToken.TITLE1)
        self._shown.setObjectName("unmaskedNumber")

    def missing(self) -> str:
        if is_secret(self._order):
            return "诉求人要求保密"
        return "" if self._reason() else "先选理由"

    def _reason(self) -> str:
        return self.value("other").strip() or self.value("why")

    def submit(self, drops: str) -> ChangeSet:
        shown = unmasking.unmask(self._seat, self._order.id, "phone", self._reason())
        self._shown.setText(shown.value)
        return shown.changes
