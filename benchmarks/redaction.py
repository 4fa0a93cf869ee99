"""Measures the redaction: leaks per truth clip, speed against a plain transcode, and peak memory on long footage.

The clips and their truth are found in VRIJGAVE_FOOTAGE_DIR (default ../shared/footage), the scoring tool as
VRIJGAVE_SCORE_TOOL (default ../shared/tools/redaction_score.py). Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil

from vrijgave.bootstrap import detectors
from vrijgave.errors import VrijgaveError
from vrijgave.media import OutputFormat, open_reader, open_writer, probe
from vrijgave.services.redact import redact_file
from vrijgave.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", SHARED / "footage"))
SCORE_TOOL = Path(os.environ.get("VRIJGAVE_SCORE_TOOL", SHARED / "tools" / "redaction_score.py"))
LONG_MINUTES = 20
MIB = 1024 * 1024

COLUMNS = (
    ("clip", "{clip}"),
    ("tracks", "{tracks}"),
    ("leaked", "{leaked_tracks}"),
    ("recall", "{frame_recall}"),
    ("longest run", "{longest_exposed_run}"),
    ("over-redaction", "{over_redaction:.4f}"),
    ("frames", "{frames_out}"),
    ("drift ms", "{max_timestamp_drift_ms}"),
    ("start shift ms", "{start_shift_ms}"),
    ("passes", "{rounds}"),
    ("seconds", "{seconds:.1f}"),
    ("processor seconds", "{processor:.1f}"),
    ("frames/s", "{speed:.1f}"),
    ("÷ transcode", "{ratio:.1f}"),
)


@dataclass
class Peak:
    """Largest resident memory, of this process and its children together, in MiB."""

    mib: float = 0.0


@contextmanager
def peak_memory(interval: float = 0.2) -> Iterator[Peak]:
    """Watches while the block runs."""
    peak, stop, me = Peak(), threading.Event(), psutil.Process()

    def watch() -> None:
        while not stop.wait(interval):
            peak.mib = max(peak.mib, _resident(me) / MIB)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _resident(process: psutil.Process) -> int:
    total = 0
    for part in [process, *process.children(recursive=True)]:
        try:
            total += part.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def clips(names: list[str]) -> list[Path]:
    """The clips with truth, all or those whose name holds one of ``names``."""
    found = [p.with_name(p.name.removesuffix(".truth.json")) for p in sorted(FOOTAGE.glob("*.truth.json"))]
    videos = [video for stem in found for video in sorted(stem.parent.glob(stem.name + ".m[kp][v4]"))]
    return [video for video in videos if not names or any(name in video.name for name in names)]


def transcode_seconds(source: Path, output: Path) -> float:
    """Plain transcode of the picture with the codec settings that the redaction uses."""
    settings = OutputFormat.like(probe(source))
    started = time.perf_counter()
    with av.open(str(source)) as given, av.open(str(output), "w") as made:
        stream = made.add_stream("libx264", options={"crf": str(settings.crf), "preset": settings.preset})
        stream.width, stream.height = settings.encoded_size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = settings.time_base
        video = given.streams.video[0]
        video.thread_type = "AUTO"
        for frame in given.decode(video):
            picture = frame.reformat(*settings.encoded_size, format="yuv420p")
            picture.pict_type = av.video.frame.PictureType.NONE
            made.mux(stream.encode(picture))
        made.mux(stream.encode(None))
    return time.perf_counter() - started


def measure(clip: Path, folder: Path, detectors: Any) -> dict[str, Any]:
    """Redact and score one clip."""
    output = folder / (clip.stem + ".mp4")
    started, used = time.perf_counter(), sum(os.times()[:4])
    outcome = redact_file(clip, output, overwrite=True, detectors=detectors)
    seconds, processor = time.perf_counter() - started, sum(os.times()[:4]) - used
    plain = transcode_seconds(clip, folder / "plain.mp4")
    truth = clip.with_name(clip.stem + ".truth.json")
    command = [sys.executable, str(SCORE_TOOL), str(clip), str(output), str(truth), "--json"]
    score = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    if "error" in score:
        raise RuntimeError(f"{clip.name}: {score['error']}")
    return score | {
        "clip": clip.name,
        "rounds": outcome.rounds,
        "seconds": seconds,
        "processor": processor,
        "speed": outcome.analysis.frame_count / seconds,
        "ratio": seconds / plain,
    }


def leaks(row: dict[str, Any]) -> Iterator[str]:
    """One line for each track that shows."""
    for track in row["per_track"]:
        if track["first_exposed_frame"] is not None and not track["exempt"]:
            yield (
                f"{row['clip']}: {track['kind']} {track['id']}, {track['boxes'] - track['covered']} of "
                f"{track['boxes']} boxes, first in frame {track['first_exposed_frame']}"
            )


def table(selected: list[Path], *, details: bool) -> None:
    """Redact the clips one after the other and print a row for each."""
    looking = detectors(Settings())
    print("| " + " | ".join(name for name, _form in COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS), flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for clip in selected:
            try:
                row = measure(clip, Path(name), looking)
            except VrijgaveError as error:
                print(f"| {clip.name} | {type(error).__name__}: {error} |", flush=True)
                continue
            rows.append(row)
            print("| " + " | ".join(form.format(**row) for _name, form in COLUMNS) + " |", flush=True)
    summary(rows)
    if details:
        print("\n" + "\n".join(line for row in rows for line in leaks(row)))


def summary(rows: list[dict[str, Any]]) -> None:
    """Sums over all clips."""
    tracks, leaked = sum(r["tracks"] for r in rows), sum(r["leaked_tracks"] for r in rows)
    frames, seconds = sum(r["frames_out"] for r in rows), sum(r["seconds"] for r in rows)
    print(f"\n{leaked} of {tracks} identities leaked; {frames} frames in {seconds:.0f} s.")


def make_long(path: Path, minutes: int, rate: int) -> None:
    """Generated 1080p footage with a few things that move, ``rate`` frames a second."""
    form = OutputFormat(width=1920, height=1080, time_base=Fraction(1, rate), preset="ultrafast")
    noise = np.random.default_rng(1).integers(90, 160, (135, 240, 3), np.uint8)
    scene = cv2.resize(noise, (1920, 1080), interpolation=cv2.INTER_CUBIC)
    with open_writer(path, form) as writer:
        for index in range(minutes * 60 * rate):
            image = scene.copy()
            for thing in range(3):
                x, y = (index * (3 + thing)) % 1800, 200 + 250 * thing
                cv2.circle(image, (x, y), 40, (180, 190, 220), cv2.FILLED)
            writer.frame(image, index)


def long_run(work: Callable[[Path, Path], int], minutes: int, rate: int) -> None:
    """Peak memory and speed of ``work`` (source, output -> frames) on long footage."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "long.mp4"
        make_long(source, minutes, rate)
        with peak_memory() as peak:
            started = time.perf_counter()
            frames = work(source, Path(name) / "output.mp4")
            seconds = time.perf_counter() - started
    print("\n| footage | frames | seconds | frames/s | peak memory MiB |\n|---|---|---|---|---|")
    name = f"{minutes} min 1080p at {rate} frames/s"
    print(f"| {name} | {frames} | {seconds:.0f} | {frames / seconds:.1f} | {peak.mib:.0f} |")


