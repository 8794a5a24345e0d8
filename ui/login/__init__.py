"""First run and signing in. ``LoginPage(theme, settings, address="", account="", parent=None)``.

Signals: ``signed_in(object)`` with ``sync.client.login.Credentials``. ``ask(reason)`` shows the page
again when a session has ended, with everything local still readable behind it.
"""
