"""What every test gets: no screen is needed or touched."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
