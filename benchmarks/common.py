"""What all measurements share: the footage and its truth, the scoring tool, and how results are printed."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", SHARED / "footage"))
SCORE_TOOL = Path(os.environ.get("VRIJGAVE_SCORE_TOOL", SHARED / "tools" / "redaction_score.py"))
CAMERA_TOOL = Path(os.environ.get("VRIJGAVE_CAMERA_TOOL", SHARED / "tools" / "virtual_camera.py"))
MISSING = 2
"""Exit status when the footage or a tool is not there."""

Truth = Mapping[str, Any]
Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels, as the truth files have it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video and the file that says what is to be seen in it."""

    video: Path
    truth_file: Path

    @property
    def name(self) -> str:
        """Without folder and ending."""
        return self.video.stem

    def truth(self) -> dict[str, Any]:
        """As written: ``tracks`` with ``id``, ``kind`` and ``boxes`` by frame number."""
        value: dict[str, Any] = json.loads(self.truth_file.read_text(encoding="utf-8"))
        return value

    @property
    def kinds(self) -> frozenset[str]:
        """What is to be covered in it: ``face``, ``plate``."""
        return frozenset(track["kind"] for track in self.truth()["tracks"] if not track.get("ignore"))


def clips(names: Sequence[str] = (), folder: Path = FOOTAGE) -> list[Clip]:
    """The clips of ``folder`` with truth: all, or those whose name holds one of ``names``."""
    found = []
    for truth in sorted(folder.glob("*.truth.json")):
        stem = truth.name.removesuffix(".truth.json")
        found += [Clip(video, truth) for video in sorted(folder.glob(stem + ".m[kp][v4]"))]
    return [clip for clip in found if not names or any(name in clip.name for name in names)]


def boxes(track: Mapping[str, Any]) -> dict[int, Box]:
    """The boxes of a track of the truth, by frame number."""
    return {int(frame): (box[0], box[1], box[2], box[3]) for frame, box in track["boxes"].items()}


@cache
def score_tool() -> ModuleType:
    """The scoring tool as a module; it looks at pixels alone. Raises ``OSError`` when it is not there."""
    spec = importlib.util.spec_from_file_location("redaction_score", SCORE_TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing(selected: Sequence[Clip]) -> str | None:
    """What is not there and without which nothing can be measured; None when all is."""
    if not selected:
        return f"There are no such clips with truth in {FOOTAGE}; set VRIJGAVE_FOOTAGE_DIR."
    if not SCORE_TOOL.is_file():
        return f"There is no scoring tool at {SCORE_TOOL}; set VRIJGAVE_SCORE_TOOL."
    return None


def note(text: str) -> None:
    """Progress, for who waits."""
    print(text, file=sys.stderr, flush=True)


def heading(text: str) -> None:
    """Title of a table."""
    print(f"\n### {text}\n", flush=True)


def row(*cells: object) -> None:
    """A row of a Markdown table."""
    print("| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |", flush=True)


def columns(*names: str) -> None:
    """The head of a Markdown table."""
    row(*names)
    print("|" + "---|" * len(names), flush=True)


def number(value: float | None, digits: int = 1) -> str | None:
    """With so many decimals; None stays None."""
    return None if value is None else f"{value:.{digits}f}"
