"""The peers beside a row, in the same run: what they take for the same documents and the same work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.harness import Measured
from tests.benchmarks.peers.anki_desktop import Anki
from tests.benchmarks.peers.pouchdb import Pouch
from tests.benchmarks.peers.process import HOW, Peer, PeerFailed, Session, Work

PEERS: tuple[Peer, ...] = (Pouch(), Anki())


class Beside:
    """The peers that are installed, each with a server that holds the documents."""

    def __init__(self, sessions: dict[str, Session]) -> None:
        self._sessions = sessions

    def measure(
        self, found: Measured, work: Callable[[Session], float], times: int, scale: float = 1.0
    ) -> None:
        """Let each peer do ``work`` (milliseconds) so often; the samples go beside ours in its unit."""
        for peer in PEERS:
            found.peers[peer.name] = []
            session = self._sessions.get(peer.name)
            try:
                if session is not None:
                    found.peers[peer.name] = [work(session) * scale for _ in range(times)]
            except PeerFailed as error:
                print(f"  {peer.name}: {error}", file=sys.stderr)


@contextmanager
def beside(folder: Path, documents: Sequence[bytes], times: int) -> Iterator[Beside]:
    """Run the peers that are installed while the block runs."""
    file = folder / "documents.jsonl"
    file.write_bytes(b"\n".join(documents))
    sessions: dict[str, Session] = {}
    with ExitStack() as running:
        for peer in PEERS:
            if not peer.installed():
                print(f"  {peer.name}: 未安装（{HOW}）")
                continue
            place = folder / peer.name
            place.mkdir()
            try:
                sessions[peer.name] = running.enter_context(peer.session(place, Work(file, times)))
            except (PeerFailed, OSError, TimeoutError) as error:
                print(f"  {peer.name}: {error}", file=sys.stderr)
        yield Beside(sessions)
