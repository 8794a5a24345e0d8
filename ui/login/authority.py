"""Who vouches for the platform: the public authorities, or the center's own certificate file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from sync.client.authority import authority_of, read_authority
from sync.client.failures import Failure
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from desktop_app.settings import SettingsKeeper

_PUBLIC = "按系统信任的证书核对"


def authority_words(pem: str) -> str:
    """Say whose certificates count."""
    if not pem:
        return _PUBLIC
    found = authority_of(pem)
    if isinstance(found, Failure):
        return found.problem.title
    return f"只认 {found.name}（到 {found.expires_at.astimezone():%Y-%m-%d}）"


class AuthorityRow(Themed):
    """``changed`` when another authority counts; ``failed(title, advice)`` for a file that is none."""

    changed = Signal()
    failed = Signal(str, str)

    def __init__(
        self, theme: Theme, settings: SettingsKeeper, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._settings = settings
        self._words = Label(theme, "", Role.TEXT2, wrap=True)
        self._words.setObjectName("authorityWords")
        self._choose = PlainButton(theme, "选平台证书", icon="shield-check")
        self._choose.setObjectName("authorityButton")
        self._public = PlainButton(theme, "不用它", icon="x")
        self._public.setObjectName("authorityOffButton")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._words, 1)
        line.addWidget(self._choose)
        line.addWidget(self._public)
        self._choose.clicked.connect(self.choose)
        self._public.clicked.connect(self._on_public)
        self.show_value()

    def show_value(self) -> None:
        """Show what holds now."""
        pem = self._settings.now.authority
        self._words.setText(authority_words(pem))
        self._public.setVisible(bool(pem))

    def take(self, path: Path) -> None:
        """Trust the authority in this file from now on, and only it."""
        found = read_authority(path)
        if isinstance(found, Failure):
            self.failed.emit(found.problem.title, found.problem.advice)
            return
        self._set(found.pem)

    @Slot()
    def choose(self) -> None:
        """Ask for the file."""
        name, _kind = QFileDialog.getOpenFileName(
            self, "选平台的根证书文件", "", "证书 (*.pem *.crt *.cer);;全部文件 (*)"
        )
        if name:
            self.take(Path(name))

    @Slot()
    def _on_public(self) -> None:
        self._set("")

    def _set(self, pem: str) -> None:
        self._settings.change(authority=pem)
        self.show_value()
        self.changed.emit()
