"""The window around all screens: strip, banner, notices, rail, pages, key bar."""
