"""Videos and reels of a Facebook page: how they are dressed, how far they are, and what the public does with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _
from vrijgave.publishing.graph import Absent, Graph, flag, graph_time
from vrijgave.publishing.protocol import Bundle, Comment, Figure, Processing, RemoteState

PAGE_RIGHTS = frozenset(
    {"pages_manage_posts", "pages_read_engagement", "pages_manage_engagement", "pages_read_user_content"}
)
_LOCALES: Mapping[Language, str] = {Language.DUTCH: "nl_NL", Language.ENGLISH: "en_US"}
_FAILED = frozenset({"error", "upload_failed"})
_VIEWS = "media_view"
_CUE_TIME = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})")


def expiry(end_date: date) -> datetime:
    """The moment after the last day on which it may be shown."""
    return datetime.combine(end_date + timedelta(days=1), time.min).astimezone()


def remote_state(video: Mapping[str, Any] | None) -> RemoteState | None:
    """How far Facebook is with a video."""
    if video is None:
        return None
    status = video.get("status", {})
    word = status.get("video_status")
    if word in _FAILED:
        errors = status.get("processing_phase", {}).get("errors") or [{}]
        problem = str(errors[0].get("message") or word)
        return RemoteState(processing=Processing.FAILED, public=False, problem=problem)
    done = word in ("ready", "expired")
    return RemoteState(
        processing=Processing.DONE if done else Processing.RUNNING,
        public=bool(video.get("published")) and word != "expired",
    )


def dress_video(graph: Graph, video: str, bundle: Bundle) -> None:
    """Set the thumbnail and add the captions; both replace what was there."""
    if bundle.thumbnail is not None:
        kind = "image/png" if bundle.thumbnail.suffix == ".png" else "image/jpeg"
        content = _read(bundle.thumbnail, _("The thumbnail cannot be read; render the release again."))
        graph.attach(f"{video}/thumbnails", "source", bundle.thumbnail.name, content, kind, is_preferred=flag(True))
    for captions in bundle.captions:
        content = _read(captions.file, _("The captions cannot be read; render the release again."))
        name = f"captions.{_LOCALES[captions.language]}.srt"
        graph.attach(f"{video}/captions", "captions_file", name, srt(content.decode()).encode(), "application/x-subrip")


def srt(webvtt: str) -> str:
    """The cues of a WebVTT file as SubRip: numbered, hours always, a comma before the milliseconds."""
    cues = []
    for block in re.split(r"\n{2,}", webvtt.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        at = next((number for number, line in enumerate(lines) if "-->" in line), None)
        if at is not None:
            begin, _arrow, end, *_settings = lines[at].split()
            cues.append((f"{_srt_time(begin)} --> {_srt_time(end)}", *lines[at + 1 :]))
    return "\n\n".join("\n".join((str(number), *cue)) for number, cue in enumerate(cues, 1)) + "\n"


def _srt_time(value: str) -> str:
    match = _CUE_TIME.fullmatch(value)
    if match is None:
        raise Rejected("file", _("The captions cannot be read; render the release again."))
    return f"{int(match[1] or 0):02}:{match[2]}:{match[3]},{match[4]}"


def figures_of(graph: Graph, video: str) -> dict[Figure, int]:
    """What Facebook counts now. The names of metrics come and go: whichever counts views is taken."""
    told = graph.get(video, fields="likes.limit(0).summary(true),comments.limit(0).summary(true)")
    figures = {
        figure: int(told[name]["summary"]["total_count"])
        for name, figure in (("likes", Figure.LIKES), ("comments", Figure.COMMENTS))
        if "total_count" in told.get(name, {}).get("summary", {})
    }
    views = [int(row["values"][0]["value"]) for row in _insights(graph, video) if _VIEWS in row.get("name", "")]
    return {Figure.VIEWS: max(views), **figures} if views else figures


def _insights(graph: Graph, video: str) -> list[dict[str, Any]]:
    """What is told without asking for a metric by name; nothing where Facebook does not know the question."""
    try:
        rows: list[dict[str, Any]] = graph.get(f"{video}/video_insights").get("data", [])
    except Rejected:
        return []
    return [row for row in rows if row.get("values") and isinstance(row["values"][0].get("value"), int)]


def comments_of(graph: Graph, video: str) -> tuple[Comment, ...]:
    """All comments, answers to comments too, oldest first."""
    fields = "id,from{name},message,created_time,is_hidden"
    rows = graph.listed(f"{video}/comments", fields, filter="stream", order="chronological")
    found = [
        Comment(
            remote_id=str(row["id"]),
            author=str(row.get("from", {}).get("name", "")),
            text=str(row.get("message", "")),
            at=graph_time(row["created_time"]),
            hidden=bool(row.get("is_hidden", False)),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda comment: comment.at))


def hide_comment_of(graph: Graph, comment: str) -> None:
    """Hide a comment; one that is gone is hidden."""
    try:
        graph.post(comment, is_hidden=flag(True))
    except Absent:
        return


def _read(path: Path, problem: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Rejected("file", problem) from None
