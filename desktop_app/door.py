"""From a profile to an open store: asks for the passphrase, has a damaged store rebuilt, says what was saved."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.clock import Clock
from desktop_app.settings import SettingsFile
from local_store import keys, passphrase
from local_store.errors import StoreError, StoreProblem
from local_store.keys import KeyPlace, PassphraseNeeded, StoreKey
from local_store.store import Store
from ui.shell.window import LOGIN, Shell
from ui.theme.theme import Theme

if TYPE_CHECKING:
    from local_store.recovery import Report
    from ui.unlock.page import UnlockPage
    from ui.unlock.recovered import Told

log = logging.getLogger("jiban")


class Door(QObject):
    """``opened(object)`` with the ``Store``; ``refused(object)`` with the ``StoreError`` that ends it."""

    opened = Signal(object)
    refused = Signal(object)

    def __init__(
        self,
        profile: Path,
        shell: Shell,
        theme: Theme,
        settings: SettingsFile,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._profile, self._shell, self._theme = profile, shell, theme
        self._settings, self._clock = settings, clock
        self._key: StoreKey | None = None
        self._store: Store | None = None

    @property
    def place(self) -> KeyPlace:
        """Where the key is kept."""
        return self._key.place if self._key is not None else KeyPlace.FILE

    def enter(self) -> None:
        """Open the store, or show what has to be done first. Again after damage: the key is still known."""
        if self._key is not None:
            self._open(self._key)
            return
        now = self._settings.now
        try:
            # A demonstration must not ask anybody for anything.
            plain = bool(now.demo_password) or now.key_in_file
            key = keys.load_or_create(self._profile, keyring=not plain)
        except PassphraseNeeded as needed:
            self._ask(new=needed.new)
        except StoreError as error:
            self.refused.emit(error)
        else:
            self._open(key)

    def change_passphrase(self, old: str, new: str) -> None:
        """Put the key under another passphrase, or from a plain file under its first. Raises ``StoreError``."""
        if self._key is None:
            raise StoreError(StoreProblem.KEY, "密钥还没有打开。", "请先打开本机数据。")
        if passphrase.is_set(self._profile):
            passphrase.open_key(self._profile, old, self._clock.now())
        self._key = keys.set_passphrase(self._profile, new, self._key)

    def close(self) -> None:
        """Close a store that was opened and not handed over."""
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- the passphrase -----------------------------------------------------------------------

    def _ask(self, *, new: bool) -> None:
        from ui.unlock.page import UnlockPage

        def build(parent: QWidget) -> UnlockPage:
            page = UnlockPage(
                self._theme, new=new, account=self._settings.now.account, parent=parent
            )
            page.given.connect(self._on_set if new else self._on_given)
            page.forgotten.connect(self._on_forgotten)
            return page

        self._shell.show_only(LOGIN, build)
        wait = passphrase.waiting(self._profile, self._clock.now())
        if wait and not new:
            self._say(passphrase.TooSoon(wait), wait)

    def _say(self, error: StoreError, wait: timedelta = timedelta()) -> None:
        page: UnlockPage | None = self._shell.stack.page(LOGIN)  # type: ignore[assignment]
        if page is not None:
            page.refuse(error.title, error.advice, wait)

    @Slot(str)
    def _on_set(self, typed: str) -> None:
        try:
            key = keys.set_passphrase(self._profile, typed)
        except StoreError as error:
            self._say(error)
        else:
            self._open(key)

    @Slot(str)
    def _on_given(self, typed: str) -> None:
        try:
            key = keys.unlock(self._profile, typed, self._clock.now())
        except (passphrase.WrongPassphrase, passphrase.TooSoon) as error:
            self._say(error, error.wait)
        except StoreError as error:
            self._say(error)
        else:
            self._open(key)

    @Slot()
    def _on_forgotten(self) -> None:
        from ui.unlock.forgotten import GiveUpPage

        def build(parent: QWidget) -> GiveUpPage:
            page = GiveUpPage(self._theme, parent)
            page.back.connect(self.enter)
            page.given_up.connect(self._on_given_up)
            return page

        self._shell.show_only(LOGIN, build)

    @Slot()
    def _on_given_up(self) -> None:
        from local_store.recovery import give_up

        try:
            give_up(self._profile)
        except StoreError as error:
            self.refused.emit(error)
            return
        log.warning("the store was given up: its passphrase is forgotten")
        self.enter()

    # --- the store ----------------------------------------------------------------------------

    def _open(self, key: StoreKey) -> None:
        self._key = key
        try:
            store = Store.open(self._profile, key.value)
        except StoreError as error:
            if error.code is not StoreProblem.DAMAGED:
                self.refused.emit(error)
                return
            log.warning("the store is damaged: %s", error.detail)
            self._show_rebuilding()
            QTimer.singleShot(0, self._rebuild)
        else:
            self.opened.emit(store)

    def _show_rebuilding(self) -> None:
        from ui.unlock.recovered import WaitPage

        words = "没上传的记录另有底，不会丢。请不要关机，通常几秒钟就好。"
        self._shell.show_only(
            LOGIN, lambda parent: WaitPage(self._theme, "正在重建本机数据……", words, parent)
        )
        self._shell.repaint()

    @Slot()
    def _rebuild(self) -> None:
        from local_store.recovery import rebuild

        assert self._key is not None
        try:
            report = rebuild(self._profile, self._key.value)
            self._store = Store.open(self._profile, self._key.value)
        except StoreError as error:
            self.refused.emit(error)
            return
        log.warning(
            "rebuilt: %s acts, %s drafts, %s files, from a backup: %s, unreadable: %s",
            report.acts, report.drafts, report.files, report.backup_at is not None,
            report.unreadable,
        )  # fmt: skip
        self._show_report(report)

    def _show_report(self, report: Report) -> None:
        from ui.unlock.recovered import RecoveredPage

        def build(parent: QWidget) -> RecoveredPage:
            page = RecoveredPage(self._theme, told_of(report), parent)
            page.continued.connect(self._on_continued)
            return page

        self._shell.show_only(LOGIN, build)

    @Slot()
    def _on_continued(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            self.opened.emit(store)


def told_of(report: Report) -> Told:
    """The report in the page's words."""
    from ui.unlock.recovered import Told

    lines = [("没上传的记录", f"{report.acts} 条都在，联网后照常上传" if report.acts else "没有")]
    if report.files:
        lines.append(("没传完的照片", f"{report.files} 个都在"))
    if report.drafts:
        lines.append(("没写完的草稿", f"{report.drafts} 篇都在"))
    if report.backup_at is None:
        orders = "联网后从平台重新取"
    else:
        day = report.backup_at.astimezone(SHANGHAI)
        orders = f"先用 {day.month}月{day.day}日 {day:%H:%M} 的备份，联网后补齐"
    lines.append(("工单", orders))
    if report.unreadable:
        lines.append(("没能读出", f"底账里有 {report.unreadable} 处读不出来，请管理员看旧文件"))
    if report.aside is not None:
        lines.append(("旧文件", f"原样放在数据目录 aside 里的 {report.aside.name}"))
    to_do = "您不用做什么。" if report.signed_in else "请重新登录一次，其余自动补齐。"
    return Told(
        "本机数据有损坏，已经重建好",
        "数据文件坏了（多半因断电或硬盘），程序已重建一份。",
        tuple(lines),
        to_do + "如果常这样，请管理员检查硬盘。",
    )
