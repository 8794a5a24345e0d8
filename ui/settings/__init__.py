"""What a person may set on this seat. ``SettingsPage(theme, settings: SettingsKeeper, about: About, parent=None)``.

Signals: ``sign_out_requested()``; theme, text size and sound are applied at once through ``settings``.
"""
