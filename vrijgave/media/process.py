"""The parent's side of the decoding child: start, listen, and put an end to it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from vrijgave.errors import UnreadableMedia
from vrijgave.media.limits import Limits
from vrijgave.media.protocol import BrokenChannel, Channel, Kind, Order, Reason
from vrijgave.media.reasons import unreadable

log = logging.getLogger(__name__)

STALL_SECONDS = 120
"""A child that says nothing for this long is stuck, for instance on a share that does not answer."""
GRACE_SECONDS = 5
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-P", "-m", "vrijgave.media.child")
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""All that the child inherits: nothing of the service's own environment."""


class DecodingChild:
    """A child process on one file, as a context manager; leaving it ends the child and frees what it held."""

    def __init__(
        self, path: Path, limits: Limits, *, decode: bool, sound: bool = False, first: int = 0, stop: int | None = None
    ) -> None:
        self._path = path
        self._limits = limits
        self._decode = decode
        self._sound = sound
        self._first = first
        self._stop = stop
        self._stack = ExitStack()

    def __enter__(self) -> DecodingChild:
        with ExitStack() as stack:
            file = _open(self._path)
            stack.callback(os.close, file)
            ours, theirs = socket.socketpair()
            stack.enter_context(theirs)
            self._stack.enter_context(ours)
            self.memory = os.memfd_create("vrijgave-frames", os.MFD_CLOEXEC)
            self._stack.callback(os.close, self.memory)
            ours.settimeout(STALL_SECONDS)
            self.channel = Channel(ours)
            self._start(file, theirs)
        return self

    def _start(self, file: int, theirs: socket.socket) -> None:
        order = Order(
            parent=os.getpid(),
            file=file,
            channel=theirs.fileno(),
            memory=self.memory,
            decode=self._decode,
            sound=self._sound,
            first=self._first,
            stop=self._stop,
            limits=self._limits,
        )
        self._process = subprocess.Popen(
            [*COMMAND, order.to_json()],
            pass_fds=(order.file, order.channel, order.memory),
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._stack.close()

    def messages(self) -> Iterator[tuple[Kind, dict[str, Any], bytes]]:
        """Messages until the end. Raises ``UnreadableMedia`` with the reason in place of anything else."""
        while True:
            try:
                kind, head, payload = self.channel.receive()
            except TimeoutError:
                raise self.unreadable(Reason.STALLED, limit=STALL_SECONDS) from None
            except (BrokenChannel, ConnectionError):
                raise self._why_ended() from None
            if kind is Kind.END:
                return
            if kind is Kind.REFUSED:
                raise self._refused(head)
            if kind is not Kind.ALIVE:
                yield kind, head, payload

    def unreadable(self, reason: Reason, **values: Any) -> UnreadableMedia:
        """The error for this child's file."""
        return unreadable(self._path.name, reason, values)

    def _refused(self, head: dict[str, Any]) -> UnreadableMedia:
        try:
            reason, values = Reason(head["reason"]), dict(head["values"])
        except (KeyError, TypeError, ValueError):
            return self.unreadable(Reason.CRASHED)
        if reason is Reason.MEMORY:
            values["limit"] = self._limits.memory_mb
        return self.unreadable(reason, **values)

    def _why_ended(self) -> UnreadableMedia:
        """From how the child ended: a limit of the kernel, or anything else."""
        try:
            status = self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return self.unreadable(Reason.CRASHED)
        log.warning("the decoding child ended by itself with status %d", status)
        if status == -signal.SIGXCPU:
            return self.unreadable(Reason.PROCESSOR, limit=self._limits.seconds_per_minute)
        return self.unreadable(Reason.CRASHED)


def _open(path: Path) -> int:
    """A descriptor on the regular file ``path``; its name means nothing from here on."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise unreadable(path.name, Reason.MISSING, {}) from None
    except OSError:
        raise unreadable(path.name, Reason.NO_PERMISSION, {}) from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size:
        return descriptor
    os.close(descriptor)
    raise unreadable(path.name, Reason.EMPTY if stat.S_ISREG(status.st_mode) else Reason.NO_FILE, {})
