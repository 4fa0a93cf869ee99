"""What an account tells of tips: how many, how they came in, and through what; never what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vrijgave import words
from vrijgave.domain.tips import Attribution, Tip, Usability
from vrijgave.i18n import _
from vrijgave.reports.document import Column, Section, Table, facts


def tips_section(tips: Sequence[Tip]) -> Section:
    """The figures of all tips of one release."""
    if not tips:
        return Section(title=_("Tips"), text=(_("No tips are recorded."),))
    usability = Counter(tip.usability for tip in tips)
    pairs = (
        (_("Tips"), str(len(tips))),
        (_("Usable"), str(usability[Usability.USABLE])),
        (_("Not usable"), str(usability[Usability.NOT_USABLE])),
        (_("Not judged yet"), str(usability[Usability.NOT_JUDGED])),
    )
    note = _("By which medium a tip came is what its giver said: a claim with a strength, and no certainty.")
    tables = (_by_channel(tips), _by_medium(tips))
    return Section(title=_("Tips"), facts=facts(pairs), tables=tables, notes=(note,))


def _by_channel(tips: Sequence[Tip]) -> Table:
    counted = Counter(tip.channel for tip in tips)
    rows = tuple((words.tip_channel(channel), str(count)) for channel, count in counted.most_common())
    return Table(
        title=_("How they came in"),
        columns=(Column(title=_("Channel")), Column(title=_("Tips"), figure=True)),
        rows=rows,
    )


def _by_medium(tips: Sequence[Tip]) -> Table:
    media: dict[str, list[Tip]] = {}
    for tip in tips:
        media.setdefault(tip.medium.strip() or _("not told"), []).append(tip)
    rows = []
    for name, found in sorted(media.items(), key=lambda item: (-len(item[1]), item[0])):
        sure = Counter(tip.judgements[-1].attribution if tip.judgements else Attribution.UNKNOWN for tip in found)
        rows.append((name, str(len(found)), *(str(sure[strength]) for strength in reversed(Attribution))))
    strengths = (Column(title=words.attribution(strength), figure=True) for strength in reversed(Attribution))
    columns = (Column(title=_("Claimed medium")), Column(title=_("Tips"), figure=True), *strengths)
    return Table(title=_("Through what, as was said, and how sure that is"), columns=columns, rows=tuple(rows))
