"""Runs the publish saga in a process of its own, so that a test can kill it."""

from __future__ import annotations

from pathlib import Path

from publishing_world import FAST, FileBook, HurriedClock, make_bundle, make_youtube, no_progress

from vrijgave.publishing.ledger import publish


def main(url: str, folder: Path, die_before: str) -> None:
    """Publish row ``p1`` of the ledger in ``folder``; ``die_before`` names the write at which to die, or is empty."""
    book = FileBook(folder / "ledger.sqlite", die_before or None)
    bundle = make_bundle(folder / "bundle")
    publish(book.get("p1"), bundle, make_youtube(url), book, HurriedClock(), no_progress, FAST)
