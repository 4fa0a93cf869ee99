"""The tracks of a review in few numbers, for a page that draws them: keyframes, spans, what is doubtful, what shows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from vrijgave.domain.tracks import Track
from vrijgave.redaction.edits import Edited
from vrijgave.redaction.plan import exemptions, ranges
from vrijgave.redaction.review_data import ReviewData, UncertainSpan


def outline(now: Edited, data: ReviewData, only: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Plain values for JSON, one entry for each track: ``spans`` and ``shown`` are (first, last) frames, ``keyframes``
    [frame, x0, y0, x1, y1] between which straight lines run, ``placed`` the frames whose box a person has placed, and
    ``uncertain`` the doubtful moments, riskiest first.

    With ``only`` these tracks and those that are shown, for what shows of them depends on the others."""
    doubts: dict[int, list[UncertainSpan]] = {}
    for span in data.spans:
        doubts.setdefault(span.track_id, []).append(span)
    shown = {exemption.track.id: list(ranges(exemption.frames)) for exemption in exemptions(now.analysis, now.plan)}
    return [
        _entry(track, data, doubts.get(track.id, []))
        | {"placed": list(now.placed.get(track.id, ())), "shown": shown.get(track.id, [])}
        for track in now.analysis.tracks
        if only is None or track.id in only or track.id in shown
    ]


def _entry(track: Track, data: ReviewData, doubts: list[UncertainSpan]) -> dict[str, Any]:
    return {
        "id": track.id,
        "kind": track.kind.value,
        "clearest": track.clearest,
        "spans": list(ranges(track.frames)),
        "keyframes": data.keyframes[track.id].to_list(),
        "uncertain": [span.to_dict() for span in doubts],
        "risk": round(max((span.risk for span in doubts), default=0.0), 3),
    }
