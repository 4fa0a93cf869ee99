"""The month in plain sentences, computed from its figures; what cannot be told is said to be so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vrijgave import words
from vrijgave.charts.ageing import MOST_DRAWN
from vrijgave.charts.svg import rounded
from vrijgave.i18n import _
from vrijgave.leadtime import label, spoken
from vrijgave.leadtime.durations import Duration, Kind
from vrijgave.leadtime.view import FEWEST, AgeingStage, Bounds, Dashboard, Share, Tiles, Week


def sentences(shown: Dashboard, before: Tiles | None, month: str, last_month: str) -> tuple[str, ...]:
    """What somebody who reads nothing else should know; ``before`` has the figures of ``last_month``."""
    return tuple(_sentences(shown, before, month, last_month))


def _sentences(shown: Dashboard, before: Tiles | None, month: str, last_month: str) -> Iterator[str]:
    tiles = shown.tiles
    if before is None:
        yield _("Became public in {month}: {count}.").format(month=month, count=tiles.published)
    else:
        yield _("Became public in {month}: {count}. In {last_month}: {before}.").format(
            month=month, count=tiles.published, last_month=last_month, before=before.published
        )
    yield from _lead(tiles, before, last_month)
    if tiles.within_target is not None and tiles.within_target.of:
        yield _("Within our own target: {share}.").format(share=share(tiles.within_target))
    if any(line.bottleneck for line in shown.stages):
        yield bottleneck(shown)
    yield from _waiting(shown)
    results = shown.results
    if results.tips:
        told = _("Tips: {tips}, of which {usable} usable. Identified: {identified}.")
        yield told.format(tips=results.tips, usable=results.usable_tips, identified=share(results.identified))


def _waiting(shown: Dashboard) -> Iterator[str]:
    """What is under way now, and where most of it is."""
    most = max(shown.ageing, key=lambda stage: stage.count, default=None)
    if most is not None:
        told = _("Under way now: {count}, most of them ({there}) in «{stage}».")
        count = sum(stage.count for stage in shown.ageing)
        said = told.format(count=count, there=most.count, stage=label(most.stage))
        late = sum(stage.beyond_p95 or 0 for stage in shown.ageing)
        more = _("Longer in their stage than 95 of 100 took: {late}.").format(late=late)
        yield f"{said} {more}" if late else said


def bottleneck(shown: Dashboard) -> str:
    """Where most time goes, and which part of all that is."""
    inside = [line for line in shown.stages if line.stage.in_service]
    worst, total = next((line for line in inside if line.bottleneck), None), sum(line.total for line in inside)
    if worst is None:
        return _("No stage inside the service took any time yet.")
    told = _("Most time inside the service went to «{stage}»: {percent}% of all time of all releases, holds left out.")
    return told.format(stage=label(worst.stage), percent=round(100 * worst.total / total))


def beyond(ageing: Sequence[AgeingStage]) -> str:
    """How much of what is under way is in its stage for longer than is usual."""
    told = _("Under way now: {count}. Longer in their stage than 85 of 100 took: {p85}; longer than 95 of 100: {p95}.")
    count = sum(stage.count for stage in ageing)
    p85, p95 = sum(stage.beyond_p85 or 0 for stage in ageing), sum(stage.beyond_p95 or 0 for stage in ageing)
    parts = [told.format(count=count, p85=p85, p95=p95)]
    held, drawn = sum(stage.held for stage in ageing), sum(len(stage.waiting[:MOST_DRAWN]) for stage in ageing)
    if held:
        parts.append(_("Held on purpose: {held}.").format(held=held))
    few = sum(stage.count for stage in ageing if stage.beyond_p85 is None)
    if few:
        parts.append(_("Not to be compared, since too few have passed their stage: {few}.").format(few=few))
    if drawn < count:
        parts.append(_("Drawn are the {drawn} oldest.").format(drawn=drawn))
    return " ".join(parts)


def trend(weeks: Sequence[Week]) -> str:
    """Whether it became quicker or slower, between the first and the last week of which there is a median."""
    told = [(week.first, week.spread.median.high) for week in weeks if week.spread.median is not None]
    if len(told) < 2:
        return _("There are too few releases to tell a trend.")
    (first, before), (last, after) = told[0], told[-1]
    change = after - before
    texts = {
        -1: _("The median of eight weeks fell by {time} between {first} and {last}."),
        0: _("The median of eight weeks was the same at {first} and {last}."),
        1: _("The median of eight weeks rose by {time} between {first} and {last}."),
    }
    which = texts[(change > 0) - (change < 0)]
    return which.format(time=length(abs(change)), first=words.day(first), last=words.day(last))


def _lead(tiles: Tiles, before: Tiles | None, last_month: str) -> Iterator[str]:
    lead = tiles.lead
    if lead.median is None or lead.p90 is None:
        told = _("Of {n} releases the lead time is known; below {fewest} we tell no percentiles.")
        yield told.format(n=lead.n, fewest=FEWEST)
        return
    told = _("Half of them were public within {median} after the incident, nine out of ten within {p90} (n = {n}).")
    yield told.format(median=length(lead.median.high), p90=length(lead.p90.high), n=lead.n)
    if before is None or before.lead.median is None:
        return
    change = lead.median.high - before.lead.median.high
    if not change:
        yield _("The median is the same as in {last_month}.").format(last_month=last_month)
        return
    told = _("The median is {time} longer than in {last_month}.")
    if change < 0:
        told = _("The median is {time} shorter than in {last_month}.")
    yield told.format(time=length(abs(change)), last_month=last_month)


def length(seconds: int) -> str:
    """A length in words."""
    whole = rounded(seconds)
    return spoken(Duration(Kind.EXACT, whole, whole))


def bounds(between: Bounds | None) -> str:
    """A length between two bounds in words; a dash where it is withheld."""
    if between is None:
        return "–"
    low, high = rounded(between.low), rounded(between.high)
    return spoken(Duration.known(low, high, exact=True))


def share(part: Share | None) -> str:
    """How many of how many, and the percentage; a dash where there is no share."""
    if part is None or not part.of:
        return "–"
    return _("{count} of {of} ({percent}%)").format(
        count=part.count, of=part.of, percent=round(100 * part.count / part.of)
    )
