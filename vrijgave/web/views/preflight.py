"""The part of the publication page that tells, before anything is sent, what each platform says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vrijgave.i18n import _
from vrijgave.services.preflight import Preflight
from vrijgave.web import words
from vrijgave.web.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One platform."""

    platform: str
    account: str
    standing: str
    """``good``, ``bad`` or ``unsure``."""
    says: str
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    """Costs, and what cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPart(Page):
    """All platforms; those with problems first."""

    template: ClassVar[str] = "publication_check.html.j2"
    summary: str
    good: bool
    rows: tuple[Checked, ...]


def check_part(found: Sequence[Preflight], error: str = "") -> CheckPart:
    """``error``: why nothing could be checked."""
    rows = sorted(map(_row, found), key=lambda row: ("bad", "unsure", "good").index(row.standing))
    bad = sum(row.standing == "bad" for row in rows)
    told = _("{bad} of {all} platforms do not take it as it is; nothing is published before that is mended.")
    summary = told.format(bad=bad, all=len(rows)) if bad else _("All platforms take it.")
    return CheckPart(summary=error or summary, good=not bad and not error, rows=tuple(rows))


def _row(each: Preflight) -> Checked:
    standing = "bad" if each.problems else "unsure" if each.warnings else "good"
    says = {"bad": _("does not fit"), "unsure": _("look here"), "good": _("fits")}
    return Checked(
        platform=words.platform_name(each.platform),
        account=each.account,
        standing=standing,
        says=says[standing],
        problems=each.problems,
        warnings=each.warnings,
        notes=(*each.costs, *each.cannot),
    )
