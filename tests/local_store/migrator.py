"""A child process that opens copies of a store with a further migration, each dying at another step.

``python -m tests.local_store.migrator PROFILE FOLDER``: for N = 1, 2, … a forked child opens a copy of
PROFILE at FOLDER/N and dies, as from ``kill -9``, before the N-th of: opening a connection, a rename,
copying the file. Prints how each ended and stops after the first that got through.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from local_store import engine, opening
from local_store.migrations import MODULES
from local_store.store import Store
from tests.support.answering import KEY

TRIAL = (*MODULES, "tests.local_store.trial_migration")
MOST = 60


def open_and_die(profile: Path, at: int) -> None:
    """Open the store; die before the ``at``-th step."""
    steps = 0

    def counted(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    engine.settle = counted(engine.settle)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    opening.copy_file = counted(opening.copy_file)  # type: ignore[attr-defined]
    Store.open(profile, KEY, TRIAL).close()


def main(profile: Path, folder: Path) -> None:
    for number in range(1, MOST):
        trial = folder / str(number)
        shutil.copytree(profile, trial)
        child = os.fork()
        if child == 0:
            open_and_die(trial, number)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, flush=True)
        if status != -signal.SIGKILL:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
