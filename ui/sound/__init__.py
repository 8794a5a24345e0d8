"""Sound: optional, short, never a reason to fail."""
