"""Tokens (the one place for colours and sizes), the live `Theme` object, fonts, icons and the style sheet."""
