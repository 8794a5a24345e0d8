"""The passphrase asked for over a seat that was left alone: everything goes on behind it, nothing of it is seen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.shell.window import Shell
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.unlock.page import UnlockPage
from ui.widgets.labels import Ground


class Cover(Ground):
    """Covers the shell from when it is made until ``lift``. ``page.given`` carries what was typed."""

    def __init__(self, theme: Theme, shell: Shell) -> None:
        super().__init__(theme, Role.BG, parent=shell)
        self.setObjectName("idleCover")
        self._shell = shell
        self.page = UnlockPage(theme, new=False, title="离开了一会儿，已锁上", parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        shell.put_away_above()
        self._before = shell.focusWidget()
        for window in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if window is not None:
                window.close()
        self._let_work(on=False)
        shell.installEventFilter(self)
        self.setGeometry(shell.rect())
        self.raise_()
        self.show()
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _let_work(self, *, on: bool) -> None:
        """What is below is neither reached by keys nor told to a screen reader. A page that news bring to
        the front takes the focus, seen or not, unless it is disabled.
        """
        shell = self._shell
        shell.stack.setVisible(on)
        below = (shell.strip, shell.banner, shell.notice, shell.rail, shell.stack, shell.key_bar)
        for part in below:
            part.setEnabled(on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._shell.rect())
        return super().eventFilter(watched, event)

    def lift(self) -> None:
        """Show what is below again."""
        self._shell.removeEventFilter(self)
        self._let_work(on=True)
        self.hide()
        self.deleteLater()
        before: QWidget | None = self._before
        if before is not None and isValid(before) and before.isVisibleTo(self._shell):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
