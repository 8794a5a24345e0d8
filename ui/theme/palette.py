"""The QPalette for what Qt draws without a style sheet (labels, item views, disabled text)."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QPalette

from ui.theme.roles import Role

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_ROLES: dict[QPalette.ColorRole, Role] = {
    QPalette.ColorRole.Window: Role.BG,
    QPalette.ColorRole.WindowText: Role.TEXT,
    QPalette.ColorRole.Base: Role.SURFACE,
    QPalette.ColorRole.AlternateBase: Role.ALT,
    QPalette.ColorRole.Text: Role.TEXT,
    QPalette.ColorRole.Button: Role.SURFACE,
    QPalette.ColorRole.ButtonText: Role.TEXT,
    QPalette.ColorRole.Highlight: Role.SELECT,
    QPalette.ColorRole.HighlightedText: Role.TEXT,
    QPalette.ColorRole.PlaceholderText: Role.TEXT3,
    QPalette.ColorRole.ToolTipBase: Role.SURFACE,
    QPalette.ColorRole.ToolTipText: Role.TEXT,
    QPalette.ColorRole.Link: Role.PRIMTEXT,
}
_TEXT_ROLES = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


def qt_palette(theme: "Theme") -> QPalette:
    """The palette of the chosen theme; disabled text stays readable (text3), never grey on grey."""
    palette = QPalette()
    for qt_role, role in _ROLES.items():
        palette.setColor(qt_role, theme.color(role))
    for qt_role in _TEXT_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, qt_role, theme.color(Role.TEXT3))
    return palette
