"""One process at a time, on one machine; a lock dies with who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from vrijgave.errors import RetryLater
from vrijgave.i18n import _

PAUSE = 0.05


@contextmanager
def alone(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock ``path``, which is made where it is missing. Raises ``RetryLater`` after waiting ``seconds``."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = monotonic() + seconds
        while not _taken(handle):
            if monotonic() > deadline:
                raise RetryLater(_("Another process is still at this; try again in a moment."))
            sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
