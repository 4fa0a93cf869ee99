"""Regions without a server: a person's box is followed through one file and written into the plan for ``redact``."""

from __future__ import annotations

import secrets
from pathlib import Path

from vrijgave.domain.regions import Region
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Limits, Progress, probe, sha256_file
from vrijgave.redaction.plan_file import PlanFile, RegionEntry, read_plan_file
from vrijgave.redaction.region import Followed, follow_regions


def follow_in_file(
    source: Path,
    region: Region,
    plan_file: Path,
    *,
    reason: str,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Followed:
    """Follow ``region`` through ``source`` and add it to ``plan_file``, which is made when it is missing.

    Raises ``Rejected`` for a box outside the footage, a missing reason or a plan that is wrong, ``UnreadableMedia``.
    """
    if not reason.strip():
        raise Rejected("reason", _("Say why: give a reason with --reason."))
    if not plan_file.absolute().parent.is_dir():
        raise Rejected("output", _("There is no folder {folder}.").format(folder=plan_file.absolute().parent))
    before = read_plan_file(plan_file) if plan_file.exists() else PlanFile()
    video = probe(source, limits).video
    (followed,) = follow_regions(source, [region], limits, progress)
    entry = RegionEntry.of(
        followed.track(1, video.width, video.height), reason=reason, source_sha256=sha256_file(source)
    )
    plan = before.model_copy(update={"regions": (*before.regions, entry)})
    part = plan_file.with_name(f".{secrets.token_hex(8)}.json")
    part.write_text(plan.model_dump_json(by_alias=True, exclude_defaults=True, indent=1) + "\n", encoding="utf-8")
    part.replace(plan_file)
    return followed
