"""A release that waits for approval, with real small files: videos that play, pictures, a manifest and texts."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from clips import Clip
from PIL import Image
from web_seed import seed

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.releases import Release, State
from vrijgave.domain.texts import Texts
from vrijgave.domain.tracks import Analysis
from vrijgave.publishing.registry import PUBLISHERS
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_file, store_text
from vrijgave.services.texts import file_name

FRAMES = 50
"""Of every video: two seconds."""
MANIFEST: dict[str, Any] = {
    "format": "vrijgave-manifest/1",
    "cover": {"kind": "opaque fill"},
    "sound": [["mute", 0, 1200], ["keep", 1200, None]],
    "trim": None,
    "frames": FRAMES,
    "frames_covered": [[0, 41]],
    "frames_covered_whole": [],
    "tracks": [
        {"id": 1, "kind": "face", "action": "cover", "reason": "", "actor": "", "exempt": []},
        {"id": 2, "kind": "face", "action": "show", "reason": "De verdachte.", "actor": "bas", "exempt": [[3, 40]]},
        {"id": 3, "kind": "plate", "action": "cover", "reason": "", "actor": "", "exempt": []},
    ],
    "edits": [
        {"number": 1, "revision": 1, "change": {"kind": "show", "track": 2, "anchor": 9}, "reason": "De verdachte.",
         "actor": "bas", "at": "2026-03-02T08:50:00+00:00", "uncovers": False},
        {"number": 2, "revision": 1, "change": {"kind": "delete", "track": 7}, "reason": "Een etalagepop.",
         "actor": "bas", "at": "2026-03-02T08:55:00+00:00", "uncovers": True},
    ],
    "second_look": [],
    "second_look_models": [{"name": "centerface", "sha256": "0" * 64, "parameters": {}}],
}  # fmt: skip


def video(path: Path, shift: int = 0) -> Path:
    """A video of ``FRAMES`` numbered pictures; another ``shift`` makes other bytes."""
    return Clip(pts=range(FRAMES), size=(160 + 16 * shift, 96)).write(path)


def waiting_for_approval(
    context: Context,
    folder: Path,
    *,
    reviewer: str = "bas",
    footage: Path | None = None,
    manifest: dict[str, Any] = MANIFEST,
    words: str = "",
    number: int = 0,
) -> Release:
    """A release; ``words`` stand in all its texts, ``footage`` is in place of the numbered pictures."""
    (release,) = seed(
        context, context.now(), (State.AWAITING_APPROVAL,), with_files=False, reviewer=reviewer, number=number
    )
    with context.unit_of_work() as uow:
        add_assets(uow, release, _files(context, folder, footage, manifest, words), context.now())
        uow.commit()
    return release


def _files(
    context: Context, folder: Path, footage: Path | None, manifest: dict[str, Any], words: str
) -> list[MadeFile]:
    folder.mkdir(exist_ok=True, parents=True)
    blobs = context.blobs
    original = store_file(blobs, AssetKind.ORIGINAL, video(folder / "original.mp4"), parent=None)
    parent = original.sha256
    analysis = Analysis(source_sha256=parent, width=160, height=96, frame_count=FRAMES, tracks=())
    frames = FrameMap(
        source_sha256=parent, proxy_sha256=parent, rate=Fraction(25), time_base=Fraction(1, 25),
        pts=tuple(range(FRAMES)), unreadable=(), source_size=(160, 96), proxy_size=(160, 96), sound=None,
    )  # fmt: skip
    manifest = json.loads(json.dumps(manifest))
    if words:
        manifest["tracks"][1] |= {"reason": words, "actor": words}
        manifest["edits"][1] |= {"reason": words, "actor": words}
    files = [
        original,
        store_text(blobs, AssetKind.ANALYSIS, "analysis.json", json.dumps(analysis.to_dict()), parent=parent),
        store_text(blobs, AssetKind.FRAME_MAP, "frames.json", json.dumps(frames.to_dict()), parent=parent),
        store_text(blobs, AssetKind.MANIFEST, "manifest.json", json.dumps(manifest), parent=parent),
    ]
    made = ((AssetKind.MASTER, "master.mp4", 1), (AssetKind.RENDITION, "youtube-1920x1080.mp4", 2))
    for kind, name, shift in made:
        path = folder / name
        if footage is None:
            video(path, shift)
        else:
            path.write_bytes(footage.read_bytes() + bytes(8 * shift))  # other bytes behind the last box
        files.append(store_file(blobs, kind, path, parent=parent))
    for number, (kind, name) in enumerate(
        ((AssetKind.THUMBNAIL, "thumbnail.jpg"), (AssetKind.STILL, "still-1.jpg")), start=1
    ):
        Image.fromarray(np.full((90, 160, 3), 60 * number, np.uint8)).save(folder / name)
        files.append(store_file(blobs, kind, folder / name, parent=parent))
    for platform in PUBLISHERS:
        for language in ("nl", "en"):
            texts = Texts(
                platform=platform.value, language=language,
                title=words or "Wie herkent de persoon in de gele jas?",
                description=words or "Op 2 maart pakte iemand in Den Haag een tas van een bank.\nBel 0900-8844.",
                tags=(words or "opsporing", "Den Haag"),
                alternative_text=words or "Iemand in een gele jas loopt door een winkelstraat en pakt een tas.",
            )  # fmt: skip
            files.append(store_text(blobs, AssetKind.TEXTS, file_name(texts), texts.to_json(), parent=None))
    return files
