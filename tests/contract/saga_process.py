"""Runs the sagas in a process of their own, so that a test can kill it."""

from __future__ import annotations

from pathlib import Path

from publishing_world import FAST, FileBook, HurriedClock, make_bundle, no_progress
from worlds import WORLDS

from vrijgave.publishing.ledger import publish, take_down


def main(url: str, folder: Path, die_before: str, platform: str = "youtube", withdraw: bool = False) -> None:
    """Publish row ``p1`` of the ledger in ``folder``, or take it down.

    ``die_before`` names the write at which to die, or is empty.
    """
    book = FileBook(folder / "ledger.sqlite", die_before or None)
    (world,) = (world for world in WORLDS if world.platform.value == platform)
    publisher = world.make(url, 10.0)
    if withdraw:
        take_down(book.get("p1"), publisher, book, HurriedClock(), FAST)
        return
    publish(
        book.get("p1"), world.fitted(make_bundle(folder / "bundle")), publisher, book, HurriedClock(), no_progress, FAST
    )
