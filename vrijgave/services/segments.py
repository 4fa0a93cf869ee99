"""Work on one segment on another machine: footage and parts travel through the file store, by their hash."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from vrijgave.redaction.covering import CoveredPart, CoverJob
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.workers import Done, Job, Result
from vrijgave.services.context import Context
from vrijgave.services.files import workspace


def work_on(context: Context, job: Job[Result], source_sha256: str, segment: Segment, done: Done) -> Result:
    """Carry out ``job``, which was made on another machine. A file that it writes is kept in the file store and named
    by its hash in the result."""
    with workspace() as folder, context.blobs.open_local(source_sha256) as source:
        result: Any = job.elsewhere(source, Path(folder))(segment, context.detectors(), done)
        if isinstance(result, CoveredPart):
            sha256, _size = context.blobs.put(result.file)
            result = replace(result, file=Path(sha256))
    return result  # type: ignore[no-any-return]  # of the type that came in


def bring_home(context: Context, job: Job[Any], segment: Segment, result: Any) -> Any:
    """The result of ``work_on`` with its file where ``job`` would have written it here."""
    if not isinstance(result, CoveredPart) or not isinstance(job, CoverJob):
        return result
    sha256, target = result.file.name, job.file(segment)
    with context.blobs.open_local(sha256) as kept:
        shutil.copyfile(kept, target)
    context.blobs.delete(sha256)
    return replace(result, file=target)
