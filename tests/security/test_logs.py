"""What goes wrong is logged without what people said or who they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, text

from sync.platform.database import Database, StorageFailed
from sync.platform.tables import meta

SECRET = "张女士 13812345678"


def test_an_error_of_the_platform_s_database_does_not_repeat_what_was_written(
    tmp_path: Path,
) -> None:
    database = Database(str(tmp_path / "platform.db"))
    with pytest.raises(StorageFailed) as caught:
        database.write(lambda db: db.execute(text("SELECT :a FROM nothing"), {"a": SECRET}))
    assert SECRET not in str(caught.value)
    rows = [{"key": "k", "value": SECRET}, {"key": "k", "value": SECRET}]
    with pytest.raises(StorageFailed) as caught:
        database.write(lambda db: db.execute(insert(meta), rows))
    assert SECRET not in str(caught.value)
    database.close()
