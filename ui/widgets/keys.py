"""Key sequences as people read them (`Ctrl+Enter`, `空格`, `Ctrl −`) and as Qt binds them."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_SPOKEN = {"空格": "Space", "↑": "Up", "↓": "Down", "−": "-"}


def sequences(shown: str) -> list[QKeySequence]:
    """Every Qt sequence that a shown key stands for: Enter is both Return and the keypad's Enter."""
    # A blank stands for the plus where the key is itself a sign: `Ctrl −`, `Ctrl +`.
    text = "+".join(shown.split())
    for word, name in _SPOKEN.items():
        text = text.replace(word, name)
    names = [text]
    if text.endswith("Enter"):
        names.append(text.removesuffix("Enter") + "Return")
    return [QKeySequence(name) for name in names]


def bind(owner: QWidget, shown: str) -> QShortcut:
    """A shortcut that lives and is usable as long as `owner` can be seen and is enabled."""
    shortcut = QShortcut(owner)
    shortcut.setKeys(sequences(shown))
    # A key held down must not sign twice.
    shortcut.setAutoRepeat(False)
    return shortcut
