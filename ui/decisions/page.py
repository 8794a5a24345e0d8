"""裁定: nothing of a conflict is ever deleted; somebody says which record counts, and why."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import Decision, DecisionKind
from ui.decisions.cards import (
    DecisionCard,
    DecisionDelegate,
    decision_key,
    is_stale_signature,
    question,
    until_words,
)
from ui.decisions.choices import Answer, Offer, carry_out, offer
from ui.decisions.pair import stale_sides, two_sides
from ui.decisions.view import DecisionView
from ui.field.thumbs import Thumbs
from ui.forms.card_list import CardList
from ui.forms.drafts import DraftKeeper
from ui.forms.page import Page
from ui.forms.split import ListAndDetail
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Ground, Label
from ui.widgets.values import Photo

_TITLES = {answer.value: words for answer, words in {
    Answer.FIRST: "以甲为准", Answer.SECOND: "以乙为准", Answer.PUT_OFF: "先都留着",
    Answer.SIGN_AGAIN: "按新版签批", Answer.SEND_BACK: "退回重拟", Answer.AS_NOTE: "记成备注",
    Answer.AGAIN: "存成草稿", Answer.ASIDE: "知道了",
}.items()}  # fmt: skip
_WORDS = {
    DecisionKind.CONFLICT: "两个人都给这件单记了同一步，对不上。两条都不会丢，请选哪条作数。"
    "选定之前，各处都按先到平台的甲显示。",
    DecisionKind.REJECTION: "这条记录平台没有采用。原文完整留在本机，请选怎么办。",
}
_STALE = (
    "签批或退回的时候，拟办已经改过。旧版上的意见不能转用，没有生效。请看两版哪里不同，再签或退回。"
)


class DecisionsPage(Page):
    """All questions of this seat; what is not this person's to decide is shown with the reason."""

    def __init__(self, seat: Seat, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(seat, theme, parent)
        self._thumbs = Thumbs(seat.store)
        self._found: dict[str, Decision] = {}
        self._key = ""
        self._offer = Offer((), {})
        self._delegate = DecisionDelegate(theme)
        self.list = CardList(theme, self._delegate)
        self.list.setObjectName("decisionList")
        self.list.setAccessibleName("要选定的")
        self.view = DecisionView(theme)
        self._pane = Ground(theme, Role.SURFACE, "r")
        self._count = Label(theme, "", token=FontToken.TITLE3)
        self._pane.setFocusProxy(self.list)
        listed = QVBoxLayout(self._pane)
        listed.setContentsMargins(0, 0, 1, 0)
        listed.setSpacing(0)
        listed.addWidget(self._count)
        listed.addWidget(self.list, 1)
        self._split = ListAndDetail(
            theme, self._pane, self.view, broad=300, slim=280, needs=700, back="要选定的"
        )
        self._drafts = DraftKeeper(seat, self._draft, self.view.text.composing, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._split)
        self.setFocusProxy(self.list)
        self._connect()
        self._restyle()
        self.data_changed(ChangeSet(everything=True))

    def _connect(self) -> None:
        self.list.current_changed.connect(self._on_current_changed)
        self.list.opened.connect(self._on_opened)
        self.list.clicked.connect(self._on_clicked)
        self.view.decide_requested.connect(self.primary)
        self.view.choice_changed.connect(self._on_choice)
        self.view.text_changed.connect(self._on_text)
        self.view.notice.action_requested.connect(self.view.notice.clear)
        self._drafts.failed.connect(self.refused)
        for card in (self.view.first, self.view.second):
            card.photo_chosen.connect(self._on_photo)

    def _restyle(self) -> None:
        px = self._theme.px
        self._count.setContentsMargins(px(16), px(10), px(16), px(10))

    # --- what the shell asks ------------------------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        return [
            ("↑ ↓", "换一件"), ("Alt+1 2 3", "选"), ("Ctrl+Enter", "按选的办"), ("Esc", "稍后再定"),
        ]  # fmt: skip

    def tick(self, now: datetime) -> None:
        self._delegate.now = now
        self.list.viewport().update()

    def flush(self) -> None:
        self._drafts.flush()

    @Slot(object)
    def data_changed(self, changes: ChangeSet) -> None:
        if not changes:
            return
        if self._seat.store.center() is None:
            self.view.show_nothing("")
            return
        found = self._seat.store.decisions(self._seat.person, self._seat.now())
        self._found = {decision_key(d): d for d in found}
        self._delegate.now = self._seat.now()
        self.list.set_cards([DecisionCard(d) for d in found])
        self._count.setText(f"要选定的 {len(found)} 件" if found else "要选定的")
        if not found:
            self._show("")
        elif self._key in self._found:
            self._refresh()

    def refused(self, title: str, advice: str) -> None:
        self.view.notice.show_notice(NoticeKind.WARN, title, advice, "知道了")

    def open_order(self, order_id: str) -> None:
        """Go to the first question of this order."""
        key = next((k for k, d in self._found.items() if d.order_id == order_id), "")
        self.list.choose(key)
        self._split.open_detail()

    @Slot()
    def primary(self) -> None:
        decision, view = self._decision(), self.view
        self._allow()
        button = view.seal if view.seal.isVisible() else view.decide
        if decision is None or not button.isEnabled() or view.text.composing():
            return
        answer, text = view.choice(), view.text.text().strip()
        order, key = self._order(decision), self._key
        if self.carry_out(partial(self._record, decision, order, answer, text)) is None:
            return
        title = f"{short_number(decision.number)} {_TITLES[answer]}，已记在本机。"
        view.notice.show_notice(NoticeKind.INFO, title, "", "知道了")
        if answer == Answer.AGAIN:
            self._go_to_form(decision)
        if self._split.single and key not in self._found:
            self._split.back()

    def _record(self, decision: Decision, order: Order | None, answer: str, text: str) -> ChangeSet:
        form = _form(self._key)
        changes = carry_out(self._seat, decision, order, answer, text, form)
        self._drafts.forget()
        self._seat.store.drop_draft(decision.order_id, form)
        self.view.text.set_quietly("")
        self.view.cards.set_current("")
        return changes

    def _go_to_form(self, decision: Decision) -> None:
        """To where the draft lies."""
        if decision.act is not None and decision.act.kind in _SIGNING:
            self.page_requested.emit("signoff", decision.order_id)
        else:
            self.open_requested.emit(decision.order_id)

    # --- one question -------------------------------------------------------------------------

    def _decision(self) -> Decision | None:
        return self._found.get(self._key)

    def _order(self, decision: Decision) -> Order | None:
        return self._seat.store.view(decision.order_id)

    @Slot(str)
    def _on_current_changed(self, key: str) -> None:
        self.view.notice.clear()
        self._show(key)

    def _show(self, key: str) -> None:
        self._drafts.flush()
        self._key = key
        decision = self._found.get(key)
        if decision is None:
            self._drafts.turn_to("", "")
            self.view.show_nothing("没有要选定的，也没有没被采用的记录。")
            return
        draft = self._drafts.turn_to(decision.order_id, _form(key))
        self._offer = Offer((), {})
        self.view.text.set_quietly(str(draft.get("text", "")))
        self._refresh(str(draft.get("choice", "")))

    def _refresh(self, choice: str = "") -> None:
        """Show the question as it stands; what was chosen and written stays."""
        decision = self._decision()
        assert decision is not None
        order, view = self._order(decision), self.view
        card = DecisionCard(decision)
        until = until_words(decision, self._seat.now())
        number = short_number(decision.number)
        facts = " · ".join(x for x in (number, decision.village, question(decision), until) if x)
        words = _STALE if is_stale_signature(decision) else _WORDS[decision.kind]
        view.show_head(card.mark, decision.title, facts, words)
        self._show_sides(decision, order)
        self._offer = offer(self._seat, decision, order)
        asks = ("怎么办", "") if decision.kind is DecisionKind.REJECTION else _ASK
        view.show_choices(self._offer, choice or view.choice(), *asks)
        self._fill_opinion(decision)
        self._allow()

    def _show_sides(self, decision: Decision, order: Order | None) -> None:
        device, now = self._seat.store.device_id, self._seat.now()
        if decision.act is not None:
            self.view.refused.show_act(decision.act, decision.reason)
        if decision.first is None or decision.second is None or order is None:
            self.view.show_pair(None)
        elif is_stale_signature(decision):
            self.view.show_pair(stale_sides(decision, order, device, now))
        else:
            self.view.show_pair(two_sides(decision, order, self._thumbs, device, now))
            if self._thumbs.wants(order.id):
                self.files_missing.emit(order.id)

    def _fill_opinion(self, decision: Decision) -> None:
        """Signing again starts from the words of the first time."""
        if (
            self.view.choice() == Answer.SIGN_AGAIN
            and not self.view.text.text()
            and decision.second
        ):
            self.view.text.set_quietly(str(decision.second.payload.get("opinion", "")))

    def _draft(self) -> dict[str, str]:
        return {"text": self.view.text.text(), "choice": self.view.choice()}

    @Slot(object)
    def _on_photo(self, photo: Photo) -> None:
        self._thumbs.show_large(self, self._theme, photo)

    @Slot(str)
    def _on_choice(self, _key: str) -> None:
        decision = self._decision()
        if decision is not None:
            self._fill_opinion(decision)
        self._drafts.touch()
        self._allow()
        if self.view.text.isVisible():
            self.view.text.setFocus()

    @Slot()
    def _on_text(self) -> None:
        self._drafts.touch()
        self._allow()

    def _allow(self) -> None:
        decision, answer = self._decision(), self.view.choice()
        if decision is None:
            return
        words = _TITLES.get(answer, "选定")
        self.view.show_button(
            words, self._refusal(decision, answer), seal=answer == Answer.SIGN_AGAIN
        )

    def _refusal(self, decision: Decision, answer: str) -> str:
        if decision.why_not:
            return decision.why_not.split("。")[0]
        if not answer:
            return "先选一条" if decision.kind is DecisionKind.CONFLICT else "先选怎么办"
        card = next((c for c in self._offer.cards if c.key == answer), None)
        if card is not None and card.reason:
            return card.reason.split("。")[0]
        field = self._offer.fields.get(answer, "")
        return f"先写{field}" if field and not self.view.text.text().strip() else ""

    @Slot(str)
    def _on_opened(self, _key: str) -> None:
        self._split.open_detail()

    @Slot()
    def _on_clicked(self) -> None:
        if self._split.single:
            self._split.open_detail()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._split.back()
            event.accept()
            return
        super().keyPressEvent(event)


_SIGNING = (ActKind.SIGN, ActKind.RETURN_PROPOSAL)


def _form(key: str) -> str:
    """Name of the draft of one question."""
    return f"decide:{key}"


_ASK = ("选哪条作数", "选定也是一条记录，写明谁选的、为什么")
