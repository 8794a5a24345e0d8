"""The style sheet for Qt's own controls: a template with `{role}`, `{px:N}` and `{icon:name:role}` fields.
No px is written by hand.

Fonts are not set here: a font in the sheet would override every `setFont` of the widgets below it.
"""

import re
from typing import TYPE_CHECKING

from ui.theme.roles import Role

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_FIELD = re.compile(
    r"\{(?:px:(?P<px>[0-9.]+)|icon:(?P<icon>[a-z0-9-]+):(?P<tint>[a-z0-9]+)|(?P<role>[a-z0-9]+))\}"
)

TEMPLATE = """
QToolTip {
    background: {surface}; color: {text}; border: 1px solid {edge};
    padding: {px:4} {px:8};
}
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox {
    background: {surface}; color: {text}; border: 1px solid {edge}; border-radius: {px:6};
    selection-background-color: {primary}; selection-color: {onprimary};
    placeholder-text-color: {text3};
}
QLineEdit, QAbstractSpinBox { padding: 0 {px:12}; min-height: {px:38}; }
QPlainTextEdit, QTextEdit { padding: {px:4} {px:8}; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus { border-color: {focus}; }
QLineEdit:disabled, QLineEdit:read-only, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled {
    background: {alt}; color: {text3}; border-style: dashed;
}
QLineEdit[bare="true"], QPlainTextEdit[bare="true"] {
    background: transparent; border: 0; padding: 0; min-height: 0;
}
QPlainTextEdit[paper="true"], QPlainTextEdit[paper="true"]:focus {
    background: {paper}; color: {ink}; border: 0; padding: 0;
}
QComboBox {
    background: {surface}; color: {text}; border: 1px solid {edge}; border-radius: {px:6};
    padding: 0 {px:12}; min-height: {px:38};
}
QComboBox:focus, QComboBox:on { border-color: {focus}; }
QComboBox:disabled { color: {text3}; border-style: dashed; }
QComboBox::drop-down { border: 0; width: {px:34}; }
QComboBox::down-arrow { image: url({icon:chevron-down:text2}); width: {px:18}; height: {px:18}; }
QComboBox QAbstractItemView {
    background: {surface}; color: {text}; border: 1px solid {edge}; outline: 0; padding: {px:4};
    selection-background-color: {select}; selection-color: {text};
}
QComboBox QAbstractItemView::item { padding: {px:7} {px:8}; border: 0; }
QComboBox QAbstractItemView::item:selected { background: {select}; color: {text}; }
QMenu {
    background: {surface}; color: {text}; border: 1px solid {edge}; padding: {px:4} 0;
}
QMenu::item { padding: {px:8} {px:20}; border-left: {px:4} solid transparent; }
QMenu::item:selected { background: {select}; color: {text}; border-left-color: {primary}; }
QMenu::item:disabled { color: {text3}; }
QMenu::separator { height: 1px; background: {line}; margin: {px:4} {px:12}; }
QMenu::icon { padding-left: {px:12}; }
QAbstractItemView {
    background: {surface}; color: {text}; border: 0; outline: 0; alternate-background-color: {alt};
    selection-background-color: {select}; selection-color: {text};
}
QHeaderView { background: {alt}; border: 0; }
QHeaderView::section {
    background: {alt}; color: {text2}; border: 0; border-bottom: 1px solid {line};
    padding: 0 {px:8}; min-height: {px:34};
}
QTableView { gridline-color: {line}; }
QTableCornerButton::section { background: {alt}; border: 0; border-bottom: 1px solid {line}; }
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: {px:12}; margin: 0; }
QScrollBar:horizontal { background: transparent; height: {px:12}; margin: 0; }
QScrollBar::handle { background: {edge}; border-radius: {px:3}; margin: {px:3}; }
QScrollBar::handle:vertical { min-height: {px:36}; }
QScrollBar::handle:horizontal { min-width: {px:36}; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: {primary}; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QCheckBox, QRadioButton { color: {text}; spacing: {px:8}; min-height: {px:32}; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: {text3}; }
QCheckBox::indicator {
    width: {px:16}; height: {px:16}; border: 2px solid {edge}; border-radius: {px:4}; background: {surface};
}
QCheckBox::indicator:checked {
    background: {primary}; border-color: {primary}; image: url({icon:check:onprimary});
}
QRadioButton::indicator {
    width: {px:22}; height: {px:22}; border: 0; image: url({icon:circle:edge});
}
QRadioButton::indicator:checked { image: url({icon:circle-check:primary}); }
QTabWidget::pane { border: 1px solid {line}; border-radius: {px:8}; background: {surface}; }
QTabBar::tab {
    background: transparent; color: {text2}; border: 1px solid transparent; border-radius: {px:6};
    padding: 0 {px:12}; min-height: {px:34}; margin: {px:2};
}
QTabBar::tab:selected { background: {select}; color: {primtext}; border-color: {primary}; }
QTabBar::tab:focus { border: 2px solid {focus}; }
QPushButton, QToolButton {
    background: {surface}; color: {text}; border: 1px solid {edge}; border-radius: {px:6};
    padding: 0 {px:14}; min-height: {px:38};
}
QPushButton:disabled, QToolButton:disabled { color: {text3}; border-style: dashed; }
QGroupBox { border: 1px solid {line}; border-radius: {px:8}; margin-top: {px:12}; padding: {px:12}; }
QGroupBox::title { subcontrol-origin: margin; left: {px:12}; color: {text}; }
QProgressBar { background: {sunken}; border: 0; border-radius: {px:3}; max-height: {px:6}; }
QProgressBar::chunk { background: {primary}; border-radius: {px:3}; }
QSplitter::handle { background: {line}; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QCalendarWidget QWidget { background: {surface}; color: {text}; }
QDialog, QMainWindow { background: {bg}; color: {text}; }
"""


def render_qss(theme: "Theme") -> str:
    """The template filled for the theme's name and scale."""

    def fill(field: re.Match[str]) -> str:
        if field["px"]:
            return f"{theme.px(float(field['px']))}px"
        if field["icon"]:
            return theme.icon_file(field["icon"], Role(field["tint"]))
        return theme.color(Role(field["role"])).name()

    return _FIELD.sub(fill, TEMPLATE)
