"""deface, the program that people use today for faces in video, run as its users run it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.clock import timed
from vrijgave.media import OutputFormat, Picture, open_writer
from vrijgave.media.colours import BT709

COMMAND = "from deface.deface import main; main()"
NEEDED = ("deface", "onnx", "onnxruntime", "imageio", "imageio_ffmpeg", "skimage", "tqdm")
START_UPS = 2


class RivalFailed(Exception):
    """deface ended without a video; says what it said last."""


@dataclass(frozen=True, slots=True)
class Rival:
    """deface as installed. ``engine`` is what it says that it runs on, ``start_up`` the seconds before its first
    frame: imports and model, which our own figures do not hold either."""

    version: str
    engine: str
    start_up: float

    def seconds(self, source: Path, output: Path) -> float:
        """Run it with its defaults; seconds without the start-up. Raises ``RivalFailed``."""
        taken, _said = timed(lambda: _run(source, output))
        return max(0.0, taken - self.start_up)


@cache
def find_rival() -> Rival | None:
    """deface, or None where it or something that it needs is not installed."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        return None
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "one.mp4", Path(name) / "covered.mp4"
        _write_one_frame(source)
        runs = [timed(lambda: _run(source, output)) for _ in range(START_UPS)]
    engine = re.search(r"Running on (\w+)", runs[0][1])
    return Rival(version("deface"), engine.group(1) if engine else "cv2.dnn", min(taken for taken, _said in runs))


def _write_one_frame(path: Path) -> None:
    form = OutputFormat(width=64, height=64, time_base=Fraction(1, 25), rate_hint=Fraction(25))
    with open_writer(path, form) as writer:
        writer.picture(Picture.of_bgr(np.full((64, 64, 3), 128, np.uint8), BT709), 0)


def _run(source: Path, output: Path) -> str:
    output.unlink(missing_ok=True)
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, str(source), "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode or not output.is_file():
        said = (ran.stderr or ran.stdout).strip().splitlines()
        raise RivalFailed(said[-1] if said else "it said nothing")
    return ran.stdout