def redacted(source: Path, output: Path) -> int:
    """Everything: analysis, cover, second look."""
    return redact_file(source, output, detectors=detectors(Settings())).analysis.frame_count


def copied(source: Path, output: Path) -> int:
    """Decoding in the child and encoding, nothing between."""
    frames = 0
    with open_reader(source) as reader, open_writer(output, OutputFormat.like(reader.info)) as writer:
        for frame in reader.frames():
            if frame.picture is not None:
                writer.picture(frame.picture, frame.pts)
                frames += 1
    return frames


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", help="parts of clip names; all clips when none is given")
    parser.add_argument("--leaks", action="store_true", help="name each identity that leaked")
    parser.add_argument("--long", action="store_true", help="only measure peak memory of a redaction of long footage")
    parser.add_argument("--long-copy", action="store_true", help="the same for decoding and encoding alone")
    parser.add_argument("--minutes", type=int, default=LONG_MINUTES, help="length of the long footage (%(default)s)")
    parser.add_argument("--rate", type=int, default=25, help="its frames a second (%(default)s)")
    arguments = parser.parse_args()
    if arguments.long or arguments.long_copy:
        long_run(redacted if arguments.long else copied, arguments.minutes, arguments.rate)
        return 0
    selected = clips(arguments.clips)
    if not selected or not SCORE_TOOL.is_file():
        print(f"No clips in {FOOTAGE} or no scoring tool at {SCORE_TOOL}.", file=sys.stderr)
        return 2
    table(selected, details=arguments.leaks)
    return 0


if __name__ == "__main__":
    sys.exit(main())
