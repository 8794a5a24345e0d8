"""A collection of Anki that syncs, run by the interpreter Anki is installed for (not ours).

``python anki_seat.py FOLDER``: one JSON command per line in, one JSON answer per line out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from anki.collection import Collection  # type: ignore[import-not-found]  # Anki's own interpreter

ACCOUNT = ("bench", "bench")


class Seat:
    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.made = 0
        self.collection: Any = None
        self.auth: Any = None

    def _open(self) -> None:
        if self.collection is not None:
            self.collection.close()
        self.made += 1
        place = self.folder / f"seat-{self.made}"
        place.mkdir(parents=True)
        self.collection = Collection(str(place / "collection.anki2"))

    def _sign_in(self, url: str) -> None:
        self.auth = self.collection.sync_login(*ACCOUNT, endpoint=url)
        self.auth.endpoint = url

    def fill(self, url: str, file: str) -> dict[str, float]:
        """Make a note of each line and let the server have them."""
        self._open()
        self._sign_in(url)
        kind = self.collection.models.by_name("Basic")
        deck = self.collection.decks.id("Default")
        for n, line in enumerate(Path(file).read_text("utf-8").splitlines()):
            note = self.collection.new_note(kind)
            note["Front"] = f"order-{n:06d}"
            note["Back"] = line
            self.collection.add_note(note, deck)
        self._whole(upload=True)
        return {}

    def _whole(self, *, upload: bool) -> None:
        self.collection.sync_collection(self.auth, sync_media=False)
        self.collection.close_for_full_sync()
        self.collection.full_upload_or_download(auth=self.auth, server_usn=None, upload=upload)
        self.collection.reopen(after_full_sync=True)

    def first(self, url: str) -> dict[str, float]:
        self._open()
        self._sign_in(url)
        self.collection.close_for_full_sync()
        begun = time.perf_counter()
        self.collection.full_upload_or_download(auth=self.auth, server_usn=None, upload=False)
        self.collection.reopen(after_full_sync=True)
        taken = time.perf_counter() - begun
        assert self.collection.note_count() > 0
        return {"ms": taken * 1000}

    def edit(self, first: int, count: int, word: str) -> dict[str, float]:
        ids = self.collection.find_notes("")[first : first + count]
        notes = [self.collection.get_note(i) for i in ids]
        for note in notes:
            note["Front"] += word
        self.collection.update_notes(notes)
        return {}

    def sync(self, url: str) -> dict[str, float]:
        self.auth.endpoint = url
        begun = time.perf_counter()
        answer = self.collection.sync_collection(self.auth, sync_media=False)
        taken = time.perf_counter() - begun
        assert answer.required in (answer.NO_CHANGES, answer.NORMAL_SYNC), answer
        return {"ms": taken * 1000}


def main() -> None:
    seat = Seat(sys.argv[1])
    print("{}", flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        name = command.pop("do")
        if name == "stop":
            return
        try:
            answer = getattr(seat, name)(**command)
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


main()
