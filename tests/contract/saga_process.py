"""Runs the publish saga in a process of its own, so that a test can kill it: URL, folder and where to die."""

from __future__ import annotations

import sys
from pathlib import Path

from publishing_world import FAST, FileBook, HurriedClock, make_bundle, make_youtube, no_progress

from vrijgave.publishing.ledger import publish


def main(url: str, folder: Path, die_before: str) -> None:
    book = FileBook(folder / "ledger.sqlite", die_before or None)
    bundle = make_bundle(folder / "bundle")
    publish(book.get("p1"), bundle, make_youtube(url), book, HurriedClock(), no_progress, FAST)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
