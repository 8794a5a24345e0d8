"""What the screens of these tests wear, and the databases their platforms stand on."""

from tests.sync.platform.conftest import cluster, database, postgres_url, sqlite_url
from tests.ui.conftest import theme

__all__ = ["cluster", "database", "postgres_url", "sqlite_url", "theme"]
