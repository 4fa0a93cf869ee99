"""What the review's media cost: seconds of the proxy beside a plain transcode and the analysis, its size, its memory.

``python -m benchmarks.review_media [NAME …]``: the 1080p clips made for the run and the clips of the footage whose name
holds one of the names. ``--minutes N`` measures a clip of that length instead, for what memory does.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clock import MIB, peak_memory, plain_seconds, timed
from benchmarks.common import Clip, clips, columns, heading, note, number, row
from benchmarks.long_footage import print_long
from benchmarks.speed import REPEATS, made
from vrijgave.bootstrap import detectors
from vrijgave.media import Proxy, make_proxy
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.detectors import Detector
from vrijgave.settings import Settings

RATE = 25


@dataclass(slots=True)
class Best:
    """Least seconds of each so far, and the most memory of the proxy."""

    proxy: float = float("inf")
    plain: float = float("inf")
    analysis: float = float("inf")
    mib: float = 0.0


def measured(clip: Clip, folder: Path, looking: Sequence[Detector], repeats: int) -> None:
    """The three in turn, ``repeats`` times, and a row of the least of each."""
    best, output = Best(), folder / "proxy.mp4"
    for turn in range(repeats):
        note(f"Review media: {clip.name} ({turn + 1} of {repeats})")
        with peak_memory() as peak:
            seconds, proxy = timed(lambda: make_proxy(clip.video, output))
        best.proxy, best.mib = min(best.proxy, seconds), max(best.mib, peak.mib)
        best.plain = min(best.plain, plain_seconds(clip.video, folder))
        seconds, _found = timed(lambda: analyse(clip.video, looking))
        best.analysis = min(best.analysis, seconds)
    _print(clip.name, best, proxy, output)


def _print(name: str, best: Best, proxy: Proxy, output: Path) -> None:
    frames = len(proxy.times)
    minutes = float(frames / proxy.rate) / 60
    row(name, frames, "{}×{}".format(*proxy.size), number(best.proxy, 2), number(frames / best.proxy),
        number(best.proxy / best.plain, 2), number(best.proxy / best.analysis, 2),
        number(output.stat().st_size / MIB / minutes), number(best.mib, 0))  # fmt: skip


def main() -> None:
    """The table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=int, metavar="N")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    asked = parser.parse_args()
    if asked.minutes:
        print_long(lambda source, output: len(make_proxy(source, output).times), asked.minutes, RATE)
        return
    heading(f"Review media ({datetime.now(UTC):%Y-%m-%d}, least of {asked.repeats})")
    columns("clip", "frames", "proxy", "seconds", "frames/s", "÷ transcode", "÷ analysis", "MiB/minute",
            "peak memory MiB")  # fmt: skip
    looking = detectors(Settings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for clip in [*(clips(asked.names) if asked.names else ()), *made(folder, looking)]:
            measured(clip, folder, looking, asked.repeats)


if __name__ == "__main__":
    main()
