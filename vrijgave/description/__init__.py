"""The words of a release: filled in from typed facts, checked against what each platform takes."""

from vrijgave.description.advice import Advice, Standing, advise
from vrijgave.description.context import ContactData, public_context
from vrijgave.description.render import TEMPLATE_FOLDER, render_texts
from vrijgave.domain.counting import Unit
from vrijgave.domain.limits import LIMITS, Measure, TextLimits, Violation, check_limits, measures

__all__ = [
    "LIMITS",
    "TEMPLATE_FOLDER",
    "Advice",
    "ContactData",
    "Measure",
    "Standing",
    "TextLimits",
    "Unit",
    "Violation",
    "advise",
    "check_limits",
    "measures",
    "public_context",
    "render_texts",
]
