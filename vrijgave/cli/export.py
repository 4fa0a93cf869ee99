"""The releases behind the lead times as a file, for other programs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from vrijgave.bootstrap import build
from vrijgave.cli.output import Output
from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.i18n import _
from vrijgave.leadtime.view import Hours, Query
from vrijgave.services import export as service
from vrijgave.services.export import Format
from vrijgave.services.lead_times import refresh
from vrijgave.settings import Settings


def export(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Write the file whole or not at all."""
    query = Query(
        since=arguments.since,
        until=arguments.until,
        unit=arguments.unit,
        platform=arguments.platform,
        offence=arguments.offence,
        footage=FootageKind(arguments.footage) if arguments.footage else None,
        stage=PublicationStage(arguments.stage) if arguments.stage else None,
        hours=Hours(arguments.hours),
    )
    context = build(settings)
    refresh(context)  # however much it is: nobody waits for a page
    content, count = service.export(context, query, Format(arguments.format))
    _put(arguments.out, content)
    output.data({"file": arguments.out, "releases": count})
    output.say(_("Written: {file}, {count} releases.").format(file=arguments.out, count=count))
    return 0


def _put(path: Path, content: bytes) -> None:
    """Who reads ``path`` finds what was there or all of ``content``, also when the machine stops meanwhile."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
