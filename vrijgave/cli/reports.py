"""Reports: lead times, and the proof that the audit log is whole."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from vrijgave.bootstrap import build
from vrijgave.cli.output import Output
from vrijgave.errors import ActionRequired, RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.leadtime import ReleaseLeadTimes, Summary, explain, release_rows, summary_rows, to_csv
from vrijgave.services.example import mark
from vrijgave.services.lead_times import rebuild, report, verify
from vrijgave.settings import Settings


def lead_times(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Each release and all together; waiting is told apart from working, unknown from zero."""
    context = build(settings)
    with context.reading() as uow:
        releases, summary = report(uow, context.now())
        word = mark(uow)
    if arguments.csv:
        sys.stdout.write(to_csv(releases, word))
        return 0
    for release in releases:
        print_release(release, output)
    print_summary(summary, output)
    output.data({"releases": [_release(r) for r in releases], "summary": list(summary_rows(summary))})
    return 0


def lead_times_rebuild(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Work all lead times out anew; says how far it is."""
    context = build(settings)
    with output.progress(_("working out the lead times")) as progress:
        done = rebuild(context, progress)
    output.data({"releases": done})
    output.say(_("The lead times of {count} releases were worked out anew.").format(count=done))
    return 0


def lead_times_verify(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Compare the stored lead times with the stage clock; exit code 3 where they differ."""
    looked, wrong = verify(build(settings))
    output.data({"releases": looked, "wrong": wrong})
    if wrong:
        raise ActionRequired(
            "administrator",
            _("The stored lead times of {count} releases are wrong; run «vrijgave lead-times rebuild».").format(
                count=len(wrong)
            ),
        )
    output.say(_("The stored lead times of {count} releases are those of the stage clock.").format(count=looked))
    return 0


def print_release(release: ReleaseLeadTimes, output: Output) -> None:
    """The table of one release."""
    columns = (_("what"), _("platform"), _("nature"), _("rounds"), _("duration"))
    rows = [(r.label, r.platform, r.nature, str(r.rounds), r.duration) for r in release_rows(release)]
    output.table(_("Lead times of release {id}").format(id=release.release_id[:10]), columns, rows)
    for contradiction in release.contradictions:
        output.say(explain(contradiction))


def print_summary(summary: Summary, output: Output) -> None:
    """The table over all releases."""
    columns = (_("what"), _("platform"), "n", _("open"), _("stopped"), _("unknown"), _("median"), "p90")
    rows = [
        (r.label, r.platform, str(r.n), str(r.n_open), str(r.n_stopped), str(r.n_unknown), r.median, r.p90)
        for r in summary_rows(summary)
    ]
    output.table(_("Lead times over {count} releases").format(count=summary.releases), columns, rows)


def _release(release: ReleaseLeadTimes) -> dict[str, Any]:
    return {
        "release": release.release_id,
        "times": [
            {
                "measure": t.measure.value,
                "platform": t.platform,
                "rounds": t.rounds,
                "kind": t.duration.kind.value,
                "min_seconds": t.duration.minimum,
                "max_seconds": t.duration.maximum,
            }
            for t in release.times
        ],
        "contradictions": [explain(c) for c in release.contradictions],
    }


def audit_verify(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Walk the chain of the audit log; exit code 8 when it is broken."""
    context = build(settings)
    with context.reading() as uow:
        broken = uow.audit.verify()
        last = uow.audit.last_hash()
        count = sum(1 for _entry in uow.audit.entries())
    output.data({"entries": count, "first_broken": broken, "last_hash": last})
    if broken is not None:
        raise RedactionIncomplete(
            _("The audit log is not whole: entry {number} was altered, removed or put in between.").format(
                number=broken
            )
        )
    output.say(_("The audit log is whole: {count} entries, last hash {hash}.").format(count=count, hash=last))
    return 0
