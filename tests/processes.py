"""The processes of ours that a test looks at; a test run has others, such as a database server."""

from __future__ import annotations

import psutil


def decoding_children() -> list[psutil.Process]:
    """Decoding children of this process, at any depth."""
    found = psutil.Process().children(recursive=True)
    return [child for child in found if "vrijgave.media.child" in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
