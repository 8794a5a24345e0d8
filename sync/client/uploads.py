"""Photos and files, piece by piece (tus 1.0), so that acts get their turn between two pieces."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from desktop_app.domain.clock import Clock
from local_store.rows import StoredFile
from local_store.store import Store
from sync.client.answers import Reply, refusal_of
from sync.client.failures import OF_THE_LINE, Failure, FailureKind, failure
from sync.client.transport import Call, Transport

K = FailureKind
VERSION = "1.0.0"
PIECE_SECONDS = 30.0
LEAST_PIECE, FIRST_PIECE, MOST_PIECE = 16 * 1024, 64 * 1024, 256 * 1024
QUICK, SLOW = 0.7, 2.0  # seconds: a piece that took less grows, one that took more shrinks
_OFFSET = re.compile(r"\d{1,15}", re.ASCII)
LEAVE_OUT = 1800.0  # seconds a file that the platform does not take is left out


@dataclass(slots=True)
class _Upload:
    """The file under way and how much of it the platform holds."""

    file: StoredFile
    offset: int


class Uploader:
    """Sends the next piece of the next file. Used by the sync thread only."""

    def __init__(self, store: Store, transport: Transport, clock: Clock) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._upload: _Upload | None = None
        self._left_out: dict[str, float] = {}
        self.piece = FIRST_PIECE

    def more(self) -> bool:
        """Whether a file waits."""
        return self._next() is not None

    def _next(self) -> StoredFile | None:
        now = self._clock.monotonic()
        self._left_out = {sha: until for sha, until in self._left_out.items() if until > now}
        return self._store.next_file(frozenset(self._left_out))

    def send_piece(self, token: str) -> Failure | None:
        """Send one piece, or begin the next file. The offset is the platform's word, never ours."""
        file = self._next()
        if file is None:
            return None
        upload = self._upload
        if upload is None or upload.file.sha256 != file.sha256:
            outcome = self._begin(file, token)
        else:
            outcome = self._append(upload, token)
        if isinstance(outcome, Failure):
            return self._failed(file, outcome)
        self._note(file, outcome)
        return None

    def _note(self, file: StoredFile, offset: int) -> None:
        self._store.file_sent(file.sha256, offset)
        self._upload = None if offset >= file.size else _Upload(file, offset)

    def _begin(self, file: StoredFile, token: str) -> int | Failure:
        """Begin an upload or find the one that was begun: the answer says how far it came."""
        encoded = base64.b64encode(file.sha256.encode()).decode()
        headers = {
            "Tus-Resumable": VERSION,
            "Upload-Length": str(file.size),
            "Upload-Metadata": f"sha256 {encoded}",
            "Content-Type": "application/offset+octet-stream",
        }
        call = Call("POST", "/v1/files", PIECE_SECONDS, headers=headers, token=token)
        return self._offset(self._transport.send(call), file, (201,))

    def _append(self, upload: _Upload, token: str) -> int | Failure:
        file = upload.file
        data = self._store.file_bytes(file.sha256, upload.offset, self.piece)
        headers = {
            "Tus-Resumable": VERSION,
            "Upload-Offset": str(upload.offset),
            "Content-Type": "application/offset+octet-stream",
        }
        call = Call("PATCH", f"/v1/files/{file.sha256}", PIECE_SECONDS, data, headers, token=token)
        began = self._clock.monotonic()
        outcome = self._offset(self._transport.send(call), file, (204,))
        self._adapt(self._clock.monotonic() - began)
        if outcome == upload.offset:  # else the same piece would go out again at once
            return failure(K.NOT_UNDERSTOOD)
        return outcome

    def _adapt(self, took: float) -> None:
        if took < QUICK:
            self.piece = min(MOST_PIECE, self.piece * 2)
        elif took > SLOW:
            self.piece = max(LEAST_PIECE, self.piece // 2)

    def _offset(
        self, reply: Reply | Failure, file: StoredFile, good: tuple[int, ...]
    ) -> int | Failure:
        if isinstance(reply, Failure):
            return reply
        if reply.status not in good:
            return refusal_of(reply, self._clock.now())
        text = reply.headers.get("upload-offset", "")
        if reply.headers.get("tus-resumable") != VERSION or not _OFFSET.fullmatch(text):
            return failure(K.NOT_PLATFORM)
        offset = int(text)
        return offset if offset <= file.size else failure(K.NOT_UNDERSTOOD)

    def _failed(self, file: StoredFile, problem: Failure) -> Failure:
        """Ask the platform again how far it came; a file it does not take lets the others pass."""
        self._upload = None
        if problem.code in ("offset", "no_upload"):
            return failure(K.GONE, code=problem.code)
        if problem.kind in (K.NOT_ACCEPTED, K.TOO_BIG):
            self._left_out[file.sha256] = self._clock.monotonic() + LEAVE_OUT
        elif problem.kind not in OF_THE_LINE:
            self.piece = max(LEAST_PIECE, self.piece // 2)
        return problem
