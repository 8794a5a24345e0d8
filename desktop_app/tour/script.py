"""The tour itself: what each seat does, in the order in which it happens in a township."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.orders import Outcome, Stage
from desktop_app.domain.payloads import CallBackResult, plain
from desktop_app.tour.pictures import draw_photo
from desktop_app.tour.seat import TourError
from desktop_app.tour.stage import ORDER, OTHER, StageSet, TourClock, staged
from desktop_app.tour.transcript import Transcript
from resources.sample.township import SAMPLE_PASSWORD

HOURS_OFFLINE = 22
READING_SECONDS = 0.8


def walk(out: Path) -> int:
    """Walk one order through its life. Leaves pictures and ``transcript.txt``; 0 when all held."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"文件夹 {out} 建不了（{error.strerror}）。请用 --out 换一个。")
        return 2
    for old in out.glob("*.png"):
        old.unlink()
    clock = TourClock(SystemClock())
    transcript = Transcript(out, clock)
    folder = Path(tempfile.mkdtemp(prefix="jiban-tour-"))
    try:
        with staged(folder, clock) as stage:
            try:
                for part in PARTS:
                    part(stage, transcript)
            except (TourError, AssertionError):
                transcript.last_looks(stage.desk, stage.secretary, stage.village)
                raise
    except (TourError, AssertionError) as error:
        transcript.failed(error)
        print(f"走到这里停下：{error}")
        print(f"记录：{transcript.path}  各席位的资料还在：{folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"全程走完，{transcript.count} 步，每步都对。图片和记录：{out.resolve()}")
    return 0


def first_run(stage: StageSet, say: Transcript) -> None:
    """A new desk asks for the address and a login, then shows the shift."""
    desk = stage.desk
    desk.start()
    desk.do("resize", width=1440, height=900)
    desk.do("wait", name="addressEdit")
    desk.do("type", name="addressEdit", text=stage.address, clear=True)
    desk.do("type", name="accountEdit", text="zhou", clear=True)
    desk.do("type", name="passwordEdit", text="wrong")
    desk.do("key", keys="Ctrl+Enter")
    refused = desk.do("wait", name="loginProblem", text="密码", timeout=20)
    say.step(desk, "第一次打开，密码输错", f"说明原因：{refused['text'][:60]}")
    desk.do("type", name="passwordEdit", text=SAMPLE_PASSWORD, clear=True)
    desk.do("key", keys="Ctrl+Enter")
    desk.do("wait_state", page="orders", online=True, timeout=30)
    desk.do("wait", name="ordersTable")
    stage.quiet(desk)
    say.step(desk, "派单员登录", "工作台：本班的单，最急的在上")


def alarm(stage: StageSet, say: Transcript) -> None:
    """A 15-minute order rings until somebody takes it."""
    desk = stage.desk
    at = say.now()
    stage.dispatch(OTHER)
    desk.do("wait", name="alarmPopup", text="水管", timeout=10)
    seconds = (say.now() - at).total_seconds()
    say.step(desk, "平台派来民生件，新工单窗口响起", f"{seconds:.2f} 秒后弹出", window="alarmPopup")
    time.sleep(READING_SECONDS)  # a window that has just come up is deaf, against stray keys
    desk.do("click", name="takeButton")
    stage.settled(desk, OTHER, Stage.ACCEPTED)
    desk.do("wait", name="alarmPopup", gone=True, timeout=10)
    say.note("点“签收”，窗口不再响，平台上已签收")


def accept_and_verify(stage: StageSet, say: Transcript) -> None:
    """The main order: accepted, the petitioner phoned, what she corrected noted."""
    desk = stage.desk
    stage.dispatch(ORDER)
    desk.do("open_order", number=ORDER, timeout=10)
    desk.do("wait", name="orderTitle", text="塌陷")
    say.step(desk, "一般件到中心", "在列表里选中，右侧是下一步")
    desk.do("click", name="primaryButton")
    desk.do("wait", name="primaryButton", text="核实", timeout=10)
    desk.do("click", name="primaryButton")
    desk.do("choose", name="resultChoice", value="有更正")
    say.step(desk, "签收后打电话核实", "三种结果，有更正的原文保留")
    desk.do("choose", name="resultChoice", value="内容一致")
    desk.do("key", keys="Ctrl+Enter")
    desk.do("wait", name="primaryButton", text="拟办", timeout=10)
    stage.settled(desk, ORDER, Stage.VERIFIED)


def propose(stage: StageSet, say: Transcript) -> None:
    """Suggested handlers with their reasons, a word for the secretary."""
    desk = stage.desk
    desk.do("click", name="primaryButton")
    desk.do("wait", name="submitProposalButton", timeout=10)
    desk.do(
        "type",
        name="proposeNoteEdit",
        text="临沟一侧塌陷，会车危险。建议村里今天见面，先立警示牌。",
    )
    lead = desk.do("read", name="leadCombo")["text"]
    assist = desk.do("read", name="assistCombo")["text"]
    assert "魏家湾" in assist, assist
    say.step(desk, "拟办", f"系统建议：领办 {lead}，协办 {assist}")
    desk.do("key", keys="Ctrl+Enter")
    stage.settled(desk, ORDER, Stage.PROPOSED)


def sign(stage: StageSet, say: Transcript) -> None:
    """The secretary reads the sheet, writes and signs: dispatched twice in one act."""
    secretary = stage.secretary
    stage.sign_in(secretary, "shuji")
    secretary.do("wait_state", page="signoff", timeout=20)
    secretary.do("wait", name="signoffQueue")
    secretary.do("open_order", number=ORDER, timeout=10)
    secretary.do("type", name="sheetOpinion", text="同意。村里今天见面，一周内修好。", clear=True)
    say.step(secretary, "书记看签批单，写批示", "红头签批单，右下角签批")
    secretary.do("key", keys="Ctrl+Enter", name="sheetOpinion")
    secretary.do("wait_state", waiting=0, timeout=10)
    stage.settled(secretary, ORDER, Stage.SIGNED)
    order = stage.order(ORDER)
    assert order.signature is not None
    assert all(a.signed for a in order.assignments)
    say.step(
        secretary,
        "同意签批",
        "一次签批，双派单：" + "、".join(a.handler.title for a in order.assignments),
    )


def village_takes_it(stage: StageSet, say: Transcript) -> None:
    """The village receives it, takes it, then the line goes down."""
    village = stage.village
    stage.sign_in(village, "wjw")
    village.do("open_order", number=ORDER, timeout=20)
    village.do("click", name="fieldStep_accept")
    village.do("click", name="saveButton")
    stage.settled(village, ORDER, Stage.HANDLING)
    say.step(village, "村里接办", "魏家湾村的“我的单”")
    stage.line.cut()
    village.do("key", keys="F5")
    village.do("wait_state", online=False, timeout=30)
    say.step(village, "村里断网", "横幅写明：照常办，记录存本机")


def village_works_offline(stage: StageSet, say: Transcript) -> None:
    """Visit with photos, explanation, determination, conclusion: all offline."""
    village = stage.village
    photos = [stage.folder / f"现场照片{n}.jpg" for n in (1, 2)]
    for n, photo in enumerate(photos):
        draw_photo(photo, n / 2)
    village.do("click", name="fieldStep_meet")
    village.do("type", name="meetPlace", text="张女士家门口", clear=True)
    village.do("type", name="meetWhom", text="张女士本人", clear=True)
    village.do("type", name="meetText", text="临沟一侧塌了约 2 米，会车危险。张女士要求整段翻修。")
    village.do("add_photos", files=[str(p) for p in photos])
    say.step(village, "断网见面沟通，拍照", "两张照片存本机")
    village.do("click", name="saveButton")
    village.do("click", name="fieldStep_explain")
    village.do("type", name="explainText", text="已立警示牌，先垫平，列入本月修缮计划。")
    village.do("click", name="explainTaken_accepted")
    say.step(village, "断网说明情况（按耳膜）", "谁说的、说了什么、听后怎样")
    village.do("click", name="saveButton")
    village.do("click", name="fieldStep_determine")
    village.do("click", name="determineNature_reasonable")
    village.do("click", name="saveButton")
    village.do("click", name="fieldStep_conclude")
    village.do("type", name="concludeMeasures", text="塌陷处已回填夯实、铺面，警示牌保留三天。")
    village.do("click", name="saveButton")
    waiting = stage.until_waiting(village)
    say.step(village, "断网办结", f"{waiting} 条等网络，关机也不丢")
    assert stage.order(ORDER).stage is Stage.HANDLING, "the platform knows nothing of it yet"


def killed_and_back(stage: StageSet, say: Transcript) -> None:
    """The program is killed as by a power cut, and started again without a network."""
    village = stage.village
    before = village.do("state")["waiting"]
    village.kill()
    village.start()
    village.do("resize", width=1440, height=900)
    village.do("wait_state", waiting=before, link="offline", timeout=20)
    village.do("open_order", number=ORDER, timeout=10)
    stage.quiet(village)
    say.step(village, "程序被强行结束，重新打开", f"还是断网，{before} 条一条不少")


def reminders(stage: StageSet, say: Transcript) -> None:
    """At the center nobody knows of the visit: day 1 comes near and the reminder says so."""
    desk = stage.desk
    stage.clock.advance(timedelta(hours=HOURS_OFFLINE))
    desk.do("key", keys="F5")
    desk.do("wait", name="reminderPopup", timeout=40)
    say.step(
        desk,
        f"{HOURS_OFFLINE} 小时过去",
        "一三五七提醒，到时的并在一个窗口",
        window="reminderPopup",
    )
    desk.do("page", name="countdown")
    stage.quiet(desk)
    say.step(desk, "倒计时页", "所有在走的时限，最急的在上")
    desk.do("page", name="orders")


def line_mended(stage: StageSet, say: Transcript) -> None:
    """The line comes back: everything arrives once, and counts by the time it was recorded."""
    village, desk = stage.village, stage.desk
    stage.line.mend()
    village.do("key", keys="F5")
    village.do("wait_state", waiting=0, online=True, timeout=60)
    stage.settled(village, ORDER, Stage.CONCLUDED)
    order = stage.order(ORDER)
    day1 = next(c for c in order.clocks if c.id == "day1")
    assert day1.met_at is not None
    assert not day1.late
    kinds = [e.kind for e in order.history]
    for kind in (ActKind.MEET, ActKind.EXPLAIN, ActKind.DETERMINE, ActKind.CONCLUDE):
        assert kinds.count(kind) == 1, f"{kind} arrived {kinds.count(kind)} times"
    assert all(e.outcome in (Outcome.APPLIED, Outcome.MERGED) for e in order.history)
    stage.photos_arrived(order)
    say.step(village, "网络恢复，自动上传", "每条到平台一次；第一天见面按记录时间算，没有超时")
    desk.do("open_order", number=ORDER, timeout=20)
    desk.do("wait", name="primaryButton", text="复查", timeout=20)
    stage.quiet(desk)
    say.step(desk, "派单员看到补传的记录", "经过里写着何时记、何时补传")


def report_back(stage: StageSet, say: Transcript) -> None:
    """Follow-up review, report to the platform, its call-back, the archive."""
    desk = stage.desk
    desk.do("click", name="primaryButton")
    desk.do("choose", name="settledChoice", value="已落实")
    desk.do("type", name="textEdit", text="电话回访，路已修好。")
    say.step(desk, "回访复查", "第五天以前复查")
    desk.do("key", keys="Ctrl+Enter")
    stage.settled(desk, ORDER, Stage.REVIEWED)
    desk.do("wait", name="primaryButton", text="反馈", timeout=10)
    desk.do("click", name="primaryButton")
    desk.do("type", name="textEdit", text="塌陷处已修复，诉求人认可。", clear=True)
    say.step(desk, "反馈平台", "办理结果回到 12345 平台")
    desk.do("key", keys="Ctrl+Enter")
    stage.settled(desk, ORDER, Stage.REPORTED)
    called = plain(CallBackResult(True, True, True, "诉求人满意。"))
    result = stage.platform.act_as_platform(ActKind.CALL_BACK, ORDER, called)
    assert result.outcome is Outcome.APPLIED, result
    desk.do("wait", name="primaryButton", text="归档", timeout=20)
    say.step(desk, "平台回访，三率已评", "响应、解决、满意")
    desk.do("click", name="primaryButton")
    stage.settled(desk, ORDER, Stage.ARCHIVED, or_press="Ctrl+Enter")
    say.step(desk, "归档", "一张工单管到底")


def other_looks(stage: StageSet, say: Transcript) -> None:
    """The same desk in the dark and at 150 %."""
    desk = stage.desk
    desk.do("page", name="settings")
    desk.do("choose", name="themeChoice", value="深色")
    desk.do("choose", name="scaleChoice", value="150%")
    say.step(desk, "设置：深色、字号 150%", "马上生效")
    desk.do("page", name="orders")
    stage.quiet(desk)
    say.step(desk, "深色、150% 的工作台", "夜里值班用")


def everybody_agrees(stage: StageSet, say: Transcript) -> None:
    """All seats are closed; what each has stored is compared with the platform."""
    for seat in (stage.desk, stage.secretary, stage.village):
        seat.do("key", keys="F5")
        seat.do("wait_state", waiting=0, online=True, timeout=30)
        stage.same_order(seat)
        seat.quit()
    order = stage.order(ORDER)
    for seat in (stage.desk, stage.secretary, stage.village):
        stored = stage.stored(seat, order.id)
        assert stored == order, f"{seat.name} holds another order than the platform"
    say.note(f"三个席位和平台上的这件单完全一样：{len(order.history)} 条记录，rev {order.rev}")


Part = Callable[[StageSet, Transcript], None]
PARTS: tuple[Part, ...] = (
    first_run,
    alarm,
    accept_and_verify,
    propose,
    sign,
    village_takes_it,
    village_works_offline,
    killed_and_back,
    reminders,
    line_mended,
    report_back,
    other_looks,
    everybody_agrees,
)
