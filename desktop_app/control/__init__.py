"""A local control channel, off unless ``--control NAME`` is given: the tour drives real windows with it.

``Control(name, host)`` listens on a QLocalServer that only this user may open, and takes one JSON
line per command; see ``server``. ``hands`` does what a person's hands do, and refuses what a person
could not do. ``Host`` is what the composition root provides.
"""

from desktop_app.control.server import Control, Host

__all__ = ["Control", "Host"]
