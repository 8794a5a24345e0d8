"""What stands in the window before the store is open: the passphrase, and what became of a damaged store.

``UnlockPage`` asks for the passphrase or has one set; ``GiveUpPage`` is the way out when it is forgotten;
``RecoveredPage`` says what was saved. None of them knows where keys are kept: they emit what was typed.
"""
