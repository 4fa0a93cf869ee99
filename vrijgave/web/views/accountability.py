"""The account of a publication or of a year in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vrijgave.reports.document import Document
from vrijgave.web.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountabilityPage(Page):
    """What was recorded, in the words of the report on paper."""

    template: ClassVar[str] = "accountability.html.j2"
    document: Document
    pdf: str
    """Address of the same on paper."""
    id: str
    """The release; empty for a year."""
    years: tuple[int, ...]
    """What other years can be chosen; none for a release."""
    year: int
