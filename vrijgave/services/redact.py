"""Redaction of one file without a server: analyse, plan, cover, look again, and write down what was done."""

from __future__ import annotations

import getpass
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vrijgave.domain.spans import Trim
from vrijgave.domain.tracks import Action, Analysis, CoverStyle, Decision, Plan, Track
from vrijgave.errors import RedactionIncomplete, Rejected
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Limits, Progress, sha256_file
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.covering import cover_and_prove
from vrijgave.redaction.detectors import Detector
from vrijgave.redaction.manifest import build_manifest, sign, to_bytes
from vrijgave.redaction.plan import check_anchor, track_under
from vrijgave.redaction.plan_file import (
    CoverEntry,
    PlanFile,
    RegionEntry,
    ShowPoint,
    read_plan_file,
    reasons,
    with_covered,
    with_regions,
)
from vrijgave.redaction.rescan import RescanHit
from vrijgave.redaction.review_data import review_data
from vrijgave.redaction.segments import SEGMENT_SECONDS
from vrijgave.redaction.workers import Workers

__all__ = ["RedactOutcome", "ShowPoint", "redact_file"]

MORE_ROUNDS = 2
"""How often what the second look finds is covered as well before a person has to decide."""
NAMED_FRAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactOutcome:
    """What was made: the tracks (those of the second look among them), the decisions, and the output's hash."""

    analysis: Analysis
    plan: Plan
    output_sha256: str
    rounds: int
    """Covering passes; 1 when the second look found nothing."""


def redact_file(
    source: Path,
    output: Path,
    *,
    show: Sequence[ShowPoint] = (),
    plan_file: Path | None = None,
    manifest: Path | None = None,
    style: CoverStyle | None = None,
    review: Path | None = None,
    overwrite: bool = False,
    detectors: Sequence[Detector],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    workers: Workers | None = None,
    segment_seconds: float = SEGMENT_SECONDS,
    signing_key: Ed25519PrivateKey | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    actor: str | None = None,
) -> RedactOutcome:
    """Cover all faces and plates of ``source`` but those to show, and write ``output`` (MP4) only if it is proven.

    ``style`` goes before the one in the plan file. ``manifest`` and ``review`` (where a person should look first) are
    written in any case once the second look is done; with ``signing_key`` the manifest's signature lies beside it as
    ``.sig``. Raises ``Rejected`` for a plan or path that cannot be, ``UnreadableMedia``, and ``RedactionIncomplete``
    when something shows that nobody decided to show; then there is no output.
    """
    _check_paths(source, output, [path for path in (manifest, review) if path], overwrite)
    written = read_plan_file(plan_file) if plan_file else PlanFile()
    found = with_covered(analyse(source, detectors, limits, progress, workers, segment_seconds), written.cover)
    found = with_regions(found, written.regions)
    who = actor or getpass.getuser()
    drawn: list[CoverEntry | RegionEntry] = [*written.cover, *written.regions]
    plan = _plan(found, [*written.show_points(), *show], drawn, who, now())
    plan = replace(
        plan,
        sound=written.sound,
        sound_spans=tuple(entry.span() for entry in written.sounds),
        style=style or written.style,
        trim=None if written.trim is None else Trim(first=written.trim.first, last=written.trim.last),
    )
    part = output.absolute().with_name(f".{secrets.token_hex(8)}.covered.mp4")
    try:
        covered = cover_and_prove(source, part, found, plan, detectors, limits, progress, workers, MORE_ROUNDS)
        _check_unaltered(source, covered.analysis)
        if manifest is not None:
            names = (source.name, output.name)
            record = to_bytes(
                build_manifest(
                    source,
                    part,
                    covered.analysis,
                    plan,
                    covered.record,
                    detectors,
                    covered.hits,
                    limits,
                    at=now(),
                    names=names,
                )
            )
            _write_manifest(manifest, record, signing_key)
        if review is not None:
            _write_review(review, covered.analysis)
        if covered.hits:
            raise _still_visible(covered.hits)
        digest = sha256_file(part)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return RedactOutcome(analysis=covered.analysis, plan=plan, output_sha256=digest, rounds=covered.rounds)


def _plan(
    analysis: Analysis,
    show: Sequence[ShowPoint],
    drawn: Sequence[CoverEntry | RegionEntry],
    actor: str,
    at: datetime,
) -> Plan:
    covered = tuple(
        Decision(track_id=number, action=Action.COVER, reason=reason, actor=actor, at=at)
        for number, reason in reasons(drawn, analysis.tracks).items()
    )
    shown = tuple(
        Decision(
            track_id=_showable(analysis, point).id,
            action=Action.SHOW,
            reason=point.reason or _("Pointed at on the command line."),
            actor=actor,
            at=at,
            anchor=point.frame,
        )
        for point in show
    )
    return Plan(source_sha256=analysis.source_sha256, decisions=covered + shown)


def _showable(analysis: Analysis, point: ShowPoint) -> Track:
    track = track_under(analysis, point.frame, point.x, point.y)
    check_anchor(track, point.frame, analysis)
    return track


def _check_paths(source: Path, output: Path, papers: Sequence[Path], overwrite: bool) -> None:
    if not output.absolute().parent.is_dir():
        raise Rejected("output", _("There is no folder {folder}.").format(folder=output.absolute().parent))
    for path in (output, *papers):
        if path.exists() and source.exists() and os.path.samefile(path, source):
            raise Rejected("output", _("The output would replace the footage itself; choose another name."))
        if path.exists() and not overwrite:
            raise Rejected("output", _("{file} exists; choose another name or use --overwrite.").format(file=path))


def _check_unaltered(source: Path, analysis: Analysis) -> None:
    if sha256_file(source) != analysis.source_sha256:
        raise RedactionIncomplete(
            _("The footage changed while it was being covered; copy it to a place where nobody writes and try again.")
        )


def _write_manifest(path: Path, record: bytes, key: Ed25519PrivateKey | None) -> None:
    path.write_bytes(record)
    if key is not None:
        path.with_name(path.name + ".sig").write_text(sign(record, key) + "\n", encoding="ascii")


def _write_review(path: Path, analysis: Analysis) -> None:
    content = {"source_sha256": analysis.source_sha256, **review_data(analysis).to_dict()}
    path.write_text(json.dumps(content, sort_keys=True) + "\n", encoding="utf-8")


def _still_visible(hits: Sequence[RescanHit]) -> RedactionIncomplete:
    frames = sorted({hit.frame for hit in hits})
    named = ", ".join(str(frame) for frame in frames[:NAMED_FRAMES])
    more = " …" if len(frames) > NAMED_FRAMES else ""
    return RedactionIncomplete(
        _(
            "After covering, something is still to be seen in frames {frames}; no video was written. Look at these "
            "frames and add what shows there to «cover» in the plan."
        ).format(frames=named + more)
    )
