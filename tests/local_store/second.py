"""A second program on a store: says what opening it, and looking into it, comes to."""

from __future__ import annotations

import sys
from pathlib import Path

from local_store.errors import StoreError
from local_store.store import Store
from tests.support.answering import KEY

if __name__ == "__main__":
    profile = Path(sys.argv[1])
    try:
        Store.open(profile, KEY)
        print("opened")
    except StoreError as error:
        print(error.code.value)
    store = Store.reading(profile, KEY)
    print(store.pending_count())
    store.close()
