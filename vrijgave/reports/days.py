"""Parts of the dashboard by day: each release by its day of publication, and how far all had got."""

from __future__ import annotations

from vrijgave import words
from vrijgave.charts import flow_chart, points_chart
from vrijgave.charts.figures import flow_figure, points_figure
from vrijgave.i18n import _
from vrijgave.leadtime.view import Dashboard
from vrijgave.reports.document import Column, Picture, Section, Table
from vrijgave.reports.summary import length

LONGEST = 10
ROWS = 14


def points_section(shown: Dashboard) -> Section:
    """A point for each publication of a known lead time; beside it the longest as a table."""
    title, scatter = _("Each publication"), shown.scatter
    if not scatter.points:
        return Section(title=title, text=(_("No publication of a known lead time is in this period."),))
    longest = sorted(scatter.points, key=lambda point: (-point.seconds, point.day, point.release_id))[:LONGEST]
    says = _("{of} publications have a known lead time; the longest took {length}.").format(
        of=scatter.of, length=length(longest[0].seconds)
    )
    columns = (
        Column(title=_("Release")), Column(title=_("Public on")), Column(title=_("Lead time"), figure=True),
    )  # fmt: skip
    rows = tuple((point.number, words.day(point.day), length(point.seconds)) for point in longest)
    if len(scatter.points) < scatter.of:
        some = _("Not all are drawn: {shown} of them, the longest among these.")
        says += " " + some.format(shown=len(scatter.points))
    lead = shown.tiles.lead
    picture = Picture(svg=points_chart(scatter, lead, says), says=says, figure=points_figure(scatter, lead))
    return Section(
        title=title, pictures=(picture,), tables=(Table(title=_("The longest"), columns=columns, rows=rows),)
    )


def flow_section(shown: Dashboard) -> Section:
    """How far the releases had got at the end of each day; some of the days as a table."""
    title, days = _("Flow of the work"), shown.flow
    if not days:
        return Section(title=title, text=(_("There is no flow to show in this period."),))
    last = days[-1]
    says = _(
        "Until {day} {received} came in, of which {published} became public. "
        "A wide band is work that waits or was stopped."
    ).format(day=words.day(last.day), received=last.received, published=last.published)
    step = max(1, -(-len(days) // ROWS))
    some = days[::-1][::step][::-1]
    names = (_("came in"), _("analysed"), _("reviewed"), _("video made"), _("approved"), _("became public"), _("ended"))
    columns = (Column(title=_("At the end of")), *(Column(title=name, figure=True) for name in names))
    rows = tuple(
        (
            words.day(d.day), str(d.received), str(d.analysed), str(d.reviewed), str(d.rendered), str(d.approved),
            str(d.published), str(d.ended),
        )
        for d in some
    )  # fmt: skip
    picture = Picture(svg=flow_chart(days, says), says=says, figure=flow_figure(days))
    table = Table(title=_("How far the releases had got"), columns=columns, rows=rows)
    return Section(title=title, pictures=(picture,), tables=(table,))
