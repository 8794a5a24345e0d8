"""A local control channel, off unless ``--control NAME`` is given: the tour drives real windows with it.

``Control(name, host)`` listens on a QLocalServer; see ``Host`` for what the composition root provides.
"""
