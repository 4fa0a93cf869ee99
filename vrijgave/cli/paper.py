"""Reports on paper: the month, and the account of a publication and of a year."""

from __future__ import annotations

import argparse
from pathlib import Path

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.audit import AuditAction
from vrijgave.i18n import _
from vrijgave.reports.pdf import make_pdf
from vrijgave.services import accountability, reports
from vrijgave.services.dashboard import dashboard
from vrijgave.services.reports import Month
from vrijgave.settings import Settings


def of_month(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The report of a month that is over: the kept one; made and kept where there is none yet."""
    context = build(settings)
    month = Month.read(arguments.month) if arguments.month else reports.month_before(context)
    kept = reports.keep_month(context, month, dashboard)
    return _write(context.blobs.read_bytes(kept.sha256), arguments.output, output)


def of_release(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The account of one publication; the look goes into the audit log."""
    context = build(settings)
    with context.unit_of_work() as uow:
        release = release_id(uow, arguments.release)
        uow.audit.append(
            actor=actor(arguments, settings),
            action=AuditAction.CONSULTED,
            subject=f"release:{release}",
            reason=_("Account of the publication made."),
            at=context.now(),
        )
        uow.commit()
    return _write(make_pdf(accountability.of_release(context, release)), arguments.output, output)


def of_year(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The account of a year."""
    context = build(settings)
    year = arguments.year or accountability.this_year(context)
    return _write(make_pdf(accountability.of_year(context, year)), arguments.output, output)


def _write(pdf: bytes, path: Path, output: Output) -> int:
    path.write_bytes(pdf)
    output.say(_("Written: {file}").format(file=path))
    return 0
