"""How fluent the review room is in a browser: 20 minutes with 500 tracks, seen by Debian's Chromium.

``python -m benchmarks.review_page [--minutes N]``. The clip is made as the proxy is, the analysis is that of
``benchmarks.review_edits``; all that the browser gets is what the product serves, over real HTTP. Without a graphics
card Chromium paints with the processor, and shares it with the server.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import av
import numpy as np
import uvicorn
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.common import columns, note, row
from benchmarks.review_edits import FRAMES, TRACKS, prepared
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.frame_map import FrameMap, ProxySound
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.media import OutputFormat, open_writer
from vrijgave.media.proxy import GROUP, PRESET, QUALITY
from vrijgave.media.waveform import RATE as PEAKS
from vrijgave.media.waveform import Waveform
from vrijgave.services import accounts, room
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file, store_text
from vrijgave.services.sign_in import open_session
from vrijgave.web import cookies
from vrijgave.web.app import create_app

RATE = 25
SIZE = (1280, 720)
WINDOW = {"width": 1366, "height": 768}
MINUTE = 60 * RATE
"""Frames."""
SECONDS = 10
PANNED = 5
FIRST_PICTURE = """
new MutationObserver((_, observer) => {
  const video = document.getElementById("video");
  if (!video) return;
  observer.disconnect();
  video.requestVideoFrameCallback(() => (window.firstPicture = performance.now()));
}).observe(document, { childList: true, subtree: true });
"""
INTERVALS = """async ([seconds, panning]) => {
  const canvas = document.getElementById("timeline");
  const video = document.getElementById("video");
  const before = video.getVideoPlaybackQuality();
  const intervals = [];
  let last = await new Promise(requestAnimationFrame);
  const end = last + seconds * 1000;
  while (last < end) {
    if (panning) {
      const turn = Math.floor(intervals.length / 60) % 2 ? -1 : 1;
      canvas.dispatchEvent(new WheelEvent("wheel", { deltaX: 12 * turn, deltaY: 9 * turn, cancelable: true }));
    }
    const now = await new Promise(requestAnimationFrame);
    intervals.push(now - last);
    last = now;
  }
  const after = video.getVideoPlaybackQuality();
  return { intervals, pictures: after.totalVideoFrames - before.totalVideoFrames,
    dropped: after.droppedVideoFrames - before.droppedVideoFrames };
}"""


def write_minute(path: Path) -> None:
    """A minute of a picture that changes all over, encoded as the proxy is."""
    noise = np.random.default_rng(3).integers(40, 200, (SIZE[1] // 8, SIZE[0] // 8, 3), np.uint8)
    scene = noise.repeat(8, axis=0).repeat(8, axis=1)
    form = OutputFormat(
        width=SIZE[0], height=SIZE[1], time_base=Fraction(1, RATE), rate_hint=Fraction(RATE), crf=QUALITY,
        preset=PRESET, group=GROUP,
    )  # fmt: skip
    with open_writer(path, form) as writer:
        for number in range(MINUTE):
            writer.frame(np.roll(scene, number // 2 * 2 % SIZE[0], axis=1), number)


def write_clip(path: Path, minutes: int) -> None:
    """That minute so many times, its index in front."""
    note("Review page: making the clip")
    minute = path.with_name("minute.mp4")
    write_minute(minute)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as output:
        target = None
        for turn in range(minutes):
            with av.open(str(minute)) as source:
                stream = source.streams.video[0]
                target = target or output.add_stream_from_template(stream)
                length = round(MINUTE / RATE / (stream.time_base or Fraction(1)))
                for packet in source.demux(stream):
                    if packet.dts is not None and packet.pts is not None:
                        packet.pts, packet.dts = packet.pts + turn * length, packet.dts + turn * length
                        packet.stream = target
                        output.mux(packet)


def add_media(context: Context, release: Release, original: str, path: Path, frames: int) -> None:
    """The clip as the release's proxy, with a map of constant rate and a waveform."""
    proxy = store_file(context.blobs, AssetKind.PROXY, path, parent=original)
    mapped = FrameMap(
        source_sha256=original, proxy_sha256=proxy.sha256, rate=Fraction(RATE), time_base=Fraction(1, RATE),
        pts=tuple(range(frames)), unreadable=(), source_size=(1920, 1080), proxy_size=SIZE, sound=ProxySound(),
    )  # fmt: skip
    loud = np.random.default_rng(4).integers(0, 100, frames * PEAKS // RATE).astype(np.int8)
    wave = Waveform(np.stack([-loud, loud], axis=1))
    files = [proxy]
    for kind, value in ((AssetKind.FRAME_MAP, mapped.to_dict()), (AssetKind.WAVEFORM, wave.to_dict())):
        files.append(store_text(context.blobs, kind, f"{kind.value}.json", json.dumps(value), parent=original))
    with context.unit_of_work() as uow:
        add_assets(uow, release, files, context.now())
        uow.commit()


def signed_in(context: Context, release: Release) -> str:
    """A reviewer's session in which the reason was given."""
    with context.unit_of_work() as uow:
        account = accounts.add(
            uow, name="bo", display_name="Bo", unit="x", roles=(Role.COMMUNICATIE,),
            password_hash=accounts.prepare_password("a long benchmark sentence"), actor="system", at=context.now(),
        )  # fmt: skip
        opened = open_session(uow, account, context.now())
        uow.commit()
    with context.unit_of_work() as uow:
        room.first_look(uow, release.id, account.name, "benchmark", context.now())
        uow.commit()
    return opened.token


@contextmanager
def served(context: Context) -> Iterator[str]:
    """The application on a port of this machine."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(context), log_level="warning", timeout_graceful_shutdown=1))
    thread = Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def opened(page: Page, release: Release) -> None:
    """The room, and how long it took to the first picture and to all of it."""
    page.goto(f"/releases/{release.id}/review")
    page.locator("#room[data-ready]").wait_for()
    first, whole = page.evaluate("() => [window.firstPicture, performance.now()]")
    sizes = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/review'))"
        ".map((e) => [e.decodedBodySize, e.duration])"
    )
    row("first picture", f"{first:.0f} ms", "", "", "")
    row("all of it drawn", f"{whole:.0f} ms", "", "", "")
    for size, duration in sizes:
        row("the review as JSON", f"{duration:.0f} ms", f"{size / 1e6:.1f} MB", "", "")


def watched(page: Page, engine: CDPSession, name: str, seconds: int, *, panning: bool) -> None:
    """A row of how the browser kept up for so long."""
    before = _script_seconds(engine)
    seen: dict[str, Any] = page.evaluate(INTERVALS, [seconds, panning])
    script = _script_seconds(engine) - before
    intervals = np.array(seen["intervals"])
    middle, late = np.percentile(intervals, [50, 95])
    row(
        name, f"{middle:.1f} / {late:.1f} ms", f"{1000 / intervals.mean():.0f}",
        f"{1000 * script / len(intervals):.1f} ms", f"{seen['pictures']} ({seen['dropped']})",
    )  # fmt: skip


def _script_seconds(engine: CDPSession) -> float:
    metrics = engine.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration"))


def measured(context: Context, release: Release, token: str) -> None:
    """Open the room, play, play at four times the speed, and pan the timeline."""
    with served(context) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        window = browser.new_context(viewport=WINDOW, base_url=address)  # type: ignore[arg-type]
        window.add_cookies([{"name": cookies.SESSION, "value": token, "url": address}])
        page = window.new_page()
        page.add_init_script(FIRST_PICTURE)
        columns(
            "",
            "middle / 95th percentile between painted frames",
            "frames a second",
            "script in each",
            "pictures (dropped)",
        )
        for _turn in ("cold", "warm"):
            opened(page, release)
        engine = window.new_cdp_session(page)
        engine.send("Performance.enable")
        watched(page, engine, "nothing happens", PANNED, panning=False)
        page.keyboard.press("l")
        watched(page, engine, "playing", SECONDS, panning=False)
        page.keyboard.press("k")
        watched(page, engine, "panning the timeline", PANNED, panning=True)
        page.keyboard.press("l")
        watched(page, engine, "panning while playing", PANNED, panning=True)
        browser.close()


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=FRAMES // MINUTE)
    minutes = parser.parse_args().minutes
    frames = minutes * MINUTE
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
        context, release, found = prepared(Path(folder))
        clip = Path(folder) / "proxy.mp4"
        write_clip(clip, minutes)
        add_media(context, release, found.source_sha256, clip, frames)
        sys.stdout.write(f"{TRACKS} tracks, {frames} frames, proxy {clip.stat().st_size / 2**20:.0f} MiB\n\n")
        measured(context, release, signed_in(context, release))
    return 0


if __name__ == "__main__":
    sys.exit(main())
