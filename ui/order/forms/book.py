"""Which act opens which form, and which acts are offered where."""

from __future__ import annotations

from desktop_app.domain.acts import ActKind
from ui.order.forms.base import StepForm
from ui.order.forms.classify import ClassifyForm
from ui.order.forms.closing import ArchiveForm, ReportForm, ReviewForm
from ui.order.forms.emergency import EmergencyForm
from ui.order.forms.records import (
    CallForm,
    CorrectForm,
    NoteForm,
    UnmaskForm,
    UrgeForm,
    WithdrawForm,
)
from ui.order.forms.verify import VerifyForm

K = ActKind

FORMS: dict[ActKind, type[StepForm]] = {
    K.VERIFY: VerifyForm,
    K.CLASSIFY: ClassifyForm,
    K.WITHDRAW_PROPOSAL: WithdrawForm,
    K.EMERGENCY: EmergencyForm,
    K.REVIEW: ReviewForm,
    K.REPORT_BACK: ReportForm,
    K.ARCHIVE: ArchiveForm,
    K.NOTE: NoteForm,
    K.CORRECT: CorrectForm,
    K.CALL: CallForm,
    K.URGE: UrgeForm,
    K.UNMASK: UnmaskForm,
}

OFFERED: tuple[ActKind, ...] = (
    K.ACCEPT, K.VERIFY, K.CLASSIFY, K.PROPOSE, K.WITHDRAW_PROPOSAL, K.EMERGENCY, K.SIGN,
    K.DETERMINE, K.CONCLUDE, K.REVIEW, K.REPORT_BACK, K.ARCHIVE, K.URGE, K.CALL, K.NOTE,
    K.CORRECT, K.UNMASK,
)  # fmt: skip
"""What the 更多 menu lists, possible or not."""
STEPS_END = K.URGE
"""From here on the menu has what is always at hand; a line stands before it."""
