"""The record of a redaction: what went in, what came out, with what, who decided it, and what the second look saw."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vrijgave.domain.tracks import Action, Analysis, CoverStyle, Decision, FrameArray, ModelInfo, Plan, Track
from vrijgave.media import DEFAULT_LIMITS, Limits, probe, sha256_file
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.plan import Coverage, coverage, ranges
from vrijgave.redaction.record import CoverRecord
from vrijgave.redaction.rescan import RescanHit
from vrijgave.redaction.styles import CELLS, FILL, GREYS

FORMAT = "vrijgave-manifest/1"


def build_manifest(
    source: Path,
    output: Path,
    analysis: Analysis,
    plan: Plan,
    record: CoverRecord,
    detectors: Sequence[Detector],
    hits: Sequence[RescanHit],
    limits: Limits = DEFAULT_LIMITS,
    *,
    at: datetime,
    names: tuple[str, str] | None = None,
    edits: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Plain values for JSON; equal for equal input but for ``made_at`` and the times of the decisions.

    ``record`` comes from the cover pass, ``hits`` from the second look of ``detectors``; ``names`` are written in place
    of the names of the two files. ``edits`` are those of the review that hold. Raises ``UnreadableMedia``.
    """
    filled = coverage(analysis, plan)
    source_name, output_name = names or (source.name, output.name)
    return {
        "format": FORMAT,
        "tool": {"name": "vrijgave", "version": version("vrijgave")},
        "made_at": at.isoformat(),
        "source": {"name": source_name, "sha256": analysis.source_sha256, "probe": record.source.to_dict()},
        "output": {"name": output_name, "sha256": sha256_file(output), "probe": probe(output, limits).to_dict()},
        "models": [_model(model) for model in analysis.models],
        "parameters": dict(analysis.parameters),
        "cover": _cover(plan.style),
        "sound": [[span.sound.value, span.start_ms, span.stop_ms] for span in plan.sounds()],
        "trim": None if plan.trim is None else [plan.trim.first, plan.trim.last],
        "edits": list(edits),
        "frames": analysis.frame_count,
        "cuts": list(analysis.cuts),
        "frames_covered": _ranges(np.union1d(filled.covered_frames(), np.array(record.whole, np.int64))),
        "frames_covered_whole": list(record.whole),
        "tracks": [_track(track, plan.decision(track.id), filled) for track in analysis.tracks],
        "second_look": [hit.to_dict() for hit in hits],
        "second_look_models": [_model(detector.second_look().info) for detector in detectors],
    }


def to_bytes(manifest: dict[str, Any]) -> bytes:
    """The one way in which a manifest is written: UTF-8 JSON with sorted keys and a line end."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sign(manifest: bytes, key: Ed25519PrivateKey) -> str:
    """Detached signature of a written manifest, in base64."""
    return base64.b64encode(key.sign(manifest)).decode("ascii")


def check(manifest: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether ``signature`` was made over exactly these bytes by the owner of ``key``."""
    try:
        key.verify(base64.b64decode(signature, validate=True), manifest)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _model(model: ModelInfo) -> dict[str, Any]:
    return {"name": model.name, "sha256": model.sha256, "parameters": dict(model.parameters)}


def _cover(style: CoverStyle) -> dict[str, Any]:
    """What is painted: the grey everywhere and, where it was chosen, the mosaic over faces."""
    opaque = {"kind": "opaque fill", "colour_bgr": list(FILL)}
    if style is CoverStyle.OPAQUE:
        return opaque
    return opaque | {"faces": {"kind": "drawn mosaic", "cells": CELLS, "luma": GREYS.tolist()}}


def _track(track: Track, decision: Decision | None, filled: Coverage) -> dict[str, Any]:
    exemption = next((e for e in filled.exemptions if e.track.id == track.id), None)
    return {
        "id": track.id,
        "kind": track.kind.value,
        "first": track.first,
        "last": track.last,
        "sources": {source.value: track.sources.count(source) for source in sorted(set(track.sources))},
        "action": (decision.action if decision else Action.COVER).value,
        "reason": decision.reason if decision else "",
        "actor": decision.actor if decision else "",
        "at": decision.at.isoformat() if decision else None,
        "anchors": list(exemption.anchors) if exemption else [],
        "exempt": _ranges(exemption.frames) if exemption else [],
    }


def _ranges(frames: FrameArray) -> list[list[int]]:
    return [[first, last] for first, last in ranges(frames)]
