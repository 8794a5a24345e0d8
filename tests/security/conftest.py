"""What the screens of these tests wear."""

from tests.ui.conftest import theme

__all__ = ["theme"]
