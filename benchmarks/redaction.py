"""Measures the redaction on clips with truth: who leaks, how fast it is, and whether one face can be shown alone.

Beside it, on the same clips and in the same run: a plain transcode, and deface where it is installed. Prints Markdown
tables; progress goes to the error stream. docs/benchmarks.md says what the columns mean.

The clips and their truth are found in VRIJGAVE_FOOTAGE_DIR (default ../shared/footage), the scoring tool as
VRIJGAVE_SCORE_TOOL and the virtual camera as VRIJGAVE_CAMERA_TOOL (default in ../shared/tools).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import av
import psutil

from benchmarks.common import CAMERA_TOOL, MISSING, clips, missing, note
from benchmarks.exemption import print_exemption
from benchmarks.generated import unseen
from benchmarks.leaks import print_leaks
from benchmarks.long_footage import copied, print_long, redacted
from benchmarks.rival import Rival, find_rival
from benchmarks.segments import print_segments
from benchmarks.speed import REPEATS, print_speed
from vrijgave.machine import detectors
from vrijgave.redaction.detectors import Detector
from vrijgave.settings import Settings

LONG_MINUTES = 20


class Part(StrEnum):
    """What can be measured."""

    LEAKS = "leaks"
    SPEED = "speed"
    EXEMPTION = "exemption"


def print_machine(looking: Sequence[Detector], rival: Rival | None, *, wanted: bool) -> None:
    """What the figures depend on; whether deface was ``wanted``."""
    memory = psutil.virtual_memory().total / 2**30
    print(
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}, "
        f"PyAV {av.__version__}."
    )
    for detector in looking:
        parameters = ", ".join(f"{name} {value}" for name, value in detector.info.parameters.items())
        print(f"\n- {detector.kind.value}: {detector.info.name}; {parameters}")
    if rival is None and wanted:
        print("\ndeface is not installed, or not all that it needs.", flush=True)
    elif rival is not None:
        says = f"deface {rival.version}, which says that it runs on {rival.engine}"
        print(f"\n{says}; its {rival.start_up:.1f} s of start-up are left out.", flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.redaction",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("clips", nargs="*", help="parts of clip names; all clips when none is given")
    made.add_argument("--part", action="append", type=Part, choices=list(Part), help="only this; may be repeated")
    made.add_argument("--unseen", type=int, default=0, metavar="N",
                      help="also measure leaks in N plate and N face clips made for this run")  # fmt: skip
    made.add_argument("--workers", type=int, default=0, metavar="N",
                      help="also measure long footage in segments over N processes")  # fmt: skip
    made.add_argument("--leaks", action="store_true", help="name each identity that leaked")
    made.add_argument("--no-deface", action="store_true", help="leave deface out")
    made.add_argument("--repeats", type=int, default=REPEATS, help="runs of each at 1080p (%(default)s)")
    made.add_argument("--long", action="store_true", help="only measure peak memory of a redaction of long footage")
    made.add_argument("--long-copy", action="store_true", help="the same for decoding and encoding alone")
    made.add_argument("--minutes", type=int, default=LONG_MINUTES, help="length of the long footage (%(default)s)")
    made.add_argument("--rate", type=int, default=25, help="its frames a second (%(default)s)")
    return made


def main() -> int:
    """Entry point."""
    asked = parser().parse_args()
    if asked.long or asked.long_copy:
        print_long(redacted(detectors(Settings())) if asked.long else copied, asked.minutes, asked.rate)
        return 0
    selected = clips(asked.clips)
    lacking = missing(selected)
    if lacking is None and asked.unseen and not CAMERA_TOOL.is_file():
        lacking = f"There is no virtual camera at {CAMERA_TOOL}; set VRIJGAVE_CAMERA_TOOL."
    if lacking is not None:
        note(lacking)
        return MISSING
    looking = detectors(Settings())
    rival = None if asked.no_deface else find_rival()
    print_machine(looking, rival, wanted=not asked.no_deface)
    parts = asked.part or list(Part)
    if Part.LEAKS in parts:
        print_leaks("Clips with truth", selected, looking, rival, details=asked.leaks)
    if asked.unseen:
        with tempfile.TemporaryDirectory() as name:
            made = list(unseen(asked.unseen, Path(name), looking))
            print_leaks("Unseen clips", made, looking, rival, details=asked.leaks)
    if Part.SPEED in parts:
        print_speed(selected, looking, rival, asked.repeats)
    if Part.EXEMPTION in parts:
        print_exemption(selected, looking)
    if asked.workers:
        print_segments(asked.workers, looking)
    return 0


if __name__ == "__main__":
    sys.exit(main())
