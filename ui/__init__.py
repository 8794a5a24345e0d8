"""The windows of a seat."""

from ui.overrides import guard_overrides

guard_overrides()
