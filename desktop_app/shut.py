"""A seat that an administrator keeps out: nothing personal in the window, and the way back in.

The store stays open behind it, so that what waits is kept safe as always; its session is dropped.
"""

from __future__ import annotations

import platform
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.settings import SettingsKeeper
from local_store.errors import StoreError
from local_store.store import Store
from sync.client import identity, kept_out
from sync.client.kept_out import KeptOut
from sync.client.login import sign_in
from sync.client.stick_keys import device_key
from ui.shell.status import Desk, Link
from ui.shell.window import LOGIN, Now, Shell
from ui.theme.theme import Theme
from ui.widgets.kinds import LinkState

if TYPE_CHECKING:
    from sync.client.identity import Credentials
    from ui.unlock.kept_out import KeptOutPage


def remember(store: Store, settings: SettingsKeeper) -> None:
    """Note that the platform keeps this computer out, and drop the session."""
    signed, now = identity.load_credentials(store), settings.now
    address, authority = (
        (signed.address, signed.authority) if signed else (now.address, now.authority)
    )
    server_id = store.sync_point().server_id or (signed.server_id if signed else "")
    kept_out.remember(store, KeptOut(address, authority, server_id))
    identity.forget_credentials(store)


def shut(store: Store, shell: Shell, theme: Theme, said: KeptOut, now: Now) -> KeptOutPage:
    """Take everything personal off the screen; return the page that stands there instead."""
    with suppress(StoreError):
        shell.stack.flush()
    for window in QApplication.topLevelWidgets():
        if window is not shell and window.isVisible():
            window.close()
    QGuiApplication.clipboard().clear()
    shell.set_title("")
    shell.set_link(Link(LinkState.SIGNED_OUT))
    waiting = store.pending_count()
    shell.set_desk(Desk("", waiting))
    shell.notice.clear()
    shell.banner.hide_now()
    shell.furnish({LOGIN: lambda parent: _page(store, theme, said, waiting, parent)}, None, now)
    page: KeptOutPage = shell.stack.page(LOGIN)  # type: ignore[assignment]
    return page


def _page(store: Store, theme: Theme, said: KeptOut, waiting: int, parent: QWidget) -> KeptOutPage:
    from ui.unlock.kept_out import KeptOutPage

    device_id, name = store.device_id, platform.node()[:60]

    def ask(account: str, password: str) -> Credentials:
        key = device_key(store)
        return sign_in(
            said.address, account, password, device_id, name,
            device_key=key, authority=said.authority,
        )  # fmt: skip

    return KeptOutPage(theme, str(device_id), waiting, ask, parent)
